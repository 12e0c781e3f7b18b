//! Shrinking: from a failing case to the smallest one that fails in the same way.
//!
//! A [`Shrinker`] works in rounds: it hands out every candidate that is one step simpler, is told
//! which of them still fail, and goes on from the simplest of those. So the failing cases of a
//! batch shrink side by side, a round a batch, and a slow subject sees few rounds.

mod server;
mod server_call;
mod user_agent;

/// Something that has simpler variants.
pub trait Shrink: Clone {
    /// Variants that are one step simpler; each weighs less.
    fn candidates(&self) -> Vec<Self>;
    /// How much there is of it. Shrinking goes strictly down.
    fn weight(&self) -> usize;
}

/// Shrinks one case, a round at a time.
#[derive(Debug, Clone)]
pub struct Shrinker<C> {
    current: C,
    rounds: usize,
    shrinks: usize,
    done: bool,
}

/// Most rounds that one case is given.
pub const MAX_ROUNDS: usize = 200;

impl<C: Shrink> Shrinker<C> {
    /// Starts from a case that fails.
    pub fn new(failing: C) -> Self {
        Self { current: failing, rounds: 0, shrinks: 0, done: false }
    }

    /// The candidates of the next round, simplest first; none: it is done.
    pub fn round(&mut self) -> Vec<C> {
        if self.done || self.rounds >= MAX_ROUNDS {
            return Vec::new();
        }
        self.rounds += 1;
        let weight = self.current.weight();
        let mut candidates = self.current.candidates();
        candidates.retain(|candidate| candidate.weight() < weight);
        candidates.sort_by_key(Shrink::weight);
        self.done = candidates.is_empty();
        candidates
    }

    /// Says which case of the round was found to fail still, if any did; the caller names the
    /// simplest.
    pub fn settle(&mut self, failing: Option<C>) {
        match failing {
            Some(simpler) => {
                self.current = simpler;
                self.shrinks += 1;
            }
            None => self.done = true,
        }
    }

    /// The smallest case so far.
    pub fn current(&self) -> &C {
        &self.current
    }

    /// How many steps were taken.
    pub fn shrinks(&self) -> usize {
        self.shrinks
    }
}

/// Shrinks a case to its end against a test that answers at once.
pub fn shrink<C: Shrink>(failing: C, mut fails: impl FnMut(&C) -> bool) -> (C, usize) {
    let mut shrinker = Shrinker::new(failing);
    loop {
        let round = shrinker.round();
        if round.is_empty() {
            return (shrinker.current, shrinker.shrinks);
        }
        let simplest = round.into_iter().find(|candidate| fails(candidate));
        shrinker.settle(simplest);
    }
}
