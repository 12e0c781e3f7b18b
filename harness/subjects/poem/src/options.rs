//! What a policy becomes: a `Cors`, built as the package's documentation shows
//! (<https://docs.rs/poem/3.1.12/poem/middleware/struct.Cors.html>).

use corsproof_conform::policy::{Policy, RawOriginSet};
use corsproof_conform::subject::Support;
use corsproof_model::Origin;
use poem::middleware::Cors;

use crate::refusal;

/// The middleware for a policy. What the package refuses, it refuses by a panic.
pub(crate) fn compile(policy: &Policy) -> Result<Cors, Support> {
    if !policy.paths().is_empty() {
        return Err(unsupported("paths", "a `Cors` has one policy for all paths"));
    }
    if policy.raw().private_network {
        return Err(unsupported("private_network", "there is no option for it"));
    }
    if policy.request_headers().is_some_and(<[String]>::is_empty) {
        return Err(unsupported("request_headers", "none listed is documented to mean any"));
    }
    if policy.origins().is_some_and(|set| *set == RawOriginSet::default()) {
        return Err(unsupported("origins", "none listed is documented to mean any"));
    }
    let expose_headers = policy
        .expose_headers()
        .ok_or_else(|| unsupported("expose_headers", "there is an option for a list only"))?;
    let max_age = policy
        .max_age()
        .map(i32::try_from)
        .transpose()
        .map_err(|_| unsupported("max_age", "more seconds than an `i32` holds"))?;
    let build = || {
        let mut cors = origins(Cors::new(), policy)
            .allow_methods(methods(policy))
            .allow_headers(policy.request_headers().unwrap_or_default().iter().map(String::as_str))
            .expose_headers(expose_headers.iter().map(String::as_str))
            .allow_credentials(policy.credentials());
        if let Some(seconds) = max_age {
            cors = cors.max_age(seconds);
        }
        cors
    };
    refusal::catch(build).map_err(|message| Support::Rejected { message })
}

/// None listed is documented to mean any. So no methods at all are said by those that need no
/// permission.
fn methods(policy: &Policy) -> Vec<&str> {
    match policy.methods() {
        None => Vec::new(),
        Some([]) => vec!["GET", "HEAD", "POST"],
        Some(list) => list.iter().map(String::as_str).collect(),
    }
}

/// Each form by the option that is offered for it; none of them means any.
fn origins(mut cors: Cors, policy: &Policy) -> Cors {
    let Some(set) = policy.origins() else {
        return cors;
    };
    cors = cors.allow_origins(set.list.iter().map(String::as_str));
    if set.null {
        cors = cors.allow_origin("null");
    }
    for parent in &set.subdomains_of {
        cors = cors.allow_origin_regex(parent.replacen("://", "://*.", 1));
    }
    if !set.patterns.is_empty() {
        let policy = policy.clone();
        cors = cors.allow_origins_fn(move |origin| names(&policy, origin));
    }
    cors
}

/// The function is right, so that what is judged is how the middleware uses it.
fn names(policy: &Policy, origin: &str) -> bool {
    Origin::parse_serialized(origin).is_some_and(|origin| policy.names_origin(&origin))
}

fn unsupported(feature: &str, reason: &str) -> Support {
    Support::Unsupported { feature: feature.to_owned(), reason: reason.to_owned() }
}
