//! The standard app: status and headers of its handlers.

use corsproof_model::infra::is_token;

use super::lines::{Lines, line};
use crate::byte_string::ByteString;
use crate::observe::{WireRequest, WireResponse};
use crate::server_case::path_of;

/// What the handler of this path answers, or the framework where there is none.
pub(super) fn handle(request: &WireRequest) -> WireResponse {
    let target = request.target.isomorphic_decode();
    let ok = |headers| WireResponse { status: 200, headers };
    let bare = |status| WireResponse { status, headers: Vec::new() };
    let plain = || vec![line("X-Total", "7"), line("ETag", "\"7\"")];
    match path_of(&target) {
        "/plain" => ok(plain()),
        "/vary" => ok(vec![line("Vary", "Accept-Language")]),
        "/own-cors" => ok(vec![line("Access-Control-Allow-Origin", "https://own.example")]),
        "/throw" => bare(500),
        "/redirect" => match location(&target) {
            Some(to) => WireResponse { status: 302, headers: vec![line("Location", to)] },
            None => bare(400),
        },
        path => bare(status_of(path).unwrap_or(404)),
    }
}

/// Whether a handler answers here.
pub(super) fn knows(request: &WireRequest) -> bool {
    let target = request.target.isomorphic_decode();
    let path = path_of(&target);
    matches!(path, "/plain" | "/vary" | "/own-cors" | "/throw" | "/redirect")
        || status_of(path).is_some()
}

/// The value of a parameter of the query.
pub(super) fn parameter(target: &str, name: &str) -> Option<String> {
    let (_, query) = target.split_once('?')?;
    let mut pairs = url::form_urlencoded::parse(query.as_bytes());
    pairs.find(|(key, _)| key == name).map(|(_, value)| value.into_owned())
}

/// The names of these headers, as a list to expose them by.
pub(super) fn names(headers: &Lines) -> Vec<String> {
    let mut names: Vec<String> = headers
        .iter()
        .filter(|(name, _)| is_token(name))
        .map(|(name, _)| ByteString::isomorphic_decode(name).to_ascii_lowercase())
        .collect();
    names.dedup();
    names
}

/// No header line of its own can be smuggled in.
fn location(target: &str) -> Option<String> {
    parameter(target, "to").filter(|to| to.bytes().all(|b| matches!(b, 0x21..=0x7e)))
}

/// A final status.
fn status_of(path: &str) -> Option<u16> {
    let status = path.strip_prefix("/status/")?.parse().ok()?;
    matches!(status, 200..=599).then_some(status)
}
