//! Over-restrictive: script does not get what the policy allows.

use corsproof_model::BlockedAt;

use crate::case::Credentials;
use crate::intent::{BlockReason, Intent};
use crate::judge::record::{Browsed, CallRecord, Record, values};
use crate::judge::rule::Breach;

/// A call that the policy allows is blocked.
pub(super) fn allowed_call(record: &Record<'_>) -> Vec<Breach> {
    record.each(|call| {
        let browsed = call.browsed.as_ref()?;
        let breaks = browsed.intent == Intent::MustAllow
            && !browsed.allowed()
            && call.recipe.wire.is_a_browser_s()
            && !call.speaks_for_itself()
            && !call.leads_elsewhere()
            && !call.is_too_large();
        breaks.then(|| {
            let step = browsed.step();
            call.breach(
                format!("{}.{}", step.slug, place(call, browsed)),
                "readable: the policy allows origin, method, headers and credentials",
                format!("blocked by {} step {} ({})", step.algorithm, step.number, step.slug),
            )
        })
    })
}

/// A call that the policy allows is blocked where the handler grants another origin.
pub(super) fn by_handler(record: &Record<'_>) -> Vec<Breach> {
    record.each(|call| {
        let browsed = call.browsed.as_ref().filter(|_| call.speaks_for_itself())?;
        let plain = call.recipe.wire.is_a_browser_s() && call.exchanges.len() <= 2;
        let breaks = browsed.intent == Intent::MustAllow && !browsed.allowed() && plain;
        let answer = call.actual().filter(|_| breaks)?;
        let lines = values(&answer.response.headers, "access-control-allow-origin").count();
        Some(call.breach(
            if lines > 1 { "beside" } else { "instead" },
            "readable: what the middleware was told replaces what the handler says",
            format!("blocked ({})", browsed.step().slug),
        ))
    })
}

/// A request that differs from one before it only in its form is decided otherwise.
pub(super) fn equivalent(record: &Record<'_>) -> Vec<Breach> {
    record.each_pair(|earlier, later| {
        let (before, after) = (earlier.browsed.as_ref()?, later.browsed.as_ref()?);
        // A second `Origin` is no form that intermediaries give a request, and a private network is
        // more than form: a server may refuse either.
        let same = earlier.recipe.wire.is_plain()
            && !later.recipe.wire.is_plain()
            && !later.recipe.wire.origin_twice
            && !later.recipe.wire.private_network
            && earlier.bound.origin == later.bound.origin
            && earlier.bound.request == later.bound.request;
        (same && before.allowed() && !after.allowed()).then(|| {
            later.breach(
                later.recipe.wire.label(),
                "readable, as the same request in the form that browsers send",
                format!("blocked ({})", after.step().slug),
            )
        })
    })
}

/// Script cannot read a response header that the policy exposes.
pub(super) fn hidden_name(record: &Record<'_>) -> Vec<Breach> {
    record.each(|call| {
        let browsed = call.browsed.as_ref()?;
        call.certain_policy()?;
        let may = matches!(browsed.intent, Intent::MustAllow | Intent::May(_));
        if !may || !browsed.allowed() || browsed.is_same_origin() {
            return None;
        }
        let credentialed = browsed.page.credentials == Credentials::Include;
        let (label, wanted) = match call.last_policy.expose_headers() {
            Some(listed) if credentialed => ("with-credentials", listed.to_vec()),
            Some(listed) => ("without-credentials", listed.to_vec()),
            // With credentials `*` is a literal name, and no list can name all: both are right.
            None if credentialed => return None,
            None => ("any", vec!["x-total".to_owned()]),
        };
        let hidden = hidden(call, browsed, &wanted);
        (!hidden.is_empty()).then(|| {
            let expected = format!("script can read {wanted:?}");
            call.breach(label, &expected, format!("it cannot read {hidden:?}"))
        })
    })
}

/// A request from an origin that the policy does not name is refused, not only unreadable.
pub(super) fn foreign_origin(record: &Record<'_>) -> Vec<Breach> {
    record.each(|call| {
        let browsed = call.browsed.as_ref()?;
        let foreign = matches!(
            browsed.intent,
            Intent::MustBlock(BlockReason::UnlistedOrigin | BlockReason::NullOrigin)
        );
        let answer = call.actual().filter(|_| foreign && call.path() == "/plain")?;
        let status = answer.response.status;
        (400..500).contains(&status).then(|| {
            call.breach(
                status.to_string(),
                "the handler's own answer, which script then cannot read",
                format!("status {status}"),
            )
        })
    })
}

/// A granted preflight that crosses into a private network is not told that it may, though the
/// policy says so.
pub(super) fn private_network(record: &Record<'_>) -> Vec<Breach> {
    record.each(|call| {
        let browsed = call.browsed.as_ref().filter(|browsed| browsed.allowed())?;
        let wanted = call.certain_policy()?.raw().private_network && !browsed.is_same_origin();
        let preflight = call.preflight().filter(|_| wanted)?;
        let asked = values(&preflight.request.headers, "access-control-request-private-network");
        let told = values(&preflight.response.headers, "access-control-allow-private-network");
        (asked.count() > 0 && told.count() == 0).then(|| {
            call.breach(
                call.recipe.origin.label(),
                "`Access-Control-Allow-Private-Network: true`",
                "no such header".to_owned(),
            )
        })
    })
}

fn hidden(call: &CallRecord<'_>, browsed: &Browsed, wanted: &[String]) -> Vec<String> {
    let Some(answer) = call.exchanges.last() else { return Vec::new() };
    let readable = browsed.fetched.exposed_headers.clone().unwrap_or_default();
    let present = |name: &str| {
        answer.response.headers.iter().any(|(n, _)| n.eq_ignore_ascii_case(name.as_bytes()))
    };
    wanted
        .iter()
        .map(|name| name.to_ascii_lowercase())
        .filter(|name| present(name) && !is_never_readable(name))
        .filter(|name| !readable.contains(&name.clone().into_bytes()))
        .collect()
}

/// Where a call was blocked: at its preflight, which no handler sees, for this form of method; or
/// else at the answer of this handler of the standard app (the path's first segment).
fn place(call: &CallRecord<'_>, browsed: &Browsed) -> String {
    let handler = call.path().trim_start_matches('/').split('/').next().unwrap_or_default();
    if browsed.fetched.trace.blocked_at == Some(BlockedAt::Preflight) {
        let known = HANDLERS.contains(&handler);
        let elsewhere = if known { "" } else { ".elsewhere" };
        return format!("preflight.{}{elsewhere}", call.recipe.method.label());
    }
    let status = call.exchanges.last().map_or(0, |exchange| exchange.response.status);
    let own = match handler {
        "plain" | "vary" | "own-cors" => 200,
        "throw" => 500,
        "missing" => 404,
        "redirect" => 302,
        "status" => call.path().rsplit('/').next().and_then(|n| n.parse().ok()).unwrap_or(404),
        _ => return "elsewhere".to_owned(),
    };
    // A framework that answers before the handler does.
    if status >= 400 && status != own {
        return format!("{handler}.{status}");
    }
    handler.to_owned()
}

/// The first segments of the standard app's paths, and of the one that nobody answers.
const HANDLERS: [&str; 7] = ["plain", "vary", "own-cors", "throw", "missing", "redirect", "status"];

/// <https://fetch.spec.whatwg.org/#forbidden-response-header-name>
fn is_never_readable(name: &str) -> bool {
    name == "set-cookie" || name == "set-cookie2"
}
