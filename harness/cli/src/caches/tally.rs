//! What a subject came to through a cache.

use std::collections::BTreeMap;

use corsproof_conform::judge::through_cache::{Differing, Fault, Shared};

use super::program::{Cache, Kind};
use crate::exit::Exit;

/// So many differences are kept in full; all are counted.
const MAX_SHOWN: usize = 5;

/// Counts of sequences, but for `calls` and `hits`.
#[derive(Debug, Default)]
pub struct Tally {
    /// Asked and judged.
    pub sequences: u64,
    /// Calls through the cache.
    pub calls: u64,
    /// Calls that it answered from its store.
    pub hits: u64,
    /// Some call is decided otherwise through the cache, by the server's fault.
    pub unsafe_really: u64,
    /// Of these, those that the subject's `known.toml` covers, by what was predicted there.
    pub unsafe_known: u64,
    /// The small cache found some answer unsafe to reuse.
    pub unsafe_predicted: u64,
    /// Both said the same.
    pub agree: u64,
    /// Policies that cannot be said, or were refused.
    pub not_mounted: u64,
    /// The first unsafe answers, in words.
    pub shown: Vec<String>,
    /// Faults of the cache's own that are documented: what, how often.
    pub known: BTreeMap<String, u64>,
    /// Differences that the server is not to blame for, and nobody has explained.
    pub unexplained: u64,
    /// What was unsafe once, and then not.
    pub flaky: u64,
    /// Why cache and prediction part: how often, and in which sequence first.
    pub disagreements: BTreeMap<String, (u64, String)>,
}

impl Tally {
    /// Counts a sequence; `again` is the same sequence asked a second time, where that was needed.
    pub(super) fn count(
        &mut self,
        cache: &Cache,
        id: &str,
        shared: &Shared,
        again: Option<&Shared>,
        is_known: bool,
    ) {
        self.sequences += 1;
        self.hits += shared.hits as u64;
        let predicted = !shared.predicted.is_empty();
        self.unsafe_predicted += u64::from(predicted);
        if again.is_some_and(|again| again.differing != shared.differing) {
            self.flaky += 1;
            self.show(format!("sequence {id}: what differed did not repeat"));
        } else if shared.is_unsafe() {
            self.unsafe_really += 1;
            self.unsafe_known += u64::from(is_known);
        }
        for differing in &shared.differing {
            self.count_differing(cache, id, differing);
        }
        self.agree += u64::from(shared.disagreement.is_none());
        if let Some(disagreement) = shared.disagreement {
            let words = disagreement.to_string();
            let (count, _) = self.disagreements.entry(words).or_insert_with(|| (0, id.to_owned()));
            *count += 1;
        }
    }

    fn count_differing(&mut self, cache: &Cache, id: &str, differing: &Differing) {
        if let Some(why) = documented(cache, differing.fault) {
            *self.known.entry(why.to_owned()).or_default() += 1;
            return;
        }
        let whose = match differing.fault {
            Fault::Server => "",
            Fault::Cache { .. } => " (the cache's own fault: `Vary` forbids the reuse)",
            Fault::NotStored => " (not from the store)",
        };
        self.unexplained += u64::from(differing.fault != Fault::Server);
        let finding = &differing.finding;
        let (rule, expected, observed) = (&finding.rule, &finding.expected, &finding.observed);
        self.show(format!("sequence {id}: {rule}: {expected}; {observed}{whose}"));
    }

    fn show(&mut self, words: String) {
        if self.shown.len() < MAX_SHOWN {
            self.shown.push(words);
        }
    }

    /// Unsafe sharing is a failure; a cache that never answered from its store judged nothing.
    pub fn exit(&self) -> Exit {
        if self.hits == 0 {
            Exit::Broken
        } else if self.unsafe_really - self.unsafe_known + self.unexplained + self.flaky > 0 {
            Exit::Diverges
        } else {
            Exit::Conforms
        }
    }
}

/// What is known of the cache itself, <https://nginx.org/en/CHANGES>.
fn documented(cache: &Cache, fault: Fault) -> Option<&'static str> {
    match (cache.kind, fault) {
        (Kind::Nginx, Fault::Cache { vary_lines: 2.. }) if cache.is_before(1, 23) => {
            Some("nginx before 1.23.0 heeds only the last of several `Vary` lines")
        }
        _ => None,
    }
}
