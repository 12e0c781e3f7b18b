//! Ways to make one origin from another: what attackers register, what developers mistake for the
//! same, and what no browser sends.
//!
//! Longer than most files here: it is the list, each with what it does.

use std::net::Ipv4Addr;

use serde::{Deserialize, Serialize};
use url::Url;

use super::parts::Parts;

/// A way to make one origin from another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OriginChange {
    /// `http` for `https` and the other way round.
    OtherScheme,
    /// Another port, or one where there was none.
    OtherPort,
    /// Its last digit more: `:8080` to `:80801` modulo the range, none to `:81`.
    PortAppended,
    /// No port where there was one.
    PortDropped,
    /// The port's last digit gone.
    PortTruncated,
    /// The port's first digit gone.
    PortBeheaded,
    /// The highest port there is.
    HighestPort,
    /// A subdomain of the host.
    Subdomain,
    /// A subdomain of a subdomain of the host.
    DeepSubdomain,
    /// A subdomain of the host, over the other scheme.
    SubdomainOtherScheme,
    /// A subdomain of the host, at another port.
    SubdomainOtherPort,
    /// The host's parent domain.
    Parent,
    /// A sibling on the same site, or, where the parent is a public suffix, on another.
    Sibling,
    /// The attacker's domain behind it: `app.example.attacker.test`.
    Suffixed,
    /// Letters behind it: `app.examplex`.
    GluedBehind,
    /// Letters before it: `xapp.example`.
    GluedBefore,
    /// Letters on both sides: `xapp.examplex`.
    GluedAround,
    /// The attacker's domain behind it without a dot: `app.exampleattacker.test`.
    AttackerGlued,
    /// The attacker's host with the allowed one as a label before: `attacker.test.app.example`
    /// is a subdomain; this is `app.example-attacker.test`.
    HyphenSuffixed,
    /// The attacker's name and a hyphen before it: `attacker-app.example`.
    HyphenPrefixed,
    /// A label of one of [`MARKS`] before the attacker's domain: `app.example.-.attacker.test`.
    LabelBetween(char),
    /// One of [`MARKS`] behind the host, before the attacker's domain:
    /// `app.example{.attacker.test`.
    MarkBehind(char),
    /// The first dot replaced by a letter.
    FirstDotReplaced,
    /// The last dot replaced by a letter.
    LastDotReplaced,
    /// The *n*-th dot, from 0, replaced by a letter.
    DotReplaced(usize),
    /// The first dot gone: `member.b.example` to `memberb.example`.
    FirstDotDropped,
    /// All dots gone.
    Dotless,
    /// The first label alone.
    FirstLabel,
    /// The last character gone.
    Truncated,
    /// The first character gone.
    Beheaded,
    /// The last character twice.
    LastDoubled,
    /// The first character twice.
    FirstDoubled,
    /// The last character another.
    LastChanged,
    /// The first character another.
    FirstChanged,
    /// `localhost` with the attacker's domain behind.
    LocalhostSuffixed,
    /// `localhost` itself, scheme and port as they were.
    Localhost,
    /// `127.0.0.1`.
    Loopback4,
    /// `[::1]`.
    Loopback6,
    /// `[::ffff:7f00:1]`.
    LoopbackMapped,
    /// `0.0.0.0`.
    Unspecified4,
    /// `[::]`.
    Unspecified6,
    /// The host below `local`, which multicast DNS resolves.
    BelowLocal,
    /// The host below `localhost`, which browsers resolve to loopback.
    BelowLocalhost,
    /// The next address.
    NextAddress,
    /// An IPv4 address, mapped into IPv6.
    MappedAddress,
    /// A trailing dot behind the host.
    TrailingDot,
    /// An underscore label of the attacker's before it.
    UnderscoreLabel,
    /// One letter replaced by its Cyrillic look-alike, in Punycode.
    PunycodeLookAlike,
    /// An extension of Chromium's.
    ChromeExtension,
    /// An extension of Firefox's.
    MozExtension,
    /// The host under a scheme that an app registered.
    AppScheme,
    /// An app made with Capacitor.
    CapacitorApp,
    /// An app made with Ionic.
    IonicApp,
    /// Raw: over WebSockets' scheme.
    WebSocketScheme,
    /// Raw: over FTP's scheme.
    FtpScheme,
    /// Raw: upper case.
    UpperCase,
    /// Raw: the host in upper case.
    UpperCaseHost,
    /// Raw: the scheme in upper case.
    UpperCaseScheme,
    /// Raw: a trailing slash.
    TrailingSlash,
    /// Raw: a path.
    PathBehind,
    /// Raw: a query.
    QueryBehind,
    /// Raw: a fragment.
    FragmentBehind,
    /// Raw: the host in the path of the attacker's.
    InPath,
    /// Raw: the host in the fragment of the attacker's.
    InFragment,
    /// Raw: the scheme's default port, written out.
    DefaultPort,
    /// Raw: a colon and no port.
    EmptyPort,
    /// Raw: port 0.
    PortZero,
    /// Raw: a zero before the port.
    PortPadded,
    /// Raw: user information before the host.
    UserInfo,
    /// Raw: the host as user information of the attacker's.
    AsUserInfo,
    /// Raw: no scheme.
    SchemeDropped,
    /// Raw: an empty label in the host.
    EmptyLabel,
    /// Raw: a host in Punycode, in Unicode (UTF-8).
    UnicodeForm,
    /// Raw: one letter replaced by its Cyrillic look-alike, in Unicode (UTF-8).
    UnicodeLookAlike,
    /// Raw: an IPv6 address with all its zeros.
    ExpandedAddress,
    /// Raw: an IPv6 address without brackets.
    BareAddress,
    /// Raw: an IPv4 address in hexadecimal.
    HexAddress,
    /// Raw: an IPv4 address in octal.
    OctalAddress,
    /// Raw: an IPv4 address as one number.
    NumberAddress,
    /// Raw: twice, with a space.
    Doubled,
    /// Raw: twice, with a comma.
    CommaDoubled,
    /// Raw: white space behind.
    SpaceBehind,
    /// Raw: an encoded line feed behind.
    EncodedNewlineBehind,
    /// Raw: a line tabulation (0x0B) behind.
    VerticalTabBehind,
    /// Raw: a letter beyond ASCII (0xE9) behind.
    Latin1Behind,
}

use OriginChange as C;

/// The characters besides letters and digits that the URL Standard lets stand in a host; which
/// engines let them, too, [`super::engines`] says.
pub const MARKS: [char; 18] =
    ['-', '_', '+', '$', ',', ';', '!', '\'', '"', '(', ')', '{', '}', '*', '&', '`', '=', '~'];

/// Changes that give an origin that some browser can send. Of those that take a number or a
/// character, the simplest.
pub const PRODUCIBLE: [OriginChange; 54] = [
    C::OtherScheme,
    C::OtherPort,
    C::PortAppended,
    C::Subdomain,
    C::Parent,
    C::Sibling,
    C::Suffixed,
    C::GluedBehind,
    C::GluedBefore,
    C::HyphenSuffixed,
    C::FirstDotReplaced,
    C::LastDotReplaced,
    C::Truncated,
    C::LocalhostSuffixed,
    C::TrailingDot,
    C::UnderscoreLabel,
    C::PortDropped,
    C::PortTruncated,
    C::PortBeheaded,
    C::HighestPort,
    C::DeepSubdomain,
    C::SubdomainOtherScheme,
    C::SubdomainOtherPort,
    C::GluedAround,
    C::AttackerGlued,
    C::HyphenPrefixed,
    C::LabelBetween('-'),
    C::MarkBehind('-'),
    C::DotReplaced(0),
    C::FirstDotDropped,
    C::Dotless,
    C::FirstLabel,
    C::Beheaded,
    C::LastDoubled,
    C::FirstDoubled,
    C::LastChanged,
    C::FirstChanged,
    C::Localhost,
    C::Loopback4,
    C::Loopback6,
    C::LoopbackMapped,
    C::Unspecified4,
    C::Unspecified6,
    C::BelowLocal,
    C::BelowLocalhost,
    C::NextAddress,
    C::MappedAddress,
    C::PunycodeLookAlike,
    C::ChromeExtension,
    C::MozExtension,
    C::AppScheme,
    C::CapacitorApp,
    C::IonicApp,
    C::DotReplaced(1),
];

/// Changes that give bytes that no browser sends as an origin.
pub const RAW: [OriginChange; 33] = [
    C::UpperCase,
    C::TrailingSlash,
    C::DefaultPort,
    C::UserInfo,
    C::Doubled,
    C::CommaDoubled,
    C::SpaceBehind,
    C::VerticalTabBehind,
    C::Latin1Behind,
    C::WebSocketScheme,
    C::FtpScheme,
    C::UpperCaseHost,
    C::UpperCaseScheme,
    C::PathBehind,
    C::QueryBehind,
    C::FragmentBehind,
    C::InPath,
    C::InFragment,
    C::EmptyPort,
    C::PortZero,
    C::PortPadded,
    C::AsUserInfo,
    C::SchemeDropped,
    C::EmptyLabel,
    C::UnicodeForm,
    C::UnicodeLookAlike,
    C::ExpandedAddress,
    C::BareAddress,
    C::HexAddress,
    C::OctalAddress,
    C::NumberAddress,
    C::EncodedNewlineBehind,
    C::LabelBetween('.'),
];

impl OriginChange {
    /// Whether it gives bytes that no browser sends as an origin.
    pub fn is_raw(self) -> bool {
        RAW.contains(&self)
    }

    /// A short stable word for it, part of a finding's id: without number or character, so that
    /// both can shrink.
    pub fn label(self) -> String {
        let value = serde_json::to_value(self).unwrap_or_default();
        let word = match &value {
            serde_json::Value::Object(tagged) => tagged.keys().next().map(String::as_str),
            other => other.as_str(),
        };
        word.unwrap_or_default().replace('_', "-")
    }

    /// The changed origin; `None` where there is nothing to change.
    pub fn apply(self, serialized: &str) -> Option<String> {
        let parts = Parts::of(serialized)?;
        let changed = self
            .change_scheme(&parts)
            .or_else(|| self.change_port(&parts))
            .or_else(|| self.change_name(&parts))
            .or_else(|| self.change_characters(&parts))
            .or_else(|| self.change_address(&parts))
            .or_else(|| self.write_raw(&parts, serialized))?;
        (changed != serialized).then_some(changed)
    }

    fn change_scheme(self, parts: &Parts<'_>) -> Option<String> {
        let secure = parts.scheme == "https";
        Some(match self {
            C::OtherScheme => parts.with_scheme(other_scheme(parts)),
            C::WebSocketScheme => parts.with_scheme(if secure { "wss" } else { "ws" }),
            C::FtpScheme => parts.with_scheme("ftp"),
            C::AppScheme => Parts { port: None, ..*parts }.with_scheme("app"),
            // An identifier of Chromium's has 32 letters from `a` to `p`, one of Firefox's is a
            // random UUID.
            C::ChromeExtension => "chrome-extension://abcdefghijklmnopabcdefghijklmnop".to_owned(),
            C::MozExtension => "moz-extension://6f0f2f5e-0a3c-4c59-9d7e-3b1c2a4d5e6f".to_owned(),
            C::CapacitorApp => "capacitor://localhost".to_owned(),
            C::IonicApp => "ionic://localhost".to_owned(),
            _ => return None,
        })
    }

    fn change_port(self, parts: &Parts<'_>) -> Option<String> {
        let number = |digits: &str| digits.parse::<u16>().ok().map(|p| parts.with_port(Some(p)));
        match self {
            C::OtherPort => Some(parts.with_port(Some(other_port(parts)))),
            C::PortAppended => number(&format!("{}1", parts.port.unwrap_or(8))),
            C::PortDropped => parts.port.map(|_| parts.with_port(None)),
            C::PortTruncated => {
                number(&(parts.port? / 10).to_string()).filter(|_| parts.port > Some(9))
            }
            C::PortBeheaded => number(parts.port?.to_string().get(1..)?),
            C::HighestPort => Some(parts.with_port(Some(u16::MAX))),
            _ => None,
        }
    }

    fn change_name(self, parts: &Parts<'_>) -> Option<String> {
        let name = parts.name()?;
        let host = match self {
            C::Subdomain => format!("sub.{name}"),
            C::DeepSubdomain => format!("deep.sub.{name}"),
            C::SubdomainOtherScheme => {
                let scheme = other_scheme(parts);
                return Some(Parts { scheme, ..*parts }.with_host(&format!("sub.{name}")));
            }
            C::SubdomainOtherPort => {
                let port = Some(other_port(parts));
                return Some(Parts { port, ..*parts }.with_host(&format!("sub.{name}")));
            }
            C::Parent => {
                let (_, parent) = name.split_once('.')?;
                parent.contains('.').then(|| parent.to_owned())?
            }
            C::Sibling => format!("sibling.{}", name.split_once('.')?.1),
            C::Suffixed => format!("{name}.attacker.test"),
            C::GluedBehind => format!("{name}x"),
            C::GluedBefore => format!("x{name}"),
            C::GluedAround => format!("x{name}x"),
            C::AttackerGlued => format!("{name}attacker.test"),
            C::HyphenSuffixed => format!("{name}-attacker.test"),
            C::HyphenPrefixed => format!("attacker-{name}"),
            C::LabelBetween(mark) => format!("{name}.{mark}.attacker.test"),
            C::MarkBehind(mark) => format!("{name}{mark}.attacker.test"),
            C::BelowLocal => format!("{name}.local"),
            C::BelowLocalhost => format!("{name}.localhost"),
            C::TrailingDot => format!("{name}."),
            C::EmptyLabel => format!("{}..{}", name.split_once('.')?.0, name.split_once('.')?.1),
            C::UnderscoreLabel => format!("a_b.{name}"),
            C::PunycodeLookAlike => {
                let url = Url::parse(&format!("https://{}", look_alike(name)?)).ok()?;
                url.host_str()?.to_owned()
            }
            C::UnicodeLookAlike => utf8(&look_alike(name)?),
            C::UnicodeForm => utf8(&idna::domain_to_unicode(name).0),
            _ => return None,
        };
        Some(parts.with_host(&host))
    }

    fn change_characters(self, parts: &Parts<'_>) -> Option<String> {
        let name = parts.name()?;
        let (first, last) = (name.get(..1)?, name.get(name.len().checked_sub(1)?..)?);
        let (behind, before) = (name.get(1..)?, name.get(..name.len().checked_sub(1)?)?);
        let other = |character: &str| if character == "a" { "b" } else { "a" };
        let host = match self {
            C::FirstDotReplaced | C::DotReplaced(0) => replace_dot(name, 0)?,
            C::DotReplaced(n) => replace_dot(name, n)?,
            C::LastDotReplaced => replace_dot(name, name.matches('.').count().checked_sub(1)?)?,
            C::FirstDotDropped => name.replacen('.', "", 1),
            C::Dotless => name.replace('.', ""),
            C::FirstLabel => name.split_once('.')?.0.to_owned(),
            C::Truncated => before.to_owned(),
            C::Beheaded => behind.to_owned(),
            C::LastDoubled => format!("{name}{last}"),
            C::FirstDoubled => format!("{first}{name}"),
            C::LastChanged => format!("{before}{}", other(last)),
            C::FirstChanged => format!("{}{behind}", other(first)),
            _ => return None,
        };
        let whole = !host.is_empty() && !host.starts_with('.') && !host.ends_with('.');
        whole.then(|| parts.with_host(&host))
    }

    fn change_address(self, parts: &Parts<'_>) -> Option<String> {
        let host = match self {
            C::LocalhostSuffixed => "localhost.attacker.test".to_owned(),
            C::Localhost => "localhost".to_owned(),
            C::Loopback4 => "127.0.0.1".to_owned(),
            C::Loopback6 => "[::1]".to_owned(),
            C::LoopbackMapped => "[::ffff:7f00:1]".to_owned(),
            C::Unspecified4 => "0.0.0.0".to_owned(),
            C::Unspecified6 => "[::]".to_owned(),
            C::NextAddress => match (parts.ipv4(), parts.ipv6()) {
                (Some(octets), _) => Ipv4Addr::from(u32::from_be_bytes(octets) ^ 1).to_string(),
                (_, Some(address)) => {
                    format!("[{}]", std::net::Ipv6Addr::from(u128::from(address) ^ 2))
                }
                _ => return None,
            },
            C::MappedAddress => {
                let [a, b, c, d] = parts.ipv4()?;
                let [high, low] = [[a, b], [c, d]].map(u16::from_be_bytes);
                format!("[::ffff:{high:x}:{low:x}]")
            }
            C::ExpandedAddress => {
                let groups = parts.ipv6()?.segments().map(|group| format!("{group:x}"));
                format!("[{}]", groups.join(":"))
            }
            C::BareAddress => parts.ipv6()?.to_string(),
            C::HexAddress => format!("0x{:08x}", u32::from_be_bytes(parts.ipv4()?)),
            C::OctalAddress => parts.ipv4()?.map(|octet| format!("0{octet:o}")).join("."),
            C::NumberAddress => u32::from_be_bytes(parts.ipv4()?).to_string(),
            _ => return None,
        };
        Some(parts.with_host(&host))
    }

    fn write_raw(self, parts: &Parts<'_>, whole: &str) -> Option<String> {
        let (scheme, behind) = whole.split_once("://")?;
        let host = parts.host;
        Some(match self {
            C::UpperCase => whole.to_ascii_uppercase(),
            C::UpperCaseHost => format!("{scheme}://{}", behind.to_ascii_uppercase()),
            C::UpperCaseScheme => format!("{}://{behind}", scheme.to_ascii_uppercase()),
            C::TrailingSlash => format!("{whole}/"),
            C::PathBehind => format!("{whole}/plain"),
            C::QueryBehind => format!("{whole}?x"),
            C::FragmentBehind => format!("{whole}#x"),
            C::InPath => format!("{scheme}://attacker.test/{host}"),
            C::InFragment => format!("{scheme}://attacker.test#{host}"),
            C::DefaultPort if parts.port.is_none() => format!("{whole}:{}", parts.default_port()?),
            C::EmptyPort if parts.port.is_none() => format!("{whole}:"),
            C::PortZero => format!("{scheme}://{host}:0"),
            C::PortPadded => format!("{scheme}://{host}:0{}", parts.port.or(parts.default_port())?),
            C::UserInfo => format!("{scheme}://user@{behind}"),
            C::AsUserInfo => format!("{scheme}://{host}@attacker.test"),
            C::SchemeDropped => behind.to_owned(),
            C::Doubled => format!("{whole} {whole}"),
            C::CommaDoubled => format!("{whole}, {whole}"),
            C::SpaceBehind => format!("{whole} x"),
            C::EncodedNewlineBehind => format!("{whole}%0a"),
            C::VerticalTabBehind => format!("{whole}\u{b}"),
            C::Latin1Behind => format!("{whole}\u{e9}"),
            _ => return None,
        })
    }
}

fn other_scheme(parts: &Parts<'_>) -> &'static str {
    if parts.scheme == "https" { "http" } else { "https" }
}

fn other_port(parts: &Parts<'_>) -> u16 {
    parts.port.map_or(8443, |port| port ^ 1)
}

fn replace_dot(name: &str, n: usize) -> Option<String> {
    let (at, _) = name.match_indices('.').nth(n)?;
    Some(format!("{}x{}", name.get(..at)?, name.get(at + 1..)?))
}

/// The name with its first letter that has a Cyrillic look-alike replaced by it.
fn look_alike(name: &str) -> Option<String> {
    let twin = |c| match c {
        'a' => Some('\u{430}'),
        'c' => Some('\u{441}'),
        'e' => Some('\u{435}'),
        'o' => Some('\u{43e}'),
        'p' => Some('\u{440}'),
        'x' => Some('\u{445}'),
        _ => None,
    };
    // A label that is in Punycode already would only break.
    let start = if name.starts_with("xn--") { name.find('.')? } else { 0 };
    let (at, letter) = name.char_indices().skip(start).find(|(_, c)| twin(*c).is_some())?;
    Some(format!("{}{}{}", name.get(..at)?, twin(letter)?, name.get(at + 1..)?))
}

/// The bytes of the UTF-8 encoding, a character a byte.
fn utf8(text: &str) -> String {
    text.bytes().map(char::from).collect()
}
