//! How far from well-formed a generator strays.

use serde::{Deserialize, Serialize};

use super::choices::Choices;

/// How hostile the generated material is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Preset {
    /// What a careful developer would send and answer. It makes no malformed header and no
    /// origin that no browser sends: those are the business of the other two.
    WellFormed,
    /// One slip away from well-formed: other case, a missing or doubled line, a look-alike
    /// origin. It makes no raw control bytes: they would drown the slips that people make.
    NearMiss,
    /// Bytes that nobody sends on purpose. It rarely makes a case that is allowed.
    Raw,
    /// Each case draws one of the three: two parts well-formed, five near miss, one raw.
    Mixed,
}

impl Preset {
    /// The stable name, part of what a generated case is a function of.
    pub fn name(self) -> &'static str {
        match self {
            Self::WellFormed => "well-formed",
            Self::NearMiss => "near-miss",
            Self::Raw => "raw",
            Self::Mixed => "mixed",
        }
    }

    /// The preset of this name.
    pub fn named(name: &str) -> Option<Self> {
        [Self::WellFormed, Self::NearMiss, Self::Raw, Self::Mixed]
            .into_iter()
            .find(|p| p.name() == name)
    }

    /// Settles what `Mixed` leaves open.
    pub fn settle(self, choices: &mut impl Choices) -> Self {
        match self {
            Self::Mixed => match choices.weighted(&[2, 5, 1]) {
                0 => Self::WellFormed,
                1 => Self::NearMiss,
                _ => Self::Raw,
            },
            settled => settled,
        }
    }

    /// Whether to slip here: never, one time in eight, one time in three.
    pub fn slips(self, choices: &mut impl Choices) -> bool {
        match self {
            Self::WellFormed => false,
            Self::NearMiss | Self::Mixed => choices.chance(1, 8),
            Self::Raw => choices.chance(1, 3),
        }
    }
}
