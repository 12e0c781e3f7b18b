//! What a fetch leaves behind: the hops it took, and the steps of the Standard that decided.

use url::Url;

use crate::api::{request, web_socket, xml_http_request};
use crate::fetching::{
    cors_check, cors_preflight_fetch, http_fetch, http_network_fetch, http_redirect_fetch,
    local_network_access, main_fetch, scheme_fetch,
};
use crate::http::{headers_object, resource_policy};

/// A step of an algorithm of the Standard that can decide what becomes of a fetch.
///
/// Algorithm and slug together are its name, and stay; the number is where the step stands at
/// [`crate::SPEC_COMMIT`].
#[derive(Debug, PartialEq, Eq, Hash)]
pub struct Step {
    /// Anchor of the algorithm.
    pub algorithm: &'static str,
    /// What the step finds.
    pub slug: &'static str,
    /// Its number in the algorithm's list; letters stand for branches, as in `scripts/spec`: `12b.1` is
    /// the first step of the second entry of step 12's switch.
    pub number: &'static str,
    /// The Standard that has the algorithm: address, with the slash at its end.
    pub standard: &'static str,
}

impl Step {
    /// A step of Fetch.
    pub(crate) const fn fetch(
        algorithm: &'static str,
        number: &'static str,
        slug: &'static str,
    ) -> Self {
        Self { algorithm, slug, number, standard: "https://fetch.spec.whatwg.org/" }
    }

    /// A step of XMLHttpRequest.
    pub(crate) const fn xhr(
        algorithm: &'static str,
        number: &'static str,
        slug: &'static str,
    ) -> Self {
        Self { algorithm, slug, number, standard: "https://xhr.spec.whatwg.org/" }
    }

    /// A step of WebSockets.
    pub(crate) const fn web_sockets(
        algorithm: &'static str,
        number: &'static str,
        slug: &'static str,
    ) -> Self {
        Self { algorithm, slug, number, standard: "https://websockets.spec.whatwg.org/" }
    }

    /// A step of Local Network Access.
    pub(crate) const fn local_network_access(
        algorithm: &'static str,
        number: &'static str,
        slug: &'static str,
    ) -> Self {
        Self { algorithm, slug, number, standard: "https://wicg.github.io/local-network-access/" }
    }

    /// Where it can be read.
    pub fn url(&self) -> String {
        format!("{}#{}", self.standard, self.algorithm)
    }
}

/// Everything there is to tell about a fetch but its result.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trace {
    /// Each hop entered, in order.
    pub hops: Vec<HopTrace>,
    /// The step that blocked, or the one that granted the last check.
    pub decided_by: &'static Step,
    /// Where it was blocked; `None`: it was not.
    pub blocked_at: Option<BlockedAt>,
    /// In which hop, from 0; `None`: it was not.
    pub blocked_hop: Option<usize>,
    /// The story: each step that decided something on the way, in order.
    pub events: Vec<Event>,
}

/// A step that decided something on the way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Event {
    /// The step.
    pub step: &'static Step,
    /// In which hop, from 0.
    pub hop: usize,
}

/// Where a fetch was blocked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum BlockedAt {
    /// The API threw, and nothing was sent.
    Construct,
    /// A network error before this hop sent anything.
    Fetch,
    /// At the preflight of this hop.
    Preflight,
    /// At the response of this hop.
    Actual,
    /// The response was accepted, but following it is an error.
    Redirect,
}

/// One hop: a URL of the request's URL list, and what was sent to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HopTrace {
    /// The request's current URL.
    pub url: Url,
    /// The request's method.
    pub method: Vec<u8>,
    /// The preflight, if one was sent.
    pub preflight: Option<PreflightTrace>,
    /// The request itself, if it was sent.
    pub actual: Option<ActualTrace>,
}

/// What a preflight said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PreflightTrace {
    /// `Access-Control-Request-Method`.
    pub method: Vec<u8>,
    /// `Access-Control-Request-Headers`.
    pub headers: Option<Vec<u8>>,
    /// `Origin`.
    pub origin: Option<Vec<u8>>,
}

/// What the request itself said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ActualTrace {
    /// `Origin`.
    pub origin: Option<Vec<u8>>,
    /// Whether cookies and the like went with it.
    pub credentials: bool,
}

/// Every step that can be [`Trace::decided_by`] or make [`crate::construct`] throw.
pub fn steps() -> &'static [&'static Step] {
    DECISIVE
}

/// Every step that can only be told of in [`Trace::events`].
pub fn waypoints() -> &'static [&'static Step] {
    WAYPOINTS
}

static DECISIVE: &[&Step] = &[
    &request::URL_INVALID,
    &request::URL_HAS_CREDENTIALS,
    &request::METHOD_INVALID,
    &request::METHOD_FORBIDDEN,
    &request::NO_CORS_METHOD,
    &request::BODY_WITH_GET_OR_HEAD,
    &request::STREAM_WITHOUT_CORS,
    &headers_object::HEADER_NAME_INVALID,
    &headers_object::HEADER_VALUE_INVALID,
    &xml_http_request::METHOD_INVALID,
    &xml_http_request::METHOD_FORBIDDEN,
    &xml_http_request::URL_INVALID,
    &xml_http_request::HEADER_NAME_INVALID,
    &xml_http_request::HEADER_VALUE_INVALID,
    &web_socket::URL_INVALID,
    &web_socket::URL_SCHEME,
    &web_socket::URL_FRAGMENT,
    &main_fetch::BAD_PORT,
    &main_fetch::MIXED_CONTENT,
    &main_fetch::BASIC_RESPONSE,
    &main_fetch::CROSS_ORIGIN_IN_SAME_ORIGIN_MODE,
    &main_fetch::NO_CORS_REDIRECT_MODE,
    &main_fetch::OPAQUE_RESPONSE,
    &main_fetch::SCHEME_NOT_HTTP,
    &scheme_fetch::BLOB_UNAVAILABLE,
    &scheme_fetch::DATA_URL_INVALID,
    &scheme_fetch::FILE_URL,
    &scheme_fetch::SCHEME_UNSUPPORTED,
    &http_fetch::REDIRECT_MODE_ERROR,
    &resource_policy::SAME_ORIGIN_ONLY,
    &resource_policy::SAME_SITE_ONLY,
    &http_redirect_fetch::LOCATION_INVALID,
    &http_redirect_fetch::LOCATION_SCHEME,
    &http_redirect_fetch::TOO_MANY_REDIRECTS,
    &http_redirect_fetch::LOCATION_CREDENTIALS_CROSS_ORIGIN,
    &http_redirect_fetch::LOCATION_CREDENTIALS_AFTER_CORS,
    &http_redirect_fetch::STREAM_CANNOT_BE_SENT_AGAIN,
    &http_network_fetch::PROXY_AUTHENTICATION,
    &http_network_fetch::NO_ANSWER,
    &web_socket::NOT_SWITCHING,
    &web_socket::HANDSHAKE_INVALID,
    &web_socket::CONNECTED,
    &local_network_access::ADDRESS_SPACE_MISMATCH,
    &local_network_access::INSECURE_CONTEXT,
    &local_network_access::PERMISSION_DENIED,
    &cors_preflight_fetch::STATUS_NOT_OK,
    &cors_preflight_fetch::ALLOW_METHODS_INVALID,
    &cors_preflight_fetch::ALLOW_HEADERS_INVALID,
    &cors_preflight_fetch::METHOD_NOT_ALLOWED,
    &cors_preflight_fetch::AUTHORIZATION_NOT_LISTED,
    &cors_preflight_fetch::HEADER_NOT_ALLOWED,
    &cors_check::ALLOW_ORIGIN_MISSING,
    &cors_check::ANY_ORIGIN_WITHOUT_CREDENTIALS,
    &cors_check::ALLOW_ORIGIN_MISMATCH,
    &cors_check::GRANTED_WITHOUT_CREDENTIALS,
    &cors_check::GRANTED_WITH_CREDENTIALS,
    &cors_check::ALLOW_CREDENTIALS_NOT_TRUE,
];

static WAYPOINTS: &[&Step] = &[
    &http_fetch::REDIRECT_MODE_MANUAL,
    &main_fetch::CORS_WITH_PREFLIGHT,
    &main_fetch::CORS_WITHOUT_PREFLIGHT,
    &main_fetch::CACHE_CLEARED,
    &main_fetch::EXPOSES_ALL_NAMES,
    &main_fetch::EXPOSES_LISTED_NAMES,
    &http_fetch::PREFLIGHT_NEEDED,
    &http_fetch::PREFLIGHT_SPARED,
    &http_redirect_fetch::LOCATION_ABSENT,
    &http_redirect_fetch::METHOD_BECOMES_GET,
    &http_redirect_fetch::AUTHORIZATION_DROPPED,
    &http_redirect_fetch::FOLLOWED,
    &cors_preflight_fetch::FLAGGED_METHOD_IMPLIED,
    &cors_preflight_fetch::PREFLIGHT_GRANTED,
];

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn no_two_steps_share_a_name() {
        let all = || steps().iter().chain(waypoints());
        let names: BTreeSet<_> = all().map(|step| (step.algorithm, step.slug)).collect();
        assert_eq!(names.len(), all().count());
    }

    #[test]
    fn a_step_links_to_its_algorithm() {
        assert_eq!(
            cors_check::ALLOW_ORIGIN_MISSING.url(),
            "https://fetch.spec.whatwg.org/#concept-cors-check"
        );
        assert_eq!(
            xml_http_request::METHOD_INVALID.url(),
            "https://xhr.spec.whatwg.org/#dom-xmlhttprequest-open"
        );
    }
}
