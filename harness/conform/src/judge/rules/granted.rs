//! Over-permissive: script gets, or a handler does, what the policy does not allow.

use std::collections::BTreeSet;

use crate::byte_string::ByteString;
use crate::intent::{BlockReason, Flag, Intent};
use crate::judge::record::{Browsed, CallRecord, Record, is_plain_handler_s, values};
use crate::judge::rule::Breach;
use crate::server_case::HeaderRecipe;

/// An origin that the policy does not name reads a response.
pub(super) fn unlisted_origin(record: &Record<'_>) -> Vec<Breach> {
    record.each(|call| {
        let label = || call.recipe.origin.label();
        read_in_spite_of(call, BlockReason::UnlistedOrigin, label, "this origin")
    })
}

/// An opaque origin reads a response, though the policy does not name `null`.
pub(super) fn null_origin(record: &Record<'_>) -> Vec<Breach> {
    record.each(|call| {
        let label = || call.recipe.origin.label();
        read_in_spite_of(call, BlockReason::NullOrigin, label, "opaque origins")
    })
}

/// Script reads a response to a request with credentials, which the policy does not allow.
pub(super) fn credentials(record: &Record<'_>) -> Vec<Breach> {
    record.each(|call| {
        let label = || if call.preflight().is_some() { "preflighted" } else { "simple" };
        read_in_spite_of(call, BlockReason::Credentials, label, "credentials")
    })
}

/// A method that the policy does not name passes the preflight.
pub(super) fn method(record: &Record<'_>) -> Vec<Breach> {
    record.each(|call| {
        let label = || call.recipe.method.label();
        read_in_spite_of(call, BlockReason::UnlistedMethod, label, "this method")
    })
}

/// A request header that the policy does not name passes the preflight.
pub(super) fn header(record: &Record<'_>) -> Vec<Breach> {
    record.each(|call| {
        let kinds = || call.recipe.headers.iter().map(HeaderRecipe::label);
        let label = || kinds().collect::<BTreeSet<_>>().into_iter().collect::<Vec<_>>().join("-");
        read_in_spite_of(call, BlockReason::UnlistedHeader, label, "this request header")
    })
}

/// An origin that the policy does not name reads a response by the handler's own grant.
pub(super) fn by_handler(record: &Record<'_>) -> Vec<Breach> {
    record.each(|call| {
        let browsed = call.browsed.as_ref().filter(|_| call.is_granted_by_its_handler())?;
        let reason = BlockReason::UnlistedOrigin;
        let breaks = browsed.intent == Intent::MustBlock(reason) && browsed.allowed();
        breaks.then(|| {
            call.breach(
                reason.label(),
                "blocked: what the middleware was told replaces what the handler says",
                read(browsed),
            )
        })
    })
}

/// A handler runs for a request that the policy blocks and that a preflight announced, whether
/// script can read the answer or not.
pub(super) fn executed(record: &Record<'_>) -> Vec<Breach> {
    record.each(|call| {
        let browsed = call.browsed.as_ref()?;
        let Intent::MustBlock(reason) = browsed.intent else { return None };
        // A handler that ran for the preflight is another rule's.
        let ran = call.executed.is_some_and(|count| count > 0) && call.exchanges.len() > 1;
        let breaks = ran && !browsed.allowed() && !call.is_granted_by_its_handler();
        breaks.then(|| {
            let times = call.executed.unwrap_or_default();
            call.breach(
                reason.label(),
                "the preflight is refused, so that the request is never sent",
                format!("the preflight was granted, and the handler ran {times} time(s)"),
            )
        })
    })
}

/// A policy of all origins and credentials lets any page read with the user's credentials.
pub(super) fn any_origin_with_credentials(record: &Record<'_>) -> Vec<Breach> {
    record.each(|call| {
        let browsed = call.browsed.as_ref()?;
        let may = browsed.intent == Intent::May(Flag::AnyOriginWithCredentials);
        (may && browsed.allowed()).then(|| {
            call.breach(
                if call.recipe.origin.label() == "null" { "null" } else { "origin" },
                "the policy is refused, or `*` is sent, which no browser takes with credentials",
                read(browsed),
            )
        })
    })
}

/// The policy of a path is not the one of the path that the router took.
pub(super) fn path(record: &Record<'_>) -> Vec<Breach> {
    record.each(|call| {
        let browsed = call.browsed.as_ref()?;
        let answer = call.actual()?;
        let paths = !record.policy.paths().is_empty();
        let elsewhere = paths && call.path() != "/plain" && is_plain_handler_s(&answer.response);
        let intent = elsewhere.then(|| record.policy.intends_page_at(&browsed.page, "/plain"))?;
        // What the policy of the path as written blocks is another rule's.
        let blocks = |intent| matches!(intent, Intent::MustBlock(_));
        let breaks = browsed.allowed() && blocks(intent) && !blocks(browsed.intent);
        breaks.then(|| {
            call.breach(
                call.recipe.origin.label(),
                "the policy of `/plain`, whose handler answered, holds however the path is written",
                read(browsed),
            )
        })
    })
}

/// The router took a path as it is written, and the policy of another one was applied.
pub(super) fn path_of_router(record: &Record<'_>) -> Vec<Breach> {
    record.each(|call| {
        let browsed = call.browsed.as_ref().filter(|browsed| browsed.has_two_policies)?;
        let answer = call.actual()?;
        let taken_as_written = !is_plain_handler_s(&answer.response)
            && !(300..400).contains(&answer.response.status);
        let intent = record.policy.intends_page(&browsed.page);
        let blocks = matches!(intent, Intent::MustBlock(_));
        let open = browsed.intent == Intent::May(Flag::PathSpelling);
        (taken_as_written && blocks && open && browsed.allowed()).then(|| {
            call.breach(
                call.recipe.origin.label(),
                "blocked by the policy of the path as it is written, which is how the router read it",
                read(browsed),
            )
        })
    })
}

/// Script reads the name of a response header that the policy does not expose.
pub(super) fn exposed_name(record: &Record<'_>) -> Vec<Breach> {
    record.each(|call| {
        call.certain_policy()?;
        let browsed = call.browsed.as_ref().filter(|browsed| may_read(browsed))?;
        let listed = call.last_policy.expose_headers()?;
        let named = |name: &[u8]| listed.iter().any(|l| l.as_bytes().eq_ignore_ascii_case(name));
        let readable = browsed.fetched.exposed_headers.as_ref()?.iter();
        let extra: Vec<ByteString> = readable
            .filter(|name| !named(name) && !is_always_readable(name))
            .map(|name| name.clone().into())
            .collect();
        (!extra.is_empty()).then(|| {
            call.breach(
                "expose",
                &format!("script can read {listed:?} besides the safelist"),
                format!("it can also read {extra:?}"),
            )
        })
    })
}

/// A preflight is told that private networks may be reached, which nobody configured.
pub(super) fn private_network(record: &Record<'_>) -> Vec<Breach> {
    record.each(|call| {
        let closed = !call.certain_policy()?.raw().private_network;
        let preflight = call.preflight().filter(|_| closed)?;
        let mut granted =
            values(&preflight.response.headers, "access-control-allow-private-network");
        granted.any(|value| value == b"true").then(|| {
            call.breach(
                call.recipe.origin.label(),
                "no `Access-Control-Allow-Private-Network`",
                "the preflight was answered with it".to_owned(),
            )
        })
    })
}

/// A breach where script got what the policy blocks for this reason.
fn read_in_spite_of<L: Into<String>>(
    call: &CallRecord<'_>,
    reason: BlockReason,
    label: impl Fn() -> L,
    what: &str,
) -> Option<Breach> {
    let browsed = call.browsed.as_ref()?;
    let breaks = browsed.intent == Intent::MustBlock(reason)
        && browsed.allowed()
        && !call.is_granted_by_its_handler();
    breaks.then(|| {
        let expected = format!("blocked: the policy does not allow {what}");
        call.breach(label(), &expected, read(browsed))
    })
}

fn read(browsed: &Browsed) -> String {
    format!("script read the response ({})", browsed.step().slug)
}

/// Whether script got a response that it may get, from another origin.
fn may_read(browsed: &Browsed) -> bool {
    browsed.allowed()
        && !browsed.is_same_origin()
        && matches!(browsed.intent, Intent::MustAllow | Intent::May(_))
}

/// <https://fetch.spec.whatwg.org/#cors-safelisted-response-header-name>
fn is_always_readable(name: &[u8]) -> bool {
    [
        "cache-control",
        "content-language",
        "content-length",
        "content-type",
        "expires",
        "last-modified",
        "pragma",
    ]
    .iter()
    .any(|safe| name.eq_ignore_ascii_case(safe.as_bytes()))
}
