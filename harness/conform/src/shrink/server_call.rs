//! Simpler variants of one call of a server case: a plain wire, plainer recipes.

use crate::case::Credentials;
use crate::generate::origins::{OriginChange, OriginRecipe};
use crate::server_case::{AskedForm, HeaderRecipe, MethodRecipe, ServerCall, Wire};

/// Calls that are one step simpler, or may be: [`weight`] tells.
pub(super) fn simpler(call: &ServerCall) -> Vec<ServerCall> {
    let mut all = Vec::new();
    let mut offer = |change: &dyn Fn(&mut ServerCall)| {
        let mut simpler = call.clone();
        change(&mut simpler);
        all.push(simpler);
    };
    offer(&|call| call.overlaps = false);
    for wire in plainer(&call.wire) {
        offer(&|call| call.wire = wire.clone());
    }
    offer(&|call| call.path = "/plain".to_owned());
    offer(&|call| call.path.truncate(call.path.find('?').unwrap_or(call.path.len())));
    offer(&|call| call.method = MethodRecipe::Literal("GET".into()));
    offer(&|call| call.method = MethodRecipe::Listed(0));
    offer(&|call| {
        if let MethodRecipe::CaseFlipped(n) | MethodRecipe::Cut(n) = &mut call.method {
            *n = 0;
        }
    });
    offer(&|call| call.credentials = Credentials::SameOrigin);
    for header in 0..call.headers.len() {
        offer(&|call| {
            call.headers.remove(header);
        });
        for recipe in [HeaderRecipe::Listed(0), HeaderRecipe::ListedUpper(0)] {
            offer(&|call| {
                call.headers.splice(header..=header, [recipe.clone()]);
            });
        }
    }
    for origin in simpler_origins(&call.origin) {
        offer(&|call| call.origin = origin.clone());
    }
    all
}

/// How much there is of a call.
pub(super) fn weight(call: &ServerCall) -> usize {
    let method = match &call.method {
        MethodRecipe::Literal(method) if *method == *"GET" => 0,
        MethodRecipe::Listed(n) => 3 + n,
        MethodRecipe::CaseFlipped(n) | MethodRecipe::Cut(n) => 4 + n,
        MethodRecipe::Unlisted => 4,
        MethodRecipe::Literal(method) => 6 + method.len(),
    };
    let headers: usize = call.headers.iter().map(header_weight).sum();
    let credentials = usize::from(call.credentials == Credentials::Include) * 2;
    let path = if call.path == "/plain" { 0 } else { 6 + call.path.len() };
    let overlaps = usize::from(call.overlaps) * 8;
    40 + origin_weight(&call.origin)
        + method
        + headers
        + credentials
        + path
        + overlaps
        + wire_weight(&call.wire)
}

fn plainer(wire: &Wire) -> Vec<Wire> {
    let mut all = vec![
        Wire::default(),
        Wire { host: None, ..wire.clone() },
        Wire { http2: false, ..wire.clone() },
        Wire { bare: false, ..wire.clone() },
        Wire { asked: AskedForm::AsBrowsersDo, ..wire.clone() },
        Wire { origin_twice: false, ..wire.clone() },
        Wire { private_network: false, ..wire.clone() },
    ];
    for line in 0..wire.lines.len() {
        let mut fewer = wire.clone();
        fewer.lines.remove(line);
        all.push(fewer);
    }
    all
}

fn wire_weight(wire: &Wire) -> usize {
    let flags = [
        wire.http2,
        wire.bare,
        wire.asked != AskedForm::AsBrowsersDo,
        wire.origin_twice,
        wire.private_network,
    ];
    let lines = wire.lines.iter().map(|(name, value)| 8 + name.len() + value.len());
    let host = wire.host.as_ref().map_or(0, |host| 8 + host.len());
    flags.into_iter().filter(|flag| *flag).count() * 6 + host + lines.sum::<usize>()
}

fn simpler_origins(origin: &OriginRecipe) -> Vec<OriginRecipe> {
    let mut all = vec![OriginRecipe::Listed(0)];
    match origin {
        OriginRecipe::Changed { of, change } => {
            all.push(OriginRecipe::Changed { of: 0, change: *change });
            let of = *of;
            all.push(OriginRecipe::Changed { of, change: simplest(*change) });
        }
        OriginRecipe::Own(change) => all.push(OriginRecipe::Own(simplest(*change))),
        OriginRecipe::Combined { of, with, how } => {
            all.push(OriginRecipe::Combined { of: 0, with: *with, how: *how });
            all.push(OriginRecipe::Combined { of: *of, with: 0, how: *how });
        }
        OriginRecipe::Literal(literal) => {
            all.extend([OriginRecipe::Null, OriginRecipe::Unrelated]);
            let characters = literal.chars().count();
            for kept in [characters / 2, characters.saturating_sub(1)] {
                all.push(OriginRecipe::Literal(literal.chars().take(kept).collect()));
            }
        }
        _ => {}
    }
    all
}

/// The same change with the simplest number or character.
fn simplest(change: OriginChange) -> OriginChange {
    match change {
        OriginChange::DotReplaced(_) => OriginChange::DotReplaced(0),
        OriginChange::LabelBetween(_) => OriginChange::LabelBetween('-'),
        OriginChange::MarkBehind(_) => OriginChange::MarkBehind('-'),
        other => other,
    }
}

fn origin_weight(origin: &OriginRecipe) -> usize {
    let change_weight = |change: &OriginChange| match change {
        OriginChange::DotReplaced(n) => *n,
        other => usize::from(*other != simplest(*other)),
    };
    match origin {
        OriginRecipe::Listed(n) => n + 1,
        OriginRecipe::Null | OriginRecipe::Unrelated | OriginRecipe::Absent => 10,
        OriginRecipe::Changed { of, change } => 12 + of + change_weight(change),
        OriginRecipe::Own(change) => 12 + change_weight(change),
        OriginRecipe::Combined { of, with, .. } => 14 + of + with,
        OriginRecipe::Literal(literal) => 20 + literal.len(),
    }
}

fn header_weight(header: &HeaderRecipe) -> usize {
    match header {
        HeaderRecipe::Listed(n) => 10 + n,
        HeaderRecipe::ListedUpper(n) | HeaderRecipe::Cut(n) | HeaderRecipe::Glued(n) => 12 + n,
        HeaderRecipe::Unlisted => 12,
        HeaderRecipe::Literal((name, value)) => 14 + name.len() + value.len(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::server_case::ServerCase;
    use crate::shrink::{Shrink as _, shrink};

    /// Two calls with all that can differ on a wire.
    const RICH: &str = r#"{
        "id": "r",
        "policy": {"origins": {"list": ["https://a.example", "https://b.example"]},
            "paths": [{"prefix": "/plain", "policy": {"origins": {"any": true}, "max_age": 5}},
                      {"prefix": "/vary", "policy": {"origins": {"any": true}}}]},
        "calls": [
            {"origin": {"changed": {"of": 1, "change": {"dot_replaced": 3}}}, "path": "/vary?x",
             "method": {"case_flipped": 2}, "credentials": "include"},
            {"origin": {"literal": "https://[long"}, "path": "/PLAIN",
             "method": "unlisted", "headers": [{"listed_upper": 2}], "credentials": "include",
             "wire": {"host": "a.example", "http2": true, "bare": true, "asked": "spaced",
                 "origin_twice": true, "private_network": true,
                 "lines": [["Vary", "x"], ["X-Forwarded-Host", "y"]]},
             "overlaps": true}]
    }"#;

    fn rich() -> ServerCase {
        serde_json::from_str(RICH).unwrap()
    }

    #[test]
    fn all_that_can_go_goes() {
        let (smallest, _) = shrink(rich(), |_| true);
        assert!(smallest.calls.is_empty() && smallest.policy.paths().is_empty());
        let (smallest, _) = shrink(rich(), |case| case.calls.len() == 2);
        for call in &smallest.calls {
            assert!(call.wire.is_plain() && !call.overlaps && call.path == "/plain", "{call:?}");
            assert_eq!(call.origin, OriginRecipe::Listed(0));
        }
    }

    #[test]
    fn the_order_of_calls_is_kept() {
        let vary_first = |case: &ServerCase| {
            let paths: Vec<&str> = case.calls.iter().map(|call| call.path.as_str()).collect();
            paths.len() == 2 && paths.first().is_some_and(|path| path.starts_with("/vary"))
        };
        let (smallest, _) = shrink(rich(), vary_first);
        assert_eq!(
            smallest.calls.iter().map(|c| &*c.path).collect::<Vec<_>>(),
            ["/vary", "/plain"]
        );
    }

    /// Vacuous if another part of the case were kept by the test itself: each asks for one thing.
    #[test]
    fn each_part_of_a_wire_can_be_the_one_that_stays() {
        type Part = fn(&Wire) -> bool;
        let parts: [Part; 7] = [
            |wire| wire.host.is_some(),
            |wire| wire.http2,
            |wire| wire.bare,
            |wire| wire.asked == AskedForm::Spaced,
            |wire| wire.origin_twice,
            |wire| wire.private_network,
            |wire| wire.lines.iter().any(|(name, _)| *name == *"X-Forwarded-Host"),
        ];
        for part in parts {
            let (smallest, _) = shrink(rich(), |case| case.calls.iter().any(|c| part(&c.wire)));
            let [call] = smallest.calls.as_slice() else { panic!("{smallest:?}") };
            let kept: Vec<bool> = parts.iter().map(|part| part(&call.wire)).collect();
            assert_eq!(kept.iter().filter(|kept| **kept).count(), 1, "{call:?}");
        }
    }

    #[test]
    fn numbers_and_policies_of_paths_shrink_one_by_one() {
        let replaced = |case: &ServerCase| {
            case.policy.paths().iter().any(|(prefix, _)| prefix == "/vary")
                && case.calls.iter().any(|call| match &call.origin {
                    OriginRecipe::Changed { change, .. } => {
                        matches!(change, OriginChange::DotReplaced(_))
                    }
                    _ => false,
                })
        };
        let (smallest, _) = shrink(rich(), replaced);
        assert_eq!(smallest.policy.paths().len(), 1);
        let change = OriginChange::DotReplaced(0);
        assert_eq!(smallest.calls.len(), 1);
        assert!(
            smallest
                .calls
                .iter()
                .all(|call| call.origin == OriginRecipe::Changed { of: 0, change })
        );
        assert!(smallest.weight() < rich().weight());
    }
}
