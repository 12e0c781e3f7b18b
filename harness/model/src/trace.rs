//! What a fetch did and which step decided it.

use url::Url;

use crate::{api, fetching};

/// A step of an algorithm that can decide a fetch.
#[derive(Debug, PartialEq, Eq, Hash)]
pub struct Step {
    /// Anchor of the algorithm.
    pub algorithm: &'static str,
    /// Stable name of the step within the algorithm; it outlives renumbering.
    pub slug: &'static str,
    /// Its number at the pinned commit.
    pub number: &'static str,
}

impl Step {
    /// Where to read it.
    pub fn url(&self) -> String {
        format!("https://fetch.spec.whatwg.org/#{}", self.algorithm)
    }
}

/// Every step that can decide a fetch.
pub fn steps() -> impl Iterator<Item = &'static Step> {
    [
        api::STEPS,
        fetching::main_fetch::STEPS,
        fetching::http_fetch::STEPS,
        fetching::http_redirect_fetch::STEPS,
        fetching::cors_preflight_fetch::STEPS,
        fetching::cors_check::STEPS,
    ]
    .into_iter()
    .flatten()
    .copied()
}

/// The story of a fetch.
#[derive(Debug, Clone)]
pub struct Trace {
    /// Each hop that was entered.
    pub hops: Vec<HopTrace>,
    /// The step that blocked, or the step that granted the last check.
    pub decided_by: &'static Step,
    /// Where it was blocked.
    pub blocked_at: Option<BlockedAt>,
    /// In which hop it was blocked.
    pub blocked_hop: Option<usize>,
    /// Every step that decided something on the way, in order.
    pub events: Vec<Event>,
}

/// A step that decided something, in a hop.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Event {
    /// Which hop.
    pub hop: usize,
    /// Which step.
    pub step: &'static Step,
}

/// What one hop sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HopTrace {
    /// Its URL.
    pub url: Url,
    /// The method of the request itself.
    pub method: Vec<u8>,
    /// The preflight, if one was sent.
    pub preflight: Option<PreflightTrace>,
    /// The request itself, if it was sent.
    pub actual: Option<ActualTrace>,
}

/// A CORS-preflight request that was sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PreflightTrace {
    /// `Access-Control-Request-Method`.
    pub method: Vec<u8>,
    /// `Access-Control-Request-Headers`.
    pub headers: Option<Vec<u8>>,
    /// `Origin`.
    pub origin: Option<Vec<u8>>,
}

/// A request that was sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ActualTrace {
    /// `Origin`.
    pub origin: Option<Vec<u8>>,
    /// Whether it carried credentials.
    pub credentials: bool,
}

/// Where a fetch was blocked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum BlockedAt {
    /// The API threw; nothing was sent.
    Construct,
    /// Before this hop sent anything.
    Fetch,
    /// At the preflight.
    Preflight,
    /// At the response.
    Actual,
    /// The response was accepted; following it is an error.
    Redirect,
}
