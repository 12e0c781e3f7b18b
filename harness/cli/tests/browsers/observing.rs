//! What is seen of a case, in script and on the wire.

use corsproof::browser::Options;
use corsproof::registry::KnownBrowser;
use corsproof_conform::observe::{Outcome, ResponseType};
use serde_json::{Value, json};

use crate::asking::{ANY_ORIGIN, ask, get, launch, names, observe, observed, preflighted};

pub(crate) fn a_simple_get_is_allowed(which: KnownBrowser) {
    let seen =
        observe(which, get("https://app.example", "https://api.example/x?y=1", &[ANY_ORIGIN]));
    assert_eq!(seen.outcome, Outcome::Allow);
    assert_eq!(seen.response_type, ResponseType::Cors);
    assert_eq!(seen.hops.len(), 1);
    assert_eq!(seen.hops[0].url, "https://api.example/x?y=1");
    assert!(seen.hops[0].preflight.is_none());
    let actual = seen.hops[0].actual.as_ref().unwrap();
    assert_eq!(*actual.method, *b"GET");
    assert_eq!(actual.origin.as_deref(), Some(&b"https://app.example"[..]));
}

pub(crate) fn a_simple_get_without_permission_is_blocked(which: KnownBrowser) {
    let seen = observe(which, get("https://app.example", "https://api.example/", &[]));
    assert_eq!(seen.outcome, Outcome::Block);
    assert_eq!(seen.response_type, ResponseType::Error);
    assert_eq!(seen.exposed_headers, None);
    assert!(seen.hops[0].actual.is_some());
}

pub(crate) fn a_preflight_is_recorded_as_sent(which: KnownBrowser) {
    let mut case = preflighted("https://app.example", "https://api.example/", 204);
    case["request"]["headers"] = json!([["X-B", "1"], ["x-a", "2"], ["Accept", "text/plain"]]);
    let seen = observe(which, case);
    assert_eq!(seen.outcome, Outcome::Allow);
    let preflight = seen.hops[0].preflight.as_ref().unwrap();
    assert_eq!(preflight.method.as_deref(), Some(&b"PUT"[..]));
    assert_eq!(preflight.headers.as_deref(), Some(&b"x-a,x-b"[..]));
    assert_eq!(preflight.origin.as_deref(), Some(&b"https://app.example"[..]));
    assert_eq!(*seen.hops[0].actual.as_ref().unwrap().method, *b"PUT");
}

pub(crate) fn a_refused_preflight_sends_nothing_more(which: KnownBrowser) {
    let seen = observe(which, preflighted("https://app.example", "https://api.example/", 404));
    assert_eq!(seen.outcome, Outcome::Block);
    assert!(seen.hops[0].preflight.is_some());
    assert!(seen.hops[0].actual.is_none());
}

pub(crate) fn exposed_names_are_those_script_can_read(which: KnownBrowser) {
    let lines = [
        ANY_ORIGIN,
        ("Access-Control-Expose-Headers", "X-B, x-a"),
        ("x-A", "1"),
        ("X-b", "2"),
        ("X-C", "3"),
    ];
    let seen = observe(which, get("https://app.example", "https://api.example/", &lines));
    assert_eq!(names(&seen), ["x-a", "x-b"]);
    let lines = [ANY_ORIGIN, ("Content-Length", "3")];
    let seen = observe(which, get("https://app.example", "https://api.example/", &lines));
    assert_eq!(names(&seen), ["content-length"]);
}

pub(crate) fn pages_and_targets_of_every_kind_of_host_work(which: KnownBrowser) {
    for (page, url) in [
        ("http://app.example:8080", "http://api.example:81/"),
        ("http://[2001:db8::1]:8080", "https://localhost/"),
        ("http://10.1.2.3", "http://127.0.0.1:9000/"),
        ("http://xn--bcher-kva.example", "https://[2001:db8::2]:444/"),
        ("https://xn--bcher-kva.example:8443", "https://10.1.2.3/"),
    ] {
        let seen = observe(which, get(page, url, &[ANY_ORIGIN]));
        assert_eq!(seen.outcome, Outcome::Allow, "{page} {url}");
        let origin = seen.hops[0].actual.as_ref().unwrap().origin.clone().unwrap();
        assert_eq!(*origin, *page.as_bytes());
        assert_eq!(seen.hops[0].url, url);
    }
}

pub(crate) fn an_opaque_page_sends_null(which: KnownBrowser) {
    let lines = [("Access-Control-Allow-Origin", "null")];
    let seen = observe(which, get("null", "https://api.example/", &lines));
    assert_eq!(seen.outcome, Outcome::Allow);
    let origin = seen.hops[0].actual.as_ref().unwrap().origin.clone().unwrap();
    assert_eq!(*origin, *b"null");
}

pub(crate) fn odd_statuses_arrive(which: KnownBrowser) {
    let seen = observe(which, preflighted("https://app.example", "https://api.example/", 299));
    assert_eq!(seen.outcome, Outcome::Allow);
    let mut case = get("https://app.example", "https://api.example/", &[ANY_ORIGIN]);
    case["hops"][0]["response"]["status"] = json!(680);
    assert_eq!(observe(which, case).outcome, Outcome::Allow);
}

pub(crate) fn two_allow_origin_lines_stay_two(which: KnownBrowser) {
    let seen = observe(
        which,
        get("https://app.example", "https://api.example/", &[ANY_ORIGIN, ANY_ORIGIN]),
    );
    assert_eq!(seen.outcome, Outcome::Block);
}

pub(crate) fn xhr_is_asked_as_xhr(which: KnownBrowser) {
    let lines = [ANY_ORIGIN, ("Access-Control-Expose-Headers", "x-a"), ("X-A", "1")];
    let mut case = get("https://app.example", "https://api.example/", &lines);
    case["request"]["api"] = json!("xhr");
    case["request"]["credentials"] = json!("same-origin");
    let seen = observe(which, case.clone());
    assert_eq!((seen.outcome, seen.response_type), (Outcome::Allow, ResponseType::Cors));
    assert_eq!(names(&seen), ["x-a"]);
    case["request"]["url"] = json!("https://app.example/own");
    assert_eq!(observe(which, case.clone()).response_type, ResponseType::Basic);
    case["request"]["method"] = json!("TRACE");
    assert!(observe(which, case).threw);
}

pub(crate) fn upload_listeners_cause_a_preflight(which: KnownBrowser) {
    let mut case = preflighted("https://app.example", "https://api.example/", 204);
    case["request"]["api"] = json!("xhr");
    case["request"]["credentials"] = json!("same-origin");
    case["request"]["method"] = json!("POST");
    case["request"]["body"] = json!({"text": "hello"});
    assert!(observe(which, case.clone()).hops[0].preflight.is_none());
    case["request"]["upload_listeners"] = json!(true);
    let seen = observe(which, case);
    assert_eq!(seen.outcome, Outcome::Allow);
    let preflight = seen.hops[0].preflight.as_ref().unwrap();
    assert_eq!(preflight.method.as_deref(), Some(&b"POST"[..]));
    assert_eq!(preflight.headers, None);
}

pub(crate) fn bodies_carry_their_content_type(which: KnownBrowser) {
    for (body, asks) in [
        (json!({"text": "hello"}), None),
        (json!({"form": "urlencoded"}), None),
        (json!({"form": "multipart"}), None),
        (json!({"blob_type": ""}), None),
        (json!({"blob_type": "application/json"}), Some(&b"content-type"[..])),
    ] {
        let mut case = preflighted("https://app.example", "https://api.example/", 204);
        case["request"]["method"] = json!("POST");
        case["request"]["body"] = body.clone();
        let seen = observe(which, case);
        let asked = seen.hops[0].preflight.as_ref().and_then(|p| p.headers.as_deref());
        assert_eq!(asked, asks, "{body}");
    }
}

pub(crate) fn a_redirect_is_followed_hop_by_hop(which: KnownBrowser) {
    let mut case = preflighted("https://app.example", "https://one.example/a?b", 204);
    let hop = case["hops"][0].clone();
    case["hops"] = json!([hop, hop, hop]);
    for (index, location) in [(0, "https://two.example/c?d#e"), (1, "/f")] {
        let response = &mut case["hops"][index]["response"];
        response["status"] = json!(307);
        response["headers"].as_array_mut().unwrap().push(json!(["Location", location]));
    }
    let seen = observe(which, case);
    assert_eq!(seen.outcome, Outcome::Allow, "{seen:?}");
    let urls: Vec<_> = seen.hops.iter().map(|hop| hop.url.as_str()).collect();
    assert_eq!(
        urls,
        ["https://one.example/a?b", "https://two.example/c?d", "https://two.example/f"]
    );
    let origins: Vec<_> = seen
        .hops
        .iter()
        .map(|hop| hop.actual.as_ref().unwrap().origin.as_ref().unwrap().isomorphic_decode())
        .collect();
    assert_eq!(origins, ["https://app.example", "null", "null"]);
    assert!(seen.hops.iter().all(|hop| hop.preflight.is_some()));
}

pub(crate) fn a_server_that_hangs_up_blocks(which: KnownBrowser) {
    for field in ["preflight_response", "response"] {
        let mut case = preflighted("https://app.example", "https://api.example/", 204);
        case["hops"][0][field] = Value::Null;
        let seen = observe(which, case);
        assert_eq!(seen.outcome, Outcome::Block);
        assert_eq!(seen.hops.len(), 1);
        assert_eq!(seen.hops[0].actual.is_some(), field == "response");
    }
}

pub(crate) fn an_api_that_throws_sends_nothing(which: KnownBrowser) {
    let mut case = get("https://app.example", "https://api.example/", &[ANY_ORIGIN]);
    case["request"]["headers"] = json!([["no token", "1"]]);
    let seen = observe(which, case);
    assert!(seen.threw);
    assert_eq!(seen.outcome, Outcome::Block);
    assert!(seen.hops.is_empty());
}

pub(crate) fn more_page_origins_than_frames_are_served(which: KnownBrowser) {
    let options = Options { frames: 3, batch: 10, ..Options::default() };
    let mut browser = launch(which, options);
    let cases: Vec<_> = (0..40)
        .map(|i| get(&format!("http://p{}.example", i % 8), "http://api.example/", &[ANY_ORIGIN]))
        .collect();
    for (case, asked) in cases.iter().zip(ask(browser.as_mut(), &cases)) {
        let seen = observed(asked);
        let origin = seen.hops[0].actual.as_ref().unwrap().origin.clone().unwrap();
        assert_eq!(origin.isomorphic_decode(), case["page_origin"]);
    }
}
