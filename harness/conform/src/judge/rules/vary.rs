//! What `Vary` says (RFC 9110, 12.5.5), beyond what the replay through a cache proves.

use crate::judge::record::{CallRecord, Record, members, values};
use crate::judge::rule::Breach;
use crate::observe::Exchange;

/// The handler's own `Vary` is gone.
pub(super) fn member_lost(record: &Record<'_>) -> Vec<Breach> {
    record.each(|call| {
        let answer = call.actual().filter(|answer| {
            call.path() == "/vary"
                && answer.response.status == 200
                && answer.request.method != *"OPTIONS"
        })?;
        let kept = |name: &Vec<u8>| name == b"accept-language" || name == b"*";
        (!vary(answer).iter().any(kept)).then(|| {
            call.breach(
                if call.origin().is_empty() { "without-origin" } else { "with-origin" },
                "the handler's `Vary: Accept-Language` survives",
                format!("`Vary` names {:?}", shown(answer)),
            )
        })
    })
}

/// The request's own `Vary` is copied into the response.
pub(super) fn copied(record: &Record<'_>) -> Vec<Breach> {
    record.each(|call| {
        let answer = call.actual()?;
        let sent = members(&answer.request.headers, "vary");
        let copied = vary(answer).iter().any(|name| sent.contains(name) && name != b"origin");
        copied.then(|| {
            call.breach(
                "member",
                "a request's `Vary` means nothing",
                format!("`Vary` names {:?}", shown(answer)),
            )
        })
    })
}

/// An answer that is the same for all origins varies by `Origin`.
pub(super) fn excessive(record: &Record<'_>) -> Vec<Breach> {
    record.each(|call| {
        let answer = call.actual().filter(|_| call.path() == "/plain")?;
        let everyone = call.policy.origins().is_none() && !call.policy.credentials();
        let allow: Vec<&[u8]> =
            values(&answer.response.headers, "access-control-allow-origin").collect();
        let varies = vary(answer).iter().any(|name| name == b"origin");
        (everyone && allow == [b"*".as_slice()] && varies).then(|| {
            call.breach(
                "wildcard",
                "no `Vary: Origin`: the answer is the same for all, and caches could share it",
                format!("`Vary` names {:?}", shown(answer)),
            )
        })
    })
}

/// `Vary: *`, which switches caches off.
pub(super) fn star(record: &Record<'_>) -> Vec<Breach> {
    record.each(|call| {
        let answer = call.actual()?;
        vary(answer).iter().any(|name| name == b"*").then(|| {
            call.breach(
                "star",
                "the names that matter",
                "`Vary: *`: no cache can keep it".to_owned(),
            )
        })
    })
}

/// A preflight's answer repeats what was asked, and does not vary by it. OPTIONS is not cacheable
/// (RFC 9110, 9.3.7), so only a cache that keeps it all the same would mix answers up.
pub(super) fn preflight(record: &Record<'_>) -> Vec<Breach> {
    record.each(|call| echoed_without_vary(call, call.preflight()?))
}

fn echoed_without_vary(call: &CallRecord<'_>, preflight: &Exchange) -> Option<Breach> {
    call.policy.request_headers().is_none().then_some(())?;
    let asked = members(&preflight.request.headers, "access-control-request-headers");
    let granted = members(&preflight.response.headers, "access-control-allow-headers");
    let named = vary(preflight);
    let varies = named.iter().any(|name| name == b"access-control-request-headers" || name == b"*");
    (!asked.is_empty() && asked == granted && !varies).then(|| {
        call.breach(
            "headers",
            "`Vary` names `Access-Control-Request-Headers`",
            format!("`Vary` names {:?}", shown(preflight)),
        )
    })
}

fn vary(exchange: &Exchange) -> Vec<Vec<u8>> {
    members(&exchange.response.headers, "vary")
}

fn shown(exchange: &Exchange) -> Vec<String> {
    vary(exchange).iter().map(|name| String::from_utf8_lossy(name).into_owned()).collect()
}
