//! What a judge finds wrong, and how bad it is.

use serde::{Deserialize, Serialize};

use crate::case::AgentName;

/// One way in which an answer is not what it should be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Finding {
    /// The rule's slug.
    pub rule: String,
    /// Whether it is a failure by default.
    pub level: Level,
    /// Which way the decision is wrong; each rule has one.
    pub direction: Direction,
    /// What tells this finding from others of its rule: stable words, joined by dots. Shrinking
    /// keeps it, and it is part of a vector's id.
    pub label: String,
    /// Which call of a server case, from 0.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub call: Option<usize>,
    /// Which browsers can have a page at the origin that was tried; none: raw bytes alone.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub producible: Vec<AgentName>,
    /// What should have been.
    pub expected: String,
    /// What was.
    pub observed: String,
    /// The steps of the Standard that say so, as `algorithm/slug`.
    pub steps: Vec<String>,
}

/// How much a finding weighs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Level {
    /// A failure.
    Required,
    /// Advice.
    Recommended,
    /// For information.
    Informative,
}

impl Level {
    /// Its name on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Self::Required => "required",
            Self::Recommended => "recommended",
            Self::Informative => "informative",
        }
    }
}

/// Which way a decision is wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    /// Somebody may read who must not.
    OverPermissive,
    /// Somebody may not read who must.
    OverRestrictive,
    /// Right for this origin, wrong for the next one through a shared cache.
    CacheUnsafe,
    /// Without effect on a browser's decision today.
    Unhygienic,
    /// Breaks on odd bytes.
    Fragile,
}

impl Direction {
    /// All of them, gravest first.
    pub const ALL: [Self; 5] = [
        Self::OverPermissive,
        Self::OverRestrictive,
        Self::CacheUnsafe,
        Self::Unhygienic,
        Self::Fragile,
    ];

    /// As tables head their columns.
    pub fn name(self) -> &'static str {
        match self {
            Self::OverPermissive => "over-permissive",
            Self::OverRestrictive => "over-restrictive",
            Self::CacheUnsafe => "cache-unsafe",
            Self::Unhygienic => "unhygienic",
            Self::Fragile => "fragile",
        }
    }
}

impl Finding {
    /// What stays the same while the case around it shrinks.
    pub fn signature(&self) -> String {
        format!("{}.{}", self.rule, self.label)
    }
}
