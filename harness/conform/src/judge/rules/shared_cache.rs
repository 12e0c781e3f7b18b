//! Cache safety, proved by replay: the answer to one call is put into a small shared cache and
//! given to a later call of the same URL, where its `Vary` lets that happen. If the browser then
//! decides otherwise than over the server's own answer, the answer was not safe to share.
//!
//! Modelled after RFC 9111, 4: the key is the URL and the request fields that `Vary` names; only
//! GET answers with a status that is cacheable by default (RFC 9110, 15.1) are kept.

use corsproof_model::ResponseType;

use crate::byte_string::HeaderLine;
use crate::judge::record::{CallRecord, Record, members, values};
use crate::judge::rule::Breach;
use crate::observe::Exchange;

/// An answer that grants is given to somebody else.
pub(super) fn granted(record: &Record<'_>) -> Vec<Breach> {
    replays(record, Stored::Granted)
}

/// An answer to an origin that was refused is given to one that is allowed.
pub(super) fn refused(record: &Record<'_>) -> Vec<Breach> {
    replays(record, Stored::Refused)
}

/// An answer to a request without `Origin` is given to a page.
pub(super) fn without_origin(record: &Record<'_>) -> Vec<Breach> {
    replays(record, Stored::WithoutOrigin)
}

/// What kind of answer was kept.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Stored {
    Granted,
    Refused,
    WithoutOrigin,
}

impl Stored {
    fn of(exchange: &Exchange) -> Self {
        let has = |headers, name| values(headers, name).next().is_some();
        if !has(&exchange.request.headers, "origin") {
            Self::WithoutOrigin
        } else if has(&exchange.response.headers, "access-control-allow-origin") {
            Self::Granted
        } else {
            Self::Refused
        }
    }
}

fn replays(record: &Record<'_>, kind: Stored) -> Vec<Breach> {
    record.each_pair(|earlier, later| {
        let (kept, fresh) = (earlier.exchanges.last()?, later.exchanges.last()?);
        let differs = Stored::of(kept) == kind && kept.response != fresh.response;
        (differs && reuses(kept, fresh)).then(|| unsafe_reuse(earlier, later, kept))?
    })
}

fn unsafe_reuse(
    earlier: &CallRecord<'_>,
    later: &CallRecord<'_>,
    kept: &Exchange,
) -> Option<Breach> {
    let browsed = later.browsed.as_ref().filter(|_| !later.speaks_for_itself())?;
    let mut replayed = later.exchanges.to_vec();
    replayed.last_mut()?.response = kept.response.clone();
    let reused = browsed.page.browse(&replayed);
    let readable = reused.response_type != ResponseType::Error;
    if readable == browsed.allowed() {
        return None;
    }
    let words = |readable| if readable { "readable" } else { "blocked" };
    let star = values(&kept.response.headers, "access-control-allow-origin").any(|v| v == b"*");
    let kind = if star { "wildcard-" } else { "" };
    let labels = (role(earlier), role(later));
    Some(Breach {
        step: Some(reused.trace.decided_by),
        ..later.breach(
            format!("{}.{kind}{}-then-{}", words(readable), labels.0, labels.1),
            &format!(
                "the answer to call {} is not reused for this one: its `Vary` names `Origin`",
                earlier.index
            ),
            format!(
                "through a shared cache this call is {}, over the server's own answer {} ({})",
                words(readable),
                words(browsed.allowed()),
                reused.trace.decided_by.slug
            ),
        )
    })
}

/// Who asks, as far as caches care: a finer word would tell one fault apart from itself.
fn role(call: &CallRecord<'_>) -> &'static str {
    match &call.bound.origin.producible {
        _ if call.origin().is_empty() => "absent",
        Some(origin) if call.policy.names_origin(origin) => "listed",
        Some(origin) if origin.is_opaque() => "null",
        Some(_) => "unlisted",
        None => "raw",
    }
}

/// Whether a shared cache that holds the first exchange would answer the second from it.
pub(in crate::judge) fn reuses(stored: &Exchange, asked: &Exchange) -> bool {
    let get = |e: &Exchange| e.request.method == *"GET";
    let names = members(&stored.response.headers, "vary");
    get(stored)
        && get(asked)
        && stored.request.target == asked.request.target
        && host(stored) == host(asked)
        && is_cacheable(stored)
        && names.iter().all(|name| {
            name != b"*"
                && field(&stored.request.headers, name) == field(&asked.request.headers, name)
        })
}

fn is_cacheable(exchange: &Exchange) -> bool {
    let by_default = [200, 203, 204, 206, 300, 301, 308, 404, 405, 410, 414, 501]
        .contains(&exchange.response.status);
    let forbidden = members(&exchange.response.headers, "cache-control").iter().any(|directive| {
        let name = directive.split(|b| *b == b'=').next().unwrap_or_default();
        name == b"no-store" || name == b"private"
    });
    // RFC 9111, 3.5: an answer to a request with `Authorization` is kept only if it says so; to be
    // safe, never.
    let authorized = values(&exchange.request.headers, "authorization").next().is_some();
    by_default && !forbidden && !authorized
}

fn host(exchange: &Exchange) -> Vec<&[u8]> {
    values(&exchange.request.headers, "host").collect()
}

fn field<'a>(headers: &'a [HeaderLine], name: &[u8]) -> Vec<&'a [u8]> {
    headers.iter().filter(|(n, _)| n.eq_ignore_ascii_case(name)).map(|(_, v)| v.as_ref()).collect()
}
