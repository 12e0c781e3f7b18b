//! A policy, and the `Cors` that it becomes.

use actix_cors::Cors;
use serde::Deserialize;
use serde_json::{json, Value};

#[derive(Clone, Deserialize, Default)]
#[serde(default, deny_unknown_fields)]
struct Tokens {
    any: bool,
    list: Vec<String>,
}

#[derive(Clone, Deserialize, Default)]
#[serde(default, deny_unknown_fields)]
struct Origins {
    any: bool,
    list: Vec<String>,
    subdomains_of: Vec<String>,
    patterns: Vec<String>,
    null: bool,
}

#[derive(Clone, Deserialize)]
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

/// What there is no option for, or none that this program uses.
pub(crate) fn check(policy: &Policy) -> Result<(), Value> {
    if !policy.paths.is_empty() {
        return Err(unsupported("paths", "a `Cors` has one policy for all paths"));
    }
    if policy.private_network {
        return Err(unsupported("private_network", "this release has no option for it"));
    }
    if !policy.origins.subdomains_of.is_empty() || !policy.origins.patterns.is_empty() {
        return Err(unsupported("origins", "lists only: this program is there for other options"));
    }
    match policy.max_age.map(usize::try_from) {
        Some(Err(_)) => Err(unsupported("max_age", "more seconds than a `usize` holds")),
        _ => Ok(()),
    }
}

/// The middleware, as the documentation of this release shows. What it refuses, it refuses when it
/// is put around an app.
pub(crate) fn cors(policy: &Policy) -> Cors {
    let mut cors = Cors::default();
    if policy.origins.any {
        cors = cors.allow_any_origin();
    }
    for origin in &policy.origins.list {
        cors = cors.allowed_origin(origin);
    }
    if policy.origins.null {
        cors = cors.allowed_origin("null");
    }
    cors = match &policy.methods {
        methods if methods.any => cors.allow_any_method(),
        methods => cors.allowed_methods(methods.list.iter().map(String::as_str)),
    };
    cors = match &policy.request_headers {
        names if names.any => cors.allow_any_header(),
        names => cors.allowed_headers(names.list.iter().map(String::as_str)),
    };
    cors = match &policy.expose_headers {
        names if names.any => cors.expose_any_header(),
        names => cors.expose_headers(names.list.iter().map(String::as_str)),
    };
    if policy.credentials {
        cors = cors.supports_credentials();
    }
    cors.max_age(policy.max_age.and_then(|seconds| usize::try_from(seconds).ok()))
}
