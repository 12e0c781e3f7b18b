//! Holds what a user agent did against what the Standard says of the same script.

use corsproof_model::{Step, UserAgent};

use crate::byte_string::ByteString;
use crate::case::UserAgentCase;
use crate::encode::CaseError;
use crate::explain::{Judged, judge as model};
use crate::observe::{Observation, Outcome, WireHop};

use super::finding::{Direction, Finding, Level};

/// The gravest difference between this observation and the Standard; `None`: there is none.
///
/// # Errors
/// When a field of the case means nothing.
pub fn judge(case: &UserAgentCase, observed: &Observation) -> Result<Option<Finding>, CaseError> {
    let judged = model(case, &UserAgent::spec())?;
    Ok(difference(&judged, observed))
}

/// Whether the user agent did exactly what this preset predicts.
///
/// # Errors
/// When a field of the case means nothing.
pub fn predicts(
    agent: &UserAgent,
    case: &UserAgentCase,
    observed: &Observation,
) -> Result<bool, CaseError> {
    Ok(difference(&model(case, agent)?, observed).is_none())
}

/// A difference: rule, direction, and both sides in words.
struct Difference {
    rule: &'static str,
    direction: Direction,
    expected: String,
    observed: String,
}

fn difference(judged: &Judged, observed: &Observation) -> Option<Finding> {
    let expected = judged.observation();
    let step = judged.decided_by();
    let difference = outcome(step, &expected, observed)
        .or_else(|| exposure(&expected, observed))
        .or_else(|| wire(&expected.hops, &observed.hops))
        .or_else(|| response_type(&expected, observed))
        .or_else(|| threw(&expected, observed))?;
    Some(Finding {
        rule: difference.rule.to_owned(),
        level: Level::Required,
        direction: difference.direction,
        label: step.slug.to_owned(),
        call: None,
        producible: Vec::new(),
        expected: difference.expected,
        observed: difference.observed,
        steps: vec![format!("{}/{}", step.algorithm, step.slug)],
    })
}

fn outcome(step: &Step, expected: &Observation, observed: &Observation) -> Option<Difference> {
    let place = format!("{} step {} ({})", step.algorithm, step.number, step.slug);
    match (expected.outcome, observed.outcome) {
        (Outcome::Block, Outcome::Allow) => Some(Difference {
            rule: "blocked-response-readable",
            direction: Direction::OverPermissive,
            expected: format!("blocked by {place}"),
            observed: "script read the response".to_owned(),
        }),
        (Outcome::Allow, Outcome::Block) => Some(Difference {
            rule: "allowed-response-blocked",
            direction: Direction::OverRestrictive,
            expected: format!("readable by {place}"),
            observed: "script got an error".to_owned(),
        }),
        _ => None,
    }
}

fn exposure(expected: &Observation, observed: &Observation) -> Option<Difference> {
    let (Some(right), Some(seen)) = (&expected.exposed_headers, &observed.exposed_headers) else {
        return None;
    };
    let extra: Vec<&ByteString> = seen.iter().filter(|name| !right.contains(name)).collect();
    let missing: Vec<&ByteString> = right.iter().filter(|name| !seen.contains(name)).collect();
    let (rule, direction, names) = match (extra.as_slice(), missing.as_slice()) {
        ([], []) => return None,
        ([], missing) => ("exposed-header-hidden", Direction::OverRestrictive, missing),
        (extra, _) => ("hidden-header-exposed", Direction::OverPermissive, extra),
    };
    Some(Difference {
        rule,
        direction,
        expected: format!("script can read {}", list(right)),
        observed: format!("script can read {}; the difference: {names:?}", list(seen)),
    })
}

fn wire(expected: &[WireHop], observed: &[WireHop]) -> Option<Difference> {
    for index in 0..expected.len().max(observed.len()) {
        let difference = match (expected.get(index), observed.get(index)) {
            (Some(right), Some(seen)) => hop(right, seen),
            (Some(right), None) => Some(Difference {
                rule: "request-missing",
                direction: Direction::OverRestrictive,
                expected: format!("hop {index} goes to {}", right.url),
                observed: "nothing was sent".to_owned(),
            }),
            (None, Some(seen)) => Some(Difference {
                rule: "request-unexpected",
                direction: Direction::OverPermissive,
                expected: format!("nothing is sent in hop {index}"),
                observed: format!("a request to {}", seen.url),
            }),
            (None, None) => None,
        };
        if difference.is_some() {
            return difference;
        }
    }
    None
}

fn hop(right: &WireHop, seen: &WireHop) -> Option<Difference> {
    let differs = |rule, direction, expected: String, observed: String| {
        Some(Difference { rule, direction, expected, observed })
    };
    match (&right.preflight, &seen.preflight) {
        (Some(_), None) => {
            return differs(
                "preflight-missing",
                Direction::OverPermissive,
                "a preflight is sent".to_owned(),
                "none was".to_owned(),
            );
        }
        (None, Some(sent)) => {
            return differs(
                "preflight-unneeded",
                Direction::OverRestrictive,
                "no preflight is sent".to_owned(),
                format!("one was, for {}", text(sent.headers.as_ref().or(sent.method.as_ref()))),
            );
        }
        (Some(right), Some(seen)) if right != seen => {
            let (rule, expected, observed) = if right.method != seen.method {
                ("preflight-method-differs", &right.method, &seen.method)
            } else if right.headers != seen.headers {
                ("preflight-headers-differ", &right.headers, &seen.headers)
            } else {
                ("preflight-origin-differs", &right.origin, &seen.origin)
            };
            return differs(
                rule,
                Direction::Unhygienic,
                text(expected.as_ref()),
                text(observed.as_ref()),
            );
        }
        _ => {}
    }
    match (&right.actual, &seen.actual) {
        (Some(_), None) => differs(
            "request-missing",
            Direction::OverRestrictive,
            format!("the request itself goes to {}", right.url),
            "it was not sent".to_owned(),
        ),
        (None, Some(_)) => differs(
            "request-unexpected",
            Direction::OverPermissive,
            "the request itself is not sent".to_owned(),
            "it was".to_owned(),
        ),
        (Some(right), Some(seen)) if right.method != seen.method => differs(
            "method-differs",
            Direction::Unhygienic,
            right.method.to_string(),
            seen.method.to_string(),
        ),
        (Some(right), Some(seen)) if right.origin != seen.origin => differs(
            "origin-differs",
            Direction::Unhygienic,
            format!("Origin: {}", text(right.origin.as_ref())),
            format!("Origin: {}", text(seen.origin.as_ref())),
        ),
        _ => None,
    }
}

fn response_type(expected: &Observation, observed: &Observation) -> Option<Difference> {
    (expected.response_type != observed.response_type).then(|| Difference {
        rule: "response-type-differs",
        direction: Direction::Unhygienic,
        expected: format!("{:?}", expected.response_type),
        observed: format!("{:?}", observed.response_type),
    })
}

fn threw(expected: &Observation, observed: &Observation) -> Option<Difference> {
    let words = |threw| if threw { "the API throws" } else { "a network error" }.to_owned();
    (expected.threw != observed.threw).then(|| Difference {
        rule: "exception-differs",
        direction: Direction::Unhygienic,
        expected: words(expected.threw),
        observed: words(observed.threw),
    })
}

fn list(names: &[ByteString]) -> String {
    if names.is_empty() {
        return "no header".to_owned();
    }
    names.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}

fn text(value: Option<&ByteString>) -> String {
    value.map_or_else(|| "(absent)".to_owned(), ToString::to_string)
}
