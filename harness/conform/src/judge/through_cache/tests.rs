//! Whose fault a difference is, over caches that are written down.

use super::*;
use crate::observe::WireRequest;

const CASE: &str = r#"{"id": "", "policy": {"origins": {"list":
    ["https://app.example", "https://www.example"]}, "methods": {"list": []},
    "request_headers": {"list": []}, "expose_headers": {"list": []}, "credentials": false,
    "max_age": null, "private_network": false}, "calls": [
    {"origin": {"listed": 0}, "path": "/plain?x", "method": {"literal": "GET"},
     "credentials": "same-origin"},
    {"origin": {"listed": 1}, "path": "/plain?x", "method": {"literal": "GET"},
     "credentials": "same-origin"}]}"#;

const ONE: &str = "https://app.example";
const OTHER: &str = "https://www.example";

fn exchange(asks: &str, granted: &str, vary: &[&str], mark: Option<&str>) -> Vec<Exchange> {
    let line = |name: &str, value: &str| (name.into(), value.into());
    let mut headers = vec![line("Access-Control-Allow-Origin", granted)];
    headers.extend(vary.iter().map(|value| line("Vary", value)));
    headers.extend(mark.map(|mark| line(MARK, mark)));
    let request = WireRequest {
        method: "GET".into(),
        target: "/plain?x".into(),
        headers: vec![line("Host", "api.example"), line("Origin", asks)],
        body: false,
        http2: false,
    };
    vec![Exchange { request, response: WireResponse { status: 200, headers } }]
}

/// The sequence over a server that answers with this `Vary`, through a cache that gave the second
/// call what it grants to this origin, with this mark.
fn judged(vary: &[&str], given: &str, mark: &str) -> Shared {
    let case: ServerCase = serde_json::from_str(CASE).unwrap();
    let observed = |calls| ServerObservation { calls, ..ServerObservation::default() };
    let own = observed(vec![exchange(ONE, ONE, vary, None), exchange(OTHER, OTHER, vary, None)]);
    let cached = observed(vec![
        exchange(ONE, ONE, vary, Some("MISS")),
        exchange(OTHER, given, vary, Some(mark)),
    ]);
    judge(&case, &own, &cached).unwrap()
}

#[test]
fn reuse_that_nothing_forbids_is_the_server_s_fault_and_predicted() {
    let shared = judged(&[], ONE, HIT);
    assert!(shared.is_unsafe());
    assert_eq!((shared.hits, shared.differing.len(), shared.predicted.len()), (1, 1, 1));
    assert_eq!(shared.disagreement, None);
    assert_eq!(shared.differing[0].finding.direction, Direction::CacheUnsafe);
}

#[test]
fn reuse_against_vary_is_the_cache_s_fault() {
    let shared = judged(&["Origin", "Accept-Language"], ONE, HIT);
    assert!(!shared.is_unsafe());
    assert_eq!(shared.differing[0].fault, Fault::Cache { vary_lines: 2 });
    assert_eq!(shared.disagreement, Some(Disagreement::Forbidden { vary_lines: 2 }));
}

#[test]
fn a_difference_that_is_not_from_the_store_is_nobody_s_reuse() {
    let shared = judged(&["Origin"], ONE, "MISS");
    assert_eq!(shared.differing[0].fault, Fault::NotStored);
    assert_eq!(shared.disagreement, Some(Disagreement::NotStored));
}

#[test]
fn the_server_s_own_answer_differs_in_nothing() {
    let shared = judged(&["Origin"], OTHER, "MISS");
    assert!(shared.differing.is_empty() && shared.predicted.is_empty());
    assert_eq!(shared.disagreement, None);
}

#[test]
fn a_prediction_that_the_cache_does_not_meet_says_why() {
    assert_eq!(judged(&[], OTHER, "MISS").disagreement, Some(Disagreement::NothingKept));
    assert_eq!(judged(&[], OTHER, HIT).disagreement, Some(Disagreement::OtherChosen));
}
