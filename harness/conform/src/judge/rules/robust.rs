//! Fragile: what odd bytes do to a server. No browser sends them, so nobody is let in.

use crate::byte_string::ByteString;
use crate::drive::CLOSED;
use crate::judge::record::{CallRecord, Record, parse_origin, values};
use crate::judge::rule::Breach;
use crate::observe::Exchange;

/// An odd `Origin` is answered with a server error.
pub(super) fn breaks(record: &Record<'_>) -> Vec<Breach> {
    record.each(|call| {
        let answer = odd(call)?;
        let own = call.path().starts_with("/status/") || call.path().starts_with("/throw");
        let failed = is_failure(answer) && !own;
        failed.then(|| call.breach(odd_label(call), "any answer but a server error", told(answer)))
    })
}

/// A request that is well-formed HTTP, and that no browser sends, is answered with a server error.
pub(super) fn breaks_on_request(record: &Record<'_>) -> Vec<Breach> {
    record.each(|call| {
        let answer = call.exchanges.first().filter(|_| call.browsed.is_none())?;
        let own = call.path().starts_with("/status/") || call.path().starts_with("/throw");
        let failed = is_failure(answer) && !own && odd(call).is_none();
        failed.then(|| {
            call.breach(
                if answer.request.method == *"OPTIONS" { "options" } else { "other" },
                "any answer but a server error",
                told(answer),
            )
        })
    })
}

/// An odd `Origin` is granted, under a policy that names origins.
pub(super) fn granted(record: &Record<'_>) -> Vec<Breach> {
    record.each(|call| {
        let answer = odd(call).filter(|_| call.policy.origins().is_some())?;
        let sent = values(&answer.request.headers, "origin").next()?;
        // No browser has a page at `https://a..b.example`, yet it is below `https://b.example`.
        if parse_origin(sent).is_some_and(|origin| call.policy.names_origin(&origin)) {
            return None;
        }
        let mut back = values(&answer.response.headers, "access-control-allow-origin");
        (!call.recipe.wire.origin_twice && back.any(|value| value == sent)).then(|| {
            call.breach(
                odd_label(call),
                "no grant: these bytes are no origin that the policy names",
                format!("`Access-Control-Allow-Origin: {}`", ByteString::from(sent.to_vec())),
            )
        })
    })
}

/// Whether a server failed at a request: an error of its own, or no answer at all.
fn is_failure(answer: &Exchange) -> bool {
    (500..600).contains(&answer.response.status) || answer.response.status == CLOSED
}

fn told(answer: &Exchange) -> String {
    match answer.response.status {
        CLOSED => "it closed the connection without an answer".to_owned(),
        status => format!("status {status}"),
    }
}

/// The answer to an `Origin` that no browser sends, if this is such a call.
fn odd<'a>(call: &'a CallRecord<'_>) -> Option<&'a Exchange> {
    let origin = &call.bound.origin;
    let raw = origin.producible.is_none() && !origin.serialized.is_empty();
    (raw || call.recipe.wire.origin_twice).then(|| call.exchanges.first())?
}

fn odd_label(call: &CallRecord<'_>) -> String {
    if call.recipe.wire.origin_twice { "twice".to_owned() } else { call.recipe.origin.label() }
}
