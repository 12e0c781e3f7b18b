//! Origins: the ones that pages have, and the look-alikes that attackers register.
//!
//! A look-alike is stored as the [`OriginRecipe`] that makes it from an origin of the policy, so
//! that it means the same against any policy.

use corsproof_model::Origin;
use serde::{Deserialize, Serialize};

use crate::case::AgentName;
use crate::policy::Policy;

/// An origin, by its relation to a policy.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum OriginRecipe {
    /// The *n*-th origin that the policy names (counted over its list, then a member of each
    /// `subdomains_of`), modulo their number.
    Listed(usize),
    /// A change to the *n*-th origin that the policy names.
    Changed {
        /// Which one.
        of: usize,
        /// How.
        change: OriginChange,
    },
    /// The opaque origin.
    Null,
    /// An origin that has nothing to do with the policy.
    Unrelated,
    /// None: the request has no `Origin`, as a navigation or a program that is no browser.
    Absent,
    /// Exactly these characters.
    Literal(String),
}

/// A way to make one origin from another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OriginChange {
    /// `http` for `https` and the other way round.
    OtherScheme,
    /// Another port, or one where there was none.
    OtherPort,
    /// Its last digit more: `:8080` to `:80800` modulo the range, none to `:80`-like look-alikes.
    PortAppended,
    /// A subdomain of the host.
    Subdomain,
    /// The host's parent domain.
    Parent,
    /// A sibling on the same site.
    Sibling,
    /// The attacker's domain behind it: `app.example.attacker.test`.
    Suffixed,
    /// Letters behind it: `app.examplex`.
    GluedBehind,
    /// Letters before it: `xapp.example`.
    GluedBefore,
    /// The attacker's host with the allowed one as a label before: `attacker.test.app.example`
    /// is a subdomain; this is `app.example-attacker.test`.
    HyphenSuffixed,
    /// The first dot replaced by a letter.
    FirstDotReplaced,
    /// The last dot replaced by a letter.
    LastDotReplaced,
    /// The last character gone.
    Truncated,
    /// `localhost` with the attacker's domain behind.
    LocalhostSuffixed,
    /// A trailing dot behind the host.
    TrailingDot,
    /// An underscore label of the attacker's before it.
    UnderscoreLabel,
    /// Raw: upper case.
    UpperCase,
    /// Raw: a trailing slash.
    TrailingSlash,
    /// Raw: the scheme's default port, written out.
    DefaultPort,
    /// Raw: user information before the host.
    UserInfo,
    /// Raw: twice, with a space.
    Doubled,
    /// Raw: twice, with a comma.
    CommaDoubled,
    /// Raw: white space behind.
    SpaceBehind,
    /// Raw: a line tabulation (0x0B) behind.
    VerticalTabBehind,
    /// Raw: a letter beyond ASCII (0xE9) behind.
    Latin1Behind,
}

/// Changes that give an origin that a browser can send.
pub const PRODUCIBLE: [OriginChange; 16] = [
    OriginChange::OtherScheme,
    OriginChange::OtherPort,
    OriginChange::PortAppended,
    OriginChange::Subdomain,
    OriginChange::Parent,
    OriginChange::Sibling,
    OriginChange::Suffixed,
    OriginChange::GluedBehind,
    OriginChange::GluedBefore,
    OriginChange::HyphenSuffixed,
    OriginChange::FirstDotReplaced,
    OriginChange::LastDotReplaced,
    OriginChange::Truncated,
    OriginChange::LocalhostSuffixed,
    OriginChange::TrailingDot,
    OriginChange::UnderscoreLabel,
];

/// Changes that give bytes that no browser sends as an origin.
pub const RAW: [OriginChange; 9] = [
    OriginChange::UpperCase,
    OriginChange::TrailingSlash,
    OriginChange::DefaultPort,
    OriginChange::UserInfo,
    OriginChange::Doubled,
    OriginChange::CommaDoubled,
    OriginChange::SpaceBehind,
    OriginChange::VerticalTabBehind,
    OriginChange::Latin1Behind,
];

/// An origin as it would stand in a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RealizedOrigin {
    /// The characters (isomorphic); empty: there is no `Origin`.
    pub serialized: String,
    /// The origin, when a browser can have a page there.
    pub producible: Option<Origin>,
}

impl RealizedOrigin {
    /// The browsers that can have a page there.
    pub fn producible_by(&self) -> Vec<AgentName> {
        match &self.producible {
            Some(_) => vec![AgentName::Chromium, AgentName::Firefox, AgentName::Webkitgtk],
            None => Vec::new(),
        }
    }
}

impl OriginRecipe {
    /// The origin that this recipe makes against a policy; `None` where the policy names nothing
    /// that the recipe could start from, or the change does not apply there.
    pub fn realize(&self, policy: &Policy) -> Option<RealizedOrigin> {
        let serialized = match self {
            Self::Listed(n) => named(policy, *n)?,
            Self::Changed { of, change } => change.apply(&named(policy, *of)?)?,
            Self::Null => "null".to_owned(),
            Self::Unrelated => "https://unrelated.test".to_owned(),
            Self::Absent => String::new(),
            Self::Literal(literal) => literal.clone(),
        };
        let producible = Origin::parse_serialized(&serialized);
        Some(RealizedOrigin { serialized, producible })
    }

    /// A short stable word for it, part of a finding's id.
    pub fn label(&self) -> String {
        match self {
            Self::Listed(_) => "listed".to_owned(),
            Self::Changed { change, .. } => serde_json::to_value(change)
                .ok()
                .and_then(|value| value.as_str().map(|s| s.replace('_', "-")))
                .unwrap_or_default(),
            Self::Null => "null".to_owned(),
            Self::Unrelated => "unrelated".to_owned(),
            Self::Absent => "absent".to_owned(),
            Self::Literal(_) => "literal".to_owned(),
        }
    }
}

impl OriginChange {
    /// The changed origin; `None` where there is nothing to change.
    pub fn apply(self, serialized: &str) -> Option<String> {
        let (scheme, rest) = serialized.split_once("://")?;
        let (host, port) = split_port(rest);
        let name = !host.starts_with('[') && host.parse::<std::net::Ipv4Addr>().is_err();
        let with_host = |host: String| Some(join(scheme, &host, port));
        match self {
            Self::OtherScheme => {
                Some(join(if scheme == "https" { "http" } else { "https" }, host, port))
            }
            Self::OtherPort => Some(join(scheme, host, Some(port.map_or(8443, |p| p ^ 1)))),
            Self::PortAppended => {
                let port = port.unwrap_or(8);
                Some(join(scheme, host, Some(u16::try_from(u32::from(port) * 10 + 1).ok()?)))
            }
            Self::Subdomain if name => with_host(format!("sub.{host}")),
            Self::Parent if name => with_host(host.split_once('.')?.1.to_owned())
                .filter(|_| host.matches('.').count() > 1),
            Self::Sibling if name => with_host(format!("sibling.{}", host.split_once('.')?.1)),
            Self::Suffixed if name => with_host(format!("{host}.attacker.test")),
            Self::GluedBehind if name => with_host(format!("{host}x")),
            Self::GluedBefore if name => with_host(format!("x{host}")),
            Self::HyphenSuffixed if name => with_host(format!("{host}-attacker.test")),
            Self::FirstDotReplaced if name => {
                with_host(host.replacen('.', "x", 1)).filter(|_| host.contains('.'))
            }
            Self::LastDotReplaced if name => {
                let (front, back) = host.rsplit_once('.')?;
                with_host(format!("{front}x{back}"))
            }
            Self::Truncated if name => {
                let host = host.get(..host.len().checked_sub(1)?)?;
                with_host(host.to_owned()).filter(|_| !host.is_empty() && !host.ends_with('.'))
            }
            Self::LocalhostSuffixed => with_host("localhost.attacker.test".to_owned()),
            Self::TrailingDot if name => with_host(format!("{host}.")),
            Self::UnderscoreLabel if name => with_host(format!("a_b.{host}")),
            Self::UpperCase => {
                let upper = serialized.to_ascii_uppercase();
                (upper != serialized).then_some(upper)
            }
            Self::TrailingSlash => Some(format!("{serialized}/")),
            Self::DefaultPort if port.is_none() => {
                Some(format!("{serialized}:{}", if scheme == "https" { 443 } else { 80 }))
            }
            Self::UserInfo => Some(format!("{scheme}://user@{rest}")),
            Self::Doubled => Some(format!("{serialized} {serialized}")),
            Self::CommaDoubled => Some(format!("{serialized}, {serialized}")),
            Self::SpaceBehind => Some(format!("{serialized} x")),
            Self::VerticalTabBehind => Some(format!("{serialized}\u{b}")),
            Self::Latin1Behind => Some(format!("{serialized}\u{e9}")),
            _ => None,
        }
    }
}

/// The *n*-th origin that a policy names, modulo their number; where it names all, one of its own.
fn named(policy: &Policy, n: usize) -> Option<String> {
    let Some(set) = policy.origins() else {
        return Some("https://app.example".to_owned());
    };
    let members = set.subdomains_of.iter().filter_map(|parent| {
        parent.split_once("://").map(|(scheme, rest)| format!("{scheme}://member.{rest}"))
    });
    let all: Vec<String> = set.list.iter().cloned().chain(members).collect();
    n.checked_rem(all.len()).and_then(|index| all.get(index).cloned())
}

fn split_port(rest: &str) -> (&str, Option<u16>) {
    match rest.rsplit_once(':') {
        Some((host, port)) if !port.ends_with(']') => (host, port.parse().ok()),
        _ => (rest, None),
    }
}

fn join(scheme: &str, host: &str, port: Option<u16>) -> String {
    match port {
        Some(port) => format!("{scheme}://{host}:{port}"),
        None => format!("{scheme}://{host}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::{RawOrigins, RawPolicy};

    fn policy(list: &[&str]) -> Policy {
        let raw: RawPolicy =
            serde_json::from_str(r#"{"origins": {"any": true}, "credentials": false}"#).unwrap();
        Policy::try_from(RawPolicy { origins: RawOrigins::list(list.iter().copied()), ..raw })
            .unwrap()
    }

    #[test]
    fn a_look_alike_is_never_the_origin_itself_nor_named_by_a_list_policy() {
        for listed in [
            "https://app.example",
            "http://a.b.example:8080",
            "https://[2001:db8::1]",
            "http://127.0.0.1:3000",
        ] {
            let policy = policy(&[listed]);
            for change in PRODUCIBLE {
                let recipe = OriginRecipe::Changed { of: 0, change };
                let Some(realized) = recipe.realize(&policy) else { continue };
                let origin =
                    realized.producible.unwrap_or_else(|| panic!("{change:?} of {listed}"));
                assert!(!policy.names_origin(&origin), "{change:?} of {listed}");
            }
        }
    }

    #[test]
    fn raw_changes_give_what_no_browser_sends() {
        let policy = policy(&["https://app.example"]);
        for change in RAW {
            let realized = OriginRecipe::Changed { of: 0, change }.realize(&policy).unwrap();
            assert_eq!(realized.producible, None, "{change:?}: {}", realized.serialized);
        }
    }

    #[test]
    fn every_change_applies_to_an_ordinary_host() {
        let policy = policy(&["https://www.app.example"]);
        for change in PRODUCIBLE.into_iter().chain(RAW) {
            assert!(
                OriginRecipe::Changed { of: 0, change }.realize(&policy).is_some(),
                "{change:?}"
            );
        }
    }
}
