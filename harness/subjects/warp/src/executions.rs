//! The counter of what handlers did.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, PoisonError};

/// How many cases a counter remembers; the oldest goes first.
const MOST_CASES: usize = 10_000;

/// How often handlers ran, case by case.
#[derive(Clone, Default)]
pub(crate) struct Executions(Arc<Mutex<Counts>>);

#[derive(Default)]
struct Counts {
    by_case: HashMap<String, u64>,
    oldest: VecDeque<String>,
}

impl Executions {
    pub(crate) fn count(&self, case: &str) {
        let mut counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = counts.by_case.get_mut(case) {
            *count += 1;
            return;
        }
        counts.by_case.insert(case.to_owned(), 1);
        counts.oldest.push_back(case.to_owned());
        if counts.oldest.len() > MOST_CASES
            && let Some(oldest) = counts.oldest.pop_front()
        {
            counts.by_case.remove(&oldest);
        }
    }

    pub(crate) fn of(&self, case: &str) -> u64 {
        let counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        counts.by_case.get(case).copied().unwrap_or_default()
    }
}
