//! What holds for every fetch. Each property counts both of its verdicts: one that hardly occurs
//! would make it hold for nothing.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "the helpers of tests are tests, too"
)]

#[path = "any_scene/mod.rs"]
mod any_scene;
#[path = "scene/mod.rs"]
mod scene;

use std::cell::Cell;

use any_scene::{Line, for_all, is_allowed, outcome, with_lines};
use corsproof_model::http::requests::CredentialsMode;
use corsproof_model::{
    Environment, HeaderList, Request, RequestInit, Response, ResponseType, Threw, UserAgent,
    construct,
};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use scene::{ANY, Scene};

#[test]
fn no_bytes_make_it_panic() {
    for_all(300, |scene| {
        Ok(outcome(scene).map(|fetched| fetched.response_type != ResponseType::Error))
    });
}

#[test]
fn arbitrary_bytes_everywhere_make_it_neither() {
    let any_bytes = || vec(any::<u8>(), 0..20);
    // Names that mean something, so that any value reaches what reads it; and any name at all.
    let known = [
        "Access-Control-Allow-Origin",
        "Access-Control-Allow-Credentials",
        "Access-Control-Allow-Methods",
        "Access-Control-Allow-Headers",
        "Access-Control-Expose-Headers",
        "Access-Control-Max-Age",
        "Content-Type",
        "Range",
        "Accept",
        "Location",
        "X-HTTP-Method-Override",
        "Upgrade",
    ]
    .map(|name| name.as_bytes().to_vec());
    let any_name = prop_oneof![6 => proptest::sample::select(known.to_vec()), 1 => any_bytes()];
    let any_lines = || vec((any_name.clone(), any_bytes()), 0..4);
    let all = (any_bytes(), any_bytes(), any_lines(), any_lines(), any::<u16>());
    let mut runner =
        TestRunner::new(Config { cases: 4_000, failure_persistence: None, ..Config::default() });
    let constructed = Cell::new(0);
    let result = runner.run(&all, |(path, value, request, response, status)| {
        let url = format!("https://b.example/{}", String::from_utf8_lossy(&path));
        let mut scene = Scene::get(&url);
        scene.init.headers = vec![(b"X-A".to_vec(), value)];
        // A line end or a NUL in a value throws, and so would nearly every list of lines.
        let sendable = |value: &[u8]| !value.iter().any(|byte| matches!(byte, 0 | b'\r' | b'\n'));
        scene.init.headers.extend(request.into_iter().filter(|(_, value)| sendable(value)));
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

#[test]
fn listing_a_header_name_more_never_turns_allow_into_block() {
    for_all(300, |scene| {
        let more = with_lines(scene, |mut lines| {
            lines.push((
                b"Access-Control-Allow-Headers".to_vec(),
                b",x-z,, X-A\t,Authorization ,".to_vec(),
            ));
            lines
        });
        let before = is_allowed(scene);
        prop_assert!(!before || is_allowed(&more));
        Ok(outcome(scene).map(|_| before))
    });
}

#[test]
fn empty_elements_and_white_space_in_lists_do_not_matter() {
    for_all(300, |scene| {
        let padded = with_lines(scene, |mut lines| {
            for (name, value) in &mut lines {
                if LISTS.iter().any(|list| name.eq_ignore_ascii_case(list)) {
                    let elements: Vec<&[u8]> = value.split(|byte| *byte == b',').collect();
                    *value = [b"\t,,", &elements.join(&b" ,\t, "[..])[..], b", \t"].concat();
                }
            }
            lines
        });
        let (before, after) = (outcome(scene), outcome(&padded));
        prop_assert_eq!(&before, &after);
        Ok(before.map(|fetched| fetched.response_type != ResponseType::Error))
    });
}

#[test]
fn the_same_input_gives_the_same_output() {
    for_all(300, |scene| {
        let (mut left, mut right) = (scene.clone(), scene.clone());
        if outcome(scene).is_none() {
            prop_assert_eq!(left.construct(), right.construct());
            return Ok(None);
        }
        // Twice each, so that the second has a cache that the first filled.
        let first = left.watch();
        prop_assert_eq!(&first, &right.watch());
        prop_assert_eq!(left.watch(), right.watch());
        prop_assert_eq!(format!("{:?}", left.cache), format!("{:?}", right.cache));
        Ok(Some(first.0.response_type != ResponseType::Error))
    });
}

#[test]
fn no_preset_throws_where_another_does_not() {
    // It sends nothing, either: it is given nothing to send with.
    let construct: fn(&UserAgent, &Environment, &RequestInit) -> Result<Request, Threw> = construct;
    for_all(100, |scene| {
        let presets = [
            UserAgent::spec(),
            UserAgent::chromium(),
            UserAgent::firefox(),
            UserAgent::webkitgtk(),
        ];
        let throws =
            presets.map(|agent| construct(&agent, &scene.environment(), &scene.init).map(|_| ()));
        prop_assert!(throws.iter().all(|throw| *throw == throws[0]));
        Ok(Some(throws[0].is_ok()))
    });
}

/// What every page may send, whatever else it sends.
const SAFELISTED: [(&[u8], &[u8]); 4] = [
    (b"Accept", b"text/html"),
    (b"accept-language", b"en, *;q=0.1"),
    (b"Content-Language", b"x"),
    (b"Range", b"bytes=0-499"),
];

#[test]
fn a_safelisted_header_more_never_matters() {
    for_all(300, |scene| {
        let before = outcome(scene);
        for (name, value) in SAFELISTED {
            // A second of one name is another matter, as some combine the two.
            let mut more = scene.clone();
            if !scene.init.headers.iter().any(|(known, _)| known.eq_ignore_ascii_case(name)) {
                more.init.headers.push((name.to_vec(), value.to_vec()));
            }
            prop_assert_eq!(&before, &outcome(&more));
        }
        Ok(before.map(|fetched| fetched.response_type != ResponseType::Error))
    });
}

#[test]
fn a_safelisted_header_more_matters_just_beyond_the_limit() {
    // Eight values of 127 bytes are 1016, and the one more makes 1024 or 1025.
    let scene = (0..8)
        .fold(Scene::get("https://b.example"), |scene, _| scene.with("Accept", &"a".repeat(127)));
    let scene = scene.answer(200, &[ANY]);
    assert!(is_allowed(&scene.clone().with("Content-Language", "12345678")));
    let beyond = scene.with("Content-Language", "123456789");
    assert!(!is_allowed(&beyond));
    assert!(is_allowed(&beyond.agent(UserAgent::firefox())));
}

const LISTS: [&[u8]; 3] = [
    b"Access-Control-Allow-Methods",
    b"Access-Control-Allow-Headers",
    b"Access-Control-Expose-Headers",
];
