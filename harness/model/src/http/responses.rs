//! Responses (Fetch §2.2.6) and what each filter leaves of them.

use url::Url;

use crate::http::extract::{Extracted, LOCATION, extract_header_list_values};
use crate::http::headers::{HeaderList, convert_header_names_to_a_sorted_lowercase_set};
use crate::http::safelist::{
    is_cors_safelisted_response_header_name, is_forbidden_response_header_name,
};
use crate::http::statuses::is_redirect_status;
use crate::infra::isomorphic_decode;
use crate::user_agent::UserAgent;

/// <https://fetch.spec.whatwg.org/#concept-response>, its head.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Response {
    /// <https://fetch.spec.whatwg.org/#concept-response-status>
    pub status: u16,
    /// <https://fetch.spec.whatwg.org/#concept-response-header-list>
    pub headers: HeaderList,
}

/// <https://fetch.spec.whatwg.org/#concept-response-type>, as script sees it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ResponseType {
    /// From the own origin, or a `data:` URL.
    Basic,
    /// By the CORS protocol.
    Cors,
    /// Script may not look.
    Opaque,
    /// A redirect that is not followed.
    OpaqueRedirect,
    /// A network error.
    Error,
}

impl Response {
    /// A response head.
    pub fn new(status: u16, headers: HeaderList) -> Self {
        Self { status, headers }
    }
}

/// What the location URL of a response can be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Location {
    /// There is none.
    Null,
    /// There is one that is no URL, or more than one.
    Failure,
    /// This one.
    Url(Box<Url>),
}

/// <https://fetch.spec.whatwg.org/#concept-response-location-url>
pub fn location_url(agent: &UserAgent, response: &Response, current_url: &Url) -> Location {
    // 1. Only redirects have one.
    if !is_redirect_status(response.status) {
        return Location::Null;
    }
    // 2. One header; see the grammar for what it may hold.
    let location = match extract_header_list_values(&LOCATION, &response.headers) {
        Extracted::Null => return Location::Null,
        Extracted::Failure if agent.identical_locations_accepted => {
            identical_lines(&response.headers)
        }
        Extracted::Failure => None,
        Extracted::Values(values) => values.first().copied(),
    };
    let Some(location) = location else { return Location::Failure };
    // 3. Relative to the URL that answered. The Standard does not say how the bytes become a
    // string: here as UTF-8 where they are that (as engines do), else each byte a code point.
    let location = match std::str::from_utf8(location) {
        Ok(text) => current_url.join(text),
        Err(_) => current_url.join(&isomorphic_decode(location)),
    };
    let Ok(mut location) = location else { return Location::Failure };
    // 4. A fragment is inherited.
    if location.fragment().is_none() {
        location.set_fragment(current_url.fragment());
    }
    // 5. That is it.
    Location::Url(Box::new(location))
}

fn identical_lines(headers: &HeaderList) -> Option<&[u8]> {
    let mut values = headers.values(LOCATION.name);
    let first = values.next()?;
    values.all(|value| value == first).then_some(first)
}

/// <https://fetch.spec.whatwg.org/#concept-filtered-response-basic>: the names that it leaves.
pub(crate) fn basic_filtered_names(headers: &HeaderList) -> Vec<Vec<u8>> {
    names_where(headers, |name| !is_forbidden_response_header_name(name))
}

/// <https://fetch.spec.whatwg.org/#concept-filtered-response-cors>: the names that it leaves, given
/// the CORS-exposed header-name list.
pub(crate) fn cors_filtered_names(headers: &HeaderList, exposed: &[&[u8]]) -> Vec<Vec<u8>> {
    names_where(headers, |name| is_cors_safelisted_response_header_name(name, exposed))
}

fn names_where(headers: &HeaderList, keeps: impl Fn(&[u8]) -> bool) -> Vec<Vec<u8>> {
    let names = headers.iter().map(|header| header.name.as_slice()).filter(|name| keeps(name));
    convert_header_names_to_a_sorted_lowercase_set(names)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn location(status: u16, lines: &[&str]) -> Location {
        let base = Url::parse("https://a.example/dir/page#f").unwrap();
        let headers = HeaderList::from_lines(lines.iter().map(|value| ("Location", *value)));
        location_url(&UserAgent::spec(), &Response::new(status, headers), &base)
    }

    fn url(url: &str) -> Location {
        Location::Url(Box::new(Url::parse(url).unwrap()))
    }

    #[test]
    fn a_location_is_relative_and_inherits_the_fragment() {
        assert_eq!(location(301, &["x"]), url("https://a.example/dir/x#f"));
        assert_eq!(location(302, &["//b.example#g"]), url("https://b.example/#g"));
        assert_eq!(location(307, &["/x#"]), url("https://a.example/x#"));
        assert_eq!(location(308, &[""]), url("https://a.example/dir/page#f"));
    }

    #[test]
    fn none_two_and_a_broken_one_differ() {
        assert_eq!(location(303, &[]), Location::Null);
        assert_eq!(location(304, &["x"]), Location::Null);
        assert_eq!(location(200, &["x"]), Location::Null);
        assert_eq!(location(301, &["x", "x"]), Location::Failure);
        assert_eq!(location(301, &["http://[",]), Location::Failure);
    }

    #[test]
    fn only_identical_lines_pass_where_the_user_agent_takes_them() {
        let mut agent = UserAgent::spec();
        agent.identical_locations_accepted = true;
        let base = Url::parse("https://a.example/").unwrap();
        let both = |left, right| {
            let headers = HeaderList::from_lines([("Location", left), ("Location", right)]);
            location_url(&agent, &Response::new(301, headers), &base)
        };
        assert_eq!(both("x", "x"), url("https://a.example/x"));
        assert_eq!(both("x", "y"), Location::Failure);
    }

    #[test]
    fn bytes_that_are_no_utf_8_are_code_points() {
        let base = Url::parse("https://a.example/").unwrap();
        let of = |value: &[u8]| {
            let headers = HeaderList::from_lines([("Location", value)]);
            location_url(&UserAgent::spec(), &Response::new(301, headers), &base)
        };
        assert_eq!(of(b"/\xc3\xa9"), url("https://a.example/%C3%A9"));
        assert_eq!(of(b"/\xe9"), url("https://a.example/%C3%A9"));
    }

    #[test]
    fn filters_keep_names_sorted_and_once() {
        let headers = HeaderList::from_lines([
            ("X-B", "1"),
            ("x-a", ""),
            ("X-b", "2"),
            ("Set-Cookie", ""),
            ("set-cookie2", ""),
            ("ETag", ""),
            ("Pragma", ""),
        ]);
        let text = |names: Vec<Vec<u8>>| -> Vec<String> {
            names.into_iter().map(|name| String::from_utf8(name).unwrap()).collect()
        };
        assert_eq!(text(basic_filtered_names(&headers)), ["etag", "pragma", "x-a", "x-b"]);
        assert_eq!(text(cors_filtered_names(&headers, &[])), ["pragma"]);
        assert_eq!(
            text(cors_filtered_names(&headers, &[b"X-A", b"Set-Cookie", b"absent"])),
            ["pragma", "x-a"]
        );
    }
}
