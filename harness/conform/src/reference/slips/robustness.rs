//! Input that nobody thought of.

use corsproof_model::Origin;
use corsproof_model::infra::is_token;

use super::parts;
use crate::observe::WireResponse;
use crate::policy::Policy;
use crate::reference::fault::RobustnessFault;
use crate::reference::heard::Heard;
use crate::reference::lines::{ALLOW_HEADERS, Lines, values};
use crate::reference::middleware::{Turn, names};

const MOST_BYTES: usize = 1024;

pub(super) fn hear(slip: RobustnessFault, mut heard: Heard<'_>) -> Heard<'_> {
    if slip == RobustnessFault::Http2LowerCase && heard.request.http2 {
        heard.origin = None;
        heard.asked_method = None;
    }
    heard
}

pub(super) fn is_preflight(slip: RobustnessFault, heard: &Heard<'_>) -> bool {
    heard.is_preflight() && !(slip == RobustnessFault::Http2NoPreflight && heard.request.http2)
}

pub(super) fn allows(
    slip: RobustnessFault,
    policy: &Policy,
    heard: &Heard<'_>,
    text: &str,
) -> bool {
    let lines = || values(&heard.request.headers, "origin").count();
    names(policy, text)
        || match slip {
            RobustnessFault::EchoesOdd => lines() == 1 && Origin::parse_serialized(text).is_none(),
            RobustnessFault::EchoesSeveral => lines() > 1 || text.contains(','),
            _ => false,
        }
}

pub(super) fn refuses(slip: RobustnessFault, turn: &Turn<'_>) -> Option<WireResponse> {
    let failed = |status| Some(WireResponse { status, headers: Vec::new() });
    if slip == RobustnessFault::Http2NoHost && turn.heard.request.http2 {
        return failed(400);
    }
    let breaks = match slip {
        RobustnessFault::BreaksOnTwoOrigins => {
            values(&turn.heard.request.headers, "origin").count() > 1
        }
        RobustnessFault::BreaksOnLongNames => {
            turn.heard.asked_lines().iter().map(|line| line.len()).sum::<usize>() > MOST_BYTES
        }
        RobustnessFault::BreaksOnOddMethod => {
            turn.heard.asked_method.as_deref().is_some_and(|method| !is_token(method))
        }
        _ => turn.heard.origin_text().is_some_and(|text| breaks_on(slip, &text)),
    };
    if breaks { failed(500) } else { None }
}

fn breaks_on(slip: RobustnessFault, text: &str) -> bool {
    match slip {
        RobustnessFault::BreaksOnBracket => text.contains('[') && !text.contains(']'),
        RobustnessFault::BreaksOnNonAscii => !text.is_ascii(),
        RobustnessFault::BreaksOnSpace => text.contains(' '),
        RobustnessFault::BreaksOnEmpty => text.is_empty(),
        RobustnessFault::BreaksOnNull => text == "null",
        RobustnessFault::BreaksOnPort => {
            parts(text).and_then(|p| p.2).is_some_and(|port| port.parse::<u16>().is_err())
        }
        RobustnessFault::BreaksOnOtherScheme => {
            parts(text).is_some_and(|(scheme, _, _)| !matches!(scheme, "http" | "https"))
        }
        _ => false,
    }
}

pub(super) fn spoil(slip: RobustnessFault, turn: &Turn<'_>, lines: &mut Lines) {
    match slip {
        RobustnessFault::EchoesRawNames if turn.preflight && turn.allowed => {
            let asked = turn.heard.asked_lines();
            if turn.policy.request_headers().is_none() && !asked.is_empty() {
                lines.set(ALLOW_HEADERS, asked.join(&b", "[..]));
            }
        }
        RobustnessFault::Http2BothCases if turn.heard.request.http2 => {
            let twice: Vec<_> = lines.iter().cloned().collect();
            lines.extend(twice.into_iter().map(|(n, v)| (n.to_ascii_lowercase().into(), v)));
        }
        _ => {}
    }
}
