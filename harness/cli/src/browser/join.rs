//! What the page saw and what the wire saw, joined into an observation.

use corsproof_conform::case::UserAgentCase;
use corsproof_conform::observe::{Observation, Outcome, ResponseType, WireHop};
use corsproof_conform::subject::Asked;
use url::Url;

use super::askable;
use crate::origin_server::{PageOutcome, PageResult, Settled};

/// What came of one run of a case.
#[derive(Debug)]
pub(crate) enum Joined {
    /// This is the answer.
    Answer(Asked),
    /// The page gave up on it.
    Unfinished,
}

/// Joins them; `None` when the page said nothing.
pub(crate) fn join(case: &UserAgentCase, settled: Settled) -> Option<Joined> {
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
            response_type: result.response_type.unwrap_or_else(|| inferred_type(case, &hops)),
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
    if hops.iter().all(is_own) { ResponseType::Basic } else { ResponseType::Cors }
}

/// Hosts that a browser knows to be HTTPS only are never asked over HTTP.
fn upgraded(case: &UserAgentCase, hops: &[WireHop]) -> Option<String> {
    askable::urls(case)
        .zip(hops)
        .find(|(asked, hop)| asked.scheme() == "http" && hop.url.starts_with("https:"))
        .map(|(asked, hop)| format!("the browser upgraded `{asked}` to `{}`", hop.url))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn joined(page: &serde_json::Value, arrived: &[&str]) -> Option<Joined> {
        let case = serde_json::from_value(serde_json::json!({
            "id": "c", "page_origin": "http://a.example",
            "request": {"url": "http://a.example/", "method": "GET", "headers": [],
                        "credentials": "omit", "mode": "cors"},
            "hops": [{"preflight_response": null,
                      "response": {"status": 302, "headers": [["Location", "http://b.example/"]]}}],
        }))
        .unwrap();
        let hops = arrived
            .iter()
            .map(|url| WireHop { url: (*url).to_owned(), preflight: None, actual: None })
            .collect();
        join(&case, Settled { hops, result: serde_json::from_value(page.clone()).unwrap() })
    }

    #[test]
    fn a_page_that_said_nothing_is_no_answer() {
        assert!(joined(&serde_json::Value::Null, &[]).is_none());
    }

    #[test]
    fn an_xhr_response_is_basic_only_if_no_hop_left_the_origin() {
        let page = serde_json::json!({"ticket": "x", "outcome": "allow"});
        for (arrived, response_type) in [
            (&["http://a.example/"][..], ResponseType::Basic),
            (&["http://a.example/", "http://b.example/", "http://a.example/"], ResponseType::Cors),
        ] {
            let Some(Joined::Answer(Asked::Observed(seen))) = joined(&page, arrived) else {
                panic!("no answer")
            };
            assert_eq!(seen.response_type, response_type);
        }
    }

    #[test]
    fn an_upgrade_on_any_hop_counts_for_nothing() {
        let page = serde_json::json!({"ticket": "x", "outcome": "allow", "response_type": "cors"});
        let Some(Joined::Answer(Asked::Inconclusive { reason })) =
            joined(&page, &["http://a.example/", "https://b.example/"])
        else {
            panic!("it counted")
        };
        assert!(reason.contains("upgraded `http://b.example/`"), "{reason}");
    }
}
