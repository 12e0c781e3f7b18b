//! What a rule is: a name, a weight, a direction, its sources, and one function over the record.

use corsproof_model::Step;

use super::finding::{Direction, Finding, Level};
use super::record::Record;

/// One thing that is asked of a server.
#[derive(Debug, Clone, Copy)]
pub struct Rule {
    /// Its name; never reused.
    pub slug: &'static str,
    /// Whether a breach is a failure by default.
    pub level: Level,
    /// Which way the decision is then wrong.
    pub direction: Direction,
    /// What it asks, in a sentence.
    pub asks: &'static str,
    /// Where that is written: anchors of Fetch, or documents that `sources.toml` lists.
    pub sources: &'static [&'static str],
    /// Every breach of it in a record.
    pub check: fn(&Record<'_>) -> Vec<Breach>,
}

/// One way in which a rule is broken.
#[derive(Debug, Clone)]
pub struct Breach {
    /// In which call, from 0.
    pub call: usize,
    /// What tells it from other breaches of the rule: stable words, joined by dots.
    pub label: String,
    /// What should have been.
    pub expected: String,
    /// What was.
    pub observed: String,
    /// The step at which the browser decided, where it matters.
    pub step: Option<&'static Step>,
}

impl Rule {
    /// The breaches of this rule as findings.
    pub fn judge(&self, record: &Record<'_>) -> Vec<Finding> {
        (self.check)(record).into_iter().map(|breach| self.finding(record, breach)).collect()
    }

    fn finding(&self, record: &Record<'_>, breach: Breach) -> Finding {
        let call = record.calls.get(breach.call);
        Finding {
            rule: self.slug.to_owned(),
            level: self.level,
            direction: self.direction,
            label: breach.label,
            call: Some(breach.call),
            producible: call.map(|call| call.bound.producible_by()).unwrap_or_default(),
            expected: breach.expected,
            observed: breach.observed,
            steps: breach
                .step
                .map(|step| format!("{}/{}", step.algorithm, step.slug))
                .into_iter()
                .collect(),
        }
    }
}
