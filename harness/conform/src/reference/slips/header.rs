//! Allowing request headers, wrongly.

use crate::reference::fault::HeaderFault;
use crate::reference::lines::{ALLOW_HEADERS, ALLOW_ORIGIN, Lines};
use crate::reference::middleware::{Turn, headers};

const MOST_NAMES: usize = 8;
const MOST_BYTES: usize = 64;

pub(super) fn spoil(slip: HeaderFault, turn: &Turn<'_>, lines: &mut Lines) {
    if !turn.preflight || !lines.has(ALLOW_ORIGIN) {
        return;
    }
    if slip == HeaderFault::WrongHeader {
        return lines.rename(ALLOW_HEADERS, "Access-Control-Request-Headers");
    }
    let value = if refuses(slip, turn) {
        None
    } else {
        match turn.policy.request_headers() {
            Some(list) => of_list(slip, turn, list),
            None => of_all(slip, turn),
        }
    };
    lines.put(ALLOW_HEADERS, value.filter(|value| !value.is_empty()));
}

/// Slips that refuse a way of asking.
fn refuses(slip: HeaderFault, turn: &Turn<'_>) -> bool {
    let names = turn.heard.asked_names();
    let lines = turn.heard.asked_lines();
    match slip {
        HeaderFault::RefusesSeveralLines => lines.len() > 1,
        HeaderFault::RefusesEmptyMembers => {
            turn.heard.asked_members().iter().any(|m| m.trim_ascii().is_empty())
        }
        HeaderFault::RefusesRepeats => {
            let mut seen = std::collections::BTreeSet::new();
            !names.iter().all(|name| seen.insert(name))
        }
        HeaderFault::RequiresOrder => !names.is_sorted(),
        HeaderFault::RefusesUpperCase => names.iter().flatten().any(u8::is_ascii_uppercase),
        HeaderFault::RefusesMany => names.len() > MOST_NAMES,
        _ => false,
    }
}

/// What a slip makes of a policy that names all.
fn of_all(slip: HeaderFault, turn: &Turn<'_>) -> Option<Vec<u8>> {
    let right = headers(turn.policy, &turn.heard);
    match slip {
        HeaderFault::WritesStar => Some(b"*".to_vec()),
        HeaderFault::AnyHasNoEffect => None,
        HeaderFault::DropsAuthorization => {
            let mut names = turn.heard.asked_names();
            names.retain(|name| !name.eq_ignore_ascii_case(b"authorization"));
            Some(names.join(&b", "[..]))
        }
        HeaderFault::ReadsFirstLine => turn.heard.asked_lines().first().map(|line| line.to_vec()),
        HeaderFault::TruncatesEcho => Some(right.get(..MOST_BYTES).unwrap_or(&right).to_vec()),
        _ => Some(right),
    }
}

/// What a slip makes of a list.
fn of_list(slip: HeaderFault, turn: &Turn<'_>, list: &[String]) -> Option<Vec<u8>> {
    let names = turn.heard.asked_names();
    let listed = |name: &[u8]| list.iter().any(|l| l.as_bytes().eq_ignore_ascii_case(name));
    let only = |names: Vec<&[u8]>, fits: &dyn Fn(&[u8]) -> bool| {
        Some(names.into_iter().filter(|n| fits(n)).collect::<Vec<_>>().join(&b", "[..]))
    };
    let echo_if = |fits: bool| fits.then(|| names.join(&b", "[..]));
    let merge = |more: &[&str]| {
        let all = list.iter().map(String::as_str).chain(more.iter().copied());
        Some(all.collect::<Vec<_>>().join(", ").into_bytes())
    };
    let also = |fits: &dyn Fn(&str) -> bool| {
        let names = names.iter().filter_map(|name| std::str::from_utf8(name).ok());
        merge(&names.filter(|name| fits(&name.to_ascii_lowercase())).collect::<Vec<_>>())
    };
    let lower: Vec<String> = list.iter().map(|l| l.to_ascii_lowercase()).collect();
    match slip {
        HeaderFault::EchoesAll => echo_if(true),
        HeaderFault::OneIsEnough => echo_if(names.iter().any(|n| listed(n))),
        HeaderFault::ChecksFirstOnly => echo_if(names.first().is_some_and(|n| listed(n))),
        HeaderFault::ChecksLastOnly => echo_if(names.last().is_some_and(|n| listed(n))),
        HeaderFault::ComparesCase => {
            let exact = |name: &[u8]| list.iter().any(|l| l.as_bytes() == name);
            only(names.iter().map(Vec::as_slice).collect(), &exact)
        }
        HeaderFault::KeepsSpaces => only(turn.heard.asked_members(), &listed),
        HeaderFault::ReadsFirstLine => {
            let first = turn.heard.asked_lines().into_iter().take(1);
            let members = first.flat_map(|line| line.split(|b| *b == b',')).map(<[u8]>::trim_ascii);
            only(members.collect(), &listed)
        }
        HeaderFault::MergesDefaults => {
            merge(&["Accept", "Accept-Language", "Content-Language", "Content-Type"])
        }
        HeaderFault::MergesAuthorization => merge(&["Authorization"]),
        HeaderFault::MatchesPrefix => also(&|name| lower.iter().any(|l| name.starts_with(l))),
        HeaderFault::InsideJoinedList => also(&|name| lower.join(",").contains(name)),
        HeaderFault::UnderscoreIsHyphen => {
            let fold = |text: &str| text.replace('_', "-");
            also(&|name| lower.iter().any(|l| fold(l) == fold(name)))
        }
        HeaderFault::GrantsCustom => also(&|name| name.starts_with("x-")),
        HeaderFault::JoinsBySpaces => Some(list.join(" ").into_bytes()),
        HeaderFault::FirstOnly => list.first().map(|l| l.clone().into_bytes()),
        HeaderFault::GrantsExposed => {
            turn.policy.expose_headers().map(|exposed| exposed.join(", ").into_bytes())
        }
        _ => merge(&[]),
    }
}
