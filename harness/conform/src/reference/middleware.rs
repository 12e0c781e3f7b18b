//! A right CORS middleware, and where its fault comes in.
//!
//! What is right stands here; [`super::slips`] has what a fault makes of it.

use corsproof_model::Origin;
use corsproof_model::infra::is_token;

use super::app;
use super::fault::Fault;
use super::heard::Heard;
use super::lines::{
    ALLOW_CREDENTIALS, ALLOW_HEADERS, ALLOW_METHODS, ALLOW_ORIGIN, ALLOW_PRIVATE_NETWORK,
    EXPOSE_HEADERS, Lines, MAX_AGE, VARY, is_of_cors,
};
use super::slips;
use crate::observe::{WireRequest, WireResponse};
use crate::policy::Policy;

/// One request under way: what was read and decided.
#[derive(Debug)]
pub(super) struct Turn<'a> {
    pub(super) fault: Option<Fault>,
    /// The whole server's policy.
    pub(super) root: &'a Policy,
    /// The one that holds at the path.
    pub(super) policy: &'a Policy,
    pub(super) heard: Heard<'a>,
    pub(super) preflight: bool,
    pub(super) allowed: bool,
    /// Whether the answer is the same whoever asks.
    pub(super) everyone: bool,
}

/// An answer, and what led to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Answered {
    pub(super) response: WireResponse,
    /// Whether the handler ran.
    pub(super) ran: bool,
    pub(super) preflight: bool,
    pub(super) allowed: bool,
    /// The origin that was read.
    pub(super) origin: Option<String>,
}

/// What the middleware and the app behind it answer.
///
/// `known` is a decision about the origin that was taken elsewhere.
pub(super) fn answer(
    fault: Option<Fault>,
    root: &Policy,
    request: &WireRequest,
    known: Option<bool>,
) -> Answered {
    let mut turn = decide(fault, root, request);
    turn.allowed = known.unwrap_or(turn.allowed);
    let (response, ran) = respond(&turn);
    Answered {
        response,
        ran,
        preflight: turn.preflight,
        allowed: turn.allowed,
        origin: turn.heard.origin_text(),
    }
}

fn decide<'a>(fault: Option<Fault>, root: &'a Policy, request: &'a WireRequest) -> Turn<'a> {
    let heard = slips::hear(fault, Heard::of(request));
    let preflight = slips::is_preflight(fault, &heard);
    let policy = slips::policy_at(fault, root, &heard, preflight);
    let allowed = slips::allows(fault, (root, policy), &heard, preflight);
    let everyone = policy.origins().is_none();
    Turn { fault, root, policy, heard, preflight, allowed, everyone }
}

/// Whether a policy names what stands in `Origin`; where it names all, that does not matter.
pub(super) fn allows(policy: &Policy, origin: Option<&str>) -> bool {
    policy.origins().is_none() || origin.is_some_and(|text| names(policy, text))
}

/// Whether a policy names this origin, byte for byte.
pub(super) fn names(policy: &Policy, text: &str) -> bool {
    Origin::parse_serialized(text).is_some_and(|origin| policy.names_origin(&origin))
}

/// The answer, and whether the handler ran for it.
fn respond(turn: &Turn<'_>) -> (WireResponse, bool) {
    if let Some(refusal) = slips::refuses(turn) {
        return (refusal, false);
    }
    let runs = slips::runs_handler(turn);
    let inner = if turn.preflight && !runs.is_heard() {
        WireResponse { status: slips::preflight_status(turn), headers: slips::preflight_own(turn) }
    } else {
        app::handle(turn.heard.request)
    };
    let own = Lines::from(inner.headers);
    let mut lines = grant(turn, &own);
    slips::spoil(turn, inner.status, &own, &mut lines);
    let mut vary = vary(turn);
    slips::spoil_vary(turn, inner.status, &mut vary);
    if !vary.is_empty() {
        lines.add(VARY, vary.join(", "));
    }
    let headers = slips::merge(turn, inner.status, own, lines).into_vec();
    (WireResponse { status: inner.status, headers }, runs.runs())
}

/// The middleware's own headers but for `Vary`.
fn grant(turn: &Turn<'_>, own: &Lines) -> Lines {
    let mut lines = Lines::default();
    if !turn.allowed {
        return lines;
    }
    match &turn.heard.origin {
        _ if turn.everyone => lines.add(ALLOW_ORIGIN, "*"),
        Some(origin) => lines.add(ALLOW_ORIGIN, origin.clone()),
        None => return lines,
    }
    // All origins with credentials: a literal `*` is all they get, as reflection would be a hole.
    if turn.policy.credentials() && !turn.everyone {
        lines.add(ALLOW_CREDENTIALS, "true");
    }
    if turn.preflight {
        grant_preflight(turn, &mut lines);
    } else {
        let exposed = exposed(turn.policy, own);
        if !exposed.is_empty() {
            lines.add(EXPOSE_HEADERS, exposed.join(", "));
        }
    }
    lines
}

pub(super) fn grant_preflight(turn: &Turn<'_>, lines: &mut Lines) {
    let methods = methods(turn.policy, turn.heard.asked_method.as_deref());
    if !methods.is_empty() {
        lines.add(ALLOW_METHODS, methods);
    }
    let names = headers(turn.policy, &turn.heard);
    if !names.is_empty() {
        lines.add(ALLOW_HEADERS, names);
    }
    let asks = turn.heard.line("access-control-request-private-network") == Some(b"true");
    if asks && turn.policy.raw().private_network {
        lines.add(ALLOW_PRIVATE_NETWORK, "true");
    }
    if let Some(seconds) = turn.policy.max_age() {
        lines.add(MAX_AGE, seconds.to_string());
    }
}

/// All methods: the one that is asked for, as `*` does not do with credentials.
pub(super) fn methods(policy: &Policy, asked: Option<&[u8]>) -> Vec<u8> {
    match policy.methods() {
        Some(list) => list.join(", ").into_bytes(),
        None => asked.filter(|method| is_token(method)).unwrap_or_default().to_vec(),
    }
}

/// All request headers: those that are asked for, as `*` does not cover `Authorization`.
pub(super) fn headers(policy: &Policy, heard: &Heard<'_>) -> Vec<u8> {
    match policy.request_headers() {
        Some(list) => list.join(", ").into_bytes(),
        None => heard.asked_names().join(&b", "[..]),
    }
}

/// All response headers: those that are there.
fn exposed(policy: &Policy, own: &Lines) -> Vec<String> {
    match policy.expose_headers() {
        Some(list) => list.to_vec(),
        None => app::names(own),
    }
}

/// What the answer depends on, be the origin allowed, denied or absent.
fn vary(turn: &Turn<'_>) -> Vec<&'static str> {
    let mut vary = Vec::new();
    if !turn.everyone || slips::reflects_everyone(turn) {
        vary.push("Origin");
    }
    if turn.preflight && turn.policy.methods().is_none() {
        vary.push("Access-Control-Request-Method");
    }
    if turn.preflight && turn.policy.request_headers().is_none() {
        vary.push("Access-Control-Request-Headers");
    }
    vary
}

/// The policy has the last word over CORS headers that the handler sets itself; its `Vary` stays.
pub(super) fn merge(own: Lines, lines: Lines) -> Lines {
    let kept = own.into_vec().into_iter().filter(|(name, _)| !is_of_cors(name));
    let mut merged = Lines::from(kept.collect::<Vec<_>>());
    merged.extend(lines.into_vec());
    merged
}
