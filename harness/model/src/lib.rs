//! The user-agent half of CORS, as the WHATWG Fetch Standard has it, executable.
//!
//! A file is a heading of the Standard, a function one of its algorithms, in its words and its
//! order; each step is cited by number. What decides a fetch is named by a [`Step`]. The crate
//! does no I/O and has no clock, randomness, globals or features: the world is behind
//! [`Network`].
//!
//! ```
//! use std::time::Duration;
//! use corsproof_model::*;
//!
//! struct Star;
//! impl Network for Star {
//!     fn fetch(&mut self, _: &NetworkRequest<'_>) -> Result<Response, NetworkError> {
//!         Ok(Response::new(200, HeaderList::from_lines([("Access-Control-Allow-Origin", "*")])))
//!     }
//!     fn now(&self) -> Duration { Duration::ZERO }
//! }
//!
//! let agent = UserAgent::spec();
//! let page = Environment { origin: Origin::parse_serialized("https://app.example").unwrap() };
//! let request = construct(&agent, &page, &RequestInit::get("https://api.example/")).unwrap();
//! let fetched = fetch(&agent, &mut PreflightCache::default(), &mut Star, request);
//! assert_eq!(fetched.response_type, ResponseType::Cors);
//! assert_eq!(fetched.trace.decided_by.slug, "any-origin-without-credentials");
//! ```
//!
//! Modelled: the fetch API's constructor and XHR as far as they shape a request, main fetch's
//! dispatch, HTTP fetch, HTTP-redirect fetch, CORS-preflight fetch and its cache, the CORS check,
//! response filtering, `Origin`, CORP for opaque responses. Not modelled: service workers,
//! navigation, CSP, HSTS, HTTP caching and authentication, timing; each is marked where the
//! Standard has it.

mod api;
mod fetching;
mod http;
mod infra;
mod mime;
mod network;
mod origin;
mod trace;
mod user_agent;

pub use api::{Api, Body, Environment, RequestInit, Threw, construct};
pub use fetching::cors_preflight_cache::PreflightCache;
pub use fetching::main_fetch::{Fetched, fetch};
pub use http::extract::{Extracted, extract_header_list_values};
pub use http::headers::{Header, HeaderList, is_header_name, is_header_value, normalize_header_value};
pub use http::methods::{is_cors_safelisted_method, is_forbidden_method, is_method, normalize_method};
pub use http::requests::{CredentialsMode, Mode, RedirectMode, ReferrerPolicy, Request};
pub use http::responses::{Response, ResponseType};
pub use http::safelist::{
    cors_unsafe_request_header_names, is_cors_safelisted_request_header, is_forbidden_request_header,
    parse_single_range_header_value,
};
pub use mime::mime_type_essence;
pub use network::{Network, NetworkError, NetworkRequest};
pub use origin::Origin;
pub use trace::{ActualTrace, BlockedAt, Event, HopTrace, PreflightTrace, Step, Trace, steps};
pub use user_agent::{AgentField, UserAgent, fields};

/// The commit of <https://github.com/whatwg/fetch> that the model follows.
pub const SPEC_COMMIT: &str = "586cd2a44c2a865b37c166dc0740f3fb8bb220d6";
