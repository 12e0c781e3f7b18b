//! Allowing methods, wrongly.

use corsproof_model::is_cors_safelisted_method;

use crate::reference::fault::MethodFault;
use crate::reference::lines::{ALLOW_METHODS, ALLOW_ORIGIN, Lines};
use crate::reference::middleware::{Turn, methods};

const USUAL: &str = "GET, HEAD, PUT, PATCH, POST, DELETE";

pub(super) fn spoil(slip: MethodFault, turn: &Turn<'_>, lines: &mut Lines) {
    if !turn.preflight || !lines.has(ALLOW_ORIGIN) {
        return;
    }
    let asked = turn.heard.asked_method.as_deref().unwrap_or_default();
    match (slip, turn.policy.methods()) {
        (MethodFault::RefusesSafelisted, Some(list))
            if is_cors_safelisted_method(asked) && !list.iter().any(|l| l.as_bytes() == asked) =>
        {
            *lines = Lines::default();
        }
        (MethodFault::WritesAllow, _) => lines.rename(ALLOW_METHODS, "Allow"),
        (MethodFault::Lowers, _) => lines.change(ALLOW_METHODS, <[u8]>::to_ascii_lowercase),
        (MethodFault::Uppers, _) => lines.change(ALLOW_METHODS, <[u8]>::to_ascii_uppercase),
        (MethodFault::WritesStar, None) => lines.set(ALLOW_METHODS, "*"),
        (MethodFault::AnyMeansDefaults, None) => lines.set(ALLOW_METHODS, USUAL),
        (_, Some(list)) => {
            let value = written(slip, turn, list, asked);
            lines.put(ALLOW_METHODS, value.filter(|value| !value.is_empty()));
        }
        _ => {}
    }
}

/// What a slip makes of a list.
fn written(slip: MethodFault, turn: &Turn<'_>, list: &[String], asked: &[u8]) -> Option<Vec<u8>> {
    let text = String::from_utf8_lossy(asked);
    let any = |matches: &dyn Fn(&str) -> bool| list.iter().any(|l| matches(l));
    let echo_if = |matches: bool| {
        Some(if matches { asked.to_vec() } else { methods(turn.policy, Some(asked)) })
    };
    let without = |drop: &dyn Fn(&str) -> bool| {
        Some(list.iter().filter(|l| !drop(l)).cloned().collect::<Vec<_>>().join(", "))
    };
    let value = match slip {
        MethodFault::Echoes => return echo_if(true),
        MethodFault::IgnoresCase => return echo_if(any(&|l| l.eq_ignore_ascii_case(&text))),
        MethodFault::MatchesPrefix => return echo_if(any(&|l| text.starts_with(l))),
        MethodFault::InsideJoinedList => return echo_if(list.join(", ").contains(&*text)),
        MethodFault::UppersAsked => {
            any(&|l| l == text.to_ascii_uppercase()).then(|| list.join(", "))
        }
        MethodFault::MergesDefaults => Some(format!("{}, {USUAL}", list.join(", "))),
        MethodFault::EmptyListMeansDefaults if list.is_empty() => Some(USUAL.to_owned()),
        MethodFault::FirstOnly => list.first().cloned(),
        MethodFault::LastOnly => list.last().cloned(),
        MethodFault::Truncates => Some(list.get(..3).unwrap_or(list).join(", ")),
        MethodFault::DropsUnknown => without(&|l| l != "OPTIONS" && !USUAL.contains(l)),
        MethodFault::DropsOptions => without(&|l| l == "OPTIONS"),
        MethodFault::DropsHead => without(&|l| l == "HEAD"),
        MethodFault::JoinsBySpaces => Some(list.join(" ")),
        MethodFault::WritesDebugForm => Some(format!("{list:?}")),
        MethodFault::GrantsThoseOfAllPaths => {
            let paths = turn.root.paths().iter().filter_map(|(_, policy)| policy.methods());
            let all = turn.root.methods().into_iter().chain(paths).chain([list]);
            Some(all.flatten().cloned().collect::<Vec<_>>().join(", "))
        }
        _ => Some(list.join(", ")),
    };
    value.map(String::into_bytes)
}
