//! The stream of choices that a generator consumes, and who can supply one.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{RngCore, SeedableRng};
use sha2::{Digest, Sha256};

use super::GENERATOR_VERSION;

/// A source of decisions. Choice 0 is by convention the simplest.
pub trait Choices {
    /// A number below `bound`; 0 when `bound` is 0 or 1.
    fn below(&mut self, bound: usize) -> usize;

    /// Whether something that happens `numerator` times in `denominator` happens.
    fn chance(&mut self, numerator: usize, denominator: usize) -> bool {
        self.below(denominator) + numerator >= denominator
    }

    /// One of these; the first is the simplest.
    fn pick<T: Clone>(&mut self, options: &[T]) -> T
    where
        Self: Sized,
    {
        let index = self.below(options.len());
        match options.get(index) {
            Some(option) => option.clone(),
            None => unreachable!("nothing to pick from"),
        }
    }

    /// The index of one of these weights, drawn in proportion.
    fn weighted(&mut self, weights: &[usize]) -> usize {
        let mut left = self.below(weights.iter().sum());
        for (index, weight) in weights.iter().enumerate() {
            if left < *weight {
                return index;
            }
            left -= weight;
        }
        0
    }
}

/// Choices drawn from a seed.
pub struct Seeded(ChaCha8Rng);

impl Seeded {
    /// The choices of one case of a campaign; `scope` holds what else the case is a function of
    /// (preset, capabilities).
    pub fn for_case(seed: u64, scope: &str, index: u64) -> Self {
        let mut hash = Sha256::new();
        hash.update(GENERATOR_VERSION.to_be_bytes());
        hash.update(seed.to_be_bytes());
        hash.update(index.to_be_bytes());
        hash.update(scope.as_bytes());
        Self(ChaCha8Rng::from_seed(hash.finalize().into()))
    }
}

impl Choices for Seeded {
    fn below(&mut self, bound: usize) -> usize {
        below(self.0.next_u32(), bound)
    }
}

#[cfg(feature = "arbitrary")]
impl Choices for arbitrary::Unstructured<'_> {
    fn below(&mut self, bound: usize) -> usize {
        // Exhausted input makes the simplest choice.
        bound.checked_sub(1).map_or(0, |last| self.int_in_range(0..=last).unwrap_or(0))
    }
}

#[cfg(feature = "proptest")]
impl Choices for proptest::test_runner::TestRng {
    fn below(&mut self, bound: usize) -> usize {
        use proptest::prelude::Rng as _;
        below(self.next_u32(), bound)
    }
}

/// Maps 32 random bits to a number below the bound without a division's bias to speak of.
fn below(bits: u32, bound: usize) -> usize {
    let scaled = (u64::from(bits) * bound as u64) >> 32;
    usize::try_from(scaled).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_case_makes_the_same_choices() {
        let draw = |index| {
            let mut choices = Seeded::for_case(7, "near-miss", index);
            (0..20).map(|_| choices.below(1000)).collect::<Vec<_>>()
        };
        assert_eq!(draw(3), draw(3));
        assert_ne!(draw(3), draw(4));
    }

    #[test]
    fn chance_happens_about_as_often_as_it_says() {
        let mut choices = Seeded::for_case(1, "", 0);
        let hits = (0..10_000).filter(|_| choices.chance(1, 4)).count();
        assert!((2_200..2_800).contains(&hits), "{hits}");
        assert!(!(0..100).any(|_| choices.chance(0, 4)));
        assert!((0..100).all(|_| choices.chance(4, 4)));
    }

    #[test]
    fn weights_are_kept() {
        let mut choices = Seeded::for_case(1, "", 0);
        let mut seen = [0; 3];
        for _ in 0..3_000 {
            seen[choices.weighted(&[1, 0, 2])] += 1;
        }
        assert_eq!(seen[1], 0);
        assert!((800..1_200).contains(&seen[0]));
    }
}
