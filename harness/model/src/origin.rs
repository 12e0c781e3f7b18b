//! Origins and their serialization (HTML), and how an origin comes from a URL (URL Standard).

use std::fmt;

use url::{Host, Url};

/// <https://html.spec.whatwg.org/#concept-origin>
///
/// An opaque origin is same origin with nothing here, not even itself: no URL has it, and the
/// model compares origins with those of URLs only.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Origin {
    /// An opaque origin.
    Opaque,
    /// A tuple origin; the domain is null and not kept.
    Tuple {
        /// Scheme.
        scheme: String,
        /// Serialized host.
        host: String,
        /// Port; `None` when it is the scheme's default.
        port: Option<u16>,
    },
}

impl Origin {
    /// Reads back what [`Origin::serialize`] writes, and nothing else: `null`, or
    /// `scheme://host[:port]` exactly as the URL parser would serialize it.
    pub fn parse_serialized(text: &str) -> Option<Self> {
        if text == "null" {
            return Some(Self::Opaque);
        }
        let url = Url::parse(text).ok()?;
        let origin = Self::of_url(&url);
        (origin.serialize() == text).then_some(origin)
    }

    /// The [origin of a URL](https://url.spec.whatwg.org/#concept-url-origin).
    pub fn of_url(url: &Url) -> Self {
        match url.scheme() {
            // The special schemes but `file`, whose origin is left to the user agent: opaque.
            "ftp" | "http" | "https" | "ws" | "wss" => match url.host() {
                Some(host) => Self::Tuple {
                    scheme: url.scheme().to_owned(),
                    host: serialize_host(&host),
                    port: url.port(),
                },
                None => Self::Opaque,
            },
            // A blob URL has the origin of the URL in its path, when that is one of HTTP(S).
            "blob" => match Url::parse(url.path()) {
                Ok(inner) if matches!(inner.scheme(), "http" | "https") => Self::of_url(&inner),
                _ => Self::Opaque,
            },
            _ => Self::Opaque,
        }
    }

    /// [Serialization of an origin](https://html.spec.whatwg.org/#ascii-serialisation-of-an-origin).
    pub fn serialize(&self) -> String {
        self.to_string()
    }

    /// Whether it is opaque.
    pub fn is_opaque(&self) -> bool {
        *self == Self::Opaque
    }

    /// <https://html.spec.whatwg.org/#same-origin>
    pub fn same_origin(&self, other: &Self) -> bool {
        !self.is_opaque() && self == other
    }

    /// Whether a URL has this origin: [`Origin::same_origin`] without making the URL's own.
    pub(crate) fn is_of(&self, url: &Url) -> bool {
        match self {
            Self::Opaque => false,
            Self::Tuple { scheme, host, port } => {
                scheme == url.scheme() && url.host_str() == Some(host) && *port == url.port()
            }
        }
    }

    /// <https://html.spec.whatwg.org/#same-site>
    pub fn same_site(&self, other: &Self) -> bool {
        self.scheme() == other.scheme() && self.schemelessly_same_site(other)
    }

    /// <https://html.spec.whatwg.org/#schemelessly-same-site>
    ///
    /// EXCEPTION: without the Public Suffix List a registrable domain is the last two labels, as
    /// it is for all the reserved names that the harness uses.
    pub(crate) fn schemelessly_same_site(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Tuple { host: a, .. }, Self::Tuple { host: b, .. }) => {
                a == b || registrable_domain(a).is_some_and(|domain| Some(domain) == registrable_domain(b))
            }
            _ => false,
        }
    }

    /// The scheme of a tuple origin.
    pub(crate) fn scheme(&self) -> Option<&str> {
        match self {
            Self::Opaque => None,
            Self::Tuple { scheme, .. } => Some(scheme),
        }
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Opaque => f.write_str("null"),
            Self::Tuple { scheme, host, port: None } => write!(f, "{scheme}://{host}"),
            Self::Tuple { scheme, host, port: Some(port) } => write!(f, "{scheme}://{host}:{port}"),
        }
    }
}

/// Whether the URL's origin is [potentially
/// trustworthy](https://w3c.github.io/webappsec-secure-contexts/#is-url-trustworthy).
pub(crate) fn is_potentially_trustworthy(url: &Url) -> bool {
    matches!(url.scheme(), "https" | "wss" | "data")
        || match url.host() {
            Some(Host::Ipv4(address)) => address.is_loopback(),
            Some(Host::Ipv6(address)) => address.is_loopback(),
            Some(Host::Domain(domain)) => {
                let domain = domain.strip_suffix('.').unwrap_or(domain);
                domain == "localhost" || domain.ends_with(".localhost")
            }
            None => false,
        }
}

/// <https://url.spec.whatwg.org/#host-serializing>
fn serialize_host(host: &Host<&str>) -> String {
    host.to_string()
}

fn registrable_domain(host: &str) -> Option<&str> {
    if host.starts_with('[') || host.parse::<std::net::Ipv4Addr>().is_ok() {
        return None;
    }
    let mut dots = host.trim_end_matches('.').rmatch_indices('.');
    match (dots.next(), dots.next()) {
        (Some(_), Some((at, _))) => host.get(at + 1..),
        (Some(_), None) => Some(host),
        (None, _) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(url: &str) -> String {
        Origin::of_url(&Url::parse(url).unwrap()).serialize()
    }

    #[test]
    fn serialization_is_canonical() {
        for (url, origin) in [
            ("https://EXAMPLE.com:443/a?b#c", "https://example.com"),
            ("http://example.com:80", "http://example.com"),
            ("http://example.com:443", "http://example.com:443"),
            ("https://bücher.example", "https://xn--bcher-kva.example"),
            ("http://[2001:DB8:0:0:0:0:0:1]:8080", "http://[2001:db8::1]:8080"),
            ("http://0x7f.1", "http://127.0.0.1"),
            ("https://user:pass@a.example", "https://a.example"),
            ("http://a.example.", "http://a.example."),
            ("data:text/html,x", "null"),
            ("file:///etc", "null"),
            ("blob:https://a.example/uuid", "https://a.example"),
            ("blob:data:x", "null"),
        ] {
            assert_eq!(of(url), origin, "{url}");
        }
    }

    #[test]
    fn only_a_serialized_origin_parses_as_one() {
        for good in ["null", "https://a.example", "http://a.example:8080", "http://[::1]:1", "http://a_b.example"] {
            assert_eq!(Origin::parse_serialized(good).unwrap().serialize(), good);
        }
        for bad in [
            "", "Null", "https://a.example/", "https://A.example", "HTTPS://a.example",
            "https://a.example:443", "https://a.example:", "https://u@a.example", " https://a.example",
            "https://a.example ", "https://b\u{fc}cher.example", "a.example", "https://", "file://",
            "https://a.example#", "https://[0:0:0:0:0:0:0:1]", "*", "https://a.example,https://b.example",
        ] {
            assert_eq!(Origin::parse_serialized(bad), None, "{bad}");
        }
    }

    #[test]
    fn an_opaque_origin_is_same_origin_with_nothing() {
        assert!(!Origin::Opaque.same_origin(&Origin::Opaque));
    }

    #[test]
    fn a_site_is_the_last_two_labels_and_the_scheme() {
        let origin = |text| Origin::parse_serialized(text).unwrap();
        assert!(origin("https://a.b.example").same_site(&origin("https://c.b.example:1")));
        assert!(!origin("https://b.example").same_site(&origin("http://b.example")));
        assert!(!origin("https://a.example").same_site(&origin("https://b.example")));
        assert!(!origin("http://10.0.0.1").same_site(&origin("http://11.0.0.1")));
    }
}
