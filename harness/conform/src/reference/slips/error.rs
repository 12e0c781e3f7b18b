//! Answers that are not a plain success, and handlers' own CORS headers, wrongly treated.

use crate::reference::app;
use crate::reference::fault::ErrorFault;
use crate::reference::lines::{ALLOW_CREDENTIALS, ALLOW_ORIGIN, Lines, VARY, is_of_cors};
use crate::reference::middleware::{self, Turn};

pub(super) fn merge(
    slip: ErrorFault,
    turn: &Turn<'_>,
    status: u16,
    (own, mut lines): (Lines, Lines),
) -> Lines {
    if turn.preflight {
        return middleware::merge(own, lines);
    }
    if is_bare(slip, turn, status) {
        lines.strip();
    } else if status >= 400 {
        spoil_error(slip, turn, &mut lines);
    }
    let own_origin = own.value(ALLOW_ORIGIN).map(<[u8]>::to_vec);
    match (slip, own_origin) {
        (ErrorFault::KeepsOwnBeside, Some(origin)) => lines.add(ALLOW_ORIGIN, origin),
        (ErrorFault::KeepsOwn, Some(origin)) => lines.set(ALLOW_ORIGIN, origin),
        (ErrorFault::KeepsOwnForDenied, Some(origin)) if !turn.allowed => {
            lines.set(ALLOW_ORIGIN, origin);
        }
        (ErrorFault::OwnSwitchesOff, Some(_)) => return own,
        _ => {}
    }
    middleware::merge(own, lines)
}

fn is_bare(slip: ErrorFault, turn: &Turn<'_>, status: u16) -> bool {
    match slip {
        ErrorFault::BareErrors => status >= 400,
        ErrorFault::BareClientErrors => matches!(status, 400..=499),
        ErrorFault::BareServerErrors => status >= 500,
        ErrorFault::BareThrow => turn.heard.path() == "/throw",
        ErrorFault::BareNotFound => !app::knows(turn.heard.request),
        ErrorFault::BareRedirects => matches!(status, 300..=399) && status != 304,
        ErrorFault::BareNotModified => status == 304,
        ErrorFault::BareNoContent => matches!(status, 204 | 205),
        _ => false,
    }
}

fn spoil_error(slip: ErrorFault, turn: &Turn<'_>, lines: &mut Lines) {
    match (slip, &turn.heard.origin) {
        (ErrorFault::TwiceOnErrors, _) => {
            let twice: Vec<_> =
                lines.iter().filter(|(name, _)| is_of_cors(name)).cloned().collect();
            lines.extend(twice);
        }
        (ErrorFault::StarOnErrors, _) => {
            lines.strip();
            lines.set(ALLOW_ORIGIN, "*");
        }
        (ErrorFault::ReflectsOnErrors, Some(origin)) => {
            lines.set(ALLOW_ORIGIN, origin.clone());
            lines.put(ALLOW_CREDENTIALS, turn.policy.credentials().then_some("true"));
            lines.set(VARY, "Origin");
        }
        _ => {}
    }
}
