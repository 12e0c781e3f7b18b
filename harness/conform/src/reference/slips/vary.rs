//! Telling caches, wrongly.

use crate::reference::fault::VaryFault;
use crate::reference::lines::{Lines, VARY, values};
use crate::reference::middleware::{self, Turn};

pub(super) fn spoil(slip: VaryFault, turn: &Turn<'_>, status: u16, vary: &mut Vec<&'static str>) {
    match slip {
        VaryFault::Star => *vary = vec!["*"],
        VaryFault::OnStatic if !vary.contains(&"Origin") => vary.insert(0, "Origin"),
        VaryFault::NamesPreflightsOnly if vary.contains(&"Origin") => {
            *vary = vec!["Access-Control-Request-Method", "Access-Control-Request-Headers"];
        }
        VaryFault::NamesResponseHeader => rename(vary, "Access-Control-Allow-Origin"),
        VaryFault::CopiesRequests => vary.clear(),
        _ if is_missing(slip, turn, status) => vary.retain(|name| *name != "Origin"),
        _ => {}
    }
}

fn is_missing(slip: VaryFault, turn: &Turn<'_>, status: u16) -> bool {
    let has_origin = turn.heard.origin.is_some();
    let set = turn.policy.origins();
    match slip {
        VaryFault::Never => true,
        VaryFault::OnlyAllowed => !(turn.allowed && has_origin),
        VaryFault::OnlyDenied => turn.allowed,
        VaryFault::NotWithoutOrigin => !has_origin,
        VaryFault::OnlyForSeveralListed => set.is_some_and(|set| set.list.len() < 2),
        VaryFault::OnlyForLists => {
            set.is_some_and(|set| !set.patterns.is_empty() || !set.subdomains_of.is_empty())
        }
        VaryFault::OnlyOnPreflight => !turn.preflight,
        VaryFault::NotOnPreflight => turn.preflight,
        VaryFault::NotOnErrors => status >= 400,
        VaryFault::NotOnNotModified => status == 304,
        VaryFault::NotOnRedirects => matches!(status, 300..=399) && status != 304,
        _ => false,
    }
}

fn rename(vary: &mut [&'static str], to: &'static str) {
    for name in vary.iter_mut().filter(|name| **name == "Origin") {
        *name = to;
    }
}

pub(super) fn merge(slip: VaryFault, turn: &Turn<'_>, mut own: Lines, mut lines: Lines) -> Lines {
    match slip {
        VaryFault::ReplacesHandlers if lines.has(VARY) => own.remove(VARY),
        VaryFault::ReplacedByHandler if own.has(VARY) => lines.remove(VARY),
        VaryFault::JoinedBySpace => {
            if let (Some(front), Some(behind)) = (own.value(VARY), lines.value(VARY)) {
                let joined = [front, behind].join(&b' ');
                own.remove(VARY);
                lines.set(VARY, joined);
            }
        }
        VaryFault::CopiesRequests => {
            for value in values(&turn.heard.request.headers, "vary") {
                lines.add(VARY, value);
            }
        }
        VaryFault::Misspelt => lines.rename(VARY, "Very"),
        _ => {}
    }
    middleware::merge(own, lines)
}
