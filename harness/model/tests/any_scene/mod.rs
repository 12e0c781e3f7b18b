//! Any fetch there is, as far as a few hundred bytes go, and the loop that checks a property over many.

#![allow(dead_code, unreachable_pub, reason = "each test crate uses a part of it")]

use std::cell::Cell;

use corsproof_model::http::requests::{CredentialsMode, Mode, RedirectMode, ReferrerPolicy};
use corsproof_model::{Api, Body, Fetched, HeaderList, Response, ResponseType, UserAgent};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;
use proptest::test_runner::{Config, TestRunner};

use crate::scene::{PAGE, Scene};

/// A header line.
pub type Line = (Vec<u8>, Vec<u8>);

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
        1 => (name("Upgrade"), bytes(&["websocket"])),
        1 => (name("Connection"), bytes(&["Upgrade"])),
    ]
}

/// Mostly what grants, so that more is allowed than by accident.
fn lines() -> impl Strategy<Value = Vec<Line>> {
    let granting = [
        ("Access-Control-Allow-Origin", PAGE),
        ("Access-Control-Allow-Credentials", "true"),
        ("Access-Control-Allow-Methods", "PUT, PATCH, *"),
        ("Access-Control-Allow-Headers", "x-a, authorization, content-type, range, *"),
        ("Upgrade", "websocket"),
        ("Connection", "Upgrade"),
    ];
    let granting: Vec<Line> = granting
        .iter()
        .map(|(name, value)| (name.as_bytes().to_vec(), value.as_bytes().to_vec()))
        .collect();
    prop_oneof![2 => Just(granting), 3 => vec(response_line(), 0..6)]
}

fn answer() -> impl Strategy<Value = Response> {
    let status = prop_oneof![8 => Just(200_u16), 4 => select(vec![101, 204, 301, 302, 303, 307, 308, 404, 407]), 1 => any::<u16>()];
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
    (
        name,
        bytes(&[
            "",
            "1",
            "text/plain",
            "text/plain;charset=(",
            "application/json",
            "bytes=0-",
            "en",
        ]),
    )
}

/// Any fetch there is, as far as a few hundred bytes go.
pub fn scenes() -> impl Strategy<Value = Scene> {
    let url = bytes(&[
        "https://b.example/",
        "https://b.example/",
        "https://a.example/",
        "http://b.example",
        "wss://b.example/",
        "http://router.local/",
        "data:,x",
        "/",
    ]);
    let method = bytes(&["GET", "GET", "POST", "put", "PATCH", "patch", "*", "HEAD"]);
    let modes = (
        prop_oneof![8 => Just(Mode::Cors), 1 => Just(Mode::NoCors), 1 => Just(Mode::SameOrigin)],
        select(vec![CredentialsMode::Omit, CredentialsMode::SameOrigin, CredentialsMode::Include]),
        prop_oneof![6 => Just(RedirectMode::Follow), 1 => Just(RedirectMode::Manual), 1 => Just(RedirectMode::Error)],
        select(vec![ReferrerPolicy::Empty, ReferrerPolicy::NoReferrer, ReferrerPolicy::SameOrigin]),
        select(vec![Api::Fetch, Api::Fetch, Api::Fetch, Api::Xhr, Api::Xhr, Api::WebSocket]),
    );
    let body = option::weighted(
        0.2,
        select(vec![
            Body::Text(Vec::new()),
            Body::UrlSearchParams,
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
pub fn outcome(scene: &Scene) -> Option<Fetched> {
    scene.construct().is_ok().then(|| scene.clone().run())
}

pub fn is_allowed(scene: &Scene) -> bool {
    outcome(scene).is_some_and(|fetched| fetched.response_type != ResponseType::Error)
}

/// Checks a property over many scenes. It says which verdict it was about, or `None` if it had
/// nothing to say; each verdict has to occur so many times.
pub fn for_all(least: u32, property: impl Fn(&Scene) -> Result<Option<bool>, TestCaseError>) {
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
pub fn with_lines(scene: &Scene, change: impl Fn(Vec<Line>) -> Vec<Line>) -> Scene {
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
