//! A request as the middleware reads it.

use corsproof_model::infra::{is_http_tab_or_space, is_token, trim};

use super::lines::{value, values};
use crate::observe::WireRequest;
use crate::server_case::path_of;

/// A request and what was read of it.
#[derive(Debug, Clone)]
pub(super) struct Heard<'a> {
    pub(super) request: &'a WireRequest,
    pub(super) target: String,
    /// Several lines are joined, and then are no origin.
    pub(super) origin: Option<Vec<u8>>,
    pub(super) asked_method: Option<Vec<u8>>,
}

impl<'a> Heard<'a> {
    pub(super) fn of(request: &'a WireRequest) -> Self {
        let origins: Vec<&[u8]> = trimmed(request, "origin");
        Self {
            request,
            target: request.target.isomorphic_decode(),
            origin: (!origins.is_empty()).then(|| origins.join(&b", "[..])),
            asked_method: trimmed(request, "access-control-request-method")
                .first()
                .map(|method| method.to_vec()),
        }
    }

    /// The path as the router reads it: as it stands.
    pub(super) fn path(&self) -> &str {
        path_of(&self.target)
    }

    pub(super) fn is_options(&self) -> bool {
        self.request.method == *"OPTIONS"
    }

    /// <https://fetch.spec.whatwg.org/#cors-preflight-request>
    pub(super) fn is_preflight(&self) -> bool {
        self.is_options() && self.origin.is_some() && self.asked_method.is_some()
    }

    /// The origin, a code point for each byte.
    pub(super) fn origin_text(&self) -> Option<String> {
        self.origin.as_ref().map(|bytes| bytes.iter().copied().map(char::from).collect())
    }

    pub(super) fn line(&self, name: &str) -> Option<&'a [u8]> {
        value(&self.request.headers, name)
    }

    /// The lines by which request headers are asked for.
    pub(super) fn asked_lines(&self) -> Vec<&'a [u8]> {
        trimmed(self.request, "access-control-request-headers")
    }

    /// What stands between the commas of all these lines.
    pub(super) fn asked_members(&self) -> Vec<&'a [u8]> {
        self.asked_lines().into_iter().flat_map(|line| line.split(|b| *b == b',')).collect()
    }

    /// The request headers that are asked for: lists may have spaces and empty members
    /// (RFC 9110, 5.6.1), and what is no name is not repeated to anybody.
    pub(super) fn asked_names(&self) -> Vec<Vec<u8>> {
        let members = self.asked_members().into_iter().map(|m| trim(m, is_http_tab_or_space));
        members.filter(|name| is_token(name)).map(<[u8]>::to_vec).collect()
    }
}

/// Space and tab around a value are not part of it (RFC 9110, 5.5).
fn trimmed<'a>(request: &'a WireRequest, name: &'static str) -> Vec<&'a [u8]> {
    values(&request.headers, name).map(|value| trim(value, is_http_tab_or_space)).collect()
}
