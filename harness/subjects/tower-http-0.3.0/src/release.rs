//! tower-http 0.3.0, and what 0.1 calls otherwise.

pub(crate) use tower_http::cors::AllowOrigin;
use tower_http::cors::Any;

pub(crate) const NAME: &str = "tower-http-0.3.0";

pub(crate) fn any() -> Any {
    Any
}
