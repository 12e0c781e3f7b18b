//! Headings of Fetch §4 (Fetching).

pub(crate) mod fetch;

pub mod cors_check;
pub mod cors_preflight_cache;
pub mod cors_preflight_fetch;
pub mod http_fetch;
pub mod http_network_fetch;
pub mod http_redirect_fetch;
pub mod local_network_access;
pub mod main_fetch;
pub mod mixed_content;
pub mod scheme_fetch;

pub use fetch::{Fetched, fetch};
