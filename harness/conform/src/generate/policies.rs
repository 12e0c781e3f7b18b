//! Policies within what a server can express: unlike sets of origins, methods and headers.

use crate::policy::{Policy, RawOriginSet, RawOrigins, RawPathPolicy, RawPolicy, Tokens};
use crate::subject::{Capabilities, ListForm, OriginForm};

use super::choices::Choices;

/// A policy that a server with these capabilities can express.
pub fn policy(choices: &mut impl Choices, capabilities: &Capabilities) -> Policy {
    let mut raw = flat(choices, capabilities);
    if capabilities.paths && choices.chance(1, 6) {
        raw.paths = paths(choices, capabilities, &raw);
    }
    match Policy::try_from(raw) {
        Ok(policy) => policy,
        Err(error) => unreachable!("the generator made a policy that contradicts itself: {error}"),
    }
}

const METHODS: [&[&str]; 11] = [
    &["GET", "PUT"],
    &["GET", "POST", "PUT", "DELETE", "PATCH"],
    &["PATCH"],
    &["GET"],
    &["CHICKEN", "GET"],
    &[],
    &["patch"],
    &["GET", "HEAD", "POST"],
    &["PROPFIND", "get-it", "GET"],
    &["DELETE"],
    &["OPTIONS", "PUT"],
];

const REQUEST_HEADERS: [&[&str]; 11] = [
    &["x-a"],
    &["content-type", "authorization"],
    &["X-Mixed-Case", "x-b", "content-type"],
    &[],
    &["authorization"],
    &["Authorization", "X-Requested-With"],
    &["x-a", "x-a-b", "x_c"],
    &["accept", "authorization", "content-type", "user-agent", "x-csrf-token"],
    &["x-g", "x-f", "x-e", "x-d", "x-c", "x-b", "x-a"],
    &["content-type", "x-requested-with", "x-api-key", "if-match", "authorization", "x-a"],
    &["accept", "accept-language", "content-language", "content-type", "range"],
];

const EXPOSE_HEADERS: [&[&str]; 4] =
    [&[], &["x-total"], &["X-Total", "ETag"], &["etag", "x-not-there"]];

/// Lists that differ in what a matcher could get wrong: one, several, ports, IDNA, addresses,
/// shared suffixes, public suffixes, depth, single labels.
const ORIGINS: [&[&str]; 20] = [
    &["https://app.example"],
    &["https://app.example", "https://www.other.example"],
    &["http://app.example:8080"],
    &["http://localhost:3000", "https://app.example"],
    &["https://xn--bcher-kva.example", "https://a.b.c.example"],
    &["http://[2001:db8::1]:8080", "http://192.168.0.10"],
    &["https://app.example", "https://app.example:8443", "http://app.example"],
    &["https://foo.example", "https://barfoo.example", "https://foo.example.com"],
    &["https://app.github.io"],
    &["https://one.two.three.four.example"],
    &["http://intranet"],
    &["http://[::1]", "http://127.0.0.1:5173", "http://localhost"],
    &["https://app.co.uk", "https://www.app.co.uk"],
    &["https://xn--e1afmkfd.xn--p1ai"],
    &["https://a-b.example", "https://a_b.example"],
    &["https://app.example:65535"],
    &["https://app.example", "https://tenant.app.example"],
    &["https://192.168.0.10:8443"],
    &["capacitor://localhost", "https://app.example"],
    &[
        "https://a.example",
        "https://b.example",
        "https://c.example",
        "http://a.example:8080",
        "http://b.example:8080",
        "https://a.b.example",
        "https://b.a.example",
        "https://ab.example",
    ],
];

const PARENTS: [&[&str]; 4] = [
    &["https://sub.example"],
    &["https://sub.example:8443"],
    &["https://sub.example", "http://deep.sub.example"],
    &["https://tenants.app.example"],
];

const PATTERNS: [&str; 3] = [
    r"^https://[a-z]+\.tenant\.example$",
    r"^https?://(app|www)\.pattern\.example(:[0-9]+)?$",
    r"^https://[a-z0-9.-]+\.any\.example$",
];

/// Below the paths of the standard app's handlers, and one that no handler answers.
const PREFIXES: [&str; 5] = ["/plain", "/status/", "/vary", "/plain/deep", "/status"];

fn flat(choices: &mut impl Choices, capabilities: &Capabilities) -> RawPolicy {
    RawPolicy {
        origins: origins(choices, capabilities),
        methods: tokens(choices, &capabilities.methods, &METHODS),
        request_headers: tokens(choices, &capabilities.request_headers, &REQUEST_HEADERS),
        expose_headers: tokens(choices, &capabilities.expose_headers, &EXPOSE_HEADERS),
        credentials: capabilities.credentials && choices.chance(1, 2),
        max_age: if capabilities.max_age {
            choices.pick(&[None, Some(600), Some(0)])
        } else {
            None
        },
        private_network: capabilities.private_network && choices.chance(1, 4),
        paths: Vec::new(),
    }
}

fn origins(choices: &mut impl Choices, capabilities: &Capabilities) -> RawOrigins {
    let can = |form| capabilities.origins.contains(&form);
    if can(OriginForm::Any) && choices.chance(1, 6) {
        return RawOrigins::any();
    }
    if can(OriginForm::Null) && choices.chance(1, 20) {
        return RawOrigins::Some(RawOriginSet { null: true, ..RawOriginSet::default() });
    }
    let mut set = RawOriginSet { list: owned(choices.pick(&ORIGINS)), ..RawOriginSet::default() };
    let listless = !can(OriginForm::List) || choices.chance(1, 16);
    if can(OriginForm::SubdomainsOf) && (listless || choices.chance(1, 4)) {
        set.subdomains_of = owned(choices.pick(&PARENTS));
    }
    if can(OriginForm::Patterns) && (listless || choices.chance(1, 5)) {
        let start = choices.below(PATTERNS.len());
        let count = 1 + choices.below(2);
        set.patterns = owned(PATTERNS.get(start..).unwrap_or_default());
        set.patterns.truncate(count);
    }
    if can(OriginForm::Null) && choices.chance(1, 6) {
        set.null = true;
    }
    if !can(OriginForm::List)
        || (listless && !(set.subdomains_of.is_empty() && set.patterns.is_empty()))
    {
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

/// Two or three policies of their own, for unlike origins; some of them are the whole server's,
/// so that calls are allowed here and not there.
fn paths(
    choices: &mut impl Choices,
    capabilities: &Capabilities,
    whole: &RawPolicy,
) -> Vec<RawPathPolicy> {
    let count = 2 + choices.below(2);
    let start = choices.below(PREFIXES.len());
    let mut prefixes: Vec<&str> =
        PREFIXES.iter().cycle().skip(start).take(count).copied().collect();
    // A path below another comes before it or behind it.
    if choices.chance(1, 3) {
        prefixes = vec!["/plain", "/plain/deep"];
    }
    let mut path_policy = |prefix: &str| {
        let mut policy = flat(choices, capabilities);
        match (&whole.origins, choices.below(4)) {
            (RawOrigins::Some(set), 0) => {
                let list = set.list.iter().take(1).cloned().collect();
                policy.origins = RawOrigins::Some(RawOriginSet { list, ..RawOriginSet::default() });
            }
            (all, 1) => policy.origins = all.clone(),
            _ => {}
        }
        RawPathPolicy { prefix: prefix.to_owned(), policy }
    };
    prefixes.into_iter().map(&mut path_policy).collect()
}

fn owned(list: &[&str]) -> Vec<String> {
    list.iter().map(|s| (*s).to_owned()).collect()
}
