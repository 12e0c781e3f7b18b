//! Redirects: where they may go, what goes along, and how each hop is judged anew.

use super::*;
use crate::api::init::Body;
use crate::http::responses::ResponseType;
use crate::scene::{ANY, NULL, OWN, PAGE, Scene, headers, methods, text, to};

const A: &str = "https://a.example/";
const B: &str = "https://b.example/";
const C: &str = "https://c.example/";

/// From the first URL over the others, each redirect with this status and answered with these lines.
fn chain(method: &str, status: u16, urls: &[&str], lines: &[(&str, &str)]) -> Scene {
    let mut scene = Scene::send(method, urls[0]);
    for next in &urls[1..] {
        let redirect: Vec<_> = lines.iter().copied().chain([to(next)]).collect();
        scene = scene.both((204, lines), (status, &redirect));
    }
    scene.both((204, lines), (200, lines))
}

#[test]
fn twenty_redirects_are_followed_and_no_more() {
    for (count, allowed) in [(0, true), (1, true), (2, true), (19, true), (20, true), (21, false)] {
        for url in [A, B] {
            let urls = vec![url; count + 1];
            let fetched = chain("GET", 302, &urls, &[ANY]).run();
            assert_eq!(fetched.response_type != ResponseType::Error, allowed, "{count} {url}");
            if allowed {
                assert_eq!(fetched.trace.hops.len(), count + 1);
            } else {
                assert_eq!(fetched.trace.decided_by, &TOO_MANY_REDIRECTS);
                assert_eq!(
                    (fetched.trace.blocked_at, fetched.trace.blocked_hop),
                    (Some(BlockedAt::Redirect), Some(20))
                );
            }
        }
    }
}

#[test]
fn a_redirect_without_location_is_a_response() {
    for status in [301, 302, 303, 307, 308] {
        let fetched = Scene::get(B).answer(status, &[ANY]).run();
        assert_eq!((fetched.response_type, fetched.status), (ResponseType::Cors, status));
        assert_eq!(fetched.trace.decided_by.slug, "any-origin-without-credentials");
    }
}

#[test]
fn a_location_that_goes_nowhere_is_an_error() {
    for (lines, slug) in [
        (&[to("http://[")][..], "location-invalid"),
        (&[to("https://")], "location-invalid"),
        (&[to("/x"), to("/x")], "location-invalid"),
        (&[to("data:,x")], "location-scheme"),
        (&[to("ftp://b.example")], "location-scheme"),
        (&[to("file:///x")], "location-scheme"),
        (&[to("about:blank")], "location-scheme"),
        (&[to("mailto:x")], "location-scheme"),
        (&[to("blob:https://a.example/1")], "location-scheme"),
    ] {
        for url in [A, B] {
            let lines: Vec<_> = lines.iter().copied().chain([ANY]).collect();
            let fetched = Scene::get(url).answer(302, &lines).run();
            assert_eq!(fetched.trace.decided_by.slug, slug, "{lines:?}");
            assert_eq!(
                (fetched.trace.blocked_at, fetched.trace.blocked_hop),
                (Some(BlockedAt::Redirect), Some(0))
            );
            assert_eq!(fetched.trace.hops.len(), 1);
        }
    }
}

#[test]
fn a_username_or_password_goes_only_from_own_to_own() {
    let redirected = |mode, from: &str, location: &str| {
        let scene = Scene::get(from).mode(mode).answer(302, &[ANY, to(location)]);
        scene.answer(200, &[ANY]).decided()
    };
    for userinfo in ["u@", "u:p@", ":p@"] {
        let own = format!("https://{userinfo}a.example");
        let foreign = format!("https://{userinfo}b.example");
        assert_eq!(redirected(Mode::Cors, A, &own), "basic-response", "{userinfo}");
        assert_eq!(redirected(Mode::Cors, A, &foreign), "location-credentials-cross-origin");
        assert_eq!(redirected(Mode::Cors, B, &foreign), "location-credentials-cross-origin");
        assert_eq!(redirected(Mode::Cors, B, &own), "location-credentials-after-cors");
        assert_eq!(redirected(Mode::NoCors, B, &foreign), "opaque-response");
        assert_eq!(redirected(Mode::SameOrigin, A, &foreign), "cross-origin-in-same-origin-mode");
    }
    for nothing in ["//@b.example", "//:@b.example"] {
        assert_eq!(
            redirected(Mode::Cors, B, nothing),
            "any-origin-without-credentials",
            "{nothing}"
        );
    }
}

#[test]
fn which_method_comes_out_depends_on_status_and_method() {
    for (status, method, next) in [
        (301, "POST", "GET"),
        (302, "POST", "GET"),
        (303, "POST", "GET"),
        (307, "POST", "POST"),
        (308, "POST", "POST"),
        (301, "PUT", "PUT"),
        (302, "PUT", "PUT"),
        (303, "PUT", "GET"),
        (307, "PUT", "PUT"),
        (308, "DELETE", "DELETE"),
        (301, "HEAD", "HEAD"),
        (303, "HEAD", "HEAD"),
        (303, "GET", "GET"),
        (303, "FOO", "GET"),
        (302, "FOO", "FOO"),
        (301, "patch", "patch"),
        (303, "*", "GET"),
    ] {
        let fetched = chain(method, status, &[A, A], &[]).run();
        assert_eq!(fetched.trace.hops[1].method, next.as_bytes(), "{status} {method}");
    }
}

#[test]
fn with_the_method_go_the_body_and_what_described_it() {
    let names = ["Content-Encoding", "Content-Language", "Content-Location", "Content-Type"];
    let scene = |status, method| {
        let mut scene = names
            .iter()
            .fold(chain(method, status, &[A, A], &[]), |scene, name| scene.with(name, "x"));
        scene = scene.with("X-A", "1").text();
        scene.watch().1
    };
    let sent = scene(303, "PUT");
    assert!(!sent[1].body && sent[1].headers.contains(b"X-A"));
    assert!(names.iter().all(|name| !sent[1].headers.contains(name.as_bytes())));
    for (status, method) in [(307, "POST"), (302, "PUT")] {
        let sent = scene(status, method);
        assert!(sent[1].body && names.iter().all(|name| sent[1].headers.contains(name.as_bytes())));
    }
    // A GET that stays one keeps even a Content-Type.
    let mut scene = chain("GET", 303, &[A, A], &[]).with("Content-Type", "x/y");
    assert!(scene.watch().1[1].headers.contains(b"Content-Type"));
}

#[test]
fn a_header_that_the_redirect_drops_needs_no_preflight_any_more() {
    let lines = [ANY, headers("content-type")];
    let scene = |status| {
        chain("POST", status, &[B, B], &lines).with("Content-Type", "application/json").text()
    };
    assert_eq!(scene(301).preflights().len(), 1);
    assert_eq!(
        scene(307).preflights(),
        [(0, "content-type".to_owned()), (1, "content-type".to_owned())][..1]
    );
    let uncached = [ANY, headers("content-type"), ("Access-Control-Max-Age", "0")];
    let scene = |status| {
        chain("POST", status, &[B, B], &uncached).with("Content-Type", "application/json").text()
    };
    assert_eq!(scene(301).preflights().len(), 1);
    assert_eq!(scene(307).preflights().len(), 2);
    let put = [ANY, methods("PUT")];
    assert_eq!(chain("PUT", 303, &[B, C], &put).preflights().len(), 1);
    assert_eq!(chain("PUT", 302, &[B, C], &put).preflights().len(), 2);
}

#[test]
fn authorization_stays_with_its_origin() {
    let sent = |urls: &[&str]| {
        let lines = [ANY, headers("authorization")];
        let mut scene = chain("GET", 302, urls, &lines).with("aUTHORIZATION", "x");
        let (_, sent) = scene.watch();
        let actual = sent.into_iter().filter(|sent| !sent.preflight);
        actual.map(|sent| sent.headers.contains(b"Authorization")).collect::<Vec<_>>()
    };
    assert_eq!(sent(&[A, "https://a.example/2"]), [true, true]);
    assert_eq!(sent(&[A, B]), [true, false]);
    assert_eq!(sent(&[B, "https://b.example/2"]), [true, true]);
    assert_eq!(sent(&[B, "https://b.example:8443/"]), [true, false]);
    assert_eq!(sent(&[A, B, A]), [true, false, false]);
}

#[test]
fn a_stream_cannot_be_sent_twice() {
    for (status, slug) in [
        (301, "stream-cannot-be-sent-again"),
        (307, "stream-cannot-be-sent-again"),
        (303, "basic-response"),
    ] {
        let scene = chain("POST", status, &[A, A], &[]).body(Body::Stream);
        assert_eq!(scene.decided(), slug, "{status}");
    }
}

#[test]
fn the_flag_outlives_a_change_of_method() {
    let lines = [ANY, methods("POST")];
    let scene = chain("POST", 303, &[B, C], &lines).body(Body::Stream);
    assert_eq!(scene.preflights(), [(0, "-".to_owned()), (1, "-".to_owned())]);
}

#[test]
fn once_foreign_always_foreign() {
    let fetched = chain("GET", 302, &[A, B, A], &[ANY]).run();
    assert_eq!(fetched.response_type, ResponseType::Cors);
    assert_eq!(chain("GET", 302, &[A, B, A], &[]).run().trace.blocked_hop, Some(1));
    let opaque = chain("GET", 302, &[B, A], &[]).mode(Mode::NoCors).run();
    assert_eq!(opaque.response_type, ResponseType::Opaque);
    assert_eq!(
        chain("GET", 302, &[A, B], &[]).mode(Mode::SameOrigin).run().trace.blocked_hop,
        Some(1)
    );
}

#[test]
fn each_hop_sends_the_origin_that_it_may_have() {
    for (urls, origins) in [
        (&[A, B][..], &["-", PAGE][..]),
        (&[B, "https://b.example/2"], &[PAGE, PAGE]),
        (&[B, C], &[PAGE, "null"]),
        (&[B, A], &[PAGE, "null"]),
        (&[A, B, A], &["-", PAGE, "null"]),
        (&[A, B, A, A], &["-", PAGE, "null", "null"]),
        (&[A, B, B, C], &["-", PAGE, PAGE, "null"]),
    ] {
        assert_eq!(chain("GET", 302, urls, &[ANY]).origins(), origins, "{urls:?}");
    }
}

#[test]
fn a_tainted_hop_has_to_allow_null() {
    let last = |lines: &[(&str, &str)]| {
        Scene::get(A).answer(302, &[to(B)]).answer(302, &[OWN, to(A)]).answer(200, lines).decided()
    };
    assert_eq!(last(&[NULL]), "granted-without-credentials");
    assert_eq!(last(&[ANY]), "any-origin-without-credentials");
    assert_eq!(last(&[OWN]), "allow-origin-mismatch");
    assert_eq!(last(&[]), "allow-origin-missing");
}

#[test]
fn a_preflight_may_come_at_any_hop() {
    let lines = [ANY, headers("x-a")];
    let scene = chain("GET", 302, &[A, B], &lines).with("X-A", "1");
    assert_eq!(scene.clone().preflights(), [(1, "x-a".to_owned())]);
    assert_eq!(scene.decided(), "any-origin-without-credentials");
    let scene = chain("GET", 302, &[A, B], &[ANY]).with("X-A", "1");
    let fetched = scene.clone().run();
    assert_eq!(
        (fetched.trace.blocked_at, fetched.trace.blocked_hop),
        (Some(BlockedAt::Preflight), Some(1))
    );
    // The preflight of a tainted hop is tainted.
    let preflighted = chain("GET", 302, &[B, C], &lines).with("X-A", "1").run();
    let origin =
        |hop: usize| text(preflighted.trace.hops[hop].preflight.as_ref().unwrap().origin.clone());
    assert_eq!((origin(0), origin(1)), (PAGE.to_owned(), "null".to_owned()));
}

#[test]
fn only_the_last_answer_exposes() {
    let expose = ("Access-Control-Expose-Headers", "x-a");
    let scene = Scene::get(B).answer(302, &[ANY, to("/2"), expose, ("X-A", "1")]);
    assert_eq!(scene.clone().answer(200, &[ANY, ("X-A", "1")]).exposed().unwrap(), [""; 0]);
    assert_eq!(scene.answer(200, &[ANY, expose, ("X-A", "1")]).exposed().unwrap(), ["x-a"]);
}

#[test]
fn a_redirect_is_blocked_like_any_url() {
    for (location, slug) in
        [("https://b.example:25", "bad-port"), ("http://b.example", "mixed-content")]
    {
        let fetched = Scene::get(A).answer(302, &[to(location)]).run();
        assert_eq!(fetched.trace.decided_by.slug, slug);
        assert_eq!(
            (fetched.trace.blocked_at, fetched.trace.blocked_hop),
            (Some(BlockedAt::Fetch), Some(1))
        );
        assert_eq!(fetched.trace.hops.len(), 2);
    }
}

#[test]
fn the_fragment_is_taken_along() {
    let fetched = Scene::get("https://a.example/#f")
        .answer(302, &[to("/2")])
        .answer(302, &[to("/3#g")])
        .run();
    let urls: Vec<_> = fetched.trace.hops.iter().map(|hop| hop.url.as_str()).collect();
    assert_eq!(urls, ["https://a.example/#f", "https://a.example/2#f", "https://a.example/3#g"]);
}
