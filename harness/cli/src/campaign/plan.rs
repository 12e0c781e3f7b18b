//! Which cases a campaign runs.
//!
//! Case *i* is a function of generator version, seed, preset, capabilities and *i* alone; the
//! limits here only select.

use std::time::{Duration, Instant};

use corsproof_conform::generate::preset::Preset;
use corsproof_conform::judge::finding::Level;

/// What a campaign runs, and until when.
#[derive(Debug, Clone)]
pub struct Plan {
    /// Names the campaign's material; printed, and enough to run it again.
    pub seed: u64,
    /// How hostile the material is.
    pub preset: Preset,
    /// Cases a subject.
    pub cases: u64,
    /// Longest time a subject is given.
    pub time: Option<Duration>,
    /// This shard, and of how many.
    pub shard: Shard,
    /// The lowest level of findings that are shrunk and shown; others are counted.
    pub level: Level,
}

/// One of several equal parts of a campaign.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shard {
    /// Which, from 1.
    pub number: u64,
    /// Of how many.
    pub of: u64,
}

/// What is wrong with a shard's name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a shard: K/N with 1 <= K <= N")]
pub struct BadShard(String);

impl std::str::FromStr for Shard {
    type Err = BadShard;

    fn from_str(text: &str) -> Result<Self, BadShard> {
        let parsed = text.split_once('/').and_then(|(number, of)| {
            Some(Self { number: number.parse().ok()?, of: of.parse().ok()? })
        });
        parsed
            .filter(|shard| (1..=shard.of).contains(&shard.number))
            .ok_or_else(|| BadShard(text.to_owned()))
    }
}

impl Plan {
    /// The numbers of the cases to run, in order, while there is time.
    pub fn indices(&self) -> impl Iterator<Item = u64> + use<> {
        let deadline = self.time.map(|time| Instant::now() + time);
        let Shard { number, of } = self.shard;
        (0..self.cases)
            .filter(move |index| index % of == number - 1)
            .take_while(move |_| deadline.is_none_or(|deadline| Instant::now() < deadline))
    }

    /// How many cases that is at most.
    pub fn length(&self) -> u64 {
        let Shard { number, of } = self.shard;
        (self.cases + of - number) / of
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plan(shard: &str) -> Plan {
        Plan {
            seed: 1,
            preset: Preset::Mixed,
            cases: 100,
            time: None,
            shard: shard.parse().unwrap(),
            level: Level::Required,
        }
    }

    #[test]
    fn shards_partition_the_campaign() {
        let mut all: Vec<u64> = ["1/3", "2/3", "3/3"]
            .iter()
            .flat_map(|s| plan(s).indices().collect::<Vec<_>>())
            .collect();
        all.sort_unstable();
        assert_eq!(all, (0..100).collect::<Vec<_>>());
        for shard in ["1/3", "2/3", "3/3", "1/1", "7/100"] {
            assert_eq!(plan(shard).length(), plan(shard).indices().count() as u64, "{shard}");
        }
    }

    #[test]
    fn a_shard_that_does_not_exist_is_refused() {
        for bad in ["0/3", "4/3", "1", "a/b", "1/0", "/"] {
            assert!(bad.parse::<Shard>().is_err(), "{bad}");
        }
    }
}
