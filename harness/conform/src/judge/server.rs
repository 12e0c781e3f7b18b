//! Judges a server by its effective decision: what a browser would let script do with what came
//! back, against what the policy intends.

use std::time::Duration;

use corsproof_model::{
    BlockedAt, Fetched, Network, NetworkError, NetworkRequest, Origin, PreflightCache, Request,
    Response, ResponseType, UserAgent, construct, fetch,
};
use url::Url;

use crate::byte_string::ByteString;
use crate::case::Credentials;
use crate::drive::{ServerObservation, as_response};
use crate::encode;
use crate::intent::{BlockReason, Call, Intent};
use crate::observe::Exchange;
use crate::policy::Policy;
use crate::server_case::{BoundCall, SERVER_ORIGIN, ServerCall, ServerCase, Unbound, path_of};

use super::cache;
use super::finding::{Direction, Finding, Level};

/// Everything that is wrong with how a server answered a case.
///
/// # Errors
/// When a call of the case means nothing under its policy.
pub fn judge(case: &ServerCase, observed: &ServerObservation) -> Result<Vec<Finding>, Unbound> {
    let bound = case.bind()?;
    let mut findings = Vec::new();
    for (index, (call, recorded)) in bound.iter().zip(&observed.calls).enumerate() {
        let Some(recipe) = case.calls.get(index) else { continue };
        let mut found = match Page::of(call) {
            Some(page) => judge_call(&case.policy, recipe, &page, recorded),
            None => judge_raw(recipe, recorded),
        };
        found.iter_mut().for_each(|finding| finding.call = Some(index));
        findings.append(&mut found);
    }
    findings.extend(cache::judge(case, &bound, observed));
    Ok(findings)
}

/// A call that a browser can make.
pub(super) struct Page {
    pub(super) origin: Origin,
    pub(super) request: Request,
    pub(super) credentials: Credentials,
}

impl Page {
    /// `None` where no browser has such a page, or the API throws.
    pub(super) fn of(call: &BoundCall) -> Option<Self> {
        let environment = encode::environment(&call.origin.serialized).ok()?;
        let init = encode::request_init(&call.request).ok()?;
        let request = construct(&UserAgent::spec(), &environment, &init).ok()?;
        let credentials = call.request.credentials;
        Some(Self { origin: environment.origin, request, credentials })
    }

    /// What the model makes of these answers.
    pub(super) fn browse(&self, recorded: &[Exchange]) -> Fetched {
        let mut network = Recorded { answers: recorded.iter() };
        let mut cache = PreflightCache::default();
        fetch(&UserAgent::spec(), &mut cache, &mut network, self.request.clone())
    }
}

fn judge_call(
    policy: &Policy,
    recipe: &ServerCall,
    page: &Page,
    recorded: &[Exchange],
) -> Vec<Finding> {
    let path = path_of(&recipe.path);
    let Some(server) = server_origin() else { return Vec::new() };
    let intent = policy.intends(&Call {
        origin: &page.origin,
        server: &server,
        path,
        request: &page.request,
        credentials: page.credentials,
    });
    let fetched = page.browse(recorded);
    let allowed = fetched.response_type != ResponseType::Error;
    let step = fetched.trace.decided_by;
    let found =
        |rule: &str, direction, label: String, expected: String, observed: String| Finding {
            rule: rule.to_owned(),
            level: Level::Required,
            direction,
            label,
            call: None,
            expected,
            observed,
            steps: vec![format!("{}/{}", step.algorithm, step.slug)],
        };
    match intent {
        // The handler that grants on its own account speaks for itself.
        _ if path == "/own-cors" => Vec::new(),
        Intent::MustBlock(reason) if allowed => {
            let (rule, what) = over_permissive(reason);
            vec![found(
                rule,
                Direction::OverPermissive,
                recipe.origin.label(),
                format!("blocked: the policy does not allow {what}"),
                format!("script read the response ({})", step.slug),
            )]
        }
        Intent::MustAllow if !allowed => vec![found(
            "allowed-call-blocked",
            Direction::OverRestrictive,
            format!("{}.{}", step.slug, place(recipe, path, &fetched)),
            "readable: the policy allows origin, method, headers and credentials".to_owned(),
            format!("blocked by {} step {} ({})", step.algorithm, step.number, step.slug),
        )],
        Intent::MustAllow | Intent::May(_) if allowed && !page.origin.same_origin(&server) => {
            exposure(policy.at(path), page, recorded, &fetched, &found)
        }
        _ => Vec::new(),
    }
}

fn over_permissive(reason: BlockReason) -> (&'static str, &'static str) {
    match reason {
        BlockReason::UnlistedOrigin => ("unlisted-origin-allowed", "this origin"),
        BlockReason::NullOrigin => ("null-origin-allowed", "opaque origins"),
        BlockReason::Credentials => ("credentials-allowed-unasked", "credentials"),
        BlockReason::UnlistedMethod => ("unlisted-method-allowed", "this method"),
        BlockReason::UnlistedHeader => ("unlisted-header-allowed", "this request header"),
    }
}

/// Whether script can read the names that the policy exposes, and no others.
fn exposure(
    policy: &Policy,
    page: &Page,
    recorded: &[Exchange],
    fetched: &Fetched,
    found: &impl Fn(&str, Direction, String, String, String) -> Finding,
) -> Vec<Finding> {
    let Some(answer) = recorded.last() else { return Vec::new() };
    let readable = fetched.exposed_headers.clone().unwrap_or_default();
    let present =
        |name: &[u8]| answer.response.headers.iter().any(|(n, _)| n.eq_ignore_ascii_case(name));
    let mut findings = Vec::new();
    if let Some(listed) = policy.expose_headers() {
        let named = |name: &[u8]| listed.iter().any(|l| l.as_bytes().eq_ignore_ascii_case(name));
        let extra: Vec<ByteString> = readable
            .iter()
            .filter(|name| !named(name) && !is_always_readable(name))
            .map(|name| name.clone().into())
            .collect();
        let hidden: Vec<&String> = listed
            .iter()
            .filter(|name| present(name.as_bytes()) && !is_never_readable(name.as_bytes()))
            .filter(|name| !readable.contains(&name.to_ascii_lowercase().into_bytes()))
            .collect();
        if !extra.is_empty() {
            findings.push(found(
                "unlisted-name-exposed",
                Direction::OverPermissive,
                "expose".to_owned(),
                format!("script can read {listed:?} besides the safelist"),
                format!("it can also read {extra:?}"),
            ));
        }
        if !hidden.is_empty() {
            findings.push(found(
                "listed-name-hidden",
                Direction::OverRestrictive,
                credentials_label(page.credentials),
                format!("script can read {listed:?}"),
                format!("it cannot read {hidden:?}"),
            ));
        }
    } else if page.credentials != Credentials::Include && present(b"x-total") {
        // With credentials `*` is a literal name, and no list can name all: both are right.
        if !readable.contains(&b"x-total".to_vec()) {
            findings.push(found(
                "listed-name-hidden",
                Direction::OverRestrictive,
                "any".to_owned(),
                "script can read every response header".to_owned(),
                "it cannot read x-total".to_owned(),
            ));
        }
    }
    findings
}

/// Bytes that no browser sends as an origin: the server has to survive them.
fn judge_raw(recipe: &ServerCall, recorded: &[Exchange]) -> Vec<Finding> {
    let Some(answer) = recorded.first() else { return Vec::new() };
    if !(500..600).contains(&answer.response.status)
        || recipe.path.starts_with("/status/")
        || recipe.path.starts_with("/throw")
    {
        return Vec::new();
    }
    vec![Finding {
        rule: "odd-origin-breaks-server".to_owned(),
        level: Level::Recommended,
        direction: Direction::Fragile,
        label: recipe.origin.label(),
        call: None,
        expected: "any answer but a server error".to_owned(),
        observed: format!("status {}", answer.response.status),
        steps: Vec::new(),
    }]
}

/// Where a call was blocked: at its preflight, which no handler sees, for this form of method; or
/// else at the answer of this handler of the standard app (the path's first segment).
fn place(recipe: &ServerCall, path: &str, fetched: &Fetched) -> String {
    if fetched.trace.blocked_at == Some(BlockedAt::Preflight) {
        return format!("preflight.{}", recipe.method.label());
    }
    match path.trim_start_matches('/').split('/').next() {
        Some("") | None => "root".to_owned(),
        Some(segment) => segment.to_owned(),
    }
}

fn credentials_label(credentials: Credentials) -> String {
    if credentials == Credentials::Include { "with-credentials" } else { "without-credentials" }
        .to_owned()
}

/// <https://fetch.spec.whatwg.org/#cors-safelisted-response-header-name>
fn is_always_readable(name: &[u8]) -> bool {
    [
        "cache-control",
        "content-language",
        "content-length",
        "content-type",
        "expires",
        "last-modified",
        "pragma",
    ]
    .iter()
    .any(|safe| name.eq_ignore_ascii_case(safe.as_bytes()))
}

/// <https://fetch.spec.whatwg.org/#forbidden-response-header-name>
fn is_never_readable(name: &[u8]) -> bool {
    name.eq_ignore_ascii_case(b"set-cookie") || name.eq_ignore_ascii_case(b"set-cookie2")
}

fn server_origin() -> Option<Origin> {
    Url::parse(SERVER_ORIGIN).ok().map(|url| Origin::of_url(&url))
}

/// Answers from the record, in the order in which they came.
struct Recorded<'a> {
    answers: std::slice::Iter<'a, Exchange>,
}

impl Network for Recorded<'_> {
    fn fetch(&mut self, _: &NetworkRequest<'_>) -> Result<Response, NetworkError> {
        self.answers.next().map(|exchange| as_response(&exchange.response)).ok_or(NetworkError)
    }

    fn now(&self) -> Duration {
        Duration::ZERO
    }
}
