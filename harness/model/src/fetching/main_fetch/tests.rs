//! Which way requests go, and what script sees of the answers.

use super::*;
use crate::scene::{ANY, OWN, PAGE, Scene, WITH, headers, methods, response};

const B: &str = "https://b.example";

#[test]
fn the_own_origin_needs_no_cors() {
    for (page, url) in [
        (PAGE, "https://a.example:443/x"),
        (PAGE, "/relative"),
        ("http://localhost:8080", "http://LOCALHOST:8080"),
        ("http://[::1]", "http://[0::1]/"),
        ("https://xn--bcher-kva.example", "https://b\u{fc}cher.example/"),
    ] {
        for scene in [
            Scene::get(url),
            Scene::send("PUT", url).with("X-A", "1").include(),
            Scene::get(url).listeners(),
        ] {
            let fetched = scene.page(page).answer(404, &[("X-A", ""), ("Set-Cookie", "x")]).run();
            assert_eq!(
                (fetched.response_type, fetched.status),
                (ResponseType::Basic, 404),
                "{url}"
            );
            assert_eq!(fetched.exposed_headers, Some(vec![b"x-a".to_vec()]));
            assert_eq!(fetched.trace.decided_by, &BASIC_RESPONSE);
            assert!(fetched.trace.hops[0].preflight.is_none());
        }
    }
}

#[test]
fn another_scheme_host_or_port_is_foreign() {
    for url in [
        "https://a.example:8443",
        "https://www.a.example",
        "https://a.example.",
        "https://example",
        B,
    ] {
        assert_eq!(
            Scene::get(url).answer(200, &[ANY]).run().response_type,
            ResponseType::Cors,
            "{url}"
        );
        let same_origin = Scene::get(url).mode(Mode::SameOrigin).answer(200, &[ANY]);
        assert_eq!(same_origin.decided(), "cross-origin-in-same-origin-mode");
    }
    let upgraded = Scene::get("https://a.example").page("http://a.example").answer(200, &[ANY]);
    assert_eq!(upgraded.decided(), "any-origin-without-credentials");
}

#[test]
fn an_opaque_page_is_foreign_to_its_own_server() {
    let scene = || Scene::get("https://a.example").page("null");
    assert_eq!(scene().answer(200, &[]).decided(), "allow-origin-missing");
    assert_eq!(scene().answer(200, &[OWN]).decided(), "allow-origin-mismatch");
    assert_eq!(
        scene().mode(Mode::SameOrigin).answer(200, &[]).decided(),
        "cross-origin-in-same-origin-mode"
    );
}

#[test]
fn ports_of_other_protocols_and_insecure_urls_are_blocked_before_anything_is_sent() {
    for (page, url, slug) in [
        (PAGE, "https://b.example:25", "bad-port"),
        (PAGE, "https://a.example:6000", "bad-port"),
        ("http://a.example", "http://b.example:0", "bad-port"),
        (PAGE, "http://b.example", "mixed-content"),
        (PAGE, "http://a.example", "mixed-content"),
    ] {
        let mut scene = Scene::get(url).page(page).answer(200, &[ANY]);
        let (fetched, sent) = scene.watch();
        assert_eq!(fetched.trace.decided_by.slug, slug, "{url}");
        assert_eq!(
            (fetched.trace.blocked_at, fetched.trace.blocked_hop),
            (Some(BlockedAt::Fetch), Some(0))
        );
        assert_eq!((sent.len(), fetched.exposed_headers, fetched.trace.hops.len()), (0, None, 1));
    }
    assert_eq!(
        Scene::get("http://localhost:8080").answer(200, &[ANY]).decided(),
        "any-origin-without-credentials"
    );
}

#[test]
fn without_cors_the_response_is_opaque() {
    let mut scene =
        Scene::send("POST", B).mode(Mode::NoCors).text().answer(404, &[("X-A", "1"), ANY]);
    let (fetched, sent) = scene.watch();
    assert_eq!((fetched.response_type, fetched.status), (ResponseType::Opaque, 0));
    assert_eq!(fetched.exposed_headers, Some(Vec::new()));
    assert_eq!(fetched.trace.decided_by, &OPAQUE_RESPONSE);
    assert_eq!(sent.len(), 1);
    for mode in [RedirectMode::Manual, RedirectMode::Error] {
        let scene = Scene::get(B).mode(Mode::NoCors).redirect(mode).answer(200, &[]);
        assert_eq!(scene.decided(), "no-cors-redirect-mode");
    }
    let own = Scene::get(PAGE).mode(Mode::NoCors).redirect(RedirectMode::Manual).answer(200, &[]);
    assert_eq!(own.decided(), "basic-response");
}

#[test]
fn an_opaque_response_has_to_be_meant_for_the_page() {
    let corp = |page: &str, value| {
        let scene = Scene::get("https://x.a.example").page(page).mode(Mode::NoCors);
        scene.answer(200, &[("Cross-Origin-Resource-Policy", value)]).run().trace
    };
    let trace = corp(PAGE, "same-origin");
    assert_eq!(
        (trace.decided_by.slug, trace.blocked_at),
        ("same-origin-only", Some(BlockedAt::Actual))
    );
    assert_eq!(corp(PAGE, "same-site").decided_by, &OPAQUE_RESPONSE);
    assert_eq!(corp("https://b.example", "same-site").decided_by.slug, "same-site-only");
    let cors = Scene::get(B).answer(200, &[ANY, ("Cross-Origin-Resource-Policy", "same-origin")]);
    assert_eq!(cors.decided(), "any-origin-without-credentials");
}

#[test]
fn schemes_without_servers_answer_for_themselves() {
    for (url, mode, slug) in [
        ("data:,x", Mode::Cors, "basic-response"),
        ("data:,x", Mode::SameOrigin, "basic-response"),
        ("data:,x", Mode::NoCors, "basic-response"),
        ("data:x", Mode::Cors, "data-url-invalid"),
        ("about:blank", Mode::Cors, "scheme-not-http"),
        ("about:blank", Mode::NoCors, "opaque-response"),
        ("about:config", Mode::NoCors, "mixed-content"),
        ("file:///x", Mode::Cors, "scheme-not-http"),
        ("file:///x", Mode::NoCors, "file-url"),
        ("blob:https://a.example/1", Mode::Cors, "blob-unavailable"),
        ("blob:https://b.example/1", Mode::Cors, "scheme-not-http"),
        ("wss://b.example", Mode::Cors, "scheme-not-http"),
        ("wss://b.example", Mode::NoCors, "scheme-unsupported"),
        ("https://b.example", Mode::SameOrigin, "cross-origin-in-same-origin-mode"),
    ] {
        assert_eq!(Scene::get(url).mode(mode).decided(), slug, "{url} {mode:?}");
    }
    let data = Scene::get("data:,x").run();
    assert_eq!((data.response_type, data.status), (ResponseType::Basic, 200));
    assert_eq!(data.exposed_headers, Some(vec![b"content-type".to_vec()]));
}

#[test]
fn what_a_form_can_send_needs_no_preflight() {
    let preflighted = |scene: Scene| !scene.preflights().is_empty();
    for method in ["GET", "get", "HEAD", "POST", "pOsT"] {
        assert!(!preflighted(Scene::send(method, B)), "{method}");
    }
    for method in
        ["PUT", "put", "DELETE", "OPTIONS", "PATCH", "patch", "*", "CHICKEN", "GETS", "GE"]
    {
        assert!(preflighted(Scene::send(method, B)), "{method}");
    }
    assert!(!preflighted(Scene::send("POST", B).text()));
    assert!(preflighted(Scene::send("POST", B).text().listeners()));
    assert!(preflighted(Scene::get(B).listeners()));
    assert!(preflighted(Scene::get(B).with("X-A", "")));
    assert!(!preflighted(Scene::get(B).with("Accept", "x/y").with("Range", "bytes=0-")));
}

#[test]
fn the_accept_header_that_the_user_agent_adds_counts() {
    // Eight languages of 128 bytes less three leave room for `*/*`, and not one byte more.
    let total = |last: usize| {
        let scene =
            (0..7).fold(Scene::get(B), |scene, _| scene.with("Accept-Language", &"a".repeat(128)));
        scene.with("Content-Language", &"b".repeat(last)).preflights()
    };
    assert_eq!(total(125), []);
    assert_eq!(total(126), [(0, "accept,accept-language,content-language".to_owned())]);
    let mut scene = Scene::get(B).answer(200, &[ANY]);
    scene.agent.accept_language = Some(b"en".to_vec());
    let (_, sent) = scene.watch();
    let expected = [("Accept", "*/*"), ("Accept-Language", "en"), ("Origin", PAGE)];
    assert_eq!(sent[0].headers, crate::HeaderList::from_lines(expected));
}

const ANSWER: [(&str, &str); 8] = [
    ("Content-Type", "x/y"),
    ("ETag", "1"),
    ("X-A", "1"),
    ("x-b", "2"),
    ("X-a", "3"),
    ("Set-Cookie", "4"),
    ("Set-Cookie2", "5"),
    ("*", "6"),
];

fn exposed(include: bool, lists: &[&str]) -> Vec<String> {
    let lists = lists.iter().map(|list| ("Access-Control-Expose-Headers", *list));
    let lines: Vec<_> = ANSWER.into_iter().chain(lists).collect();
    let scene = if include { Scene::get(B).include() } else { Scene::get(B) };
    let lines: Vec<_> = lines.into_iter().chain([OWN, WITH]).collect();
    let mut names = scene.answer(200, &lines).exposed().unwrap();
    names.retain(|name| !name.starts_with("access-control-"));
    names
}

#[test]
fn only_seven_names_are_exposed_unasked() {
    assert_eq!(exposed(false, &[]), ["content-type"]);
    assert_eq!(exposed(false, &[""]), ["content-type"]);
    assert_eq!(exposed(false, &[",,"]), ["content-type"]);
}

#[test]
fn listed_names_are_exposed_but_never_cookies() {
    assert_eq!(exposed(false, &["x-A, etag"]), ["content-type", "etag", "x-a"]);
    assert_eq!(exposed(true, &["", "x-b,, absent"]), ["content-type", "x-b"]);
    assert_eq!(exposed(false, &["set-cookie, Set-Cookie2"]), ["content-type"]);
}

#[test]
fn a_star_exposes_all_unless_credentials_are_included() {
    for lists in [&["*"][..], &["x-a, *"], &["x-a", "*"], &["*", ""]] {
        assert_eq!(exposed(false, lists), ["*", "content-type", "etag", "x-a", "x-b"]);
    }
    assert_eq!(exposed(true, &["*"]), ["*", "content-type"]);
    assert_eq!(exposed(true, &["x-a, *"]), ["*", "content-type", "x-a"]);
}

#[test]
fn a_list_with_a_bad_name_exposes_nothing() {
    for lists in [
        &["x-a, b@d"][..],
        &["*, b@d"],
        &["b@d, *"],
        &["x-a", "b@d"],
        &["b@d", "*"],
        &["x-a x-b"],
        &["\"x-a\""],
        &["\x0bx-a"],
    ] {
        assert_eq!(exposed(false, lists), ["content-type"], "{lists:?}");
    }
}

#[test]
fn a_reader_that_goes_name_by_name_meets_the_star_first() {
    let response = |list| response(200, &[("Access-Control-Expose-Headers", list)]);
    let mut agent = UserAgent::spec();
    assert!(!wildcard_precedes_bad_name(&agent, &response("*, b@d")));
    agent.exposing_wildcard_survives_bad_name = true;
    assert!(wildcard_precedes_bad_name(&agent, &response("x, ,*, b@d")));
    assert!(!wildcard_precedes_bad_name(&agent, &response("b@d, *")));
}

#[test]
fn an_error_shows_nothing() {
    let fetched = Scene::get(B).answer(200, &ANSWER).run();
    assert_eq!(
        (fetched.response_type, fetched.status, fetched.exposed_headers),
        (ResponseType::Error, 0, None)
    );
    assert_eq!(fetched.trace.blocked_at, Some(BlockedAt::Actual));
    let last = fetched.trace.events.last().unwrap();
    assert_eq!(last.step, fetched.trace.decided_by);
}

#[test]
fn the_story_has_every_turn() {
    let lines = [ANY, methods("PUT"), headers("x-a")];
    let fetched = Scene::send("PUT", B).with("X-A", "1").preflight(204, &lines).run();
    let told: Vec<_> = fetched.trace.events.iter().map(|event| event.step.slug).collect();
    let expected = [
        "cors-with-preflight",
        "preflight-needed",
        "any-origin-without-credentials",
        "preflight-granted",
        "any-origin-without-credentials",
    ];
    assert_eq!(told, expected);
}
