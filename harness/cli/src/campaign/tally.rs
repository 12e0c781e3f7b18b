//! What a campaign against one subject came to.

use std::collections::BTreeMap;
use std::time::Duration;

use corsproof_conform::judge::cost::Curve;
use corsproof_conform::judge::finding::{Direction, Finding, Level};
use corsproof_conform::vector::Vector;
use serde::Serialize;

/// What became of one case.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum CaseVerdict {
    /// Nothing to find fault with.
    Conforms,
    /// A finding that nobody knew.
    Diverges,
    /// A known divergence.
    Known,
    /// The subject cannot be configured so.
    Inexpressible,
    /// The subject refused the policy.
    Rejected,
    /// No answer that counts.
    Inconclusive,
    /// A finding that did not repeat.
    Flaky,
}

impl CaseVerdict {
    /// All of them, as the table shows them.
    pub const ALL: [Self; 7] = [
        Self::Conforms,
        Self::Diverges,
        Self::Known,
        Self::Inexpressible,
        Self::Rejected,
        Self::Inconclusive,
        Self::Flaky,
    ];

    /// Its name in tables.
    pub fn name(self) -> &'static str {
        match self {
            Self::Conforms => "conforms",
            Self::Diverges => "diverges",
            Self::Known => "known",
            Self::Inexpressible => "inexpressible",
            Self::Rejected => "rejected",
            Self::Inconclusive => "inconclusive",
            Self::Flaky => "flaky",
        }
    }
}

/// One divergence, shrunk, with how often it was met.
#[derive(Debug, Clone, Serialize)]
pub struct Divergence {
    /// What is wrong.
    pub finding: Finding,
    /// The vector that shows it.
    pub vector: Vector,
    /// How many cases showed it.
    pub cases: u64,
    /// The entry of `known.toml` that covers it: reason and link.
    pub known: Option<(String, String)>,
    /// The first exchange or request of it as a curl line.
    pub curl: Option<String>,
    /// What replaying the fresh vector gave.
    pub replayed: Replayed,
    /// The field of the engine's preset that predicts it.
    pub preset_field: Option<String>,
}

/// What replaying a vector gave.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Replayed {
    /// The subject does as expected now.
    Fixed,
    /// It does not.
    StillFailing,
    /// The vector could not be run.
    CannotRun(String),
}

/// Everything about one subject's campaign.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Tally {
    /// The subject.
    pub subject: String,
    /// Its version.
    pub version: String,
    /// `server` or `user-agent`.
    pub role: String,
    /// How many cases were run.
    pub cases: u64,
    /// How many requests a server was sent, or 0.
    pub exchanges: u64,
    /// Cases by verdict.
    pub verdicts: BTreeMap<CaseVerdict, u64>,
    /// Cases that the Standard allows, and blocks: neither may be rare.
    pub allowed: u64,
    /// See `allowed`.
    pub blocked: u64,
    /// Divergences, each once.
    pub divergences: Vec<Divergence>,
    /// Findings below the level of the plan: their rules, with how many cases.
    pub below: BTreeMap<String, u64>,
    /// What came of policies that nobody can use and of requests made to cost.
    pub advice: Vec<Finding>,
    /// How the time of answers grows with hostile requests.
    pub curves: Vec<Curve>,
    /// Entries of `known.toml` that no longer hold.
    pub stale: Vec<String>,
    /// Why cases were inconclusive, with how many.
    pub inconclusive: BTreeMap<String, u64>,
    /// Why policies could not be expressed or were refused, with how many cases.
    pub not_judged: BTreeMap<String, u64>,
    /// Cases on which the subject itself failed, twice: it closed, hung or answered nonsense.
    pub unanswered: u64,
    /// Findings that did not repeat, with both answers.
    pub flaky: Vec<String>,
    /// What broke the subject, if it broke; what was found until then stands.
    pub broken: Option<String>,
    /// How long the cases took (without confirming and shrinking).
    #[serde(serialize_with = "seconds")]
    pub elapsed: Duration,
    /// Whether all cases of the plan were run.
    pub complete: bool,
}

impl Tally {
    /// Counts a case.
    pub fn count(&mut self, verdict: CaseVerdict) {
        *self.verdicts.entry(verdict).or_default() += 1;
        self.cases += 1;
    }

    /// Counts a case that gave no answer that counts.
    pub fn count_inconclusive(&mut self, reason: String) {
        self.count(CaseVerdict::Inconclusive);
        *self.inconclusive.entry(reason).or_default() += 1;
    }

    /// Counts a case whose policy the subject cannot express, or refused.
    pub fn count_not_judged(&mut self, verdict: CaseVerdict, reason: String) {
        self.count(verdict);
        *self.not_judged.entry(reason).or_default() += 1;
    }

    /// Cases with this verdict.
    pub fn of(&self, verdict: CaseVerdict) -> u64 {
        self.verdicts.get(&verdict).copied().unwrap_or_default()
    }

    /// Divergences of this direction that count as failures.
    pub fn in_direction(&self, direction: Direction) -> usize {
        let counts = |d: &&Divergence| {
            d.finding.direction == direction && d.finding.level == Level::Required
        };
        self.divergences.iter().filter(counts).count()
    }

    /// Divergences that nobody knew, at a level that fails.
    pub fn fresh(&self) -> impl Iterator<Item = &Divergence> {
        self.divergences.iter().filter(|d| d.known.is_none() && d.finding.level == Level::Required)
    }

    /// Divergences that nobody knew, at a level that does not fail.
    pub fn advised(&self) -> impl Iterator<Item = &Divergence> {
        self.divergences.iter().filter(|d| d.known.is_none() && d.finding.level != Level::Required)
    }

    /// Cases that got a verdict about the subject.
    pub fn judged(&self) -> u64 {
        self.cases - self.of(CaseVerdict::Inconclusive) - self.of(CaseVerdict::Inexpressible)
    }

    /// Cases a second.
    pub fn rate(&self) -> f64 {
        let seconds = self.elapsed.as_secs_f64();
        if seconds > 0.0 { self.cases as f64 / seconds } else { 0.0 }
    }
}

fn seconds<S: serde::Serializer>(elapsed: &Duration, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_f64(elapsed.as_secs_f64())
}
