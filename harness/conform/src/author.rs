//! Vectors that people write: case, comment, level and flags are theirs, everything else is computed.

use serde::{Deserialize, Serialize};

use crate::case::{Sequence, SequenceStep, UserAgentCase};
use crate::encode::CaseError;
use crate::expect::{of_case, of_sequence};
use crate::judge::finding::Level;
use crate::vector::{EDITION, SCHEMA_VERSION, Test, Vector, hash_of};

/// The flag of vectors that two engines or more, or two readings, decide unlike the Standard.
pub const CONTESTED: &str = "contested";

/// One vector as it is written by hand.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Draft {
    /// What it is about, in one or two words; the first part of the id.
    pub topic: String,
    /// What it shows, in a few words joined by hyphens; the second part of the id.
    pub label: String,
    /// What it shows, for people.
    pub comment: String,
    /// How much a failure weighs.
    #[serde(default = "required")]
    pub level: Level,
    /// Flags of the dictionary that apply.
    #[serde(default)]
    pub flags: Vec<String>,
    /// One fetch; or
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub case: Option<UserAgentCase>,
    /// several over one preflight cache.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sequence: Option<DraftSequence>,
}

/// A sequence before it has an id.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DraftSequence {
    /// The fetches, in order.
    pub steps: Vec<SequenceStep>,
    /// The user agent's limit on `Access-Control-Max-Age`, in seconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_age_cap: Option<u64>,
}

/// Why a draft made no vector.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DraftError {
    /// There is neither a case nor a sequence, or there are both.
    #[error("draft `{0}`: it needs either `case` or `sequence`")]
    NotOneTest(String),
    /// The case means nothing.
    #[error("draft `{label}`: {source}")]
    Case {
        /// Which draft.
        label: String,
        /// What is wrong.
        source: CaseError,
    },
}

fn required() -> Level {
    Level::Required
}

impl Draft {
    /// The vector that it makes.
    ///
    /// # Errors
    /// When it holds no test, or one that means nothing.
    pub fn vector(&self) -> Result<Vector, DraftError> {
        let test = match (&self.case, &self.sequence) {
            (Some(case), None) => {
                let case = UserAgentCase { id: String::new(), ..case.clone() };
                let id = format!("{}.{}.{}", self.topic, self.label, hash_of(&case));
                Test::of_case(UserAgentCase { id, ..case })
            }
            (None, Some(draft)) => {
                let DraftSequence { steps, max_age_cap } = draft.clone();
                let sequence = Sequence { id: String::new(), steps, max_age_cap };
                let id = format!("{}.{}.{}", self.topic, self.label, hash_of(&sequence));
                Test::of_sequence(Sequence { id, ..sequence })
            }
            _ => return Err(DraftError::NotOneTest(self.label.clone())),
        };
        let mut vector = Vector {
            schema: SCHEMA_VERSION,
            id: test.id().to_owned(),
            since: EDITION.to_owned(),
            level: self.level,
            flags: self.flags.clone(),
            comment: self.comment.clone(),
            steps: Vec::new(),
            provenance: None,
            test,
        };
        compute(&mut vector)
            .map_err(|source| DraftError::Case { label: self.label.clone(), source })?;
        Ok(vector)
    }
}

/// Computes again whatever in a vector is computed. A server vector holds nothing of the kind.
///
/// A vector that is contested, by what is computed or by who wrote it, is informative: it is shown, and
/// fails nobody. The flag is taken back by hand only.
///
/// # Errors
/// When its case means nothing.
pub fn compute(vector: &mut Vector) -> Result<(), CaseError> {
    let contested = match &mut vector.test {
        Test::UserAgent { case, expected, deviations, .. } => {
            let computed = of_case(case)?;
            let contested = computed.is_contested();
            *expected = computed.expected;
            *deviations = computed.deviations;
            vector.steps = computed.steps;
            contested
        }
        Test::Sequence { sequence, expected, deviations, .. } => {
            let computed = of_sequence(sequence)?;
            let contested = computed.is_contested();
            *expected = computed.expected;
            *deviations = computed.deviations;
            vector.steps = computed.steps;
            contested
        }
        Test::Server { .. } => false,
    };
    if contested && !vector.flags.iter().any(|flag| flag == CONTESTED) {
        vector.flags.push(CONTESTED.to_owned());
    }
    if vector.flags.iter().any(|flag| flag == CONTESTED) {
        vector.level = Level::Informative;
    }
    Ok(())
}
