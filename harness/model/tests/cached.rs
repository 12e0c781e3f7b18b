//! A cached preflight never allows what a fresh one would refuse at the same moment with the same
//! answer.
//!
//! By the Standard's letter there are two exceptions, which the property states and the tests behind
//! it show; the engines that presets stand for have neither:
//!
//! - A `*` that is stored with credentials stands for everything to cache entry match, which does not
//!   look at the credentials mode (as CORS-preflight fetch, 7.5 and 7.7, do). So once a request that
//!   includes credentials was granted by a list with a `*` among others, every method (or every name
//!   but `Authorization`) is granted to such requests.
//! - A request with the use-CORS-preflight flag is granted, and has its method stored, if there is no
//!   `Access-Control-Allow-Methods` (7.4). A request of that method without the flag is refused by the
//!   same answer, but not by the cache. If that method is `*`, which it may be, it is every method
//!   that is stored, at the word of the page alone.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "the helpers of tests are tests, too"
)]

#[path = "scene/mod.rs"]
mod scene;

use std::cell::RefCell;
use std::collections::BTreeMap;

use corsproof_model::{BlockedAt, CredentialsMode, HeaderList, Response, UserAgent};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::{select, subsequence};
use proptest::test_runner::{Config, TestRunner};
use scene::{OWN, Scene, WITH, headers, methods, response};

const B: &str = "https://b.example/";
const METHODS: &str = "Access-Control-Allow-Methods";
const HEADERS: &str = "Access-Control-Allow-Headers";

type Line = (&'static str, &'static str);

fn requests() -> impl Strategy<Value = Scene> {
    let names = ["X-A", "X-B", "Authorization", "*"];
    let all = (
        select(vec!["PUT", "PUT", "PATCH", "PATCH", "GET", "*"]),
        prop_oneof![1 => Just(Vec::new()), 1 => subsequence(names.to_vec(), 0..=2)],
        select(vec![CredentialsMode::SameOrigin, CredentialsMode::Include]),
        prop::bool::weighted(0.3),
    );
    all.prop_map(|(method, names, credentials_mode, flag)| {
        let scene = Scene::send(method, B).credentials(credentials_mode);
        let mut scene = names.iter().fold(scene, |scene, name| scene.with(name, "1"));
        scene.init.upload_listeners = flag;
        scene
    })
}

/// Lines that grant much, as only what was granted is cached.
fn answers() -> impl Strategy<Value = Vec<Line>> {
    let origin = prop_oneof![
        9 => Just(OWN), 1 => Just(("Access-Control-Allow-Origin", "*")),
    ];
    let list = |name, values: &[&'static str]| {
        option::weighted(0.75, select(values.to_vec())).prop_map(move |value| Some((name, value?)))
    };
    let all = (
        origin,
        prop::bool::weighted(0.9).prop_map(|with| with.then_some(WITH)),
        list(METHODS, &["PUT", "PUT, *", "PUT, *", "*, PATCH", "PATCH, PUT", "*", ""]),
        list(HEADERS, &["x-a, *", "x-a, *", "*", "x-a, authorization, *", "x-b, X-A", ""]),
        option::weighted(0.8, select(vec!["0", "3", "600", "600", "600"])),
    );
    all.prop_map(|(origin, with, methods, names, max_age)| {
        let max_age = max_age.map(|max_age| ("Access-Control-Max-Age", max_age));
        [Some(origin), with, methods, names, max_age].into_iter().flatten().collect()
    })
}

fn answering(mut scene: Scene, lines: &[Line]) -> Scene {
    let headers = HeaderList::from_lines(lines.iter().copied());
    scene.hops = vec![(Some(Response::new(204, headers)), Some(response(200, &[OWN, WITH])))];
    scene
}

/// The cache behind these requests, each answered so.
fn cached(firsts: &[Scene], scene: Scene, lines: &[Line]) -> Scene {
    firsts.iter().fold(answering(scene, lines), |mut scene, first| {
        let mut first = answering(first.clone(), lines);
        first.agent = scene.agent.clone();
        first.cache = scene.cache;
        first.run();
        scene.cache = first.cache;
        scene
    })
}

/// Whether the cache is asked and has all that it is asked for.
fn is_spared(scene: &Scene) -> bool {
    let fetched = scene.clone().run();
    fetched.trace.events.iter().any(|event| event.step.slug == "preflight-spared")
}

fn is_refused(scene: Scene) -> bool {
    scene.without_cache().run().trace.blocked_at == Some(BlockedAt::Preflight)
}

fn includes(scene: &Scene) -> bool {
    scene.init.credentials_mode == CredentialsMode::Include
}

/// The answer with the exceptions read into it: what a fresh preflight would have to be told.
fn with_exceptions(lines: &[Line], firsts: &[Scene], second: &Scene) -> Vec<Line> {
    let has_star = |name| {
        let mut values = lines.iter().filter(|line| line.0 == name);
        values.any(|line| line.1.split(", ").any(|item| item == "*"))
    };
    let is_stored_with_credentials = includes(second) && firsts.iter().any(includes);
    let is_stored_by_flag = !lines.iter().any(|line| line.0 == METHODS)
        && firsts.iter().any(|first| {
            first.init.upload_listeners
                && (first.init.method == second.init.method || first.init.method == b"*")
                && (includes(first) || !includes(second))
        });
    let mut lines = lines.to_vec();
    if (is_stored_with_credentials && has_star(METHODS)) || is_stored_by_flag {
        let asked = ["PUT", "PATCH", "GET", "*"]
            .into_iter()
            .find(|method| method.as_bytes() == second.init.method);
        lines.push((METHODS, asked.unwrap()));
    }
    if is_stored_with_credentials && has_star(HEADERS) {
        lines.push((HEADERS, "x-a, x-b"));
    }
    lines
}

#[test]
fn a_cached_preflight_never_allows_what_a_fresh_one_would_refuse() {
    let counts = RefCell::new(BTreeMap::<&str, u32>::new());
    let count = |what| *counts.borrow_mut().entry(what).or_default() += 1;
    let agents = select(vec![
        UserAgent::spec(),
        UserAgent::spec(),
        UserAgent::spec(),
        UserAgent::chromium(),
        UserAgent::firefox(),
        UserAgent::webkitgtk(),
    ]);
    let all =
        (agents, vec(requests(), 1..4), requests(), answers(), select(vec![0_u64, 0, 0, 2, 4, 7]));
    let config = Config { cases: 12_000, failure_persistence: None, ..Config::default() };
    let result = TestRunner::new(config).run(&all, |(agent, firsts, second, lines, now)| {
        let by_the_letter = agent == UserAgent::spec();
        let second = cached(&firsts, second.agent(agent), &lines).at(now);
        if !is_spared(&second) {
            count(if is_refused(second) { "not spared, refused" } else { "not spared, granted" });
            return Ok(());
        }
        if !is_refused(second.clone()) {
            count("spared what would be granted");
            if !by_the_letter {
                count("spared by a preset");
            }
            return Ok(());
        }
        prop_assert!(by_the_letter, "a preset");
        let excused = with_exceptions(&lines, &firsts, &second);
        prop_assert!(!is_refused(answering(second, &excused)), "no exception");
        count("spared what would be refused");
        Ok(())
    });
    result.unwrap_or_else(|error| panic!("{error}"));
    let counts = counts.into_inner();
    for (what, least) in [
        ("not spared, granted", 2_000),
        ("not spared, refused", 2_000),
        ("spared by a preset", 150),
        ("spared what would be granted", 500),
        ("spared what would be refused", 40),
    ] {
        assert!(counts[what] >= least, "{what}: {least} at least, of {counts:?}");
    }
}

/// Whether a request is spared a preflight that would refuse it, by agent.
fn is_let_through(first: &Scene, second: &Scene, lines: &[Line]) -> [bool; 4] {
    [UserAgent::spec(), UserAgent::chromium(), UserAgent::firefox(), UserAgent::webkitgtk()].map(
        |agent| {
            let second = cached(std::slice::from_ref(first), second.clone().agent(agent), lines);
            is_spared(&second) && is_refused(second)
        },
    )
}

#[test]
fn a_star_cached_with_credentials_grants_methods_that_no_preflight_would() {
    let (put, patch) = (Scene::send("PUT", B).include(), Scene::send("PATCH", B).include());
    let lines = |list| [OWN, WITH, methods(list)];
    assert_eq!(is_let_through(&put, &patch, &lines("PUT, *")), [true, false, false, false]);
    assert_eq!(is_let_through(&put, &patch, &lines("PUT")), [false; 4]);
    // Unless both include credentials, it is another matter.
    let (no_put, no_patch) = (Scene::send("PUT", B), Scene::send("PATCH", B));
    assert_eq!(is_let_through(&put, &no_patch, &lines("PUT, *")), [false; 4]);
    assert_eq!(is_let_through(&no_put, &patch, &lines("PUT, *")), [false; 4]);
    // What was granted need not have been the method.
    let with_header = Scene::get(B).include().with("X-A", "1");
    let lines = [OWN, WITH, methods("*"), headers("x-a")];
    assert_eq!(is_let_through(&with_header, &patch, &lines), [true, false, false, false]);
}

#[test]
fn a_star_cached_with_credentials_grants_names_that_no_preflight_would() {
    let with = |name| Scene::get(B).include().with(name, "1");
    let lines = [OWN, WITH, headers("x-a, *")];
    assert_eq!(is_let_through(&with("X-A"), &with("X-B"), &lines), [true, false, false, false]);
    assert_eq!(is_let_through(&with("X-A"), &with("Authorization"), &lines), [false; 4]);
}

#[test]
fn a_flagged_request_has_its_method_cached_for_one_that_is_not() {
    let put = Scene::send("PUT", B);
    let flagged = put.clone().listeners();
    assert_eq!(is_let_through(&flagged, &put, &[OWN]), [true, false, false, false]);
    assert_eq!(is_let_through(&flagged, &put, &[OWN, methods("")]), [false; 4]);
    let patch = Scene::send("PATCH", B);
    assert_eq!(is_let_through(&flagged, &patch, &[OWN]), [false; 4]);
    // A method that is a star makes every method of it.
    let star = Scene::send("*", B).listeners();
    assert_eq!(is_let_through(&star, &patch, &[OWN]), [true, false, false, false]);
    let (star, patch) = (star.include(), patch.include());
    assert_eq!(is_let_through(&star, &patch, &[OWN, WITH]), [true, false, false, false]);
}

impl Scene {
    /// The same with nothing cached.
    fn without_cache(mut self) -> Self {
        self.cache = Default::default();
        self
    }
}
