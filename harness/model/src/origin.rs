//! Origins (HTML) and the origins of URLs (URL Standard): comparing, serializing, and sites.

use std::net::Ipv4Addr;

use url::Url;

/// <https://html.spec.whatwg.org/#concept-origin>
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Origin {
    /// An origin that serializes to `null`.
    ///
    /// Its identity is not modelled: see [`Origin::same_origin`].
    Opaque,
    /// A tuple origin. Its domain, which only `document.domain` sets, plays no part in Fetch.
    Tuple {
        /// The scheme, in lower case.
        scheme: String,
        /// The host, serialized: a domain in A-labels, an IPv4 address, an IPv6 address in brackets.
        host: String,
        /// The port; `None`: the scheme's default, or none.
        port: Option<u16>,
    },
}

impl Origin {
    /// The origin that serializes to exactly this; `null` is an opaque one.
    ///
    /// Accepted is what serializing can give, and nothing else: no slash at the end, no upper case,
    /// no default port, no U-label. That is slightly more than the grammar of the `Origin` header
    /// (<https://fetch.spec.whatwg.org/#origin-header>) lists, as hosts of URLs may have underscores
    /// and a dot at the end.
    pub fn parse_serialized(serialized: &str) -> Option<Self> {
        if serialized == "null" {
            return Some(Self::Opaque);
        }
        let (scheme, rest) = serialized.split_once("://")?;
        let origin = match scheme {
            "http" | "https" | "ws" | "wss" | "ftp" => Self::of_url(&Url::parse(serialized).ok()?),
            // No page of these has a tuple origin.
            "about" | "blob" | "data" | "file" | "javascript" => return None,
            _ => parse_origin_of_other_scheme(scheme, rest)?,
        };
        (origin.serialize() == serialized).then_some(origin)
    }

    /// <https://url.spec.whatwg.org/#concept-url-origin>
    ///
    /// NOT MODELLED (blob URL entries): there is no blob store, so a `blob:` URL has the origin of
    /// the URL inside it.
    pub fn of_url(url: &Url) -> Self {
        match url.scheme() {
            "blob" => match Url::parse(url.path()) {
                Ok(inner) if matches!(inner.scheme(), "http" | "https") => Self::of_url(&inner),
                _ => Self::Opaque,
            },
            _ => match tuple_of_url(url) {
                Some((scheme, host, port)) => {
                    Self::Tuple { scheme: scheme.to_owned(), host: host.to_owned(), port }
                }
                None => Self::Opaque,
            },
        }
    }

    /// <https://html.spec.whatwg.org/#ascii-serialisation-of-an-origin>
    pub fn serialize(&self) -> String {
        match self {
            // 1. Opaque: null.
            Self::Opaque => "null".to_owned(),
            // 2, 3, 4, 6. Scheme and host.
            Self::Tuple { scheme, host, port: None } => format!("{scheme}://{host}"),
            // 5. And the port, if there is one.
            Self::Tuple { scheme, host, port: Some(port) } => format!("{scheme}://{host}:{port}"),
        }
    }

    /// Whether it is opaque.
    pub fn is_opaque(&self) -> bool {
        matches!(self, Self::Opaque)
    }

    /// <https://html.spec.whatwg.org/#same-origin>
    ///
    /// EXCEPTION 1 (the same opaque origin): two values here never stand for one opaque origin, as
    /// an opaque environment is compared with origins of URLs only.
    pub fn same_origin(&self, other: &Self) -> bool {
        // 2, 3. Tuples with the same scheme, host and port.
        !self.is_opaque() && self == other
    }

    /// <https://html.spec.whatwg.org/#same-site>
    ///
    /// Approximate: see [`registrable_domain`].
    pub fn same_site(&self, other: &Self) -> bool {
        match (self, other) {
            // 1, 2. The scheme counts.
            (Self::Tuple { scheme, .. }, Self::Tuple { scheme: other_scheme, .. }) => {
                scheme == other_scheme && self.schemelessly_same_site(other)
            }
            _ => false,
        }
    }

    /// <https://html.spec.whatwg.org/#schemelessly-same-site>
    ///
    /// Approximate: see [`registrable_domain`].
    pub fn schemelessly_same_site(&self, other: &Self) -> bool {
        match (self, other) {
            // 2. By registrable domain, or by host where there is none.
            (Self::Tuple { host, .. }, Self::Tuple { host: other, .. }) => {
                match (registrable_domain(host), registrable_domain(other)) {
                    (None, None) => host == other,
                    (Some(domain), Some(other)) => domain == other,
                    _ => false,
                }
            }
            // 1. EXCEPTION: as for same origin.
            _ => false,
        }
    }

    /// Whether a URL's origin is the same as this one.
    pub fn is_same_origin_with_url(&self, url: &Url) -> bool {
        match self {
            Self::Opaque => false,
            Self::Tuple { .. } if url.scheme() == "blob" => *self == Self::of_url(url),
            Self::Tuple { scheme, host, port } => {
                tuple_of_url(url) == Some((scheme.as_str(), host.as_str(), *port))
            }
        }
    }
}

/// Whether two URLs have the same origin.
pub fn urls_have_same_origin(left: &Url, right: &Url) -> bool {
    match (tuple_of_url(left), tuple_of_url(right)) {
        (Some(left), Some(right)) => left == right,
        _ => Origin::of_url(left).same_origin(&Origin::of_url(right)),
    }
}

/// <https://url.spec.whatwg.org/#host-registrable-domain>, approximately.
///
/// There is no Public Suffix List here: every last label is taken for a public suffix, and no
/// longer suffix is known. So `a.example` and `b.a.example` share a site, as they should, and
/// `a.co.uk` and `b.co.uk` do, as they should not. What depends on it in this crate is
/// `Cross-Origin-Resource-Policy: same-site`, and which pages of opaque or tainted origin share
/// preflight cache entries; no CORS check does.
pub fn registrable_domain(host: &str) -> Option<&str> {
    if host.starts_with('[') || host.parse::<Ipv4Addr>().is_ok() {
        return None;
    }
    let labels = host.strip_suffix('.').unwrap_or(host);
    let last = labels.rfind('.')?;
    let start = labels.get(..last)?.rfind('.').map_or(0, |dot| dot + 1);
    host.get(start..)
}

/// The parts of a URL's tuple origin; `None`: its origin is opaque, or it is a `blob:` URL.
fn tuple_of_url(url: &Url) -> Option<(&str, &str, Option<u16>)> {
    match url.scheme() {
        "http" | "https" | "ws" | "wss" | "ftp" => {
            Some((url.scheme(), url.host_str()?, url.port()))
        }
        _ => None,
    }
}

/// <https://fetch.spec.whatwg.org/#origin-header>, its grammar: for schemes that the URL Standard does
/// not know, but engines give tuple origins to (extensions, app schemes).
fn parse_origin_of_other_scheme(scheme: &str, rest: &str) -> Option<Origin> {
    let is_scheme = scheme.starts_with(|c: char| c.is_ascii_lowercase())
        && scheme.bytes().all(|b| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'+' | b'-' | b'.'));
    let (host, port) = match rest.rsplit_once(':') {
        Some((host, port)) if !port.ends_with(']') => (host, Some(port)),
        _ => (rest, None),
    };
    let is_label = |label: &str| {
        !label.is_empty()
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label.bytes().all(|b| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'-'))
    };
    let is_host = if host.starts_with('[') {
        // An address is canonical if the URL parser leaves it as it is.
        Url::parse(&format!("http://{host}")).is_ok_and(|url| url.host_str() == Some(host))
    } else {
        host.split('.').all(is_label)
    };
    let port = match port {
        None => None,
        Some(digits) => Some(digits.parse().ok().filter(|port: &u16| port.to_string() == digits)?),
    };
    (is_scheme && is_host).then(|| Origin::Tuple {
        scheme: scheme.to_owned(),
        host: host.to_owned(),
        port,
    })
}

#[cfg(test)]
mod tests;
