//! The user-agent half of CORS as an executable specification.
//!
//! A request goes in, a [`Network`] answers, and out comes what script may see of the response,
//! with a [`Trace`] of the steps that decided. The modules are headings of the
//! [Fetch Standard](https://fetch.spec.whatwg.org/) at [`SPEC_COMMIT`]; a function is one of its
//! algorithms, its comments number the steps as the Standard's lists do. `NOT MODELLED` and
//! `EXCEPTION` say where and why this text leaves that one.
//!
//! # Scope
//!
//! What is here: everything from a call of `fetch()`, `XMLHttpRequest` or `WebSocket` to what script
//! sees of the response, as far as CORS has a say: main fetch's dispatch, HTTP fetch, redirects,
//! preflights and their cache, the CORS check, response filtering, the guards of `no-cors`, CORP, and
//! what the constructors refuse. [`construct`] is what throws before anything is sent; [`fetch`] ends in
//! a response or a network error.
//!
//! What is not: service workers, Content Security Policy, the HTTP cache, HSTS and upgrades, cookies
//! themselves, authentication prompts, embedder policies, Timing-Allow-Origin, subresources and
//! navigations. A list of public suffixes is not here either: to [`origin::registrable_domain`] the last
//! label of a host is one, which shows in `Cross-Origin-Resource-Policy: same-site` alone. Every step
//! of a modelled algorithm that is left out says so at its function, and `spec/fetch.json`, the step
//! ledger, is held against these comments by a test: it says which steps there are at [`SPEC_COMMIT`],
//! and which functions to read again when an edition changes one.
//!
//! # From heading to file
//!
//! | Fetch | here |
//! |---|---|
//! | 2.2.1 Methods | [`http::methods`] |
//! | 2.2.2 Headers | [`http::headers`], [`http::extract`], [`http::forbidden`]; safelists: [`http::safelist`], [`http::single_range`] |
//! | 2.2.3 Statuses | [`http::statuses`] |
//! | 2.2.5 Requests | [`http::requests`] |
//! | 2.2.6 Responses | [`http::responses`] |
//! | 2.9 Port blocking | [`http::port_blocking`] |
//! | 3.2 `Origin` header | [`http::origin_header`] |
//! | 3.7 `Cross-Origin-Resource-Policy` header | [`http::resource_policy`] |
//! | 4.1 Main fetch | [`fetching::main_fetch`] |
//! | 4.3 Scheme fetch | [`fetching::scheme_fetch`] |
//! | 4.4 HTTP fetch | [`fetching::http_fetch`] |
//! | 4.5 HTTP-redirect fetch | [`fetching::http_redirect_fetch`] |
//! | 4.6, 4.7 HTTP-network(-or-cache) fetch | [`fetching::http_network_fetch`], behind it [`Network`] |
//! | 4.8 CORS-preflight fetch | [`fetching::cors_preflight_fetch`] |
//! | 4.9 CORS-preflight cache | [`fetching::cors_preflight_cache`] |
//! | 4.10 CORS check | [`fetching::cors_check`] |
//! | 5.1 Headers class | [`http::headers_object`] |
//! | 5.3 Body mixin, 5.4 Request class | [`api::request`], [`api::init`] |
//! | XMLHttpRequest, WebSockets | [`api::xml_http_request`], [`api::web_socket`] |
//! | HTML: origins; URL: origins of URLs | [`origin`] |
//! | MIME Sniffing | [`mime`] |
//! | Mixed Content, Local Network Access | [`fetching::mixed_content`], [`fetching::local_network_access`] |
//!
//! What engines do otherwise, and what the Standard leaves open, are fields of [`UserAgent`], and
//! [`presets`] are what was measured of engines, by version.
//!
//! # An example
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
