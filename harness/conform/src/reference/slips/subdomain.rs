//! Comparing an origin with subdomains, patterns and `null`, wrongly.

use corsproof_model::Origin;
use regex::Regex;

use super::{parts, relisted};
use crate::policy::{Policy, RawOriginSet};
use crate::reference::fault::SubdomainFault;
use crate::reference::middleware::names;

pub(super) fn allows(slip: SubdomainFault, policy: &Policy, text: &str) -> bool {
    let Some(set) = policy.origins() else { return true };
    match slip {
        SubdomainFault::NeverNull if text == "null" => false,
        SubdomainFault::OneLevelOnly => narrowed(policy, text, |label| !label.contains('.')),
        SubdomainFault::LettersOnly => {
            narrowed(policy, text, |l| l.bytes().all(|b| b.is_ascii_lowercase() || b == b'.'))
        }
        SubdomainFault::NeverSubdomains => narrowed(policy, text, |_| false),
        SubdomainFault::FirstPatternOnly => {
            names(&relisted(policy, |set| set.patterns.truncate(1)), text)
        }
        _ => names(policy, text) || also_allows(slip, set, text),
    }
}

/// Whether it is named, subdomains only if what stands before the parent is of this kind.
fn narrowed(policy: &Policy, text: &str, is_fine: fn(&str) -> bool) -> bool {
    let rest = relisted(policy, |set| set.subdomains_of.clear());
    names(&rest, text) || names(policy, text) && labels(policy, text).is_some_and(is_fine)
}

/// What stands before the dot before the parent.
fn labels<'a>(policy: &Policy, text: &'a str) -> Option<&'a str> {
    let (_, host, _) = parts(text)?;
    let parents = policy.origins()?.subdomains_of.iter();
    parents.filter_map(|p| host.strip_suffix(parts(p)?.1)?.strip_suffix('.')).next()
}

fn also_allows(slip: SubdomainFault, set: &RawOriginSet, text: &str) -> bool {
    let pattern = |write: fn(&str) -> String| {
        let is_match = |p: &String| Regex::new(&write(p)).is_ok_and(|regex| regex.is_match(text));
        set.patterns.iter().any(is_match)
    };
    match slip {
        SubdomainFault::UnanchoredEnd => pattern(|p| format!("^(?:{})", inner(p))),
        SubdomainFault::UnanchoredStart => pattern(|p| format!("(?:{})$", inner(p))),
        SubdomainFault::AlternativesEscapeAnchors => pattern(str::to_owned),
        SubdomainFault::PatternIgnoresCase => pattern(|p| format!("(?i)^(?:{})$", inner(p))),
        SubdomainFault::AllowsNull => text == "null",
        SubdomainFault::NullMeansUnparseable => {
            set.null && Origin::parse_serialized(text).is_none()
        }
        SubdomainFault::SubdomainsOfListed => set.list.iter().any(|l| is_below(text, l)),
        SubdomainFault::SameSiteAsListed => {
            let site = |l: &String| {
                let origins = (Origin::parse_serialized(l), Origin::parse_serialized(text));
                matches!(origins, (Some(l), Some(t)) if l.same_site(&t))
            };
            set.list.iter().chain(&set.subdomains_of).any(site)
        }
        _ => set.subdomains_of.iter().any(|parent| fits(slip, parent, text)),
    }
}

fn fits(slip: SubdomainFault, parent: &str, text: &str) -> bool {
    let (Some((scheme, host, port)), Some((s, h, p))) = (parts(text), parts(parent)) else {
        return false;
    };
    let below = || host.strip_suffix(h).is_some_and(|front| front.ends_with('.'));
    match slip {
        SubdomainFault::ParentMatches => text == parent,
        SubdomainFault::CrossesScheme => port == p && below(),
        SubdomainFault::AnyPort => scheme == s && below(),
        SubdomainFault::GluedHost => scheme == s && port == p && host != h && host.ends_with(h),
        SubdomainFault::ParentInside => scheme == s && host.contains(&format!(".{h}")),
        SubdomainFault::ParentDotsAreAny => {
            let pattern = format!("^{scheme}://.*\\.{h}$");
            port == p && Regex::new(&pattern).is_ok_and(|r| r.is_match(&format!("{s}://{host}")))
        }
        _ => false,
    }
}

fn is_below(text: &str, parent: &str) -> bool {
    fits(SubdomainFault::AnyPort, parent, text)
        && parts(text).map(|p| p.2) == parts(parent).map(|p| p.2)
}

fn inner(pattern: &str) -> &str {
    let inner = pattern.strip_prefix('^').unwrap_or(pattern);
    inner.strip_suffix('$').unwrap_or(inner)
}
