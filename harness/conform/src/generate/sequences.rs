//! Sequences of calls: what shows only between two requests, or only on an unusual wire.

use crate::byte_string::HeaderLine;
use crate::policy::Policy;
use crate::server_case::{
    AskedForm, HeaderRecipe, MethodRecipe, OWN_CORS_ORIGIN, ServerCall, Wire,
};
use crate::subject::Capabilities;

use super::calls::{bindable, call, foreign_origin, header, literal, origin, path, raw_origin};
use super::choices::Choices;
use super::origins::OriginRecipe;
use super::preset::Preset;

/// The most calls of a case.
const MAX_CALLS: usize = 6;

/// The calls of a case. Three in four are one to four ordinary calls, most of them one, so that
/// simple slips are found, and shrink, soon.
pub(super) fn calls(
    choices: &mut impl Choices,
    preset: Preset,
    policy: &Policy,
    capabilities: &Capabilities,
) -> Vec<ServerCall> {
    let calls = sequence(choices, preset, policy, capabilities);
    calls.into_iter().map(|call| bindable(call, policy)).collect()
}

fn sequence(
    choices: &mut impl Choices,
    preset: Preset,
    policy: &Policy,
    capabilities: &Capabilities,
) -> Vec<ServerCall> {
    if !choices.chance(1, 4) {
        return ordinary(choices, preset, policy);
    }
    match choices.weighted(&[3, 3, 2, 2, 3, 4, 4, 2, 1]) {
        0 => repeated(choices, preset, policy),
        1 => one_resource(choices, preset, policy),
        2 => interleaved(choices, preset, policy),
        3 => after_failure(choices, preset, policy),
        4 => overlapping(choices, preset, policy),
        5 => equivalent(choices, preset, policy, capabilities),
        6 => vec![bare(choices, preset, policy)],
        7 => vec![with_headers(choices, preset, policy)],
        _ => vec![private_network(choices, preset, policy)],
    }
}

/// One to four calls; often the same resource from different pages, so that caches matter.
fn ordinary(choices: &mut impl Choices, preset: Preset, policy: &Policy) -> Vec<ServerCall> {
    let count = 1 + choices.weighted(&[6, 3, 1, 1]);
    let mut calls = vec![call(choices, preset, policy)];
    while calls.len() < count {
        let mut next = call(choices, preset, policy);
        if let (Some(last), true) = (calls.last(), choices.chance(2, 3)) {
            next = ServerCall { origin: next.origin, ..last.clone() };
        }
        calls.push(next);
    }
    calls
}

/// The same call again, with others between.
fn repeated(choices: &mut impl Choices, preset: Preset, policy: &Policy) -> Vec<ServerCall> {
    let same = call(choices, preset, policy);
    let mut calls = vec![same.clone()];
    for _ in 0..choices.below(MAX_CALLS - 1) {
        calls.push(call(choices, preset, policy));
    }
    calls.push(same);
    calls
}

/// A resource that caches keep, asked for by listed, foreign, opaque and absent origins in some
/// order.
fn one_resource(choices: &mut impl Choices, preset: Preset, policy: &Policy) -> Vec<ServerCall> {
    let get = ServerCall {
        method: MethodRecipe::Literal("GET".into()),
        headers: Vec::new(),
        path: choices.pick(&["/plain", "/plain", "/vary", "/status/404", "/missing"]).to_owned(),
        ..call(choices, preset, policy)
    };
    let origins = |choices: &mut _| match Choices::below(choices, 4) {
        0 => OriginRecipe::Listed(Choices::below(choices, 3)),
        1 => OriginRecipe::Absent,
        2 => OriginRecipe::Null,
        _ => foreign_origin(choices, 0),
    };
    (0..2 + choices.below(MAX_CALLS - 1))
        .map(|_| {
            let origin = origins(choices);
            ServerCall { origin, ..get.clone() }
        })
        .collect()
}

/// One page and two paths in turn, whose policies or handlers differ.
fn interleaved(choices: &mut impl Choices, preset: Preset, policy: &Policy) -> Vec<ServerCall> {
    let first = call(choices, preset, policy);
    let second = ServerCall { path: path(choices, policy), ..first.clone() };
    let pair = [first, second];
    pair.iter().cycle().take(3 + choices.below(MAX_CALLS - 2)).cloned().collect()
}

/// A call after the handler has failed.
fn after_failure(choices: &mut impl Choices, preset: Preset, policy: &Policy) -> Vec<ServerCall> {
    let after = call(choices, preset, policy);
    let failing = ServerCall { path: "/throw".to_owned(), ..after.clone() };
    match choices.below(4) {
        // A handler that grants on its own account, and then the origin that it grants.
        3 => {
            let own = OriginRecipe::Literal(OWN_CORS_ORIGIN.to_owned());
            let granting = ServerCall { path: "/own-cors".to_owned(), ..after.clone() };
            let path =
                if choices.chance(1, 2) { granting.path.clone() } else { after.path.clone() };
            vec![granting, ServerCall { origin: own, path, ..after }]
        }
        0 => vec![failing, after],
        1 => vec![after.clone(), failing, after],
        _ => vec![ServerCall { origin: origin(choices, preset), ..failing }, after],
    }
}

/// Two to four calls at once: the same, or from unlike pages.
fn overlapping(choices: &mut impl Choices, preset: Preset, policy: &Policy) -> Vec<ServerCall> {
    let first = call(choices, preset, policy);
    let mut calls = vec![first.clone()];
    for _ in 0..1 + choices.below(3) {
        let next = match choices.below(3) {
            0 => first.clone(),
            1 => ServerCall { origin: origin(choices, preset), ..first.clone() },
            _ => call(choices, preset, policy),
        };
        calls.push(ServerCall { overlaps: true, ..next });
    }
    // What came before must not matter afterwards, either.
    if choices.chance(1, 2) {
        calls.push(first);
    }
    calls
}

/// A call that mostly has to be allowed, and the same in a form that intermediaries may give it.
fn equivalent(
    choices: &mut impl Choices,
    preset: Preset,
    policy: &Policy,
    capabilities: &Capabilities,
) -> Vec<ServerCall> {
    let mut plain = call(choices, preset, policy);
    let asked = choices.pick(&[
        AskedForm::Spaced,
        AskedForm::EmptyMembers,
        AskedForm::SeveralLines,
        AskedForm::Repeated,
        AskedForm::UpperCase,
        AskedForm::Reversed,
    ]);
    let well_formed = plain.origin.realize(policy).is_some_and(|o| o.producible.is_some());
    let wire = match choices.weighted(&[5, 2, 2, 2]) {
        0 => {
            let listed = (0..1 + choices.below(3)).map(HeaderRecipe::Listed);
            plain.headers = listed.collect();
            Wire { asked, ..Wire::default() }
        }
        1 => Wire { host: Some(choices.pick(&HOSTS).into()), ..Wire::default() },
        2 if capabilities.http2 && well_formed => Wire { http2: true, ..Wire::default() },
        _ => Wire { lines: vec![line(choices.pick(&LINES))], ..Wire::default() },
    };
    let other = ServerCall { wire, ..plain.clone() };
    vec![plain, other]
}

/// Names that frameworks treat in their own way, and that of a listed origin.
const HOSTS: [&str; 5] =
    ["app.example", "localhost", "127.0.0.1:8080", "api.example:443", "attacker.test"];

/// What intermediaries add, or attackers, to see what is copied or believed.
const LINES: [(&str, &str); 6] = [
    ("Vary", "X-Evil"),
    ("X-Forwarded-Host", "app.example"),
    ("X-Forwarded-Proto", "http"),
    ("Forwarded", "host=app.example;proto=http"),
    ("Referer", "https://attacker.test/"),
    ("X-Requested-With", "XMLHttpRequest"),
];

/// A request of a program that is no browser: no preflight before it, perhaps odd bytes.
fn bare(choices: &mut impl Choices, preset: Preset, policy: &Policy) -> ServerCall {
    let of = choices.below(5);
    let well_formed = preset == Preset::WellFormed;
    let origin = match choices.below(3) {
        0 => OriginRecipe::Absent,
        1 if !well_formed => raw_origin(choices, of),
        _ => origin(choices, preset),
    };
    let mut wire = Wire { bare: true, ..Wire::default() };
    let method = match choices.below(4) {
        0 => "GET",
        // No preflight: it asks for no method.
        1 => "OPTIONS",
        _ => {
            let asked = choices.pick(&["PUT", "GET", "CHICKEN", "P UT", ""]);
            wire.lines = vec![line(("Access-Control-Request-Method", asked))];
            if !well_formed && choices.chance(1, 2) {
                let names = choices.pick(&ASKED_BY_HAND);
                wire.lines
                    .extend(names.iter().map(|n| line(("Access-Control-Request-Headers", n))));
            }
            "OPTIONS"
        }
    };
    wire.origin_twice = !well_formed && origin != OriginRecipe::Absent && choices.chance(1, 4);
    if origin == OriginRecipe::Absent && !well_formed && choices.chance(1, 8) {
        wire.lines.push(line(("Origin", "")));
    }
    ServerCall {
        origin,
        method: MethodRecipe::Literal(method.into()),
        headers: Vec::new(),
        path: choices.pick(&["/plain", "/plain", "/missing", "/vary"]).to_owned(),
        wire,
        ..call(choices, preset, policy)
    }
}

/// Values of `Access-Control-Request-Headers` that no browser writes, a line each.
const ASKED_BY_HAND: [&[&str]; 5] =
    [&["x-a", "x-b"], &[""], &[",,,"], &["X-A,\tx-b"], &["x a", "*"]];

/// `Authorization`, which `*` does not cover, or more headers than anybody lists.
fn with_headers(choices: &mut impl Choices, preset: Preset, policy: &Policy) -> ServerCall {
    let mut headers = Vec::new();
    if choices.chance(1, 2) {
        headers.push(literal("Authorization", "Bearer x"));
    }
    if choices.chance(1, 3) {
        headers.extend((0..7).map(HeaderRecipe::Listed));
    } else if choices.chance(1, 2) {
        headers.extend((0..8 + choices.below(120)).map(|n| literal(&format!("x-many-{n}"), "1")));
    } else {
        headers.push(header(choices));
    }
    ServerCall { headers, ..call(choices, preset, policy) }
}

/// A preflight that says that it crosses into a private network.
fn private_network(choices: &mut impl Choices, preset: Preset, policy: &Policy) -> ServerCall {
    ServerCall {
        method: choices.pick(&[
            MethodRecipe::Listed(0),
            MethodRecipe::Listed(1),
            MethodRecipe::Unlisted,
        ]),
        wire: Wire { private_network: true, ..Wire::default() },
        ..call(choices, preset, policy)
    }
}

fn line((name, value): (&str, &str)) -> HeaderLine {
    (name.into(), value.into())
}
