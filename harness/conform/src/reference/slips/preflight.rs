//! Preflights, wrongly recognised and answered.

use super::Runs;
use crate::byte_string::HeaderLine;
use crate::observe::WireResponse;
use crate::policy::Policy;
use crate::reference::app;
use crate::reference::fault::PreflightFault;
use crate::reference::heard::Heard;
use crate::reference::lines::{
    ALLOW_CREDENTIALS, ALLOW_HEADERS, ALLOW_METHODS, ALLOW_ORIGIN, Lines, VARY, line,
};
use crate::reference::middleware::{Turn, grant_preflight, names};

pub(super) fn is_preflight(slip: PreflightFault, heard: &Heard<'_>) -> bool {
    match slip {
        PreflightFault::AnyOptionsWithOrigin => heard.is_options() && heard.origin.is_some(),
        PreflightFault::AnyOptions => heard.is_options(),
        PreflightFault::NeedsRequestHeaders => {
            heard.is_preflight() && !heard.asked_lines().is_empty()
        }
        PreflightFault::AnyMethod => heard.origin.is_some() && heard.asked_method.is_some(),
        _ => heard.is_preflight(),
    }
}

pub(super) fn allows(slip: PreflightFault, policy: &Policy, text: &str, preflight: bool) -> bool {
    names(policy, text)
        || match slip {
            PreflightFault::AllowsAnyOrigin => preflight,
            PreflightFault::ActualAllowsAnyOrigin => !preflight,
            _ => false,
        }
}

pub(super) fn refuses(slip: PreflightFault, turn: &Turn<'_>) -> Option<WireResponse> {
    let status = |status, headers| Some(WireResponse { status, headers });
    let has_origin = turn.heard.origin.is_some();
    let bare_options = turn.heard.is_options() && !has_origin;
    match slip {
        PreflightFault::BreaksWithoutOrigin if bare_options => status(500, Vec::new()),
        PreflightFault::RefusesWithoutOrigin if bare_options => status(400, Vec::new()),
        PreflightFault::SwallowsOptions if turn.heard.is_options() && !turn.preflight => {
            status(204, Vec::new())
        }
        PreflightFault::ForbidsForeign if has_origin && !turn.allowed && !turn.preflight => {
            status(403, vec![line(VARY, "Origin")])
        }
        PreflightFault::ForbidsForeignBare if has_origin && !turn.allowed => {
            status(403, Vec::new())
        }
        _ => None,
    }
}

pub(super) fn runs_handler(slip: PreflightFault, turn: &Turn<'_>) -> Runs {
    match slip {
        _ if !turn.preflight => Runs::Heard,
        PreflightFault::RunsHandler => Runs::Heard,
        PreflightFault::RunsHandlerFirst => Runs::Unheard,
        _ => Runs::No,
    }
}

pub(super) fn status(slip: PreflightFault, turn: &Turn<'_>) -> u16 {
    match slip {
        PreflightFault::Redirects => 307,
        PreflightFault::NeedsAuthentication => 401,
        PreflightFault::NotFound => 404,
        PreflightFault::MethodNotAllowed => 405,
        PreflightFault::Breaks => 500,
        PreflightFault::NotFoundForUnknownPath if !app::knows(turn.heard.request) => 404,
        _ => 204,
    }
}

pub(super) fn own(slip: PreflightFault) -> Vec<HeaderLine> {
    match slip {
        PreflightFault::Redirects => vec![line("Location", "/plain/")],
        PreflightFault::NeedsAuthentication => {
            vec![line("WWW-Authenticate", "Basic realm=\"app\"")]
        }
        PreflightFault::MethodNotAllowed => vec![line("Allow", "GET, HEAD, POST")],
        _ => Vec::new(),
    }
}

pub(super) fn spoil(slip: PreflightFault, turn: &Turn<'_>, lines: &mut Lines) {
    let forgets = match slip {
        PreflightFault::ForgetsOrigin => turn.preflight,
        PreflightFault::ActualForgetsOrigin => !turn.preflight,
        _ => false,
    };
    if forgets {
        lines.remove(ALLOW_ORIGIN);
        lines.remove(ALLOW_CREDENTIALS);
    }
    match slip {
        PreflightFault::AnswersOnActual if turn.preflight => {
            lines.remove(ALLOW_METHODS);
            lines.remove(ALLOW_HEADERS);
        }
        PreflightFault::AnswersOnActual if turn.allowed => grant_preflight(turn, lines),
        PreflightFault::AnswersDenied if turn.preflight && !turn.allowed => {
            grant_preflight(turn, lines);
        }
        _ => {}
    }
}
