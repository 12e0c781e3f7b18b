//! What the page saw and what the wire saw, joined into an observation.

use corsproof_conform::case::UserAgentCase;
use corsproof_conform::observe::{Observation, Outcome, ResponseType, WireHop};
use corsproof_conform::subject::Asked;
use url::Url;

use crate::origin_server::{PageOutcome, PageResult, Settled};

/// What came of one run of a case.
#[derive(Debug)]
pub(super) enum Joined {
    /// This is the answer.
    Answer(Asked),
    /// The page gave up on it.
    Unfinished,
}

/// Joins them; `None` when the page said nothing.
pub(super) fn join(case: &UserAgentCase, settled: Settled) -> Option<Joined> {
    let Settled { hops, result } = settled;
    let result = result?;
    if let Some(reason) = upgraded(case, &hops) {
        return Some(Joined::Answer(Asked::Inconclusive { reason }));
    }
    Some(match result.outcome {
        PageOutcome::Unfinished => Joined::Unfinished,
        PageOutcome::Unreachable => Joined::Answer(Asked::Inconclusive {
            reason: format!(
                "no page at `{}`: {}",
                case.page_origin,
                result.note.as_deref().unwrap_or("for no reason given")
            ),
        }),
        outcome => Joined::Answer(Asked::Observed(observation(case, hops, result, outcome))),
    })
}

fn observation(
    case: &UserAgentCase,
    hops: Vec<WireHop>,
    result: PageResult,
    outcome: PageOutcome,
) -> Observation {
    if outcome == PageOutcome::Allow {
        Observation {
            outcome: Outcome::Allow,
            response_type: result
                .response_type
                .unwrap_or_else(|| inferred_type(case, &hops)),
            exposed_headers: Some(result.exposed),
            threw: false,
            hops,
        }
    } else {
        Observation {
            outcome: Outcome::Block,
            response_type: ResponseType::Error,
            exposed_headers: None,
            threw: outcome == PageOutcome::Threw,
            hops,
        }
    }
}

/// `XMLHttpRequest` tells no type: a response is basic if no hop left the page's origin.
fn inferred_type(case: &UserAgentCase, hops: &[WireHop]) -> ResponseType {
    let is_own = |hop: &WireHop| {
        Url::parse(&hop.url).is_ok_and(|u| u.origin().ascii_serialization() == case.page_origin)
    };
    if hops.iter().all(is_own) {
        ResponseType::Basic
    } else {
        ResponseType::Cors
    }
}

/// Hosts that a browser knows to be HTTPS only are never asked over HTTP.
fn upgraded(case: &UserAgentCase, hops: &[WireHop]) -> Option<String> {
    let asked = Url::parse(&case.request.url)
        .ok()
        .filter(|url| url.scheme() == "http")?;
    let first = hops.first().filter(|hop| hop.url.starts_with("https:"))?;
    Some(format!("the browser upgraded `{asked}` to `{}`", first.url))
}
