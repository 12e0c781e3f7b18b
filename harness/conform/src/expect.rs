//! What a user-agent vector expects: the verdict of the Standard without anything that a new edition
//! of it renumbers, and where known engines or other readings part from it.

use corsproof_model::user_agent::presets::presets;
use corsproof_model::{Step, UserAgent, fields};
use serde::{Deserialize, Serialize};

use crate::byte_string::ByteString;
use crate::case::{Sequence, UserAgentCase};
use crate::encode::CaseError;
use crate::explain::{Blocked, Judged, VerdictHop, judge, judge_sequence};
use crate::observe::{Outcome, ResponseType};

/// A verdict without the edition's numbers: steps by name, no commit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Expected {
    /// Whether script gets a response.
    pub outcome: Outcome,
    /// Its type.
    pub response_type: ResponseType,
    /// Names that script can read, lower-case and sorted; null when blocked.
    pub exposed_headers: Option<Vec<ByteString>>,
    /// Where it was blocked.
    pub blocked_at: Option<Blocked>,
    /// In which hop, from 0.
    pub blocked_hop: Option<usize>,
    /// The step that blocked, granted the last check, or threw, as `algorithm/slug`.
    pub decided_by: String,
    /// Each hop entered.
    pub hops: Vec<VerdictHop>,
}

/// Who parts from the Standard, in what, and what becomes of the case then.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Deviation<E> {
    /// An engine; `spec` is another reading of the Standard.
    pub user_agent: String,
    /// From which version of the engine on this was measured.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub since: Option<String>,
    /// The fields of the model's user agent that make the difference.
    pub fields: Vec<String>,
    /// The verdict that follows.
    pub expected: E,
}

/// Everything about a vector that is computed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Computed<E> {
    /// The verdict of the Standard.
    pub expected: E,
    /// Those that differ.
    pub deviations: Vec<Deviation<E>>,
    /// The steps that had a say, as `algorithm/slug`.
    pub steps: Vec<String>,
}

impl<E> Computed<E> {
    /// Whether two engines or more part from the Standard, or there is another reading of it.
    pub fn is_contested(&self) -> bool {
        let engines = self.deviations.iter().filter(|deviation| deviation.since.is_some()).count();
        engines > 1 || engines < self.deviations.len()
    }
}

impl Expected {
    /// Stands where nothing was computed yet.
    pub(crate) const UNKNOWN: Self = Self {
        outcome: Outcome::Block,
        response_type: ResponseType::Error,
        exposed_headers: None,
        blocked_at: None,
        blocked_hop: None,
        decided_by: String::new(),
        hops: Vec::new(),
    };
}

impl From<&Judged> for Expected {
    fn from(judged: &Judged) -> Self {
        let verdict = judged.verdict();
        Self {
            outcome: verdict.outcome,
            response_type: verdict.response_type,
            exposed_headers: verdict.exposed_headers,
            blocked_at: verdict.blocked_at,
            blocked_hop: verdict.blocked_hop,
            decided_by: name_of(judged.decided_by()),
            hops: verdict.hops,
        }
    }
}

/// Computes what a vector of this case says.
///
/// # Errors
/// When a field of the case means nothing; names it.
pub fn of_case(case: &UserAgentCase) -> Result<Computed<Expected>, CaseError> {
    let judged = judge(case, &UserAgent::spec())?;
    let expected = Expected::from(&judged);
    let ask = |agent: &UserAgent| judge(case, agent).map(|judged| Expected::from(&judged));
    let deviations = deviations(&expected, ask)?;
    Ok(Computed { expected, deviations, steps: names_of([&judged]) })
}

/// Computes what a vector of this sequence says.
///
/// # Errors
/// When a field of a step means nothing; names it.
pub fn of_sequence(sequence: &Sequence) -> Result<Computed<Vec<Expected>>, CaseError> {
    let judged = judge_sequence(sequence, Some(&UserAgent::spec()))?;
    let expected: Vec<Expected> = judged.iter().map(Into::into).collect();
    let ask = |agent: &UserAgent| {
        judge_sequence(sequence, Some(agent)).map(|judged| judged.iter().map(Into::into).collect())
    };
    let deviations = deviations(&expected, ask)?;
    Ok(Computed { expected, deviations, steps: names_of(&judged) })
}

/// Whether the model still says what a vector of this case expects: of the Standard, by these steps, of
/// each engine measured, and of each other reading.
///
/// # Errors
/// When a field of the case means nothing; names it.
pub fn case_holds(
    case: &UserAgentCase,
    expected: &Expected,
    deviations: &[Deviation<Expected>],
    steps: &[String],
) -> Result<bool, CaseError> {
    if names_of([&judge(case, &UserAgent::spec())?]) != steps {
        return Ok(false);
    }
    holds(expected, deviations, |agent| judge(case, agent).map(|judged| Expected::from(&judged)))
}

/// The same for a sequence.
///
/// # Errors
/// When a field of a step means nothing; names it.
pub fn sequence_holds(
    sequence: &Sequence,
    expected: &[Expected],
    deviations: &[Deviation<Vec<Expected>>],
    steps: &[String],
) -> Result<bool, CaseError> {
    if names_of(&judge_sequence(sequence, Some(&UserAgent::spec()))?) != steps {
        return Ok(false);
    }
    holds(&expected.to_vec(), deviations, |agent| {
        judge_sequence(sequence, Some(agent)).map(|judged| judged.iter().map(Into::into).collect())
    })
}

fn holds<E: PartialEq>(
    expected: &E,
    deviations: &[Deviation<E>],
    ask: impl Fn(&UserAgent) -> Result<E, CaseError>,
) -> Result<bool, CaseError> {
    if ask(&UserAgent::spec())? != *expected {
        return Ok(false);
    }
    for preset in presets() {
        let since = preset.since.to_string();
        let theirs = deviations.iter().find(|deviation| {
            deviation.user_agent == preset.engine.name() && deviation.since.as_ref() == Some(&since)
        });
        let verdict = theirs.map_or(expected, |deviation| &deviation.expected);
        if ask(&(preset.user_agent)())? != *verdict {
            return Ok(false);
        }
    }
    for (name, agent) in readings() {
        let theirs = deviations
            .iter()
            .find(|deviation| deviation.since.is_none() && deviation.fields == [name]);
        if ask(&agent)? != *theirs.map_or(expected, |deviation| &deviation.expected) {
            return Ok(false);
        }
    }
    Ok(true)
}

/// The name of a step, which survives renumbering.
pub fn name_of(step: &Step) -> String {
    format!("{}/{}", step.algorithm, step.slug)
}

fn names_of<'a>(judged: impl IntoIterator<Item = &'a Judged>) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for name in judged.into_iter().flat_map(Judged::steps).map(name_of) {
        if !names.contains(&name) {
            names.push(name);
        }
    }
    names
}

/// Every measured engine, and every reading on its own, that gives another verdict.
fn deviations<E: PartialEq>(
    expected: &E,
    ask: impl Fn(&UserAgent) -> Result<E, CaseError>,
) -> Result<Vec<Deviation<E>>, CaseError> {
    let mut deviations = Vec::new();
    for preset in presets() {
        let agent = (preset.user_agent)();
        let verdict = ask(&agent)?;
        if verdict != *expected {
            deviations.push(Deviation {
                user_agent: preset.engine.name().to_owned(),
                since: Some(preset.since.to_string()),
                fields: responsible(agent, &verdict, &ask)?,
                expected: verdict,
            });
        }
    }
    for (name, agent) in readings() {
        let verdict = ask(&agent)?;
        if verdict != *expected {
            deviations.push(Deviation {
                user_agent: "spec".to_owned(),
                since: None,
                fields: vec![name.to_owned()],
                expected: verdict,
            });
        }
    }
    Ok(deviations)
}

/// Passages that are read in two ways and that no engine was measured for.
fn readings() -> [(&'static str, UserAgent); 3] {
    let spec = UserAgent::spec;
    [
        ("cache_update_restarts_clock", UserAgent { cache_update_restarts_clock: true, ..spec() }),
        ("cache_ignores_fragments", UserAgent { cache_ignores_fragments: true, ..spec() }),
        ("method_change_clears_flag", UserAgent { method_change_clears_flag: true, ..spec() }),
    ]
}

/// The fields that are needed for this verdict: each other one is taken back from the Standard.
fn responsible<E: PartialEq>(
    mut agent: UserAgent,
    verdict: &E,
    ask: impl Fn(&UserAgent) -> Result<E, CaseError>,
) -> Result<Vec<String>, CaseError> {
    let spec = UserAgent::spec();
    let mut needed = Vec::new();
    for field in fields() {
        let mut without = agent.clone();
        (field.adopt)(&mut without, &spec);
        if without == agent {
            continue;
        }
        if ask(&without)? == *verdict {
            agent = without;
        } else {
            needed.push(field.name.to_owned());
        }
    }
    Ok(needed)
}
