//! Comparing an origin with those listed, wrongly.

use corsproof_model::Origin;
use url::Url;

use super::{after_scheme, host, parts, relisted};
use crate::policy::Policy;
use crate::reference::fault::OriginFault;
use crate::reference::middleware::names;

pub(super) fn allows(slip: OriginFault, policy: &Policy, text: &str) -> bool {
    if let Some(refused) = refuses(slip, policy, text) {
        return !refused;
    }
    names(policy, text) || also_allows(slip, policy, text)
}

/// Slips that also refuse: what they make of this origin.
fn refuses(slip: OriginFault, policy: &Policy, text: &str) -> Option<bool> {
    let named = |policy: &Policy| names(policy, text);
    let odd_host = match slip {
        OriginFault::ComparesInUnicode => host(text).split('.').any(|l| l.starts_with("xn--")),
        OriginFault::RefusesIpv6 => text.contains('['),
        OriginFault::RefusesUnderscore => text.contains('_'),
        _ => return relists(slip, policy).map(|policy| !named(&policy)),
    };
    Some(odd_host || !named(policy))
}

/// Slips that lose part of the list: the policy that is left.
fn relists(slip: OriginFault, policy: &Policy) -> Option<Policy> {
    let keep: fn(&mut Vec<String>) = match slip {
        OriginFault::ForgetsListedPort => |list| {
            for origin in list {
                if let Some((scheme, host, Some(_))) = parts(origin) {
                    *origin = format!("{scheme}://{host}");
                }
            }
        },
        OriginFault::LosesSharedSuffix => |list| {
            let all = list.clone();
            list.retain(|l| !all.iter().any(|o| o.len() > l.len() && host(o).ends_with(host(l))));
        },
        OriginFault::FirstListedOnly => |list| list.truncate(1),
        OriginFault::LastListedOnly => |list| drop(list.drain(..list.len().saturating_sub(1))),
        OriginFault::ForgetsLastListed => |list| list.truncate(list.len().saturating_sub(1)),
        _ => return None,
    };
    Some(relisted(policy, |set| keep(&mut set.list)))
}

/// Slips that allow more.
fn also_allows(slip: OriginFault, policy: &Policy, text: &str) -> bool {
    let listed = policy.origins().map(|set| set.list.as_slice()).unwrap_or_default();
    let any = |matches: &dyn Fn(&str) -> bool| listed.iter().any(|l| matches(l));
    let same = |key: fn(&str) -> Option<String>| {
        key(text).is_some_and(|key_of_text| any(&|l| key(l).as_ref() == Some(&key_of_text)))
    };
    match slip {
        OriginFault::ReflectsAny => text != "null",
        OriginFault::MatchesPrefix => any(&|l| text.starts_with(l)),
        OriginFault::MatchesSuffix => any(&|l| text.ends_with(after_scheme(l))),
        OriginFault::ContainsHost => any(&|l| text.contains(host(l))),
        OriginFault::InsideJoinedList => !text.is_empty() && listed.join(",").contains(text),
        OriginFault::FirstDotIsAny => any(&|l| matches_dots(l, text, |n, _| n == 0)),
        OriginFault::LastDotIsAny => any(&|l| matches_dots(l, text, |n, dots| n + 1 == dots)),
        OriginFault::EveryDotIsAny => any(&|l| matches_dots(l, text, |_, _| true)),
        OriginFault::LaterDotsAreAny => any(&|l| matches_dots(l, text, |n, _| n > 0)),
        OriginFault::FoldsCase => any(&|l| l.eq_ignore_ascii_case(text)),
        OriginFault::IgnoresScheme => any(&|l| after_scheme(l) == after_scheme(text)),
        OriginFault::IgnoresPort => same(|o| parts(o).map(|(s, h, _)| format!("{s}://{h}"))),
        OriginFault::ComparesHostOnly => same(|o| parts(o).map(|(_, h, _)| h.to_owned())),
        OriginFault::PortPrefix => any(&|l| has_port(l) && starts_and_goes_on_in_digits(text, l)),
        OriginFault::AnyPortWhereNoneIsListed => any(&|l| {
            !has_port(l) && parts(text).is_some_and(|(s, h, _)| *l == format!("{s}://{h}"))
        }),
        OriginFault::DropsWellKnownPorts => same(|o| Some(without_ports(o, &["443", "80"]))),
        OriginFault::NormalisesDefaultPort => same(|o| {
            let default = if o.starts_with("https:") { "443" } else { "80" };
            Some(without_ports(o, &[default]))
        }),
        OriginFault::DropsTrailingDot => same(|o| {
            let (scheme, host, port) = parts(o)?;
            Some(format!("{scheme}://{}:{port:?}", host.strip_suffix('.').unwrap_or(host)))
        }),
        OriginFault::DropsTrailingSlash => {
            text.strip_suffix('/').is_some_and(|text| names(policy, text))
        }
        OriginFault::ParsesAsUrl => Url::parse(text)
            .is_ok_and(|url| names(policy, &Origin::of_url(&url).serialize()) && url.has_host()),
        OriginFault::ReadsHostBehindAt => match (text.split_once("://"), text.rsplit_once('@')) {
            (Some((scheme, _)), Some((_, host))) => names(policy, &format!("{scheme}://{host}")),
            _ => false,
        },
        OriginFault::DropsNonAscii => names(policy, &text.replace(|c: char| !c.is_ascii(), "")),
        OriginFault::CutsAtFirstColon => same(|o| {
            let (scheme, rest) = o.split_once("://")?;
            let port = rest.rsplit_once(':').map(|(_, port)| port);
            Some(format!("{scheme} {:?} {port:?}", rest.split(':').next()))
        }),
        OriginFault::TrimsAllSpace => names(policy, text.trim()),
        OriginFault::EmptyListMeansAll => {
            let set = policy.origins();
            text != "null" && set.is_some_and(|set| *set == Default::default())
        }
        _ => false,
    }
}

/// Whether an origin is the listed one but for its dots, of which those for which `is_any` holds
/// (their number, and how many there are) stand for any character.
fn matches_dots(listed: &str, text: &str, is_any: fn(usize, usize) -> bool) -> bool {
    let dots = listed.matches('.').count();
    let mut number = 0;
    let mut fits = |l: char, t: char| {
        let wild = l == '.' && is_any(number, dots);
        number += usize::from(l == '.');
        wild || l == t
    };
    listed.chars().count() == text.chars().count()
        && listed.chars().zip(text.chars()).all(|(l, t)| fits(l, t))
}

fn has_port(origin: &str) -> bool {
    parts(origin).is_some_and(|(_, _, port)| port.is_some())
}

fn starts_and_goes_on_in_digits(text: &str, listed: &str) -> bool {
    text.strip_prefix(listed).is_some_and(|rest| rest.bytes().all(|b| b.is_ascii_digit()))
}

fn without_ports(origin: &str, ports: &[&str]) -> String {
    match parts(origin) {
        Some((scheme, host, Some(port))) if ports.contains(&port) => format!("{scheme}://{host}"),
        _ => origin.to_owned(),
    }
}
