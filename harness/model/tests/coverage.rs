//! Every step that can decide does so in some case, every waypoint is passed in some, and every
//! field of a user agent shows in some.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "the helpers of tests are tests, too"
)]

#[path = "scene/mod.rs"]
mod scene;

use std::collections::BTreeSet;

use corsproof_model::http::requests::RequestBody;
use corsproof_model::{
    AddressSpace, Body, Fetched, HeaderList, Mode, NetworkError, RedirectMode, ReferrerPolicy,
    Step, UserAgent, Version, fields, steps, waypoints,
};
use scene::{ANY, OWN, PAGE, Scene, WITH, headers, max_age, methods, response, to};

const B: &str = "https://b.example/";
const C: &str = "https://c.example/";

/// At least one case for every step.
fn cases() -> Vec<Scene> {
    let put = |lines: &[(&str, &str)]| Scene::send("PUT", B).preflight(204, lines);
    let get = |lines: &[(&str, &str)]| Scene::get(B).answer(200, lines);
    let expose = |list| ("Access-Control-Expose-Headers", list);
    let mut cases = vec![
        // What the APIs refuse.
        Scene::get("http://["),
        Scene::get("https://u@b.example"),
        Scene::send("G T", B),
        Scene::send("TRACE", B),
        Scene::send("PUT", B).mode(Mode::NoCors),
        Scene::get(B).text(),
        Scene::send("POST", B).mode(Mode::NoCors).body(Body::Stream),
        Scene::get(B).with("", "x"),
        Scene::get(B).with("X-A", "a\nb"),
        Scene::send("G T", B).xhr(),
        Scene::send("TRACE", B).xhr(),
        Scene::get("http://[").xhr(),
        Scene::get(B).with("", "x").xhr(),
        Scene::get(B).with("X-A", "a\nb").xhr(),
        Scene::get("wss://[").web_socket(),
        Scene::get("ftp://b.example").web_socket(),
        Scene::get("wss://b.example/#x").web_socket(),
        Scene::get("wss://b.example").web_socket().answer(200, &[ANY]),
        Scene::get("wss://b.example").web_socket().answer(101, &[]),
        Scene::get("wss://b.example")
            .web_socket()
            .answer(101, &[("Upgrade", "websocket"), ("Connection", "upgrade")]),
        // Which way it goes.
        Scene::get("https://b.example:25"),
        Scene::get("http://b.example"),
        Scene::get(PAGE).answer(200, &[]),
        Scene::get(B).mode(Mode::SameOrigin),
        Scene::get(B).mode(Mode::NoCors).redirect(RedirectMode::Manual),
        Scene::get(B).mode(Mode::NoCors).answer(200, &[]),
        Scene::get("about:blank"),
        Scene::get("blob:https://a.example/1"),
        Scene::get("data:x"),
        Scene::get("file:///x").mode(Mode::NoCors),
        Scene::get("wss://b.example").mode(Mode::NoCors),
        Scene::get(B)
            .mode(Mode::NoCors)
            .answer(200, &[("Cross-Origin-Resource-Policy", "same-origin")]),
        Scene::get(B)
            .mode(Mode::NoCors)
            .answer(200, &[("Cross-Origin-Resource-Policy", "same-site")]),
        // What the network does.
        Scene::get(B),
        Scene::get(B).answer(407, &[ANY]),
        // The check.
        get(&[]),
        get(&[ANY]),
        get(&[OWN]),
        get(&[("Access-Control-Allow-Origin", C)]),
        get(&[OWN, WITH]).include(),
        get(&[OWN]).include(),
        get(&[ANY, expose("*")]),
        get(&[ANY, expose("x-a")]),
        // Preflights.
        put(&[ANY, methods("PUT")]),
        Scene::send("PUT", B).preflight(404, &[ANY]),
        put(&[ANY, methods("b@d")]),
        put(&[ANY, headers("b@d")]),
        put(&[ANY]),
        put(&[ANY]).listeners(),
        put(&[ANY, methods("PUT"), headers("*")]).with("Authorization", "x"),
        put(&[ANY, methods("PUT")]).with("X-A", "1"),
        // Redirects.
        Scene::get(B).redirect(RedirectMode::Error).answer(302, &[ANY]),
        Scene::get(B).redirect(RedirectMode::Manual).answer(302, &[ANY]),
        Scene::get(B).answer(302, &[ANY]),
        Scene::get(B).answer(302, &[ANY, to("http://[")]),
        Scene::get(B).answer(302, &[ANY, to("data:,x")]),
        Scene::get(B).answer(302, &[ANY, to("//u@b.example")]),
        Scene::get(B).answer(302, &[ANY, to("//u@a.example")]),
        Scene::send("POST", PAGE).body(Body::Stream).answer(307, &[to("/2")]),
        Scene::send("POST", B).answer(303, &[ANY, to("/2")]).answer(200, &[ANY]),
        Scene::get(PAGE).with("Authorization", "x").answer(302, &[to(B)]).answer(200, &[ANY]),
        (0..21).fold(Scene::get(B), |scene, _| scene.answer(302, &[ANY, to(B)])),
    ];
    // Local Network Access.
    cases.extend(local_network_cases());
    // The cache: filled, used, cleared.
    let mut filled = put(&[ANY, methods("PUT"), max_age("9")]);
    filled.run();
    cases.push(filled.clone());
    cases.push(filled.without_hops().answer(200, &[]));
    cases
}

/// A case for every step of Local Network Access.
fn local_network_cases() -> Vec<Scene> {
    let local = |scene: Scene| {
        let mut scene = scene.answer(200, &[ANY]);
        scene.agent.local_network_access = true;
        scene.address = Some([10, 0, 0, 1].into());
        scene
    };
    let mut said = local(Scene::get(B));
    said.init.target_address_space = Some(AddressSpace::Local);
    said.address = Some([8, 8, 8, 8].into());
    vec![local(Scene::get(B)), local(Scene::get(B).page("http://a.example")), said]
}

fn name(step: &Step) -> String {
    format!("{}/{}", step.algorithm, step.slug)
}

#[test]
fn every_step_decides_some_case() {
    let mut reached = BTreeSet::new();
    for scene in cases() {
        match scene.construct() {
            Ok(_) => reached.insert(name(scene.clone().run().trace.decided_by)),
            Err(threw) => reached.insert(name(threw.step)),
        };
    }
    let listed: BTreeSet<String> = steps().iter().map(|step| name(step)).collect();
    assert_eq!(listed.difference(&reached).collect::<Vec<_>>(), [""; 0], "not reached");
    assert_eq!(reached.difference(&listed).collect::<Vec<_>>(), [""; 0], "not listed");
}

#[test]
fn every_waypoint_is_passed_in_some_case() {
    let mut told = BTreeSet::new();
    for mut scene in cases() {
        if scene.construct().is_ok() {
            told.extend(scene.run().trace.events.into_iter().map(|event| name(event.step)));
        }
    }
    let listed: BTreeSet<String> = waypoints().iter().map(|step| name(step)).collect();
    assert_eq!(listed.difference(&told).collect::<Vec<_>>(), [""; 0], "not passed");
    let all: BTreeSet<String> = steps().iter().map(|step| name(step)).chain(listed).collect();
    assert_eq!(told.difference(&all).collect::<Vec<_>>(), [""; 0], "not listed");
}

#[test]
fn a_trace_agrees_with_itself() {
    for mut scene in cases() {
        if scene.construct().is_err() {
            continue;
        }
        let (Fetched { response_type, exposed_headers, trace, .. }, sent) = scene.watch();
        let blocked = response_type == corsproof_model::ResponseType::Error;
        assert_eq!(blocked, exposed_headers.is_none());
        assert_eq!(blocked, trace.blocked_at.is_some() && trace.blocked_hop.is_some());
        assert!(!trace.hops.is_empty());
        assert!(trace.blocked_hop.is_none_or(|hop| hop + 1 == trace.hops.len()));
        let hops = trace.hops.iter();
        let requests: usize = hops
            .map(|hop| usize::from(hop.preflight.is_some()) + usize::from(hop.actual.is_some()))
            .sum();
        assert_eq!(requests, sent.len());
        for sent in &sent {
            assert_eq!(sent.url, trace.hops[sent.hop].url.as_str());
        }
    }
}

/// Cases in which some engine differs, each twice over the same cache, ten seconds apart.
fn telling_cases() -> Vec<Scene> {
    let long = max_age("100000");
    let any = |lines: &[(&'static str, &'static str)]| -> Vec<(&'static str, &'static str)> {
        [ANY, methods("*"), headers("*"), ("Access-Control-Max-Age", "100000")]
            .iter()
            .chain(lines)
            .copied()
            .collect()
    };
    let simple = |scene: Scene| scene.both((204, &any(&[])), (200, &[ANY]));
    let nines = format!("bytes=0-{}", "9".repeat(60));
    let mut cases = cases();
    cases.retain(|scene| scene.construct().is_ok());
    for (name, value) in [
        ("Range", nines.as_str()),
        ("Range", "BYTES=0-"),
        ("Accept", "\u{e9}"),
        ("DPR", "1"),
        ("User-Agent", "x"),
        ("Authorization", "x"),
    ] {
        cases.push(simple(Scene::get(B).with(name, value)));
    }
    cases.push(simple(
        Scene::get(B).with("Content-Type", "text/plain").with("Content-Type", "text/plain"),
    ));
    cases.push(simple(
        (0..9).fold(Scene::get(B), |scene, _| scene.with("Accept", &"a".repeat(120))),
    ));
    cases.push(simple(Scene::get(B).with("X-A", "1").with("X-A", "2")));
    for value in ["-1", "100000"] {
        cases.push(Scene::send("PUT", B).preflight(204, &[ANY, methods("PUT"), max_age(value)]));
    }
    cases.push(
        Scene::send("PUT", B).preflight(204, &[ANY, methods("PUT"), max_age("9"), max_age("9")]),
    );
    cases.push(
        Scene::send("POST", B)
            .mode(Mode::NoCors)
            .policy(ReferrerPolicy::NoReferrer)
            .answer(200, &[]),
    );
    cases.push(simple(Scene::send("PUT", B).both((204, &any(&[])), (307, &[ANY, to(C)]))));
    cases.push(simple(Scene::send("PUT", B).both((204, &any(&[])), (303, &[ANY, to(C)]))));
    let json = Scene::send("POST", B).with("Content-Type", "application/json").text();
    cases.push(simple(json.both((204, &any(&[])), (301, &[ANY, to(C)]))));
    cases.push(Scene::send("POST", PAGE).answer(303, &[to("/2")]).answer(200, &[]));
    let round = Scene::get(PAGE).answer(302, &[to(B)]).answer(302, &[ANY, to(PAGE)]);
    cases.push(round.answer(200, &[("Access-Control-Allow-Origin", "null"), ("X-A", "1")]));
    cases.push(
        Scene::get(B)
            .answer(200, &[ANY, ("Access-Control-Expose-Headers", "*, b@d"), ("X-A", "1")]),
    );
    cases.push(Scene::get(PAGE).answer(302, &[to("//u@a.example/2")]).answer(200, &[]));
    cases.push(Scene::get(B).answer(302, &[ANY, to("/2"), to("/2")]).answer(200, &[ANY]));
    cases.push(Scene::get(B).redirect(RedirectMode::Manual).answer(302, &[ANY, to("http:")]));
    cases.push(Scene::get(B).redirect(RedirectMode::Error).answer(302, &[ANY]));
    cases.push(Scene::get(B).xhr().listeners().answer(200, &[ANY]));
    // What is cached already makes the difference.
    let cached = |filling: Scene, next: Scene| {
        let mut scene = next;
        let mut filling = filling;
        filling.agent = UserAgent::spec();
        filling.run();
        scene.cache = filling.cache;
        scene
    };
    let put = Scene::send("PUT", B).preflight(204, &[OWN, methods("PUT"), long]);
    let star = Scene::send("PUT", B).preflight(204, &[OWN, methods("*"), headers("*"), long]);
    let include =
        Scene::send("PUT", B).include().preflight(204, &[OWN, WITH, methods("PUT, *"), long]);
    let patch = Scene::send("PATCH", B).preflight(204, &[OWN, methods("PATCH"), long]);
    let mut fragment = put.clone().without_hops().answer(200, &[ANY]);
    fragment.init.url.push_str("#x");
    cases.push(cached(put.clone(), fragment));
    let flagged = Scene::send("POST", B).listeners();
    let flagged = flagged.both((204, &[ANY]), (303, &[ANY, to("/2")]));
    cases.push(flagged.both((404, &[]), (200, &[ANY])));
    cases.push(cached(put.clone(), patch.clone()));
    cases.push(cached(put.clone(), Scene::send("PUT", B).answer(200, &[])));
    cases.push(cached(
        include.clone(),
        Scene::send("PUT", B).preflight(204, &[OWN, methods("PUT")]),
    ));
    cases.push(cached(star.clone(), patch));
    cases.push(cached(star, Scene::get(B).with("Authorization", "x").answer(200, &[ANY])));
    cases.push(cached(include, Scene::send("PATCH", B).include().answer(200, &[OWN, WITH])));
    let mut updated = Scene::send("PUT", B).with("X-A", "1");
    updated.hops = vec![(
        Some(response(204, &[ANY, methods("PUT"), headers("x-a"), max_age("15")])),
        Some(response(200, &[ANY])),
    )];
    let seconds = Scene::send("PUT", B).preflight(204, &[ANY, methods("PUT"), max_age("8")]);
    cases.push(cached(seconds, updated.at(7)));
    cases
}

/// What this user agent does with a case, again one and ten seconds later, and with a bare PUT twenty
/// seconds and a day later.
fn behaviour(agent: &UserAgent, scene: &Scene) -> Vec<Option<(Fetched, Vec<scene::Sent>)>> {
    let mut scene = scene.clone().agent(agent.clone());
    let mut results = Vec::new();
    for (seconds, method) in
        [(0, None), (1, None), (9, None), (10, Some("PUT")), (90_000, Some("PUT"))]
    {
        scene.now += seconds;
        if let Some(method) = method {
            scene.init.method = method.as_bytes().to_vec();
            scene.init.headers.clear();
        }
        results.push(scene.construct().is_ok().then(|| scene.watch()));
    }
    results
}

#[test]
fn every_field_of_a_preset_shows_in_some_case() {
    let cases = telling_cases();
    let spec = UserAgent::spec();
    let mut all = spec.clone();
    all.preflight_cache = false;
    all.accept_language = Some(b"en".to_vec());
    all.cache_update_restarts_clock = true;
    all.cache_ignores_fragments = true;
    all.method_change_clears_flag = true;
    for preset in [UserAgent::chromium(), UserAgent::firefox(), UserAgent::webkitgtk(), all] {
        for field in fields() {
            let mut agent = spec.clone();
            (field.adopt)(&mut agent, &preset);
            if agent != spec {
                let shows =
                    cases.iter().any(|scene| behaviour(&agent, scene) != behaviour(&spec, scene));
                assert!(shows, "{}", field.name);
            }
        }
    }
}

#[test]
fn presets_do_what_was_measured() {
    let chromium = || UserAgent::chromium();
    let firefox = || UserAgent::firefox();
    let webkitgtk = || UserAgent::webkitgtk();
    let all: [fn() -> UserAgent; 3] = [chromium, firefox, webkitgtk];
    let allowed = |scene: Scene, agent: fn() -> UserAgent| {
        scene.agent(agent()).run().exposed_headers.is_some()
    };
    let each = |scene: &Scene| all.map(|agent| allowed(scene.clone(), agent));
    let authorization =
        Scene::get(B).with("Authorization", "x").preflight(204, &[ANY, headers("*")]);
    assert_eq!(each(&authorization), [true; 3]);
    assert_eq!(each(&Scene::send("PUT", B).listeners().preflight(204, &[ANY])), [false; 3]);
    assert_eq!(
        each(&Scene::get(B).answer(302, &[ANY, to("/2"), to("/2")]).answer(200, &[ANY])),
        [true, true, false]
    );
    assert_eq!(
        each(&Scene::get(PAGE).answer(302, &[to("//u@a.example/2")]).answer(200, &[])),
        [false, true, true]
    );
    let round = Scene::get(PAGE).answer(302, &[to(B)]).answer(302, &[ANY, to(PAGE)]);
    let null = ("Access-Control-Allow-Origin", "null");
    assert_eq!(each(&round.answer(200, &[null])), [true, true, false]);
    let origins =
        |scene: &Scene| all.map(|agent| scene.clone().agent(agent()).origins().pop().unwrap());
    let masked = Scene::send("POST", B)
        .mode(Mode::NoCors)
        .policy(ReferrerPolicy::NoReferrer)
        .answer(200, &[]);
    assert_eq!(origins(&masked), [PAGE, "null", "null"]);
    let changed = Scene::send("POST", PAGE).answer(303, &[to("/2")]).answer(200, &[]);
    assert_eq!(origins(&changed), ["-", "-", PAGE]);
    // The next hop of a 303 after a PUT with a JSON body, and what its preflight lists.
    let listed = |scene: &Scene| {
        all.map(|agent| {
            scene
                .clone()
                .agent(agent())
                .preflights()
                .into_iter()
                .find(|(hop, _)| *hop == 1)
                .map(|(_, names)| names)
        })
    };
    let lines = [ANY, methods("PUT"), headers("content-type, authorization")];
    let json = Scene::send("PUT", B).with("Content-Type", "application/json").text();
    let json = json.both((204, &lines), (303, &[ANY, to(C)])).both((204, &lines), (200, &[ANY]));
    assert_eq!(listed(&json), [None, Some("-".to_owned()), Some("content-type".to_owned())]);
    let authorization = Scene::get(B).with("Authorization", "x");
    let authorization =
        authorization.both((204, &lines), (302, &[ANY, to(C)])).both((204, &lines), (200, &[ANY]));
    assert_eq!(
        listed(&authorization),
        [None, Some("-".to_owned()), Some("authorization".to_owned())]
    );
}

#[test]
fn errors_say_what_they_are_about() {
    assert_eq!(NetworkError.to_string(), "the network does not answer");
    let threw = Scene::send("G T", B).construct().unwrap_err();
    assert_eq!(threw.to_string(), "TypeError: method-invalid: `G T`");
    assert!("x".parse::<Version>().unwrap_err().to_string().contains("not a version"));
}

#[test]
fn a_header_list_is_walked_in_the_order_of_its_lines() {
    let list = HeaderList::from_lines([("B", "1"), ("A", "2"), ("b", "3")]);
    let names: Vec<&[u8]> = (&list).into_iter().map(|header| header.name.as_slice()).collect();
    assert_eq!(names, [&b"B"[..], b"A", b"b"]);
}

#[test]
fn a_stream_is_a_string_to_xhr_whichever_way_it_comes() {
    let sent = |body: Body, stream_body: bool| {
        let mut scene = Scene::send("POST", PAGE).xhr().body(body);
        scene.init.stream_body = stream_body;
        let request = scene.construct().unwrap();
        (request.body(), scene::text(request.headers().get(b"Content-Type")))
    };
    let string = (RequestBody::WithSource, "text/plain;charset=UTF-8".to_owned());
    assert_eq!(sent(Body::Stream, false), string);
    assert_eq!(sent(Body::FormData, true), string);
    assert_ne!(sent(Body::FormData, false), string);
}

#[test]
fn a_preset_checks_local_networks_if_its_engine_does() {
    let decided = |agent: UserAgent| {
        let mut scene = Scene::get(B).answer(200, &[ANY]).agent(agent);
        scene.address = Some([10, 0, 0, 1].into());
        scene.decided()
    };
    assert_eq!(decided(UserAgent::chromium()), "permission-denied");
    for agent in [UserAgent::spec(), UserAgent::firefox(), UserAgent::webkitgtk()] {
        assert_eq!(decided(agent), "any-origin-without-credentials");
    }
}

#[test]
fn a_cache_says_whether_there_is_anything_in_it() {
    let mut scene = Scene::send("PUT", B).preflight(204, &[ANY, methods("PUT, DELETE")]);
    assert!(scene.cache.is_empty());
    scene.run();
    assert!(!scene.cache.is_empty() && scene.cache.len() == 2);
}

#[test]
fn that_an_earlier_hop_needed_a_preflight_says_nothing_about_this_one_s_cache() {
    for agent in [UserAgent::firefox(), UserAgent::webkitgtk()] {
        let listed = [ANY, headers("x-a"), max_age("100")];
        let mut scene = Scene::get(B).with("X-A", "1").agent(agent).preflight(204, &listed);
        scene.run();
        let again = scene.without_hops().answer(200, &[ANY]);
        assert_eq!(again.decided(), "any-origin-without-credentials");
    }
}
