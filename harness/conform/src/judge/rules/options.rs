//! Which OPTIONS requests are preflights, and which are the application's.

use crate::judge::record::{Record, is_plain_handler_s, values};
use crate::judge::rule::Breach;

/// An OPTIONS request that is no preflight does not reach the application.
pub(super) fn not_forwarded(record: &Record<'_>) -> Vec<Breach> {
    record.each(|call| {
        let answer = call.actual()?;
        let asked = |name| values(&answer.request.headers, name).next().is_some();
        let the_app_s = answer.request.method == *"OPTIONS"
            && call.path() == "/plain"
            && !asked("access-control-request-method");
        (the_app_s && !is_plain_handler_s(&answer.response)).then(|| {
            call.breach(
                if asked("origin") { "with-origin" } else { "without-origin" },
                "the handler's answer: without `Access-Control-Request-Method` it is no preflight",
                format!("status {}, and not from the handler", answer.response.status),
            )
        })
    })
}

/// A preflight runs the application's handler: its answer is the handler's, or the handler ran and
/// nothing but the preflight was sent.
pub(super) fn preflight_runs_handler(record: &Record<'_>) -> Vec<Breach> {
    record.each(|call| {
        let preflight = call.preflight()?;
        let granted = values(&preflight.response.headers, "access-control-allow-origin").next();
        let answers = call.path() == "/plain" && is_plain_handler_s(&preflight.response);
        let counted = call.exchanges.len() == 1 && call.executed.is_some_and(|count| count > 0);
        (answers || counted).then(|| {
            call.breach(
                if granted.is_some() { "granted" } else { "refused" },
                "an answer to the preflight that the middleware makes itself",
                "the handler ran".to_owned(),
            )
        })
    })
}
