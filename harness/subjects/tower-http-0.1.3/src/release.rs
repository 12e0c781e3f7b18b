//! tower-http 0.1.3, and what 0.3 calls otherwise.

pub(crate) use tower_http::cors::{any, Origin as AllowOrigin};

pub(crate) const NAME: &str = "tower-http-0.1.3";
