//! Writing the other headers, wrongly.

use super::{after_scheme, parts};
use crate::reference::app;
use crate::reference::fault::AnswerFault;
use crate::reference::lines::{
    ALLOW_ORIGIN, ALLOW_PRIVATE_NETWORK, EXPOSE_HEADERS, Lines, MAX_AGE,
};
use crate::reference::middleware::Turn;

pub(super) fn spoil(slip: AnswerFault, turn: &Turn<'_>, app: (u16, &Lines), lines: &mut Lines) {
    rewrite_origin(slip, turn, lines);
    expose(slip, turn, app, lines);
    limit(slip, turn, lines);
    let asks = turn.heard.line("access-control-request-private-network").is_some();
    match slip {
        AnswerFault::AlwaysPrivateNetwork if turn.preflight && turn.allowed && asks => {
            lines.set(ALLOW_PRIVATE_NETWORK, "true");
        }
        AnswerFault::NeverPrivateNetwork => lines.remove(ALLOW_PRIVATE_NETWORK),
        AnswerFault::PrivateNetworkToDenied
            if turn.preflight && asks && turn.policy.raw().private_network =>
        {
            lines.set(ALLOW_PRIVATE_NETWORK, "true");
        }
        _ => {}
    }
}

fn rewrite_origin(slip: AnswerFault, turn: &Turn<'_>, lines: &mut Lines) {
    let listed = turn.policy.origins().map(|set| set.list.as_slice()).unwrap_or_default();
    match slip {
        AnswerFault::NullMeansNo if !turn.allowed => lines.set(ALLOW_ORIGIN, "null"),
        AnswerFault::EmptyMeansNo if !turn.allowed => lines.set(ALLOW_ORIGIN, ""),
        AnswerFault::ListsOrigins if turn.allowed && !listed.is_empty() => {
            lines.set(ALLOW_ORIGIN, listed.join(", "));
        }
        AnswerFault::AlwaysFirstListed => {
            if let Some(first) = listed.first() {
                lines.set(ALLOW_ORIGIN, first.as_str());
            }
        }
        _ => {}
    }
    let Some(value) = lines.value(ALLOW_ORIGIN).map(<[u8]>::to_vec) else { return };
    let text = String::from_utf8_lossy(&value).into_owned();
    if slip == AnswerFault::OriginTwice {
        lines.add(ALLOW_ORIGIN, value);
    } else if value != b"*"
        && let Some(value) = spoilt(slip, &text)
    {
        lines.set(ALLOW_ORIGIN, value);
    }
}

fn spoilt(slip: AnswerFault, origin: &str) -> Option<String> {
    Some(match slip {
        AnswerFault::SlashBehindOrigin => format!("{origin}/"),
        AnswerFault::OriginWithoutPort => {
            let (scheme, host, _) = parts(origin)?;
            format!("{scheme}://{host}")
        }
        AnswerFault::OriginWithoutScheme => after_scheme(origin).to_owned(),
        AnswerFault::QuotesOrigin => format!("\"{origin}\""),
        AnswerFault::CapitalisesOrigin => {
            let mut letters = origin.chars();
            let first = letters.next()?.to_ascii_uppercase();
            format!("{first}{}", letters.as_str())
        }
        AnswerFault::StarForListed => "*".to_owned(),
        _ => return None,
    })
}

fn expose(slip: AnswerFault, turn: &Turn<'_>, app: (u16, &Lines), lines: &mut Lines) {
    let (status, own) = app;
    let some = |names: Vec<String>| (!names.is_empty()).then(|| names.join(", "));
    let list = || turn.policy.expose_headers().map(<[String]>::to_vec);
    match slip {
        AnswerFault::ExposesOnPreflight if turn.allowed => {
            let names = list().filter(|_| turn.preflight).unwrap_or_default();
            lines.put(EXPOSE_HEADERS, some(names));
        }
        _ if turn.preflight || !turn.allowed => {}
        AnswerFault::ExposesAll => lines.put(EXPOSE_HEADERS, some(app::names(own))),
        AnswerFault::ExposesNone => lines.remove(EXPOSE_HEADERS),
        AnswerFault::ExposesStar if list().is_none() => lines.set(EXPOSE_HEADERS, "*"),
        AnswerFault::ExposesByWrongName => {
            lines.rename(EXPOSE_HEADERS, "Access-Control-Exposed-Headers");
        }
        AnswerFault::ExposesFirst => {
            let first = list().map(|names| names.into_iter().take(1).collect());
            if let Some(first) = first {
                lines.put(EXPOSE_HEADERS, some(first));
            }
        }
        AnswerFault::ExposesOnSuccess if status >= 400 => lines.remove(EXPOSE_HEADERS),
        AnswerFault::ExposesRequestHeaders => {
            let names = turn.policy.request_headers().unwrap_or_default();
            lines.put(EXPOSE_HEADERS, some(names.to_vec()));
        }
        _ => {}
    }
}

fn limit(slip: AnswerFault, turn: &Turn<'_>, lines: &mut Lines) {
    if !turn.preflight || !turn.allowed {
        return;
    }
    let seconds = turn.policy.max_age();
    let written = match (slip, seconds) {
        (AnswerFault::NegativeMaxAge, Some(seconds)) => format!("-{seconds}"),
        (AnswerFault::FloatMaxAge, Some(seconds)) => format!("{seconds}.0"),
        (AnswerFault::MaxAgeWithUnit, Some(seconds)) => format!("{seconds}s"),
        (AnswerFault::MaxAgeInMilliseconds, Some(seconds)) => {
            seconds.saturating_mul(1000).to_string()
        }
        (AnswerFault::DefaultMaxAge, None) => "86400".to_owned(),
        (AnswerFault::NoMaxAgeForZero, Some(0)) => return lines.remove(MAX_AGE),
        (AnswerFault::MaxAgeAsCacheControl, Some(seconds)) => {
            lines.remove(MAX_AGE);
            return lines.set("Cache-Control", format!("max-age={seconds}"));
        }
        _ => return,
    };
    lines.set(MAX_AGE, written);
}
