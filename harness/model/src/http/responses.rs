//! Responses and how they are filtered: <https://fetch.spec.whatwg.org/#responses>

use url::Url;

use crate::http::extract::{Extracted, extract_header_list_values};
use crate::http::headers::HeaderList;
use crate::http::statuses::is_redirect_status;
use crate::user_agent::UserAgent;

/// A [response](https://fetch.spec.whatwg.org/#concept-response): status and headers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Response {
    /// Status.
    pub status: u16,
    /// Header list.
    pub headers: HeaderList,
}

/// <https://fetch.spec.whatwg.org/#concept-response-type>
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ResponseType {
    /// Same origin.
    Basic,
    /// Cross origin, by CORS.
    Cors,
    /// `no-cors`.
    Opaque,
    /// A redirect that was not followed.
    OpaqueRedirect,
    /// A network error.
    Error,
}

/// A [location URL](https://fetch.spec.whatwg.org/#concept-response-location-url).
pub(crate) enum LocationUrl {
    Null,
    Failure,
    Url(Box<Url>),
}

impl Response {
    /// A response with this head.
    pub fn new(status: u16, headers: HeaderList) -> Self {
        Self { status, headers }
    }

    /// The [location URL](https://fetch.spec.whatwg.org/#concept-response-location-url), given
    /// the response's URL, whose fragment it inherits.
    pub(crate) fn location_url(&self, agent: &UserAgent, current: &Url) -> LocationUrl {
        // 1
        if !is_redirect_status(self.status) {
            return LocationUrl::Null;
        }
        // 2
        let location = match extract_header_list_values(b"Location", &self.headers) {
            Extracted::Null => return LocationUrl::Null,
            Extracted::Values(values) => values.into_iter().next(),
            Extracted::Failure if agent.follows_repeated_location => self.repeated_location(),
            Extracted::Failure => None,
        };
        let Some(location) = location else { return LocationUrl::Failure };
        // 3 parse it with the response's URL.
        let text: String = location.iter().map(|byte| char::from(*byte)).collect();
        let Ok(mut url) = current.join(&text) else { return LocationUrl::Failure };
        // 4 inherit the fragment.
        if url.fragment().is_none() {
            url.set_fragment(current.fragment());
        }
        // 5
        LocationUrl::Url(Box::new(url))
    }

    fn repeated_location(&self) -> Option<Vec<u8>> {
        let mut values = self.headers.values(b"Location");
        let first = values.next()?;
        values.all(|value| value == first).then(|| first.to_vec())
    }
}

/// The names that script can read of a [basic filtered
/// response](https://fetch.spec.whatwg.org/#concept-filtered-response-basic).
pub(crate) fn basic_filtered_names(headers: &HeaderList) -> Vec<Vec<u8>> {
    visible_names(headers, |name| !is_forbidden_response_header_name(name))
}

/// The names that script can read of a [CORS filtered
/// response](https://fetch.spec.whatwg.org/#concept-filtered-response-cors), given its
/// CORS-exposed header-name list.
pub(crate) fn cors_filtered_names(headers: &HeaderList, exposed: &Exposed) -> Vec<Vec<u8>> {
    visible_names(headers, |name| {
        SAFELISTED.iter().any(|safe| name.eq_ignore_ascii_case(safe.as_bytes()))
            || (exposed.contains(name) && !is_forbidden_response_header_name(name))
    })
}

/// A [CORS-exposed header-name
/// list](https://fetch.spec.whatwg.org/#concept-response-cors-exposed-header-name-list).
pub(crate) enum Exposed {
    /// All names of the response.
    All,
    /// These; empty unless something says otherwise.
    Names(Vec<Vec<u8>>),
}

impl Exposed {
    fn contains(&self, name: &[u8]) -> bool {
        match self {
            Self::All => true,
            Self::Names(names) => names.iter().any(|exposed| exposed.eq_ignore_ascii_case(name)),
        }
    }
}

/// [CORS-safelisted response-header
/// names](https://fetch.spec.whatwg.org/#cors-safelisted-response-header-name).
const SAFELISTED: [&str; 7] = [
    "cache-control", "content-language", "content-length", "content-type", "expires",
    "last-modified", "pragma",
];

/// <https://fetch.spec.whatwg.org/#forbidden-response-header-name>
fn is_forbidden_response_header_name(name: &[u8]) -> bool {
    name.eq_ignore_ascii_case(b"set-cookie") || name.eq_ignore_ascii_case(b"set-cookie2")
}

fn visible_names(headers: &HeaderList, visible: impl Fn(&[u8]) -> bool) -> Vec<Vec<u8>> {
    let mut names: Vec<Vec<u8>> = headers
        .iter()
        .filter(|header| visible(&header.name))
        .map(|header| header.name.to_ascii_lowercase())
        .collect();
    names.sort_unstable();
    names.dedup();
    names
}
