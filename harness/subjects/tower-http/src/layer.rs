//! What a policy becomes: a `CorsLayer`, built as the package's documentation shows
//! (<https://docs.rs/tower-http/0.7.1/tower_http/cors/>).

use std::time::Duration;

use corsproof_conform::policy::Policy;
use corsproof_conform::subject::Support;
use corsproof_model::Origin;
use http::{HeaderName, HeaderValue, Method};
use tower_http::cors::{AllowHeaders, AllowMethods, AllowOrigin, CorsLayer, ExposeHeaders};

/// The layer for a policy.
pub(crate) fn compile(policy: &Policy) -> Result<CorsLayer, Support> {
    let mut layer = CorsLayer::new()
        .allow_origin(origins(policy)?)
        .allow_methods(methods(policy)?)
        .allow_headers(request_headers(policy)?)
        .expose_headers(expose_headers(policy)?)
        .allow_credentials(policy.credentials())
        .allow_private_network(policy.raw().private_network);
    if let Some(seconds) = policy.max_age() {
        layer = layer.max_age(Duration::from_secs(seconds));
    }
    Ok(layer)
}

/// Each of the forms that the documentation offers, for what it is offered for: `Any`, one value,
/// a list, a predicate.
fn origins(policy: &Policy) -> Result<AllowOrigin, Support> {
    let Some(set) = policy.origins() else {
        return Ok(AllowOrigin::any());
    };
    if !set.subdomains_of.is_empty() || !set.patterns.is_empty() {
        let policy = policy.clone();
        return Ok(AllowOrigin::predicate(move |origin, _| names(&policy, origin)));
    }
    let mut listed = each(&set.list, HeaderValue::from_str)?;
    if set.null {
        // Not as the one value, which would be sent to everybody.
        listed.push(HeaderValue::from_static("null"));
        return Ok(AllowOrigin::list(listed));
    }
    Ok(match listed.as_slice() {
        [only] => AllowOrigin::exact(only.clone()),
        _ => AllowOrigin::list(listed),
    })
}

/// The predicate is right, so that what is judged is how the layer uses it.
fn names(policy: &Policy, origin: &HeaderValue) -> bool {
    origin
        .to_str()
        .ok()
        .and_then(Origin::parse_serialized)
        .is_some_and(|origin| policy.names_origin(&origin))
}

/// `*` covers nothing once there are credentials, and the layer refuses it there; then the
/// documented way to allow any is to mirror the request.
fn methods(policy: &Policy) -> Result<AllowMethods, Support> {
    match policy.methods() {
        None if policy.credentials() => Ok(AllowMethods::mirror_request()),
        None => Ok(AllowMethods::any()),
        Some(list) => each(list, |m| Method::from_bytes(m.as_bytes())).map(AllowMethods::list),
    }
}

/// As with methods.
fn request_headers(policy: &Policy) -> Result<AllowHeaders, Support> {
    match policy.request_headers() {
        None if policy.credentials() => Ok(AllowHeaders::mirror_request()),
        None => Ok(AllowHeaders::any()),
        Some(list) => each(list, |n| HeaderName::from_bytes(n.as_bytes())).map(AllowHeaders::list),
    }
}

/// There is nothing to mirror here: with credentials the layer refuses `Any`.
fn expose_headers(policy: &Policy) -> Result<ExposeHeaders, Support> {
    match policy.expose_headers() {
        None => Ok(ExposeHeaders::any()),
        Some(list) => each(list, |n| HeaderName::from_bytes(n.as_bytes())).map(ExposeHeaders::list),
    }
}

/// Each string as the type that the layer takes; the first that it does not take is the package's
/// refusal.
fn each<T, E: std::fmt::Display>(
    list: &[String],
    parse: impl Fn(&str) -> Result<T, E>,
) -> Result<Vec<T>, Support> {
    list.iter()
        .map(|text| parse(text))
        .collect::<Result<_, _>>()
        .map_err(|error| Support::Rejected { message: error.to_string() })
}
