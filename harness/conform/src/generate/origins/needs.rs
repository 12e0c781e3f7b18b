//! What an origin must have for a change to mean something: told from the change's meaning, not
//! from what it happens to make, so that the two can be held against each other.

use super::change::OriginChange as C;
use super::combination::Combination;
use super::parts::Parts;

/// Whether this origin has what the change alters.
pub(super) fn has_what_it_alters(change: C, serialized: &str) -> bool {
    let Some(parts) = Parts::of(serialized) else { return false };
    let dots = parts.name().map_or(0, |name| name.matches('.').count());
    match change {
        C::OtherScheme
        | C::OtherPort
        | C::PortAppended
        | C::HighestPort
        | C::LocalhostSuffixed
        | C::Localhost
        | C::Loopback4
        | C::Loopback6
        | C::LoopbackMapped
        | C::Unspecified4
        | C::Unspecified6
        | C::ChromeExtension
        | C::MozExtension
        | C::AppScheme
        | C::CapacitorApp
        | C::IonicApp => true,
        C::PortDropped => parts.port.is_some(),
        C::PortTruncated | C::PortBeheaded => parts.port.is_some_and(|port| port > 9),
        C::Parent => dots > 1,
        C::Sibling
        | C::FirstDotReplaced
        | C::LastDotReplaced
        | C::FirstDotDropped
        | C::Dotless
        | C::FirstLabel
        | C::EmptyLabel => dots > 0,
        C::DotReplaced(n) => dots > n,
        C::DefaultPort => parts.port.is_none() && parts.default_port().is_some(),
        C::PortPadded => parts.port.or(parts.default_port()).is_some(),
        C::EmptyPort => parts.port.is_none(),
        C::NextAddress => parts.ipv4().is_some() || parts.ipv6().is_some(),
        C::MappedAddress | C::HexAddress | C::OctalAddress | C::NumberAddress => {
            parts.ipv4().is_some()
        }
        C::ExpandedAddress | C::BareAddress => parts.ipv6().is_some(),
        C::UnicodeForm => parts.name().is_some_and(|name| name.contains("xn--")),
        C::PunycodeLookAlike | C::UnicodeLookAlike => parts.name().is_some_and(has_twin),
        C::UpperCaseHost => parts.host.contains(|c: char| c.is_ascii_lowercase()),
        raw if raw.is_raw() => true,
        _ => parts.name().is_some(),
    }
}

/// Whether two origins differ in what the combination mixes.
pub(super) fn have_what_it_mixes(how: Combination, one: &str, other: &str) -> bool {
    let (Some(one), Some(other)) = (Parts::of(one), Parts::of(other)) else { return false };
    let ports = one.port.or(one.default_port()) != other.port.or(other.default_port());
    let (Some(a), Some(b)) = (one.name(), other.name()) else {
        return match how {
            Combination::OtherScheme => one.scheme != other.scheme,
            Combination::OtherPort => ports,
            Combination::OtherSchemeAndPort => ports || one.scheme != other.scheme,
            _ => false,
        };
    };
    let parent = |name: &str| name.split_once('.').map(|(_, parent)| parent.to_owned());
    match how {
        Combination::OtherScheme => one.scheme != other.scheme,
        Combination::OtherPort => ports,
        Combination::OtherSchemeAndPort => ports || one.scheme != other.scheme,
        Combination::OtherParent => {
            parent(a).is_some() && parent(b).is_some() && parent(a) != parent(b)
        }
        Combination::Below => true,
        Combination::CommonSuffix | Combination::CommonSuffixAndOne | Combination::HeadGlued => {
            a != b && a.bytes().last() == b.bytes().last()
        }
    }
}

/// Whether a letter of the name, outside of a first label in Punycode, has a Cyrillic look-alike.
fn has_twin(name: &str) -> bool {
    let name = match name.split_once('.') {
        Some((first, behind)) if first.starts_with("xn--") => behind,
        None if name.starts_with("xn--") => "",
        _ => name,
    };
    name.contains(['a', 'c', 'e', 'o', 'p', 'x'])
}
