//! Two origins of a policy made into a third: what a matcher that mixes up its entries lets in.

use serde::{Deserialize, Serialize};

use super::parts::Parts;

/// How two origins become a third.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Combination {
    /// The first one's host with the other's scheme.
    OtherScheme,
    /// The first one's host with the other's port.
    OtherPort,
    /// The first one's host with the other's scheme and port.
    OtherSchemeAndPort,
    /// The first label of the one, and the parent domain of the other.
    OtherParent,
    /// The one as a subdomain of the other.
    Below,
    /// What both hosts end in.
    CommonSuffix,
    /// That and one character more of the first: a wrong turn in a tree of suffixes.
    CommonSuffixAndOne,
    /// The first one's characters before what both end in, before the other.
    HeadGlued,
}

impl Combination {
    /// All of them.
    pub const ALL: [Self; 8] = [
        Self::OtherSchemeAndPort,
        Self::OtherScheme,
        Self::OtherPort,
        Self::OtherParent,
        Self::Below,
        Self::CommonSuffix,
        Self::CommonSuffixAndOne,
        Self::HeadGlued,
    ];

    /// The third origin; `None` where these two make none.
    pub(super) fn apply(self, one: &str, other: &str) -> Option<String> {
        let (one, other) = (Parts::of(one)?, Parts::of(other)?);
        // A port that is not written is the scheme's default, and stays that port elsewhere.
        let port_of = |parts: Parts<'_>| parts.port.or(parts.default_port());
        match self {
            Self::OtherScheme => {
                Some(Parts { port: port_of(one), ..one }.with_scheme(other.scheme))
            }
            Self::OtherPort => Some(one.with_port(port_of(other))),
            Self::OtherSchemeAndPort => Some(other.with_host(one.host)),
            Self::OtherParent => {
                let (first, _) = one.name()?.split_once('.')?;
                let (_, parent) = other.name()?.split_once('.')?;
                Some(one.with_host(&format!("{first}.{parent}")))
            }
            Self::Below => Some(one.with_host(&format!("{}.{}", one.name()?, other.name()?))),
            Self::CommonSuffix => host(&one, common_suffix(one.name()?, other.name()?)),
            Self::CommonSuffixAndOne => {
                let (one_name, other_name) = (one.name()?, other.name()?);
                let common = common_suffix(one_name, other_name).len();
                let start = one_name.len().checked_sub(common + 1)?;
                host(&one, one_name.get(start..)?)
            }
            Self::HeadGlued => {
                let (one_name, other_name) = (one.name()?, other.name()?);
                let head = one_name.strip_suffix(common_suffix(one_name, other_name))?;
                host(&one, &format!("{head}{other_name}"))
            }
        }
    }
}

fn host(origin: &Parts<'_>, host: &str) -> Option<String> {
    let host = host.trim_start_matches('.');
    (!host.is_empty()).then(|| origin.with_host(host))
}

fn common_suffix<'a>(one: &'a str, other: &str) -> &'a str {
    let pairs = one.bytes().rev().zip(other.bytes().rev());
    let length = pairs.take_while(|(a, b)| a == b).count();
    one.get(one.len() - length..).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_makes_what_it_says_of_two_origins_that_share_a_suffix() {
        let (one, other) = ("https://barfoo.example", "http://zoo.example:8080");
        let made = Combination::ALL.map(|how| how.apply(one, other).unwrap());
        assert_eq!(
            made,
            [
                "http://barfoo.example:8080",
                "http://barfoo.example:443",
                "https://barfoo.example:8080",
                "https://barfoo.example",
                "https://barfoo.example.zoo.example",
                "https://oo.example",
                "https://foo.example",
                "https://barfzoo.example",
            ]
        );
    }
}
