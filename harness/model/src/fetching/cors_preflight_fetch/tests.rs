//! What a preflight asks, and each way of answering it.

use super::*;
use crate::scene::{ANY, NULL, OWN, Scene, WITH, headers, max_age, methods};

const B: &str = "https://b.example";

fn put(lines: &[(&str, &str)]) -> &'static str {
    Scene::send("PUT", B).preflight(204, lines).decided()
}

fn put_included(lines: &[(&str, &str)]) -> &'static str {
    Scene::send("PUT", B).include().preflight(204, lines).decided()
}

const GRANTED: &str = "any-origin-without-credentials";

#[test]
fn it_asks_with_options_and_without_credentials() {
    let mut scene =
        Scene::send("PUT", B).include().with("X-B", "1").with("x-a", "2").with("Accept", "x/y");
    scene = scene.preflight(204, &[OWN, WITH, methods("PUT"), headers("x-a,x-b")]);
    let (fetched, sent) = scene.watch();
    assert_eq!(fetched.trace.decided_by.slug, "granted-with-credentials");
    let preflight = &sent[0];
    assert!(preflight.preflight && !preflight.credentials && !preflight.body);
    assert_eq!(preflight.method, "OPTIONS");
    let expected = [
        ("Accept", "*/*"),
        ("Access-Control-Request-Method", "PUT"),
        ("Access-Control-Request-Headers", "x-a,x-b"),
        ("Origin", "https://a.example"),
    ];
    assert_eq!(preflight.headers, HeaderList::from_lines(expected));
    assert!(sent[1].credentials && !sent[1].preflight && sent[1].method == "PUT");
    assert!(!sent[1].headers.contains(b"Access-Control-Request-Method"));
}

#[test]
fn it_lists_unsafe_names_lower_case_sorted_once_and_bare() {
    for (lines, listed) in [
        (&[("X-B", "1"), ("x-a", "2"), ("X-b", "3"), ("Accept", "*/*")][..], "x-a,x-b"),
        (&[("Accept", "(")], "accept"),
        (&[("*", "1"), ("Authorization", "x")], "*,authorization"),
        (&[("Cookie", "1"), ("Sec-X", "1"), ("X-A", "")], "x-a"),
        (&[("Content-Type", "application/json")], "content-type"),
        (&[("Range", "bytes=-5")], "range"),
    ] {
        let scene =
            lines.iter().fold(Scene::get(B), |scene, (name, value)| scene.with(name, value));
        assert_eq!(scene.preflights(), [(0, listed.to_owned())]);
    }
    assert_eq!(Scene::send("PUT", B).preflights(), [(0, "-".to_owned())]);
    assert_eq!(Scene::send("POST", B).text().listeners().preflights(), [(0, "-".to_owned())]);
}

#[test]
fn the_method_is_asked_for_as_it_is() {
    for (method, asked) in [("put", "PUT"), ("patch", "patch"), ("*", "*"), ("CHICKEN", "CHICKEN")]
    {
        let fetched = Scene::send(method, B).run();
        assert_eq!(fetched.trace.hops[0].preflight.as_ref().unwrap().method, asked.as_bytes());
    }
}

#[test]
fn only_an_ok_status_is_a_yes() {
    for status in [200, 201, 204, 206, 226, 299] {
        assert_eq!(
            Scene::send("PUT", B).preflight(status, &[ANY, methods("PUT")]).decided(),
            GRANTED,
            "{status}"
        );
    }
    for status in
        [300, 301, 302, 303, 304, 307, 308, 400, 401, 403, 404, 405, 421, 500, 501, 600, 680, 999]
    {
        let scene =
            Scene::send("PUT", B).preflight(status, &[ANY, methods("PUT"), ("Location", "/")]);
        let fetched = scene.clone().run();
        assert_eq!(fetched.trace.decided_by, &STATUS_NOT_OK, "{status}");
        assert_eq!(
            (fetched.trace.blocked_at, fetched.trace.blocked_hop),
            (Some(BlockedAt::Preflight), Some(0))
        );
        assert_eq!(fetched.trace.hops.len(), 1);
        assert!(fetched.trace.hops[0].actual.is_none());
    }
}

#[test]
fn the_cors_check_is_that_of_the_request_and_comes_first() {
    assert_eq!(Scene::send("PUT", B).preflight(500, &[]).decided(), "allow-origin-missing");
    assert_eq!(put_included(&[ANY, WITH, methods("PUT")]), "allow-origin-mismatch");
    assert_eq!(put_included(&[OWN, methods("PUT")]), "allow-credentials-not-true");
    assert_eq!(put_included(&[OWN, WITH, methods("PUT")]), "granted-with-credentials");
    assert_eq!(put(&[NULL, methods("PUT")]), "allow-origin-mismatch");
    assert_eq!(put(&[OWN, methods("PUT")]), GRANTED);
}

#[test]
fn a_method_is_listed_to_the_byte() {
    for good in ["PUT", "GET, PUT", ",PUT,", "*", "PUT, *", "x,*"] {
        assert_eq!(put(&[ANY, methods(good)]), GRANTED, "{good}");
    }
    for bad in ["", "put", "Put", "PUTS", "PU", "GET", ","] {
        assert_eq!(put(&[ANY, methods(bad)]), "method-not-allowed", "{bad}");
    }
    assert_eq!(put(&[ANY]), "method-not-allowed");
    assert_eq!(put_included(&[OWN, WITH, methods("*")]), "method-not-allowed");
    assert_eq!(put_included(&[OWN, WITH, methods("*, PUT")]), "granted-with-credentials");
    let star = Scene::send("*", B).include().preflight(204, &[OWN, WITH, methods("*")]);
    assert_eq!(star.decided(), "granted-with-credentials");
    let patch = |listed| Scene::send("patch", B).preflight(204, &[ANY, methods(listed)]).decided();
    assert_eq!((patch("PATCH"), patch("patch")), ("method-not-allowed", GRANTED));
}

#[test]
fn a_safelisted_method_cannot_be_refused() {
    for method in ["GET", "HEAD", "POST"] {
        for listed in ["", "PUT", "get"] {
            let scene = Scene::send(method, B).with("X-A", "1");
            assert_eq!(
                scene.preflight(204, &[ANY, methods(listed), headers("x-a")]).decided(),
                GRANTED
            );
        }
    }
}

#[test]
fn a_malformed_list_is_a_no_even_if_nobody_needs_it() {
    for bad in ["b@d", "*, b@d", "PUT, \"x\"", "PUT x"] {
        assert_eq!(put(&[ANY, methods(bad)]), "allow-methods-invalid", "{bad}");
        assert_eq!(put(&[ANY, methods("PUT"), headers(bad)]), "allow-headers-invalid", "{bad}");
        let get =
            Scene::get(B).with("X-A", "1").preflight(204, &[ANY, headers("x-a"), methods(bad)]);
        assert_eq!(get.decided(), "allow-methods-invalid", "{bad}");
    }
    assert_eq!(put(&[ANY, methods("b@d"), headers("b@d")]), "allow-methods-invalid");
}

#[test]
fn every_unsafe_name_is_listed_in_any_case() {
    let with = |lines: &[(&str, &str)]| {
        Scene::get(B)
            .with("X-A", "1")
            .with("x-b", "2")
            .with("Accept", "a")
            .preflight(204, lines)
            .decided()
    };
    for good in ["x-a,x-b", "X-B, X-A", "*", "y,*", "x-a, *"] {
        assert_eq!(with(&[ANY, headers(good)]), GRANTED, "{good}");
    }
    for bad in ["", "x-a", "x-b", "x-a,x-bb", "x-a,x_b"] {
        assert_eq!(with(&[ANY, headers(bad)]), "header-not-allowed", "{bad}");
    }
    assert_eq!(with(&[ANY]), "header-not-allowed");
    let lines = [ANY, headers("x-a"), headers("x-b")];
    assert_eq!(with(&lines), GRANTED);
}

#[test]
fn with_credentials_a_star_is_a_name() {
    let with = |name: &str, listed| {
        Scene::get(B)
            .include()
            .with(name, "1")
            .preflight(204, &[OWN, WITH, headers(listed)])
            .decided()
    };
    assert_eq!(with("X-A", "*"), "header-not-allowed");
    assert_eq!(with("X-A", "*, x-a"), "granted-with-credentials");
    assert_eq!(with("*", "*"), "granted-with-credentials");
}

#[test]
fn no_star_covers_authorization() {
    let with = |listed| {
        Scene::get(B)
            .with("aUthorization", "x")
            .with("X-A", "1")
            .preflight(204, &[ANY, headers(listed)])
            .decided()
    };
    assert_eq!(with("*"), "authorization-not-listed");
    assert_eq!(with("x-a"), "authorization-not-listed");
    assert_eq!(with("*, AUTHORIZATION"), GRANTED);
    assert_eq!(with("authorization"), "header-not-allowed");
    let include = Scene::get(B).include().with("Authorization", "x");
    assert_eq!(
        include.preflight(204, &[OWN, WITH, headers("*")]).decided(),
        "authorization-not-listed"
    );
}

#[test]
fn the_flag_stands_for_the_method_if_no_list_is_there() {
    let flagged =
        |lines: &[(&str, &str)]| Scene::send("PUT", B).listeners().preflight(204, lines).decided();
    assert_eq!(flagged(&[ANY]), GRANTED);
    assert_eq!(flagged(&[ANY, methods("")]), "method-not-allowed");
    assert_eq!(flagged(&[ANY, methods("GET")]), "method-not-allowed");
    assert_eq!(
        Scene::send("PUT", B).listeners().preflight(204, &[ANY, headers("b@d")]).decided(),
        "allow-headers-invalid"
    );
}

/// Whether a second fetch so many seconds later is spared the preflight.
fn remembered_for(cap: Option<u64>, lines: &[(&str, &str)], seconds: u64) -> bool {
    let mut scene = Scene::send("PUT", B);
    scene.agent.max_age_cap = cap.map(Duration::from_secs);
    let all: Vec<_> = [ANY, methods("PUT")].iter().chain(lines).copied().collect();
    let mut scene = scene.preflight(204, &all);
    assert!(scene.run().trace.hops[0].preflight.is_some());
    scene.now = seconds;
    scene.run().trace.hops[0].preflight.is_none()
}

#[test]
fn a_yes_is_good_for_as_long_as_the_server_says() {
    for seconds in [1, 4, 5, 6, 600, 601, 7_200, 7_201, 86_400, 86_401, 1 << 31] {
        let value = seconds.to_string();
        assert!(remembered_for(None, &[max_age(&value)], seconds - 1), "{seconds}");
        assert!(!remembered_for(None, &[max_age(&value)], seconds), "{seconds}");
    }
    assert!(!remembered_for(None, &[max_age("0")], 0));
    assert!(
        remembered_for(None, &[max_age("05")], 4) && !remembered_for(None, &[max_age("05")], 5)
    );
    for huge in ["9223372036854775807", "9223372036854775808", &"1".repeat(31)] {
        assert!(remembered_for(None, &[max_age(huge)], 1 << 40), "{huge}");
    }
}

#[test]
fn a_max_age_that_says_nothing_is_five_seconds() {
    for lines in [
        &[][..],
        &[max_age("")],
        &[max_age("-1")],
        &[max_age("-0")],
        &[max_age("+5")],
        &[max_age("1.5")],
        &[max_age("0x5")],
        &[max_age("60, 60")],
        &[max_age("60"), max_age("60")],
        &[max_age("60s")],
    ] {
        assert!(remembered_for(None, lines, 4) && !remembered_for(None, lines, 5), "{lines:?}");
    }
}

#[test]
fn the_user_agent_caps_it() {
    for (said, cap, seconds) in
        [("601", 600, 600), ("600", 600, 600), ("599", 600, 599), ("100000", 86_400, 86_400)]
    {
        assert!(remembered_for(Some(cap), &[max_age(said)], seconds - 1));
        assert!(!remembered_for(Some(cap), &[max_age(said)], seconds));
    }
    assert!(remembered_for(Some(3), &[], 2) && !remembered_for(Some(3), &[], 3));
}

#[test]
fn without_a_cache_nothing_is_remembered() {
    let mut scene = Scene::send("PUT", B).preflight(204, &[ANY, methods("PUT"), max_age("600")]);
    scene.agent.preflight_cache = false;
    scene.run();
    assert!(scene.cache.is_empty());
}

#[test]
fn nobody_answering_is_a_no() {
    let fetched = Scene::send("PUT", B).answer(200, &[ANY]).run();
    assert_eq!(fetched.trace.decided_by.slug, "no-answer");
    assert_eq!(fetched.trace.blocked_at, Some(BlockedAt::Preflight));
}
