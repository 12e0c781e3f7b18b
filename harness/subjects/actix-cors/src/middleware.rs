//! What a policy becomes: a `Cors`, built as the package's documentation shows
//! (<https://docs.rs/actix-cors/0.7.2/actix_cors/struct.Cors.html>).

use actix_cors::Cors;
use actix_web::http::header::HeaderValue;
use corsproof_conform::policy::Policy;
use corsproof_conform::subject::Support;
use corsproof_model::Origin;

/// The middleware for a policy. What the package refuses, it refuses when it is put around an app.
pub(crate) fn compile(policy: &Policy) -> Result<Cors, Support> {
    if !policy.paths().is_empty() {
        return Err(unsupported("paths", "a `Cors` has one policy for all paths"));
    }
    if policy.raw().private_network {
        let reason = "behind the feature `draft-private-network-access`, which is off here";
        return Err(unsupported("private_network", reason));
    }
    let mut cors = origins(Cors::default(), policy);
    cors = match policy.methods() {
        None => cors.allow_any_method(),
        Some(list) => cors.allowed_methods(list.iter().map(String::as_str)),
    };
    cors = match policy.request_headers() {
        None => cors.allow_any_header(),
        Some(list) => cors.allowed_headers(list.iter().map(String::as_str)),
    };
    cors = match policy.expose_headers() {
        None => cors.expose_any_header(),
        Some(list) => cors.expose_headers(list.iter().map(String::as_str)),
    };
    if policy.credentials() {
        cors = cors.supports_credentials();
    }
    if let Some(seconds) = policy.max_age() {
        let seconds = usize::try_from(seconds)
            .map_err(|_| unsupported("max_age", "more seconds than a `usize` holds"))?;
        cors = cors.max_age(seconds);
    }
    Ok(cors)
}

/// All origins without `send_wildcard`, which is off by default: the middleware then reflects.
fn origins(mut cors: Cors, policy: &Policy) -> Cors {
    let Some(set) = policy.origins() else {
        return cors.allow_any_origin();
    };
    for origin in &set.list {
        cors = cors.allowed_origin(origin);
    }
    if set.null {
        cors = cors.allowed_origin("null");
    }
    if !set.subdomains_of.is_empty() || !set.patterns.is_empty() {
        let policy = policy.clone();
        cors = cors.allowed_origin_fn(move |origin, _| names(&policy, origin));
    }
    cors
}

/// The predicate is right, so that what is judged is how the middleware uses it.
fn names(policy: &Policy, origin: &HeaderValue) -> bool {
    origin
        .to_str()
        .ok()
        .and_then(Origin::parse_serialized)
        .is_some_and(|origin| policy.names_origin(&origin))
}

fn unsupported(feature: &str, reason: &str) -> Support {
    Support::Unsupported { feature: feature.to_owned(), reason: reason.to_owned() }
}
