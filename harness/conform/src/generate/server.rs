//! Server cases: a policy within what a server can express, and the calls that probe it.

use crate::byte_string::ByteString;
use crate::case::Credentials;
use crate::policy::{Policy, RawOriginSet, RawOrigins, RawPolicy, Tokens};
use crate::server_case::{HeaderRecipe, MethodRecipe, ServerCall, ServerCase, Wire};
use crate::subject::{Capabilities, ListForm, OriginForm};

use super::choices::{Choices, Seeded};
use super::origins::{OriginRecipe, PRODUCIBLE, RAW};
use super::preset::Preset;

/// How many consecutive cases of a campaign share a policy: a policy may cost a restart.
pub const CASES_PER_POLICY: u64 = 32;

/// The *i*-th case of a campaign against a server with these capabilities.
pub fn nth(seed: u64, preset: Preset, capabilities: &Capabilities, index: u64) -> ServerCase {
    let scope = format!("server/{}/{}", preset.name(), fingerprint(capabilities));
    let policy = nth_policy(seed, &scope, capabilities, index / CASES_PER_POLICY);
    let mut choices = Seeded::for_case(seed, &scope, index);
    let preset = preset.settle(&mut choices);
    let calls = calls(&mut choices, preset, &policy);
    ServerCase { id: format!("{seed}-{index}"), policy, calls }
}

/// A case of its own, policy and all.
pub fn server_case(
    choices: &mut impl Choices,
    preset: Preset,
    capabilities: &Capabilities,
) -> ServerCase {
    let preset = preset.settle(choices);
    let policy = policy(choices, capabilities);
    let calls = calls(choices, preset, &policy);
    ServerCase { id: String::new(), policy, calls }
}

/// A policy that a server with these capabilities can express.
pub fn policy(choices: &mut impl Choices, capabilities: &Capabilities) -> Policy {
    let raw = RawPolicy {
        origins: origins(choices, capabilities),
        methods: tokens(
            choices,
            &capabilities.methods,
            &[
                &["GET", "PUT"],
                &["GET", "POST", "PUT", "DELETE", "PATCH"],
                &["PATCH"],
                &["GET"],
                &["CHICKEN", "GET"],
                &[],
            ],
        ),
        request_headers: tokens(
            choices,
            &capabilities.request_headers,
            &[
                &["x-a"],
                &["content-type", "authorization"],
                &["X-Mixed-Case", "x-b", "content-type"],
                &[],
            ],
        ),
        expose_headers: tokens(
            choices,
            &capabilities.expose_headers,
            &[&[], &["x-total"], &["X-Total", "ETag"]],
        ),
        credentials: capabilities.credentials && choices.chance(1, 2),
        max_age: if capabilities.max_age {
            choices.pick(&[None, Some(600), Some(0)])
        } else {
            None
        },
        private_network: false,
        paths: Vec::new(),
    };
    match Policy::try_from(raw) {
        Ok(policy) => policy,
        Err(error) => unreachable!("the generator made a policy that contradicts itself: {error}"),
    }
}

fn nth_policy(seed: u64, scope: &str, capabilities: &Capabilities, block: u64) -> Policy {
    policy(&mut Seeded::for_case(seed, &format!("{scope}/policy"), block), capabilities)
}

fn fingerprint(capabilities: &Capabilities) -> String {
    serde_json::to_string(capabilities).unwrap_or_default()
}

fn origins(choices: &mut impl Choices, capabilities: &Capabilities) -> RawOrigins {
    let can = |form| capabilities.origins.contains(&form);
    if can(OriginForm::Any) && choices.chance(1, 6) {
        return RawOrigins::any();
    }
    let lists: [&[&str]; 8] = [
        &["https://app.example"],
        &["https://app.example", "https://www.other.example"],
        &["http://app.example:8080"],
        &["http://localhost:3000", "https://app.example"],
        &["https://xn--bcher-kva.example", "https://a.b.c.example"],
        &["http://[2001:db8::1]:8080", "http://192.168.0.10"],
        &["https://app.example", "https://app.example:8443", "http://app.example"],
        &["https://foo.example", "https://barfoo.example", "https://foo.example.com"],
    ];
    let mut set = RawOriginSet {
        list: choices.pick(&lists).iter().map(|s| (*s).to_owned()).collect(),
        ..RawOriginSet::default()
    };
    if can(OriginForm::SubdomainsOf) && choices.chance(1, 4) {
        set.subdomains_of = vec!["https://sub.example".to_owned()];
    }
    if can(OriginForm::Patterns) && choices.chance(1, 5) {
        set.patterns = vec![r"^https://[a-z]+\.tenant\.example$".to_owned()];
    }
    if can(OriginForm::Null) && choices.chance(1, 6) {
        set.null = true;
    }
    if !can(OriginForm::List) {
        set.list.clear();
    }
    RawOrigins::Some(set)
}

fn tokens(choices: &mut impl Choices, forms: &[ListForm], lists: &[&[&str]]) -> Tokens {
    let any = forms.contains(&ListForm::Any);
    if any && (!forms.contains(&ListForm::List) || choices.chance(1, 4)) {
        Tokens::any()
    } else {
        Tokens::list(choices.pick(lists).iter().copied())
    }
}

/// One to four calls; often the same resource from different pages, so that caches matter.
fn calls(choices: &mut impl Choices, preset: Preset, policy: &Policy) -> Vec<ServerCall> {
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

fn call(choices: &mut impl Choices, preset: Preset, policy: &Policy) -> ServerCall {
    ServerCall {
        origin: origin(choices, preset, policy),
        path: path(choices),
        method: method(choices, policy),
        headers: (0..choices.weighted(&[5, 4, 1])).map(|_| header(choices, policy)).collect(),
        credentials: if choices.chance(1, 2) {
            Credentials::Include
        } else {
            Credentials::SameOrigin
        },
        wire: Wire::default(),
        overlaps: false,
    }
}

fn origin(choices: &mut impl Choices, preset: Preset, policy: &Policy) -> OriginRecipe {
    let of = choices.below(3);
    let recipe = if !preset.slips(choices) && !choices.chance(1, 4) {
        OriginRecipe::Listed(of)
    } else if preset == Preset::Raw && choices.chance(1, 2) {
        OriginRecipe::Changed { of, change: choices.pick(&RAW) }
    } else {
        match choices.weighted(&[12, 2, 1]) {
            0 => OriginRecipe::Changed { of, change: choices.pick(&PRODUCIBLE) },
            1 => OriginRecipe::Null,
            _ => OriginRecipe::Unrelated,
        }
    };
    if recipe.realize(policy).is_some() { recipe } else { OriginRecipe::Unrelated }
}

fn path(choices: &mut impl Choices) -> String {
    let paths = [
        "/plain",
        "/plain",
        "/plain",
        "/plain",
        "/vary",
        "/status/404",
        "/status/500",
        "/status/304",
        "/status/204",
        "/throw",
        "/missing",
        "/own-cors",
    ];
    (choices.pick(&paths)).to_owned()
}

fn method(choices: &mut impl Choices, policy: &Policy) -> MethodRecipe {
    let recipe = match choices.weighted(&[5, 4, 2, 1, 2]) {
        0 => MethodRecipe::Literal("GET".into()),
        1 => MethodRecipe::Listed(choices.below(5)),
        2 => MethodRecipe::Unlisted,
        3 => MethodRecipe::CaseFlipped(choices.below(5)),
        _ => MethodRecipe::Literal((choices.pick(&["HEAD", "POST", "DELETE", "OPTIONS"])).into()),
    };
    if recipe.realize(policy).is_some() { recipe } else { MethodRecipe::Literal("GET".into()) }
}

fn header(choices: &mut impl Choices, policy: &Policy) -> HeaderRecipe {
    let literal =
        |name: &str, value: &str| HeaderRecipe::Literal((name.into(), ByteString::from(value)));
    let recipe = match choices.weighted(&[6, 2, 2, 3]) {
        0 => HeaderRecipe::Listed(choices.below(3)),
        1 => HeaderRecipe::ListedUpper(choices.below(3)),
        2 => HeaderRecipe::Unlisted,
        _ => match choices.below(4) {
            0 => literal("Authorization", "Bearer x"),
            1 => literal("Content-Type", "application/json"),
            2 => literal("Content-Type", "text/plain"),
            _ => literal("Accept-Language", "en"),
        },
    };
    if recipe.realize(policy).is_some() { recipe } else { HeaderRecipe::Unlisted }
}
