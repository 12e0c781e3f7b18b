//! The user-agent half of CORS as an executable specification.
//!
//! A request goes in, a [`Network`] answers, and out comes what script may see of the response,
//! with a [`Trace`] of the steps that decided. The modules are headings of the
//! [Fetch Standard](https://fetch.spec.whatwg.org/) at [`SPEC_COMMIT`]; a function is one of its
//! algorithms, its comments number the steps as the Standard's lists do. `NOT MODELLED` and
//! `EXCEPTION` say where and why this text leaves that one.
//!
//! There is no clock, no input or output, no randomness and no global state: time is
//! [`Network::now`], the preflight cache is passed in, and whatever the Standard leaves to the
//! implementation, or engines are known to do otherwise, is a field of [`UserAgent`].
//!
//! ```
//! use std::time::Duration;
//! use corsproof_model::*;
//!
//! struct Answers(Response);
//! impl Network for Answers {
//!     fn fetch(&mut self, _: &NetworkRequest<'_>) -> Result<Response, NetworkError> {
//!         Ok(self.0.clone())
//!     }
//!     fn now(&self) -> Duration {
//!         Duration::ZERO
//!     }
//! }
//!
//! let agent = UserAgent::spec();
//! let page = Environment::new(Origin::parse_serialized("https://app.example").unwrap());
//! let request = construct(&agent, &page, &RequestInit::get("https://api.example/data")).unwrap();
//! let headers = HeaderList::from_lines([("Access-Control-Allow-Origin", "*")]);
//! let mut network = Answers(Response::new(200, headers));
//! let fetched = fetch(&agent, &mut PreflightCache::default(), &mut network, request);
//! assert_eq!(fetched.response_type, ResponseType::Cors);
//! assert_eq!(fetched.trace.decided_by.slug, "any-origin-without-credentials");
//! ```

#[cfg(test)]
extern crate self as corsproof_model;

pub mod api;
pub mod fetching;
pub mod http;
pub mod infra;
pub mod mime;
pub mod network;
pub mod origin;
pub mod trace;
pub mod user_agent;

#[cfg(test)]
#[path = "../tests/scene/mod.rs"]
mod scene;

pub use api::init::{Api, Body, Environment, RequestInit};
pub use api::{Threw, construct};
pub use fetching::cors_preflight_cache::PreflightCache;
pub use fetching::local_network_access::{AddressSpace, LocalNetworkPermissions};
pub use fetching::{Fetched, fetch};
pub use http::extract::Extracted;
pub use http::headers::{Header, HeaderList};
pub use http::methods::is_cors_safelisted_method;
pub use http::requests::{CredentialsMode, Mode, RedirectMode, ReferrerPolicy, Request};
pub use http::responses::{Response, ResponseType};
pub use http::safelist::cors_unsafe_request_header_names;
pub use network::{Network, NetworkError, NetworkRequest};
pub use origin::Origin;
pub use trace::{
    ActualTrace, BlockedAt, Event, HopTrace, PreflightTrace, Step, Trace, steps, waypoints,
};
pub use user_agent::presets::{Engine, Preset, Version, preset, presets};
pub use user_agent::{AgentField, UserAgent, fields};

/// The commit of the Standard's source that this crate follows.
pub const SPEC_COMMIT: &str = "586cd2a44c2a865b37c166dc0740f3fb8bb220d6";
