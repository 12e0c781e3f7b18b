//! Fetch 4: fetching, one file an algorithm.

pub(crate) mod cors_check;
pub(crate) mod cors_preflight_cache;
pub(crate) mod cors_preflight_fetch;
pub(crate) mod http_fetch;
pub(crate) mod http_redirect_fetch;
pub(crate) mod main_fetch;
