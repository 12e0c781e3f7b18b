//! Cases, and the browser that is asked.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use corsproof::browser::{Browser, Engine, Options};
use corsproof::chrome::Chrome;
use corsproof::firefox::Firefox;
use corsproof::origin_server::Desk;
use corsproof::registry::KnownBrowser;
use corsproof::webkitgtk::WebKitGtk;
use corsproof_conform::case::UserAgentCase;
use corsproof_conform::observe::{Observation, Outcome};
use corsproof_conform::subject::{Asked, UserAgent};
use serde_json::{Value, json};

/// A browser, whichever engine is inside.
pub(crate) trait Oracle: UserAgent {
    fn process_id(&self) -> Option<u32>;
    fn desk(&self) -> Arc<Desk>;
}

impl<E: Engine> Oracle for Browser<E> {
    fn process_id(&self) -> Option<u32> {
        Self::process_id(self)
    }

    fn desk(&self) -> Arc<Desk> {
        Arc::clone(self.origin_server().desk())
    }
}

pub(crate) fn launch(which: KnownBrowser, options: Options) -> Box<dyn Oracle> {
    match which {
        KnownBrowser::Chromium => {
            Box::new(Browser::launch(Chrome::find().unwrap(), options).unwrap())
        }
        KnownBrowser::Firefox => {
            Box::new(Browser::launch(Firefox::find().unwrap(), options).unwrap())
        }
        KnownBrowser::WebKitGtk => {
            Box::new(Browser::launch(WebKitGtk::find().unwrap(), options).unwrap())
        }
    }
}

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

pub(crate) fn observe(which: KnownBrowser, case: Value) -> Observation {
    let mut browser = shared(which);
    observed(ask(browser.as_mut().unwrap().as_mut(), &[case]).remove(0))
}

pub(crate) fn ask(browser: &mut dyn Oracle, cases: &[Value]) -> Vec<Asked> {
    let cases: Vec<UserAgentCase> =
        cases.iter().map(|case| serde_json::from_value(case.clone()).unwrap()).collect();
    browser.fetch_all(&cases).unwrap()
}

pub(crate) fn observed(asked: Asked) -> Observation {
    match asked {
        Asked::Observed(observation) => observation,
        Asked::Inconclusive { reason } => panic!("inconclusive: {reason}"),
    }
}

pub(crate) fn all_are_observed(browser: &mut dyn Oracle, count: usize) {
    let cases: Vec<_> = (0..count)
        .map(|i| preflighted("https://app.example", &format!("https://t{}.example/", i % 8), 204))
        .collect();
    for asked in ask(browser, &cases) {
        let seen = observed(asked);
        assert_eq!(seen.outcome, Outcome::Allow);
        assert!(seen.hops[0].preflight.is_some() && seen.hops[0].actual.is_some());
    }
}

pub(crate) fn names(seen: &Observation) -> Vec<String> {
    let exposed = seen.exposed_headers.as_ref().unwrap();
    exposed.iter().map(|name| name.isomorphic_decode()).collect()
}

type Shared = Mutex<Option<Box<dyn Oracle>>>;

static SHARED: [Shared; KnownBrowser::ALL.len()] =
    [const { Mutex::new(None) }; KnownBrowser::ALL.len()];

/// One browser of each kind for the trials that leave it as it was.
fn shared(which: KnownBrowser) -> MutexGuard<'static, Option<Box<dyn Oracle>>> {
    let mut shared = SHARED[which as usize].lock().unwrap_or_else(PoisonError::into_inner);
    shared.get_or_insert_with(|| launch(which, Options::default()));
    shared
}

/// Nothing drops a static: without this the guards would still end the browsers, but later.
pub(crate) fn end_shared() {
    for shared in &SHARED {
        drop(shared.lock().unwrap_or_else(PoisonError::into_inner).take());
    }
}
