//! Cache safety through a real cache: the browser's decision over what the cache gave must be its
//! decision over the server's own answer. Where it is not, whose fault that is; and whether the
//! small cache of the rules `vary-origin-missing*` said the same of the sequence.

use corsproof_model::ResponseType;

use crate::byte_string::HeaderLine;
use crate::drive::ServerObservation;
use crate::observe::{Exchange, WireResponse};
use crate::server_case::{ServerCase, Unbound};

use super::finding::{Direction, Finding, Level};
use super::record::{CallRecord, Record, values};
use super::rules::reuses;
use super::server::judge as judge_alone;

/// The field in which the cache says whether it answered from its store.
pub const MARK: &str = "X-Corsproof-Cache";

/// Its value when it did.
pub const HIT: &str = "HIT";

/// The rule that findings through a real cache name.
pub const RULE: &str = "unsafe-through-cache";

/// What a sequence came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shared {
    /// How many calls the cache answered from its store.
    pub hits: usize,
    /// The calls that a browser decides otherwise through the cache.
    pub differing: Vec<Differing>,
    /// What the small cache found in the server's own answers.
    pub predicted: Vec<Finding>,
    /// Why cache and prediction part, where they do.
    pub disagreement: Option<Disagreement>,
}

/// A call that a browser decides otherwise through the cache.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Differing {
    /// What is wrong.
    pub finding: Finding,
    /// Whose fault it is.
    pub fault: Fault,
}

/// Whose fault it is that a decision differs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// The server's: RFC 9111, 4 allows the reuse.
    Server,
    /// The cache's: a stored answer was reused that nobody may reuse for this request.
    Cache {
        /// On how many lines its `Vary` stands.
        vary_lines: usize,
    },
    /// The answer is not from the store: the cache changes what goes through it, or the server
    /// does not answer the same twice.
    NotStored,
}

/// Why a real cache and the small one part over a sequence; calls count from 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, thiserror::Error)]
pub enum Disagreement {
    /// It reused what may not be reused.
    #[error("the cache reused an answer whose `Vary`, on {vary_lines} line(s), forbids it")]
    Forbidden {
        /// On how many lines its `Vary` stands.
        vary_lines: usize,
    },
    /// The difference is not a stored answer's.
    #[error("the decision differs, but the answer was not from the store")]
    NotStored,
    /// No call was answered from the store.
    #[error("the cache kept no answer of this sequence")]
    NothingKept,
    /// The call in question was passed on to the server.
    #[error("the cache asked the server where it might have reused an answer")]
    AskedAgain,
    /// Each answer in question belongs to a call that was itself answered from the store.
    #[error("the answer in question was never kept: its call was itself answered from the store")]
    NeverKept,
    /// It was answered from the store, but with an answer that was safe.
    #[error("the cache chose another stored answer, which is safe here")]
    OtherChosen,
}

impl Shared {
    /// Whether the server's answers were unsafe to share.
    pub fn is_unsafe(&self) -> bool {
        self.differing.iter().any(|differing| differing.fault == Fault::Server)
    }

    /// What the small cache says of the calls that are decided otherwise.
    pub fn predicted_there(&self) -> impl Iterator<Item = &Finding> {
        let differs = |call| self.differing.iter().any(|differing| differing.finding.call == call);
        self.predicted.iter().filter(move |finding| differs(finding.call))
    }
}

/// Judges a sequence by the server's own answers and by those that came through the cache.
///
/// # Errors
/// When a call of the sequence means nothing under its policy.
pub fn judge(
    case: &ServerCase,
    own: &ServerObservation,
    cached: &ServerObservation,
) -> Result<Shared, Unbound> {
    let record = Record::of(case, own)?;
    let hits = cached.calls.iter().filter(|call| is_hit(call)).count();
    let pairs = record.calls.iter().zip(&cached.calls);
    let differing: Vec<Differing> =
        pairs.filter_map(|(call, given)| differs(&record, call, given)).collect();
    let mut predicted = judge_alone(case, own)?;
    predicted.retain(|finding| finding.rule.starts_with("vary-origin-missing"));
    let disagreement = disagreement(&record, &differing, &predicted, cached);
    Ok(Shared { hits, differing, predicted, disagreement })
}

fn differs(record: &Record<'_>, call: &CallRecord<'_>, given: &[Exchange]) -> Option<Differing> {
    let browsed = call.browsed.as_ref().filter(|_| !call.speaks_for_itself())?;
    let through = browsed.page.browse(given);
    let readable = through.response_type != ResponseType::Error;
    if readable == browsed.allowed() {
        return None;
    }
    let words = |readable| if readable { "readable" } else { "blocked" };
    let step = through.trace.decided_by;
    let finding = Finding {
        rule: RULE.to_owned(),
        level: Level::Required,
        direction: Direction::CacheUnsafe,
        label: format!("{}.{}", words(readable), call.recipe.origin.label()),
        call: Some(call.index),
        producible: call.bound.producible_by(),
        expected: format!("call {} is {}", call.index, words(browsed.allowed())),
        observed: format!("through the cache it is {} ({})", words(readable), step.slug),
        steps: vec![format!("{}/{}", step.algorithm, step.slug)],
    };
    Some(Differing { finding, fault: fault(record, call, given) })
}

fn fault(record: &Record<'_>, call: &CallRecord<'_>, given: &[Exchange]) -> Fault {
    let Some(given_last) = given.last().filter(|_| is_hit(given)) else { return Fault::NotStored };
    let asked = call.exchanges.last();
    // Any earlier answer that grants what was given, and that anybody may reuse for this request.
    let lawful = record.calls.iter().take(call.index).any(|earlier| {
        let kept = earlier.exchanges.last();
        kept.zip(asked).is_some_and(|(kept, asked)| {
            reuses(kept, asked) && grants(&kept.response).eq(grants(&given_last.response))
        })
    });
    if lawful {
        Fault::Server
    } else {
        Fault::Cache { vary_lines: values(&given_last.response.headers, "vary").count() }
    }
}

fn grants(response: &WireResponse) -> impl Iterator<Item = &HeaderLine> {
    let says = |name: &[u8]| {
        name.eq_ignore_ascii_case(b"access-control-allow-origin")
            || name.eq_ignore_ascii_case(b"access-control-allow-credentials")
    };
    response.headers.iter().filter(move |(name, _)| says(name))
}

fn is_hit(exchanges: &[Exchange]) -> bool {
    let last = exchanges.last();
    last.is_some_and(|last| values(&last.response.headers, MARK).eq([HIT.as_bytes()]))
}

fn disagreement(
    record: &Record<'_>,
    differing: &[Differing],
    predicted: &[Finding],
    cached: &ServerObservation,
) -> Option<Disagreement> {
    match (differing.first(), predicted.first()) {
        (Some(first), None) => match first.fault {
            Fault::Cache { vary_lines } => Some(Disagreement::Forbidden { vary_lines }),
            Fault::NotStored => Some(Disagreement::NotStored),
            // What is lawful to reuse and decides otherwise is what the rules look for.
            Fault::Server => Some(Disagreement::OtherChosen),
        },
        (None, Some(first)) => Some(unmet(record, first, cached)),
        _ => None,
    }
}

/// Why the cache did not do what was predicted.
fn unmet(record: &Record<'_>, predicted: &Finding, cached: &ServerObservation) -> Disagreement {
    if !cached.calls.iter().any(|call| is_hit(call)) {
        return Disagreement::NothingKept;
    }
    let later = predicted.call.and_then(|call| record.calls.get(call));
    let Some((later, given)) = later.zip(predicted.call.and_then(|call| cached.calls.get(call)))
    else {
        return Disagreement::OtherChosen;
    };
    if !is_hit(given) {
        return Disagreement::AskedAgain;
    }
    // Those before it whose own answers may be reused for it, and grant something else.
    let mut in_question =
        record.calls.iter().take(later.index).zip(&cached.calls).filter(|(earlier, _)| {
            let pair = earlier.exchanges.last().zip(later.exchanges.last());
            pair.is_some_and(|(kept, asked)| {
                reuses(kept, asked) && !grants(&kept.response).eq(grants(&asked.response))
            })
        });
    if in_question.all(|(_, given)| is_hit(given)) {
        Disagreement::NeverKept
    } else {
        Disagreement::OtherChosen
    }
}

#[cfg(test)]
mod tests;
