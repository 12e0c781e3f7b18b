//! The decision is a function of policy and request.

use crate::judge::record::{CallRecord, Record, members};
use crate::judge::rule::Breach;
use crate::observe::Exchange;

/// The same request is answered otherwise than before.
pub(super) fn depends(record: &Record<'_>) -> Vec<Breach> {
    record.each_pair(|earlier, later| {
        let (before, after) = (earlier.exchanges.first()?, later.exchanges.first()?);
        let differs =
            same_request(earlier, later, before, after).then(|| changed(before, after))?;
        differs.map(|what| {
            let when = if later.recipe.overlaps { "overlapping" } else { "repeated" };
            later.breach(
                format!("{when}.{what}"),
                &format!("the answer that call {} had to the same request", earlier.index),
                format!("another {what}"),
            )
        })
    })
}

fn same_request(
    earlier: &CallRecord<'_>,
    later: &CallRecord<'_>,
    before: &Exchange,
    after: &Exchange,
) -> bool {
    // Targets may differ in the token by which handlers are counted.
    earlier.recipe.path == later.recipe.path
        && before.request.method == after.request.method
        && before.request.headers == after.request.headers
        && before.request.http2 == after.request.http2
}

/// What differs between two answers, of what CORS looks at.
fn changed(before: &Exchange, after: &Exchange) -> Option<&'static str> {
    if before.response.status != after.response.status {
        return Some("status");
    }
    CORS_HEADERS.into_iter().find(|name| {
        let sorted = |exchange: &Exchange| {
            let mut all = members(&exchange.response.headers, name);
            all.sort();
            all
        };
        sorted(before) != sorted(after)
    })
}

const CORS_HEADERS: [&str; 6] = [
    "access-control-allow-origin",
    "access-control-allow-credentials",
    "access-control-allow-methods",
    "access-control-allow-headers",
    "access-control-expose-headers",
    "access-control-max-age",
];
