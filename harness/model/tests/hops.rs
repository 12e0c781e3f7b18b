//! What holds from hop to hop of a fetch: `Origin`, `Authorization`, credentials, how many there are.
//! Servers here mostly say yes and redirect, so that there are many hops.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "the helpers of tests are tests, too"
)]

#[path = "scene/mod.rs"]
mod scene;

use std::cell::Cell;
use std::time::Duration;

use corsproof_model::{
    BlockedAt, CredentialsMode, Fetched, HeaderList, Mode, Network, NetworkError, NetworkRequest,
    Response, UserAgent, fetch,
};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{select, subsequence};
use proptest::test_runner::{Config, TestRunner};
use scene::{PAGE, Scene, Sent};

/// A server that grants whatever is asked of it, and redirects.
#[derive(Debug, Clone)]
struct Hop {
    status: u16,
    location: &'static str,
    max_age: &'static str,
}

#[derive(Debug, Clone)]
struct Journey {
    scene: Scene,
    hops: Vec<Hop>,
}

struct Mirror<'a> {
    hops: &'a [Hop],
    sent: Vec<Sent>,
}

impl Network for Mirror<'_> {
    fn fetch(&mut self, request: &NetworkRequest<'_>) -> Result<Response, NetworkError> {
        self.sent.push(Sent {
            url: request.url.to_string(),
            method: String::from_utf8(request.method.to_vec()).unwrap(),
            headers: request.headers.clone(),
            body: request.body,
            credentials: request.credentials,
            preflight: request.preflight,
            hop: request.hop,
        });
        let mut lines = vec![("Access-Control-Allow-Credentials", b"true".to_vec())];
        for (asked, granted) in [
            (&b"Origin"[..], "Access-Control-Allow-Origin"),
            (b"Access-Control-Request-Method", "Access-Control-Allow-Methods"),
            (b"Access-Control-Request-Headers", "Access-Control-Allow-Headers"),
        ] {
            lines.extend(request.headers.get(asked).map(|value| (granted, value)));
        }
        let hop = self.hops.get(request.hop);
        lines.extend(hop.map(|hop| ("Access-Control-Max-Age", hop.max_age.into())));
        let redirect = hop.filter(|_| !request.preflight);
        lines.extend(redirect.map(|hop| ("Location", hop.location.into())));
        let status = redirect.map_or(200, |hop| hop.status);
        Ok(Response::new(status, HeaderList::from_lines(lines)))
    }

    fn now(&self) -> Duration {
        Duration::ZERO
    }
}

impl Journey {
    fn run(&self) -> (Fetched, Vec<Sent>) {
        let mut mirror = Mirror { hops: &self.hops, sent: Vec::new() };
        let request = self.scene.construct().unwrap();
        let mut cache = self.scene.cache.clone();
        let fetched = fetch(&self.scene.agent, &mut cache, &mut mirror, request);
        (fetched, mirror.sent)
    }

    /// The first hop behind a redirect from one origin to another.
    fn first_elsewhere(fetched: &Fetched) -> usize {
        let origins: Vec<_> = fetched.trace.hops.iter().map(|hop| hop.url.origin()).collect();
        let changes = origins.windows(2).position(|origins| origins[0] != origins[1]);
        changes.map_or(usize::MAX, |hop| hop + 1)
    }
}

const URLS: [&str; 5] = [
    "https://a.example/1",
    "https://b.example/",
    "https://b.example/2",
    "https://www.b.example/",
    "https://c.example/#f",
];

fn agents() -> impl Strategy<Value = UserAgent> {
    select(vec![
        UserAgent::spec(),
        UserAgent::chromium(),
        UserAgent::firefox(),
        UserAgent::webkitgtk(),
    ])
}

fn journeys() -> impl Strategy<Value = Journey> {
    let hop = (
        select(vec![307_u16, 308, 301, 302, 303]),
        prop_oneof![9 => select(&URLS[..]), 1 => Just("")],
        select(vec!["0", "600"]),
    );
    let hop = hop.prop_map(|(status, location, max_age)| Hop { status, location, max_age });
    let headers = [
        ("Authorization", "x"),
        ("X-A", "1"),
        ("Cookie", "x"),
        ("Content-Type", "application/json"),
    ];
    let modes = (
        prop_oneof![9 => Just(Mode::Cors), 1 => Just(Mode::NoCors)],
        select(vec![CredentialsMode::Include, CredentialsMode::SameOrigin, CredentialsMode::Omit]),
    );
    let page = select(vec![PAGE, PAGE, "https://www.b.example", "null"]);
    let hops = prop_oneof![6 => vec(hop.clone(), 0..6), 1 => vec(hop, 18..24)];
    let method = select(vec!["GET", "POST", "PUT"]);
    let headers = subsequence(headers.to_vec(), 0..=4);
    let all = (select(&URLS[..]), method, headers, modes, page, agents(), hops);
    all.prop_map(|(url, method, headers, (mode, credentials_mode), page, agent, hops)| {
        let scene = Scene::send(if mode == Mode::Cors { method } else { "POST" }, url);
        let scene = scene.mode(mode).credentials(credentials_mode).page(page).agent(agent);
        let scene = headers.iter().fold(scene, |scene, (name, value)| scene.with(name, value));
        Journey { scene, hops }
    })
}

/// Checks a property over many journeys. It says whether what it is about occurred; that has to be
/// so, and not to be so, so many times.
fn for_all(least: u32, property: impl Fn(&Journey) -> Result<bool, TestCaseError>) {
    let counts = Cell::new((0, 0));
    let mut runner =
        TestRunner::new(Config { cases: 2_000, failure_persistence: None, ..Config::default() });
    let result = runner.run(&journeys(), |journey| {
        let occurred = property(&journey)?;
        let (yes, no) = counts.get();
        counts.set((yes + u32::from(occurred), no + u32::from(!occurred)));
        Ok(())
    });
    result.unwrap_or_else(|error| panic!("{error}"));
    let (yes, no) = counts.get();
    assert!(yes >= least && no >= least, "{yes} times, {no} times not");
}

fn origin(sent: &Sent) -> Option<Vec<u8>> {
    sent.headers.get(b"Origin")
}

#[test]
fn an_origin_that_redirects_have_tainted_stays_null() {
    for_all(300, |journey| {
        let (_, sent) = journey.run();
        if journey.scene.page == "null" || journey.scene.init.mode != Mode::Cors {
            return Ok(false);
        }
        // Firefox asks as whom it is, however tainted.
        let masks_preflights = !journey.scene.agent.preflight_origin_ignores_taint;
        let mut sent = sent.iter().filter(|sent| masks_preflights || !sent.preflight);
        let first = sent.by_ref().find(|sent| origin(sent).as_deref() == Some(b"null"));
        let mut later = 0;
        for sent in sent {
            later += usize::from(first.is_some_and(|first| sent.hop > first.hop));
            prop_assert_eq!(origin(sent), Some(b"null".to_vec()), "{:?}", sent);
        }
        Ok(later > 0)
    });
}

#[test]
fn behind_a_redirect_to_another_origin_there_is_no_authorization() {
    for_all(200, |journey| {
        let (fetched, sent) = journey.run();
        let elsewhere = Journey::first_elsewhere(&fetched);
        let has = |sent: &Sent| sent.headers.contains(b"Authorization");
        for sent in sent.iter().filter(|sent| sent.hop >= elsewhere) {
            prop_assert!(!has(sent), "{:?}", sent);
            // WebKit asks for what it is not going to send.
            if !journey.scene.agent.preflight_lists_dropped_headers {
                let asked = sent.headers.get(b"Access-Control-Request-Headers").unwrap_or_default();
                prop_assert!(
                    !asked.split(|byte| *byte == b',').any(|name| name == b"authorization")
                );
            }
        }
        // Until there it is sent, if script has set it.
        let had = journey.scene.construct().unwrap().headers().contains(b"Authorization");
        let sent = sent.iter().filter(|sent| sent.hop < elsewhere && !sent.preflight);
        for sent in sent {
            prop_assert_eq!(has(sent), had);
        }
        Ok(had && elsewhere < fetched.trace.hops.len())
    });
}

#[test]
fn there_are_twenty_one_hops_at_most() {
    for_all(40, |journey| {
        let (fetched, sent) = journey.run();
        let hops = fetched.trace.hops.len();
        prop_assert!(hops <= 21);
        let requests = sent.iter().filter(|sent| !sent.preflight).count();
        prop_assert!(requests <= hops);
        let too_many = fetched.trace.decided_by.slug == "too-many-redirects";
        prop_assert!(!too_many || (hops == 21 && requests == 21 && journey.hops.len() > 20));
        Ok(too_many)
    });
}

#[test]
fn preflights_never_carry_credentials_or_a_body() {
    for_all(300, |journey| {
        let (_, sent) = journey.run();
        for sent in sent.iter().filter(|sent| sent.preflight) {
            prop_assert!(!sent.credentials && !sent.body);
            prop_assert_eq!(&sent.method, "OPTIONS");
            for header in &sent.headers {
                let name = header.name.to_ascii_lowercase();
                let own = [
                    &b"accept"[..],
                    b"origin",
                    b"access-control-request-method",
                    b"access-control-request-headers",
                ];
                prop_assert!(own.contains(&&name[..]), "{}", name.escape_ascii());
            }
        }
        for sent in sent.iter().filter(|sent| !sent.preflight) {
            prop_assert!(!sent.headers.contains(b"Cookie"));
            prop_assert!(!sent.headers.contains(b"Access-Control-Request-Method"));
        }
        // What goes behind a preflight has them, if credentials are included.
        let asked = |sent: &Sent| sent.preflight && !sent.credentials;
        Ok(sent.windows(2).any(|pair| asked(&pair[0]) && pair[1].credentials))
    });
}

#[test]
fn a_preflight_goes_before_its_request_to_the_same_url() {
    for_all(300, |journey| {
        let (fetched, sent) = journey.run();
        let preflights: Vec<usize> =
            (0..sent.len()).filter(|index| sent[*index].preflight).collect();
        for index in &preflights {
            let preflight = &sent[*index];
            let Some(request) = sent.get(index + 1) else {
                prop_assert_eq!(fetched.trace.blocked_at, Some(BlockedAt::Preflight));
                continue;
            };
            prop_assert!(!request.preflight);
            prop_assert_eq!((&preflight.url, preflight.hop), (&request.url, request.hop));
            let asked = preflight.headers.get(b"Access-Control-Request-Method");
            prop_assert_eq!(asked, Some(request.method.clone().into_bytes()));
        }
        Ok(!preflights.is_empty())
    });
}
