//! What each fault makes of the right middleware: one place for each decision that it takes.

mod answer;
mod credentials;
mod error;
mod header;
mod memory;
mod method;
mod origin;
mod path;
mod preflight;
mod robustness;
mod subdomain;
mod trust;
mod vary;

pub(super) use memory::Memory;

use super::fault::{CredentialsFault, Fault};
use super::heard::Heard;
use super::lines::Lines;
use super::middleware::{self, Turn};
use crate::byte_string::HeaderLine;
use crate::observe::WireResponse;
use crate::policy::{Policy, RawOriginSet, RawOrigins};

/// Whether the handler runs for a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Runs {
    /// No: the middleware answers.
    No,
    /// It does, and the middleware answers.
    Unheard,
    /// It does, and answers.
    Heard,
}

impl Runs {
    pub(super) fn is_heard(self) -> bool {
        self == Self::Heard
    }

    pub(super) fn runs(self) -> bool {
        self != Self::No
    }
}

pub(super) fn hear(fault: Option<Fault>, heard: Heard<'_>) -> Heard<'_> {
    match fault {
        Some(Fault::Trust(slip)) => trust::hear(slip, heard),
        Some(Fault::Robustness(slip)) => robustness::hear(slip, heard),
        _ => heard,
    }
}

pub(super) fn is_preflight(fault: Option<Fault>, heard: &Heard<'_>) -> bool {
    match fault {
        Some(Fault::Preflight(slip)) => preflight::is_preflight(slip, heard),
        Some(Fault::Robustness(slip)) => robustness::is_preflight(slip, heard),
        _ => heard.is_preflight(),
    }
}

pub(super) fn policy_at<'a>(
    fault: Option<Fault>,
    root: &'a Policy,
    heard: &Heard<'_>,
    preflight: bool,
) -> &'a Policy {
    match fault {
        Some(Fault::Path(slip)) => path::policy_at(slip, root, heard, preflight),
        _ => root.at(heard.path()),
    }
}

pub(super) fn allows(
    fault: Option<Fault>,
    policies: (&Policy, &Policy),
    heard: &Heard<'_>,
    preflight: bool,
) -> bool {
    let (root, policy) = policies;
    let origin = heard.origin_text();
    if middleware::allows(policy, None) {
        return true;
    }
    let Some(text) = origin else { return false };
    match fault {
        Some(Fault::Origin(slip)) => origin::allows(slip, policy, &text),
        Some(Fault::Subdomain(slip)) => subdomain::allows(slip, policy, &text),
        Some(Fault::Trust(slip)) => trust::allows(slip, policy, heard, &text),
        Some(Fault::Credentials(slip)) => credentials::allows(slip, policy, heard, &text),
        Some(Fault::Preflight(slip)) => preflight::allows(slip, policy, &text, preflight),
        Some(Fault::Path(slip)) => path::allows(slip, root, policy, &text),
        Some(Fault::Robustness(slip)) => robustness::allows(slip, policy, heard, &text),
        _ => middleware::names(policy, &text),
    }
}

/// An answer that leaves before anything else is done.
pub(super) fn refuses(turn: &Turn<'_>) -> Option<WireResponse> {
    match turn.fault {
        Some(Fault::Preflight(slip)) => preflight::refuses(slip, turn),
        Some(Fault::Robustness(slip)) => robustness::refuses(slip, turn),
        _ => None,
    }
}

pub(super) fn runs_handler(turn: &Turn<'_>) -> Runs {
    match turn.fault {
        Some(Fault::Preflight(slip)) => preflight::runs_handler(slip, turn),
        _ if turn.preflight => Runs::No,
        _ => Runs::Heard,
    }
}

pub(super) fn preflight_status(turn: &Turn<'_>) -> u16 {
    match turn.fault {
        Some(Fault::Preflight(slip)) => preflight::status(slip, turn),
        _ => 204,
    }
}

pub(super) fn preflight_own(turn: &Turn<'_>) -> Vec<HeaderLine> {
    match turn.fault {
        Some(Fault::Preflight(slip)) => preflight::own(slip),
        _ => Vec::new(),
    }
}

/// What becomes of the middleware's headers.
pub(super) fn spoil(turn: &Turn<'_>, status: u16, own: &Lines, lines: &mut Lines) {
    match turn.fault {
        Some(Fault::Credentials(slip)) => credentials::spoil(slip, turn, status, lines),
        Some(Fault::Method(slip)) => method::spoil(slip, turn, lines),
        Some(Fault::Header(slip)) => header::spoil(slip, turn, lines),
        Some(Fault::Answer(slip)) => answer::spoil(slip, turn, (status, own), lines),
        Some(Fault::Preflight(slip)) => preflight::spoil(slip, turn, lines),
        Some(Fault::Path(slip)) => path::spoil(slip, turn, lines),
        Some(Fault::Robustness(slip)) => robustness::spoil(slip, turn, lines),
        _ => {}
    }
}

/// Whether the answer depends on the origin though the policy names all.
pub(super) fn reflects_everyone(turn: &Turn<'_>) -> bool {
    let reflects = [
        CredentialsFault::Always,
        CredentialsFault::ReflectsForStar,
        CredentialsFault::AuthorizationReflects,
    ];
    reflects.into_iter().any(|slip| turn.fault == Some(slip.into()))
}

pub(super) fn spoil_vary(turn: &Turn<'_>, status: u16, vary: &mut Vec<&'static str>) {
    if let Some(Fault::Vary(slip)) = turn.fault {
        vary::spoil(slip, turn, status, vary);
    }
}

/// The handler's headers and the middleware's, put together.
pub(super) fn merge(turn: &Turn<'_>, status: u16, own: Lines, lines: Lines) -> Lines {
    match turn.fault {
        Some(Fault::Error(slip)) => error::merge(slip, turn, status, (own, lines)),
        Some(Fault::Vary(slip)) => vary::merge(slip, turn, own, lines),
        _ => middleware::merge(own, lines),
    }
}

/// The policy with another list of origins.
fn relisted(policy: &Policy, change: impl FnOnce(&mut RawOriginSet)) -> Policy {
    let mut raw = policy.raw().clone();
    if let RawOrigins::Some(set) = &mut raw.origins {
        change(set);
    }
    Policy::try_from(raw).unwrap_or_else(|_| policy.clone())
}

/// Scheme, host and port of what looks like an origin.
fn parts(origin: &str) -> Option<(&str, &str, Option<&str>)> {
    let (scheme, rest) = origin.split_once("://")?;
    match rest.rsplit_once(':') {
        Some((host, port)) if !port.is_empty() && port.bytes().all(|b| b.is_ascii_digit()) => {
            Some((scheme, host, Some(port)))
        }
        _ => Some((scheme, rest, None)),
    }
}

fn host(origin: &str) -> &str {
    parts(origin).map_or(origin, |(_, host, _)| host)
}

fn after_scheme(origin: &str) -> &str {
    origin.split_once("://").map_or(origin, |(_, rest)| rest)
}
