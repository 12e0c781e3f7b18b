//! What a policy becomes: a `warp::cors::Builder`, built as the package's documentation shows
//! (<https://docs.rs/warp/0.4.3/warp/filters/cors/struct.Builder.html>).

use std::time::Duration;

use corsproof_conform::policy::Policy;
use corsproof_conform::subject::Support;
use warp::filters::cors::Builder;

use crate::refusal;

/// The filter for a policy. What the package refuses, it refuses by a panic.
pub(crate) fn compile(policy: &Policy) -> Result<Builder, Support> {
    const LISTS: &str = "there is an option for a list only";
    if !policy.paths().is_empty() {
        return Err(unsupported("paths", "a `Cors` has one policy for all paths"));
    }
    if policy.raw().private_network {
        return Err(unsupported("private_network", "there is no option for it"));
    }
    let methods = policy.methods().ok_or_else(|| unsupported("methods", LISTS))?;
    let request_headers =
        policy.request_headers().ok_or_else(|| unsupported("request_headers", LISTS))?;
    let expose_headers =
        policy.expose_headers().ok_or_else(|| unsupported("expose_headers", LISTS))?;
    let origins = origins(policy)?;
    let build = || {
        let mut cors = warp::cors()
            .allow_methods(methods.iter().map(String::as_str))
            .allow_headers(request_headers.iter().map(String::as_str))
            .expose_headers(expose_headers.iter().map(String::as_str))
            .allow_credentials(policy.credentials());
        if let Some(seconds) = policy.max_age() {
            cors = cors.max_age(Duration::from_secs(seconds));
        }
        match &origins {
            None => cors.allow_any_origin(),
            Some(list) => cors.allow_origins(list.iter().copied()),
        }
    };
    refusal::catch(build).map_err(|message| Support::Rejected { message })
}

/// The listed ones; `None`: all. `null` is for the package to refuse: it wants `scheme://host`.
fn origins(policy: &Policy) -> Result<Option<Vec<&str>>, Support> {
    let Some(set) = policy.origins() else {
        return Ok(None);
    };
    if !set.subdomains_of.is_empty() || !set.patterns.is_empty() {
        let reason = "there are options for any origin and for a list only";
        return Err(unsupported("origins", reason));
    }
    let null = set.null.then_some("null");
    Ok(Some(set.list.iter().map(String::as_str).chain(null).collect()))
}

fn unsupported(feature: &str, reason: &str) -> Support {
    Support::Unsupported { feature: feature.to_owned(), reason: reason.to_owned() }
}
