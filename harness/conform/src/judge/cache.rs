//! Cache safety, proved by replay: the answer to one call is put into a small shared cache and
//! given to a later call of the same URL, where its `Vary` lets that happen. If the browser then
//! decides otherwise than over the server's own answer, the answer was not safe to share.
//!
//! Modelled after RFC 9111, 4: the key is the URL and the request fields that `Vary` names; only
//! GET answers with a status that is cacheable by default (RFC 9110, 15.1) are kept.

use corsproof_model::ResponseType;

use crate::byte_string::HeaderLine;
use crate::drive::ServerObservation;
use crate::observe::Exchange;
use crate::server_case::{BoundCall, ServerCase};

use super::finding::{Direction, Finding, Level};
use super::server::Page;

/// Every pair of calls of which the later one would be answered wrongly from the cache.
pub(super) fn judge(
    case: &ServerCase,
    bound: &[BoundCall],
    observed: &ServerObservation,
) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (later, recorded) in observed.calls.iter().enumerate() {
        let Some(fresh) = recorded.last() else { continue };
        let Some(page) = bound.get(later).and_then(Page::of) else { continue };
        let stored = observed.calls.iter().enumerate().take(later);
        for (earlier, stored) in stored.filter_map(|(n, calls)| Some((n, calls.last()?))) {
            if stored.response != fresh.response && reuses(stored, fresh) {
                findings.extend(unsafe_reuse(case, &page, recorded, stored, earlier, later));
            }
        }
    }
    findings
}

fn unsafe_reuse(
    case: &ServerCase,
    page: &Page,
    recorded: &[Exchange],
    stored: &Exchange,
    earlier: usize,
    later: usize,
) -> Option<Finding> {
    let mut replayed = recorded.to_vec();
    replayed.last_mut()?.response = stored.response.clone();
    let fresh = page.browse(recorded);
    let reused = page.browse(&replayed);
    if (fresh.response_type == ResponseType::Error) == (reused.response_type == ResponseType::Error)
    {
        return None;
    }
    let step = reused.trace.decided_by;
    let words = |t: ResponseType| if t == ResponseType::Error { "blocked" } else { "readable" };
    let label = |n: usize| case.calls.get(n).map(|c| c.origin.label()).unwrap_or_default();
    Some(Finding {
        rule: "vary-origin-missing".to_owned(),
        level: Level::Required,
        direction: Direction::CacheUnsafe,
        label: format!("{}.{}-then-{}", words(reused.response_type), label(earlier), label(later)),
        call: Some(later),
        expected: format!(
            "the answer to call {earlier} is not reused for call {later}: its `Vary` names `Origin`"
        ),
        observed: format!(
            "through a shared cache call {later} is {}, over the server's own answer {} ({})",
            words(reused.response_type),
            words(fresh.response_type),
            step.slug
        ),
        steps: vec![format!("{}/{}", step.algorithm, step.slug)],
    })
}

/// Whether a shared cache that holds the first exchange would answer the second from it.
fn reuses(stored: &Exchange, asked: &Exchange) -> bool {
    let get = |e: &Exchange| e.request.method == *"GET";
    get(stored)
        && get(asked)
        && stored.request.target == asked.request.target
        && is_cacheable(stored)
        && vary(&stored.response.headers).is_some_and(|names| {
            names.iter().all(|name| {
                values(&stored.request.headers, name) == values(&asked.request.headers, name)
            })
        })
}

fn is_cacheable(exchange: &Exchange) -> bool {
    let by_default = [200, 203, 204, 206, 300, 301, 308, 404, 405, 410, 414, 501]
        .contains(&exchange.response.status);
    let forbidden = values(&exchange.response.headers, b"cache-control").iter().any(|value| {
        value.split(|byte| *byte == b',').any(|directive| {
            let name =
                directive.split(|byte| *byte == b'=').next().unwrap_or_default().trim_ascii();
            name.eq_ignore_ascii_case(b"no-store") || name.eq_ignore_ascii_case(b"private")
        })
    });
    // RFC 9111, 3.5: an answer to a request with `Authorization` is kept only if it says so; to be
    // safe, never.
    let authorized = !values(&exchange.request.headers, b"authorization").is_empty();
    by_default && !forbidden && !authorized
}

/// The names in `Vary`, lower-case; `None` where it has a `*`.
fn vary(headers: &[HeaderLine]) -> Option<Vec<Vec<u8>>> {
    let names: Vec<Vec<u8>> = values(headers, b"vary")
        .iter()
        .flat_map(|value| value.split(|b| *b == b','))
        .map(|name| name.trim_ascii().to_ascii_lowercase())
        .filter(|name| !name.is_empty())
        .collect();
    (!names.iter().any(|name| name == b"*")).then_some(names)
}

fn values<'a>(headers: &'a [HeaderLine], name: &[u8]) -> Vec<&'a [u8]> {
    headers.iter().filter(|(n, _)| n.eq_ignore_ascii_case(name)).map(|(_, v)| v.as_ref()).collect()
}
