//! A policy, and the `CorsLayer` that it becomes.

use std::time::Duration;

use hyper::header::{HeaderName, HeaderValue};
use hyper::Method;
use serde::Deserialize;
use serde_json::{json, Value};
use tower_http::cors::CorsLayer;

use crate::release::{any, AllowOrigin};

#[derive(Deserialize, Default)]
#[serde(default, deny_unknown_fields)]
struct Tokens {
    any: bool,
    list: Vec<String>,
}

#[derive(Deserialize, Default)]
#[serde(default, deny_unknown_fields)]
struct Origins {
    any: bool,
    list: Vec<String>,
    subdomains_of: Vec<String>,
    patterns: Vec<String>,
    null: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Policy {
    origins: Origins,
    #[serde(default)]
    methods: Tokens,
    #[serde(default)]
    request_headers: Tokens,
    #[serde(default)]
    expose_headers: Tokens,
    #[serde(default)]
    credentials: bool,
    #[serde(default)]
    max_age: Option<u64>,
    #[serde(default)]
    private_network: bool,
    #[serde(default)]
    paths: Vec<Value>,
}

/// What is answered instead of a base.
fn unsupported(feature: &str, reason: &str) -> Value {
    json!({"unsupported": {"feature": feature, "reason": reason}})
}

/// Each string as the type that the layer takes; what it does not take, it refuses.
fn each<T, E: ToString>(
    list: &[String],
    parse: fn(&[u8]) -> Result<T, E>,
) -> Result<Vec<T>, Value> {
    let refused = |error: E| json!({"rejected": {"message": error.to_string()}});
    list.iter().map(|text| parse(text.as_bytes()).map_err(refused)).collect()
}

/// The layer for a policy, as the documentation of this release shows.
pub(crate) fn layer(policy: &Policy) -> Result<CorsLayer, Value> {
    if !policy.paths.is_empty() {
        return Err(unsupported("paths", "a `CorsLayer` has one policy for all paths"));
    }
    if policy.private_network {
        return Err(unsupported("private_network", "this release has no option for it"));
    }
    let origins = &policy.origins;
    if !origins.subdomains_of.is_empty() || !origins.patterns.is_empty() {
        return Err(unsupported("origins", "lists only: this program is there for what they do"));
    }
    let mut layer = CorsLayer::new().allow_credentials(policy.credentials);
    if let Some(seconds) = policy.max_age {
        layer = layer.max_age(Duration::from_secs(seconds));
    }
    let mut listed = each(&origins.list, HeaderValue::from_bytes)?;
    if origins.null {
        listed.push(HeaderValue::from_static("null"));
    }
    layer = match listed.as_slice() {
        _ if origins.any => layer.allow_origin(any()),
        [only] if !origins.null => layer.allow_origin(AllowOrigin::exact(only.clone())),
        _ => layer.allow_origin(AllowOrigin::list(listed)),
    };
    layer = match &policy.methods {
        methods if methods.any => layer.allow_methods(any()),
        methods => layer.allow_methods(each(&methods.list, Method::from_bytes)?),
    };
    layer = match &policy.request_headers {
        names if names.any => layer.allow_headers(any()),
        names => layer.allow_headers(each(&names.list, HeaderName::from_bytes)?),
    };
    Ok(match &policy.expose_headers {
        names if names.any => layer.expose_headers(any()),
        names => layer.expose_headers(each(&names.list, HeaderName::from_bytes)?),
    })
}
