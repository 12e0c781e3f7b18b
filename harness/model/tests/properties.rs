//! What holds for every fetch. Each property counts both of its verdicts: one that hardly occurs
//! would make it hold for nothing.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "the helpers of tests are tests, too"
)]

#[path = "scene/mod.rs"]
mod scene;

use std::cell::Cell;

use corsproof_model::http::requests::{CredentialsMode, Mode, RedirectMode, ReferrerPolicy};
use corsproof_model::{Api, Body, Fetched, HeaderList, Response, ResponseType, UserAgent};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;
use proptest::test_runner::{Config, TestRunner};
use scene::{PAGE, Scene};

type Line = (Vec<u8>, Vec<u8>);

fn bytes(text: &[&'static str]) -> impl Strategy<Value = Vec<u8>> {
    let text: Vec<Vec<u8>> = text.iter().map(|text| text.as_bytes().to_vec()).collect();
    prop_oneof![30 => select(text), 1 => vec(any::<u8>(), 0..6)]
}

fn response_line() -> impl Strategy<Value = Line> {
    let name = |name: &'static str| Just(name.as_bytes().to_vec());
    prop_oneof![
        4 => (name("Access-Control-Allow-Origin"), bytes(&["*", "*", PAGE, PAGE, "null", "https://b.example", ""])),
        4 => (name("access-control-allow-credentials"), bytes(&["true", "true", "True", ""])),
        4 => (name("Access-Control-Allow-Methods"), bytes(&["*", "PUT", "PUT, *", "put", "", "b@d"])),
        4 => (name("Access-Control-Allow-Headers"), bytes(&["*", "x-a", "x-a, authorization, content-type", "", "b@d"])),
        1 => (name("Access-Control-Max-Age"), bytes(&["0", "5", "600", "-1"])),
        1 => (name("Access-Control-Expose-Headers"), bytes(&["*", "x-a", "b@d"])),
        1 => (name("X-A"), bytes(&["1"])),
        1 => (bytes(&["X-B"]), bytes(&["1"])),
    ]
}

/// Mostly what grants, so that more is allowed than by accident.
fn lines() -> impl Strategy<Value = Vec<Line>> {
    let granting = [
        ("Access-Control-Allow-Origin", PAGE),
        ("Access-Control-Allow-Credentials", "true"),
        ("Access-Control-Allow-Methods", "PUT, PATCH, *"),
        ("Access-Control-Allow-Headers", "x-a, authorization, content-type, range, *"),
    ];
    let granting: Vec<Line> = granting
        .iter()
        .map(|(name, value)| (name.as_bytes().to_vec(), value.as_bytes().to_vec()))
        .collect();
    prop_oneof![2 => Just(granting), 3 => vec(response_line(), 0..6)]
}

fn answer() -> impl Strategy<Value = Response> {
    let status = prop_oneof![8 => Just(200_u16), 4 => select(vec![204, 301, 302, 303, 307, 308, 404, 407]), 1 => any::<u16>()];
    let location = option::of(bytes(&[
        "/x",
        "https://c.example/",
        "https://a.example/",
        "//u@b.example/",
        "data:,",
        "",
    ]));
    (status, lines(), location).prop_map(|(status, mut lines, location)| {
        lines.extend(location.map(|location| (b"Location".to_vec(), location)));
        Response::new(status, HeaderList::from_lines(lines))
    })
}

fn request_line() -> impl Strategy<Value = Line> {
    let name = bytes(&[
        "X-A",
        "x-b",
        "Accept",
        "Content-Type",
        "Authorization",
        "Range",
        "Cookie",
        "*",
        "Accept-Language",
    ]);
    (name, bytes(&["", "1", "text/plain", "application/json", "bytes=0-", "en"]))
}

/// Any fetch there is, as far as a few hundred bytes go.
fn scenes() -> impl Strategy<Value = Scene> {
    let url = bytes(&[
        "https://b.example/",
        "https://b.example/",
        "https://a.example/",
        "http://b.example",
        "data:,x",
        "/",
    ]);
    let method = bytes(&["GET", "GET", "POST", "put", "PATCH", "patch", "*", "HEAD"]);
    let modes = (
        prop_oneof![8 => Just(Mode::Cors), 1 => Just(Mode::NoCors), 1 => Just(Mode::SameOrigin)],
        select(vec![CredentialsMode::Omit, CredentialsMode::SameOrigin, CredentialsMode::Include]),
        prop_oneof![6 => Just(RedirectMode::Follow), 1 => Just(RedirectMode::Manual), 1 => Just(RedirectMode::Error)],
        select(vec![ReferrerPolicy::Empty, ReferrerPolicy::NoReferrer, ReferrerPolicy::SameOrigin]),
        select(vec![Api::Fetch, Api::Fetch, Api::Xhr]),
    );
    let body = option::weighted(
        0.2,
        select(vec![
            Body::Text(Vec::new()),
            Body::FormData,
            Body::Blob { ty: b"x/y".to_vec() },
            Body::Stream,
        ]),
    );
    let hops = vec((option::weighted(0.9, answer()), option::weighted(0.9, answer())), 0..4);
    let agent = prop_oneof![
        3 => Just(UserAgent::spec()), 1 => Just(UserAgent::chromium()), 1 => Just(UserAgent::firefox()),
        1 => Just(UserAgent::webkitgtk()),
    ];
    let page = select(vec![PAGE, PAGE, PAGE, "http://a.example", "null"]);
    let all = (
        url,
        method,
        vec(request_line(), 0..3),
        modes,
        body,
        hops,
        agent,
        page,
        prop::bool::weighted(0.1),
    );
    all.prop_map(|(url, method, headers, modes, body, hops, agent, page, listeners)| {
        let mut scene = Scene::get(&String::from_utf8_lossy(&url)).page(page).agent(agent);
        scene.init.method = method;
        scene.init.headers = headers;
        scene.init.body = body;
        scene.init.upload_listeners = listeners;
        (
            scene.init.mode,
            scene.init.credentials_mode,
            scene.init.redirect_mode,
            scene.init.referrer_policy,
            scene.init.api,
        ) = modes;
        scene.hops = hops;
        scene
    })
}

/// What becomes of it; `None`: the API throws.
fn outcome(scene: &Scene) -> Option<Fetched> {
    scene.construct().is_ok().then(|| scene.clone().run())
}

fn is_allowed(scene: &Scene) -> bool {
    outcome(scene).is_some_and(|fetched| fetched.response_type != ResponseType::Error)
}

/// Checks a property over many scenes. It says which verdict it was about, or `None` if it had
/// nothing to say; each verdict has to occur so many times.
fn for_all(least: u32, property: impl Fn(&Scene) -> Result<Option<bool>, TestCaseError>) {
    let counts = Cell::new((0, 0));
    let mut runner =
        TestRunner::new(Config { cases: 6_000, failure_persistence: None, ..Config::default() });
    let result = runner.run(&scenes(), |scene| {
        let (yes, no) = counts.get();
        match property(&scene)? {
            Some(true) => counts.set((yes + 1, no)),
            Some(false) => counts.set((yes, no + 1)),
            None => {}
        }
        Ok(())
    });
    result.unwrap_or_else(|error| panic!("{error}"));
    let (yes, no) = counts.get();
    assert!(yes >= least && no >= least, "{yes} allowed, {no} blocked");
}

/// Changes the header lines of every answer.
fn with_lines(scene: &Scene, change: impl Fn(Vec<Line>) -> Vec<Line>) -> Scene {
    let mut scene = scene.clone();
    for (preflight, actual) in &mut scene.hops {
        for response in [preflight, actual].into_iter().flatten() {
            let lines = response
                .headers
                .iter()
                .map(|header| (header.name.clone(), header.value.clone()))
                .collect();
            response.headers = HeaderList::from_lines(change(lines));
        }
    }
    scene
}

#[test]
fn no_bytes_make_it_panic() {
    for_all(300, |scene| {
        Ok(outcome(scene).map(|fetched| fetched.response_type != ResponseType::Error))
    });
}

#[test]
fn arbitrary_bytes_everywhere_make_it_neither() {
    let any_bytes = || vec(any::<u8>(), 0..20);
    let any_lines = || vec((any_bytes(), any_bytes()), 0..4);
    let all = (any_bytes(), any_bytes(), any_lines(), any_lines(), any::<u16>());
    let mut runner =
        TestRunner::new(Config { cases: 4_000, failure_persistence: None, ..Config::default() });
    let constructed = Cell::new(0);
    let result = runner.run(&all, |(path, value, request, response, status)| {
        let url = format!("https://b.example/{}", String::from_utf8_lossy(&path));
        let mut scene = Scene::get(&url);
        scene.init.headers = vec![(b"X-A".to_vec(), value)];
        scene.init.headers.extend(request.into_iter().filter(|(name, _)| name.len() > 18));
        let answer = Response::new(status, HeaderList::from_lines(response));
        scene.hops = vec![(Some(answer.clone()), Some(answer)); 2];
        constructed.set(constructed.get() + u32::from(outcome(&scene).is_some()));
        Ok(())
    });
    result.unwrap_or_else(|error| panic!("{error}"));
    assert!(constructed.get() > 1_000);
}

#[test]
fn the_case_of_header_names_does_not_matter() {
    for_all(300, |scene| {
        let flip = |name: &mut Vec<u8>| {
            for (index, byte) in name.iter_mut().enumerate() {
                *byte = if index % 2 == 0 {
                    byte.to_ascii_uppercase()
                } else {
                    byte.to_ascii_lowercase()
                };
            }
        };
        let mut flipped = with_lines(scene, |mut lines| {
            lines.iter_mut().for_each(|(name, _)| flip(name));
            lines
        });
        flipped.init.headers.iter_mut().for_each(|(name, _)| flip(name));
        let (before, after) = (outcome(scene), outcome(&flipped));
        prop_assert_eq!(&before, &after);
        Ok(before.map(|fetched| fetched.response_type != ResponseType::Error))
    });
}

#[test]
fn the_order_of_different_headers_does_not_matter() {
    for_all(300, |scene| {
        // Lines of one name keep their order among themselves; only the names move.
        let key = |line: &Line| std::cmp::Reverse(line.0.to_ascii_lowercase());
        let mut sorted = with_lines(scene, |mut lines| {
            lines.sort_by_key(key);
            lines
        });
        sorted.init.headers.sort_by_key(key);
        let (before, after) = (outcome(scene), outcome(&sorted));
        prop_assert_eq!(&before, &after);
        Ok(before.map(|fetched| fetched.response_type != ResponseType::Error))
    });
}

#[test]
fn taking_allow_origin_away_never_helps() {
    for_all(300, |scene| {
        let without = with_lines(scene, |mut lines| {
            lines.retain(|(name, _)| !name.eq_ignore_ascii_case(b"Access-Control-Allow-Origin"));
            lines
        });
        // Two lines are worse than one, but none is worse still.
        let before = is_allowed(scene);
        prop_assert!(before || !is_allowed(&without));
        Ok(outcome(scene).map(|_| before))
    });
}

#[test]
fn a_star_never_satisfies_include() {
    for_all(100, |scene| {
        let mut scene = with_lines(scene, |mut lines| {
            for (name, value) in &mut lines {
                if name.eq_ignore_ascii_case(b"Access-Control-Allow-Origin") {
                    *value = b"*".to_vec();
                }
            }
            lines
        });
        scene.init.credentials_mode = CredentialsMode::Include;
        let included = outcome(&scene);
        if let Some(fetched) = &included {
            prop_assert_ne!(fetched.response_type, ResponseType::Cors);
        }
        // The same without credentials is the other verdict.
        scene.init.credentials_mode = CredentialsMode::Omit;
        Ok(outcome(&scene).map(|fetched| fetched.response_type == ResponseType::Cors))
    });
}

#[test]
fn dropping_credentials_never_turns_allow_into_block() {
    for_all(300, |scene| {
        let mut included = scene.clone();
        included.init.credentials_mode = CredentialsMode::Include;
        let mut omitted = scene.clone();
        omitted.init.credentials_mode = CredentialsMode::Omit;
        let before = is_allowed(&included);
        prop_assert!(!before || is_allowed(&omitted));
        Ok(outcome(scene).map(|_| before))
    });
}

#[test]
fn listing_a_method_more_never_turns_allow_into_block() {
    for_all(300, |scene| {
        let more = with_lines(scene, |mut lines| {
            lines.push((b"Access-Control-Allow-Methods".to_vec(), b",PURGE,, PUT ,".to_vec()));
            lines
        });
        let before = is_allowed(scene);
        // With the flag, no list at all stands for the method; a list does not.
        let flagged = scene.construct().is_ok_and(|request| request.uses_cors_preflight());
        prop_assert!(!before || flagged || is_allowed(&more));
        Ok(outcome(scene).map(|_| before))
    });
}

#[test]
fn what_is_exposed_is_in_the_answer_and_never_a_cookie() {
    for_all(300, |scene| {
        let Some(fetched) = outcome(scene) else { return Ok(None) };
        if let Some(names) = &fetched.exposed_headers {
            prop_assert!(names.is_sorted() && !names.iter().any(|name| name == b"set-cookie"));
            prop_assert!(names.iter().all(|name| !name.iter().any(u8::is_ascii_uppercase)));
            let last = scene
                .hops
                .get(fetched.trace.hops.len() - 1)
                .and_then(|(_, actual)| actual.as_ref());
            let has = |name: &Vec<u8>| last.is_some_and(|response| response.headers.contains(name));
            prop_assert!(names.iter().all(|name| has(name) || name == b"content-type"));
        }
        Ok(Some(fetched.exposed_headers.is_some()))
    });
}
