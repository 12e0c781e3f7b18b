//! One call of script: whose page, to which path, with which method and headers.

use crate::byte_string::ByteString;
use crate::case::Credentials;
use crate::policy::Policy;
use crate::server_case::{HeaderRecipe, MethodRecipe, OWN_CORS_ORIGIN, ServerCall, Wire, path_of};

use super::choices::Choices;
use super::origins::change::MARKS;
use super::origins::{Combination, OriginChange, OriginRecipe, PRODUCIBLE, RAW};
use super::preset::Preset;

/// A call as a browser makes it, unless its origin is raw; [`bindable`] makes sure that it means
/// something under the policy.
pub(super) fn call(choices: &mut impl Choices, preset: Preset, policy: &Policy) -> ServerCall {
    let path = path(choices, policy);
    let fitting = origin_for(choices, policy, &path);
    ServerCall {
        origin: fitting.unwrap_or_else(|| origin(choices, preset)),
        path,
        method: method(choices),
        headers: (0..choices.weighted(&[5, 4, 1])).map(|_| header(choices)).collect(),
        credentials: credentials(choices),
        wire: Wire::default(),
        overlaps: false,
    }
}

pub(super) fn credentials(choices: &mut impl Choices) -> Credentials {
    if choices.chance(1, 2) { Credentials::Include } else { Credentials::SameOrigin }
}

pub(super) fn origin(choices: &mut impl Choices, preset: Preset) -> OriginRecipe {
    let of = choices.below(5);
    if !preset.slips(choices) && !choices.chance(1, 4) {
        OriginRecipe::Listed(of)
    } else if preset == Preset::Raw && choices.chance(2, 3) {
        raw_origin(choices, of)
    } else {
        foreign_origin(choices, of)
    }
}

/// Now and then the origin that the handler at this path grants, or one that the policy of some path
/// names: of `/plain` where the call goes to another spelling of it, or else of any.
fn origin_for(choices: &mut impl Choices, policy: &Policy, path: &str) -> Option<OriginRecipe> {
    if path == "/own-cors" && choices.chance(1, 3) {
        return Some(OriginRecipe::Literal(OWN_CORS_ORIGIN.to_owned()));
    }
    let is_spelling = SPELLINGS.contains(&path);
    if policy.paths().is_empty() || !choices.chance(if is_spelling { 2 } else { 1 }, 4) {
        return None;
    }
    let named = if is_spelling {
        policy.at("/plain")
    } else {
        &policy.paths().get(choices.below(policy.paths().len()))?.1
    };
    let listed = OriginRecipe::Listed(choices.below(5)).realize(named)?;
    Some(OriginRecipe::Literal(listed.serialized))
}

/// One that the policy does not name, of a page that a browser can have.
pub(super) fn foreign_origin(choices: &mut impl Choices, of: usize) -> OriginRecipe {
    match choices.weighted(&[14, 3, 1, 2, 2]) {
        0 => OriginRecipe::Changed { of, change: producible_change(choices) },
        1 => OriginRecipe::Null,
        2 => OriginRecipe::Unrelated,
        3 => OriginRecipe::Own(producible_change(choices)),
        _ => {
            let how = choices.pick(&Combination::ALL);
            OriginRecipe::Combined { of, with: choices.below(5), how }
        }
    }
}

/// Bytes that no browser sends as an origin.
pub(super) fn raw_origin(choices: &mut impl Choices, of: usize) -> OriginRecipe {
    match choices.weighted(&[8, 2, 1, 1]) {
        0 => OriginRecipe::Changed { of, change: choices.pick(&RAW) },
        1 => OriginRecipe::Changed { of, change: choices.pick(&SPELLINGS_OF_HOSTS) },
        2 => OriginRecipe::Own(choices.pick(&RAW)),
        _ => OriginRecipe::Literal(choices.pick(&ODD_ORIGINS).to_owned()),
    }
}

/// The same call, with something else for each recipe that makes nothing under the policy that
/// holds where the call goes: another origin of the policy that takes the change, or an unrelated
/// one.
pub(super) fn bindable(mut call: ServerCall, policy: &Policy) -> ServerCall {
    if call.origin.realize(policy).is_none() {
        let others = call.origin.alternatives(policy).into_iter();
        let other = others.skip(1).find(|recipe| recipe.realize(policy).is_some());
        // Under a policy that names `null` alone, that is who is listed.
        let null = policy.origins().is_some_and(|set| set.null);
        call.origin = match call.origin {
            OriginRecipe::Listed(_) if null => OriginRecipe::Null,
            _ => other.unwrap_or(OriginRecipe::Unrelated),
        };
    }
    let policy = policy.at(path_of(&call.path));
    if call.method.realize(policy).is_none() {
        call.method = MethodRecipe::Literal("GET".into());
    }
    for header in call.headers.iter_mut().filter(|header| header.realize(policy).is_none()) {
        *header = HeaderRecipe::Unlisted;
    }
    call
}

/// Those of [`RAW`] that few policies have a host for, so that they come up all the same.
const SPELLINGS_OF_HOSTS: [OriginChange; 6] = [
    OriginChange::UnicodeForm,
    OriginChange::ExpandedAddress,
    OriginChange::BareAddress,
    OriginChange::HexAddress,
    OriginChange::OctalAddress,
    OriginChange::NumberAddress,
];

/// What parsers trip over, and words that configurations use for something else.
const ODD_ORIGINS: [&str; 12] = [
    "https://a.example:99999",
    "http://a.example:b",
    "*",
    "NULL",
    "null, null",
    "https://[",
    "https://",
    "://",
    "undefined",
    "file://",
    "%",
    "a b",
];

/// The first sixteen are what most slips of matchers let in, and come most often.
fn producible_change(choices: &mut impl Choices) -> OriginChange {
    match choices.weighted(&[6, 4, 1, 1, 1]) {
        0 => choices.pick(PRODUCIBLE.get(..16).unwrap_or(&PRODUCIBLE)),
        1 => choices.pick(&PRODUCIBLE),
        2 => OriginChange::LabelBetween(choices.pick(&MARKS)),
        3 => OriginChange::MarkBehind(choices.pick(&MARKS)),
        _ => OriginChange::DotReplaced(choices.below(4)),
    }
}

const PATHS: [&str; 21] = [
    "/plain",
    "/plain",
    "/plain",
    "/plain",
    "/plain",
    "/plain",
    "/plain",
    "/plain",
    "/plain",
    "/plain",
    "/vary",
    "/status/404",
    "/status/500",
    "/status/304",
    "/status/204",
    "/status/401",
    "/throw",
    "/missing",
    "/own-cors",
    "/redirect?to=/plain",
    "/redirect?to=https://elsewhere.test/",
];

/// Where policies of paths meet, and on both sides of their edges.
const PATHS_BELOW: [&str; 8] = [
    "/plain",
    "/vary",
    "/status/200",
    "/status/404",
    "/plain/deep",
    "/plainer",
    "/status",
    "/missing",
];

/// One path, written in ways that routers and matchers of paths may tell apart. Browsers write
/// those with dot segments as `/plain` themselves.
const SPELLINGS: [&str; 10] = [
    "/PLAIN",
    "/plain/",
    "/%70lain",
    "/plain%2F",
    "//plain",
    "/./plain",
    "/x/../plain",
    "/plain;a",
    "/plain?x",
    "/plain%2e",
];

pub(super) fn path(choices: &mut impl Choices, policy: &Policy) -> String {
    let path = if policy.paths().is_empty() {
        choices.pick(&PATHS)
    } else {
        match choices.weighted(&[2, 2, 3]) {
            0 => choices.pick(&PATHS),
            1 => choices.pick(&PATHS_BELOW),
            _ => choices.pick(&SPELLINGS),
        }
    };
    path.to_owned()
}

fn method(choices: &mut impl Choices) -> MethodRecipe {
    match choices.weighted(&[10, 8, 4, 2, 4, 1]) {
        5 => MethodRecipe::Cut(choices.below(5)),
        0 => MethodRecipe::Literal("GET".into()),
        1 => MethodRecipe::Listed(choices.below(5)),
        2 => MethodRecipe::Unlisted,
        3 => MethodRecipe::CaseFlipped(choices.below(5)),
        _ => {
            let literals = ["HEAD", "POST", "DELETE", "OPTIONS", "patch", "PROPFIND"];
            MethodRecipe::Literal(choices.pick(&literals).into())
        }
    }
}

pub(super) fn header(choices: &mut impl Choices) -> HeaderRecipe {
    match choices.weighted(&[12, 4, 4, 6, 1, 1]) {
        0 => HeaderRecipe::Listed(choices.below(7)),
        1 => HeaderRecipe::ListedUpper(choices.below(7)),
        4 => HeaderRecipe::Cut(choices.below(7)),
        5 => HeaderRecipe::Glued(choices.below(7)),
        2 => HeaderRecipe::Unlisted,
        _ => match choices.below(5) {
            4 => literal("x-c", "1"),
            0 => literal("Authorization", "Bearer x"),
            1 => literal("Content-Type", "application/json"),
            2 => literal("Content-Type", "text/plain"),
            _ => literal("Accept-Language", "en"),
        },
    }
}

pub(super) fn literal(name: &str, value: &str) -> HeaderRecipe {
    HeaderRecipe::Literal((name.into(), ByteString::from(value)))
}
