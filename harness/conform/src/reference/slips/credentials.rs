//! Allowing credentials, wrongly.

use corsproof_model::is_cors_safelisted_method;

use crate::policy::Policy;
use crate::reference::fault::CredentialsFault;
use crate::reference::heard::Heard;
use crate::reference::lines::{ALLOW_CREDENTIALS, ALLOW_ORIGIN, Lines};
use crate::reference::middleware::{Turn, names};

pub(super) fn allows(
    slip: CredentialsFault,
    policy: &Policy,
    heard: &Heard<'_>,
    text: &str,
) -> bool {
    names(policy, text) || slip == CredentialsFault::AuthorizationReflects && authorizes(heard)
}

pub(super) fn spoil(slip: CredentialsFault, turn: &Turn<'_>, status: u16, lines: &mut Lines) {
    let policy_has = turn.policy.credentials();
    match slip {
        CredentialsFault::Always if turn.allowed => reflect(turn, lines),
        CredentialsFault::ReflectsForStar if turn.everyone && policy_has => reflect(turn, lines),
        CredentialsFault::AuthorizationReflects if authorizes(&turn.heard) => reflect(turn, lines),
        CredentialsFault::CookieReflects if turn.everyone => {
            if let (Some(origin), Some(_)) = (&turn.heard.origin, turn.heard.line("cookie")) {
                lines.set(ALLOW_ORIGIN, origin.clone());
                lines.put(ALLOW_CREDENTIALS, policy_has.then_some("true"));
            }
        }
        CredentialsFault::BesideStar if lines.value(ALLOW_ORIGIN) == Some(b"*") => {
            lines.set(ALLOW_CREDENTIALS, "true");
        }
        CredentialsFault::AlsoToDenied if policy_has => lines.set(ALLOW_CREDENTIALS, "true"),
        CredentialsFault::SaysFalse if turn.allowed && !lines.has(ALLOW_CREDENTIALS) => {
            lines.add(ALLOW_CREDENTIALS, "false");
        }
        _ if is_left_out(slip, turn, status) => lines.remove(ALLOW_CREDENTIALS),
        _ => rewrite(slip, lines),
    }
}

/// Slips that leave the header out where it should be.
fn is_left_out(slip: CredentialsFault, turn: &Turn<'_>, status: u16) -> bool {
    match slip {
        CredentialsFault::Never => true,
        CredentialsFault::OnlyOnPreflight => !turn.preflight,
        CredentialsFault::OnlyOnActual => turn.preflight,
        CredentialsFault::OnlyOnSuccess => status >= 400,
        CredentialsFault::OnlyForSafelistedMethods => {
            let asked = turn.heard.asked_method.as_deref().filter(|_| turn.preflight);
            !is_cors_safelisted_method(asked.unwrap_or(&turn.heard.request.method))
        }
        _ => false,
    }
}

/// Slips that write it in another way.
fn rewrite(slip: CredentialsFault, lines: &mut Lines) {
    let value = match slip {
        CredentialsFault::CapitalTrue => "True",
        CredentialsFault::UpperTrue => "TRUE",
        CredentialsFault::One => "1",
        CredentialsFault::Twice => "true",
        _ => return,
    };
    if lines.has(ALLOW_CREDENTIALS) {
        if slip != CredentialsFault::Twice {
            lines.remove(ALLOW_CREDENTIALS);
        }
        lines.add(ALLOW_CREDENTIALS, value);
    }
}

fn reflect(turn: &Turn<'_>, lines: &mut Lines) {
    if let Some(origin) = &turn.heard.origin {
        lines.set(ALLOW_ORIGIN, origin.clone());
        lines.set(ALLOW_CREDENTIALS, "true");
    }
}

fn authorizes(heard: &Heard<'_>) -> bool {
    let asks = || heard.asked_names().iter().any(|n| n.eq_ignore_ascii_case(b"authorization"));
    heard.line("authorization").is_some() || heard.is_preflight() && asks()
}
