//! Unhygienic: response headers that are malformed or say what nobody configured, whether or not a
//! browser decides otherwise for it today.

use corsproof_model::infra::is_token;

use crate::byte_string::ByteString;
use crate::judge::record::{CallRecord, Record, parse_origin, values};
use crate::judge::rule::Breach;
use crate::observe::Exchange;

/// `Access-Control-Allow-Origin` is no single `*`, `null` or serialized origin.
pub(super) fn malformed_origin(record: &Record<'_>) -> Vec<Breach> {
    each_answer(record, |call, exchange| {
        if call.speaks_for_itself() {
            return None;
        }
        let lines: Vec<&[u8]> = allow_origin(exchange).collect();
        let label = match lines.as_slice() {
            [] => return None,
            [b"*"] => return None,
            // Odd bytes that were sent back are another rule's.
            [one] if asks(exchange, one) => return None,
            [one] if parse_origin(one).is_some() => return None,
            [b""] => "empty",
            [_] => "not-an-origin",
            _ => "several-lines",
        };
        let shown: Vec<ByteString> = lines.iter().map(|line| line.to_vec().into()).collect();
        Some(call.breach(
            label,
            "one origin or `*`, on one line, or none at all",
            format!("`Access-Control-Allow-Origin`: {shown:?}"),
        ))
    })
}

/// `Access-Control-Allow-Origin` names an origin that did not ask.
pub(super) fn another_origin(record: &Record<'_>) -> Vec<Breach> {
    each_answer(record, |call, exchange| {
        call.browsed.as_ref()?;
        let mut lines = allow_origin(exchange);
        let only = lines.next().filter(|_| lines.next().is_none() && !call.speaks_for_itself())?;
        let another = !asks(exchange, only) && parse_origin(only).is_some();
        another.then(|| {
            call.breach(
                if only == b"null" { "null" } else { "origin" },
                "the origin that asked, `*`, or no such header",
                format!("`{}`", ByteString::from(only.to_vec())),
            )
        })
    })
}

/// `Access-Control-Allow-Credentials` has a value other than `true`.
pub(super) fn malformed_credentials(record: &Record<'_>) -> Vec<Breach> {
    each_answer(record, |call, exchange| {
        let mut lines = values(&exchange.response.headers, "access-control-allow-credentials");
        let odd = lines.find(|value| *value != b"true")?;
        Some(call.breach(
            "value",
            "`true`, or no such header",
            format!("`{}`", ByteString::from(odd.to_vec())),
        ))
    })
}

/// A list of methods or header names has a member that is no token; the odd bytes of a request may
/// have come back.
pub(super) fn malformed_names(record: &Record<'_>) -> Vec<Breach> {
    each_answer(record, |call, exchange| {
        LISTS.into_iter().find_map(|name| {
            let mut lists = values(&exchange.response.headers, name);
            let odd = lists.find(|list| !is_list_of_tokens(list))?;
            let asked = values(&exchange.request.headers, "access-control-request-headers")
                .chain(values(&exchange.request.headers, "access-control-request-method"));
            let from = if asked.into_iter().any(|line| line == odd) { "echoed" } else { "own" };
            Some(call.breach(
                format!("{name}.{from}"),
                "tokens and commas",
                format!("`{}`", ByteString::from(odd.to_vec())),
            ))
        })
    })
}

const LISTS: [&str; 3] = [
    "access-control-allow-methods",
    "access-control-allow-headers",
    "access-control-expose-headers",
];

/// <https://fetch.spec.whatwg.org/#extract-header-values>: empty members do not count.
fn is_list_of_tokens(list: &[u8]) -> bool {
    let trimmed = list.split(|byte| *byte == b',').map(<[u8]>::trim_ascii);
    trimmed.filter(|member| !member.is_empty()).all(is_token)
}

/// `Access-Control-Allow-Credentials: true`, which nobody configured.
pub(super) fn unasked_credentials(record: &Record<'_>) -> Vec<Breach> {
    each_answer(record, |call, exchange| {
        let mut lines = values(&exchange.response.headers, "access-control-allow-credentials");
        let unasked = !call.certain_policy()?.credentials() && lines.any(|value| value == b"true");
        unasked.then(|| {
            call.breach(
                if allow_origin(exchange).any(|value| value == b"*") {
                    "wildcard"
                } else {
                    "origin"
                },
                "no such header: the policy does not allow credentials",
                "`Access-Control-Allow-Credentials: true`".to_owned(),
            )
        })
    })
}

/// `Access-Control-Max-Age` is no number of seconds.
pub(super) fn malformed_max_age(record: &Record<'_>) -> Vec<Breach> {
    each_preflight(record, |call, exchange| {
        let mut lines = values(&exchange.response.headers, "access-control-max-age");
        let odd = lines.find(|value| value.is_empty() || !value.iter().all(u8::is_ascii_digit))?;
        Some(call.breach("value", "whole seconds", format!("`{}`", ByteString::from(odd.to_vec()))))
    })
}

/// A granted preflight may be cached for another time than the policy says.
pub(super) fn other_max_age(record: &Record<'_>) -> Vec<Breach> {
    each_preflight(record, |call, exchange| {
        let browsed = call.browsed.as_ref().filter(|browsed| browsed.allowed())?;
        let wanted =
            call.certain_policy()?.max_age().filter(|_| !browsed.is_same_origin())?.to_string();
        let sent: Vec<&[u8]> =
            values(&exchange.response.headers, "access-control-max-age").collect();
        (sent != [wanted.as_bytes()]).then(|| {
            let shown: Vec<ByteString> = sent.iter().map(|line| line.to_vec().into()).collect();
            let zero = if wanted == "0" { "zero" } else { "seconds" };
            let absent = if sent.is_empty() { "absent" } else { "other" };
            call.breach(format!("{zero}.{absent}"), &wanted, format!("{shown:?}"))
        })
    })
}

/// Whether these bytes are an `Origin` of the request.
fn asks(exchange: &Exchange, value: &[u8]) -> bool {
    values(&exchange.request.headers, "origin").any(|origin| origin == value)
}

fn allow_origin(exchange: &Exchange) -> impl Iterator<Item = &[u8]> {
    values(&exchange.response.headers, "access-control-allow-origin")
}

fn each_answer(
    record: &Record<'_>,
    check: impl Fn(&CallRecord<'_>, &Exchange) -> Option<Breach>,
) -> Vec<Breach> {
    // Where a redirect leads, another policy may hold.
    record.each(|call| {
        let first = &call.exchanges.first()?.request.target;
        let here = call.exchanges.iter().filter(|exchange| exchange.request.target == *first);
        here.filter_map(|exchange| check(call, exchange)).next()
    })
}

fn each_preflight(
    record: &Record<'_>,
    check: impl Fn(&CallRecord<'_>, &Exchange) -> Option<Breach>,
) -> Vec<Breach> {
    record.each(|call| call.preflight().and_then(|exchange| check(call, exchange)))
}
