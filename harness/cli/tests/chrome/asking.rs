//! Cases, and the browser that is asked.

use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};

use corsproof::browser::{Browser, Options};
use corsproof::chrome::Chrome;
use corsproof_conform::case::UserAgentCase;
use corsproof_conform::observe::{Observation, Outcome};
use corsproof_conform::subject::{Asked, UserAgent};
use serde_json::{Value, json};

pub(crate) const ANY_ORIGIN: (&str, &str) = ("Access-Control-Allow-Origin", "*");

pub(crate) fn get(page_origin: &str, url: &str, lines: &[(&str, &str)]) -> Value {
    json!({
        "id": "c", "page_origin": page_origin,
        "request": {"url": url, "method": "GET", "headers": [], "credentials": "omit", "mode": "cors"},
        "hops": [{"preflight_response": null, "response": {"status": 200, "headers": lines}}],
    })
}

pub(crate) fn preflighted(page_origin: &str, url: &str, status: u16) -> Value {
    let permission = json!([
        ["Access-Control-Allow-Origin", "*"],
        ["Access-Control-Allow-Methods", "PUT"],
        ["Access-Control-Allow-Headers", "x-a, X-B, content-type"],
    ]);
    let mut case = get(page_origin, url, &[ANY_ORIGIN]);
    case["request"]["method"] = json!("PUT");
    case["hops"][0]["preflight_response"] = json!({"status": status, "headers": permission});
    case
}

pub(crate) fn observe(case: Value) -> Observation {
    let mut chrome = chrome();
    observed(ask(chrome.as_mut().unwrap(), &[case]).remove(0))
}

pub(crate) fn ask(chrome: &mut Browser<Chrome>, cases: &[Value]) -> Vec<Asked> {
    let cases: Vec<UserAgentCase> =
        cases.iter().map(|case| serde_json::from_value(case.clone()).unwrap()).collect();
    chrome.fetch_all(&cases).unwrap()
}

pub(crate) fn observed(asked: Asked) -> Observation {
    match asked {
        Asked::Observed(observation) => observation,
        Asked::Inconclusive { reason } => panic!("inconclusive: {reason}"),
    }
}

pub(crate) fn all_are_observed(chrome: &mut Browser<Chrome>, count: usize) {
    let cases: Vec<_> = (0..count)
        .map(|i| preflighted("https://app.example", &format!("https://t{}.example/", i % 8), 204))
        .collect();
    for asked in ask(chrome, &cases) {
        let seen = observed(asked);
        assert_eq!(seen.outcome, Outcome::Allow);
        assert!(seen.hops[0].preflight.is_some() && seen.hops[0].actual.is_some());
    }
}

pub(crate) fn names(seen: &Observation) -> Vec<String> {
    let exposed = seen.exposed_headers.as_ref().unwrap();
    exposed.iter().map(|name| name.isomorphic_decode()).collect()
}

pub(crate) fn shared() -> MutexGuard<'static, Option<Browser<Chrome>>> {
    static SHARED: OnceLock<Mutex<Option<Browser<Chrome>>>> = OnceLock::new();
    SHARED.get_or_init(|| Mutex::new(None)).lock().unwrap_or_else(PoisonError::into_inner)
}

/// One browser for the trials that leave it as it was.
pub(crate) fn chrome() -> MutexGuard<'static, Option<Browser<Chrome>>> {
    let mut shared = shared();
    shared.get_or_insert_with(|| {
        Browser::launch(Chrome::find().unwrap(), Options::default()).unwrap()
    });
    shared
}
