//! Fetch itself (Fetch §4): what a fetch starts with and what it gives.

use crate::api::web_socket::process_response;
use crate::fetching::cors_preflight_cache::PreflightCache;
use crate::fetching::local_network_access::target_of_url;
use crate::fetching::main_fetch::{hand_over, main_fetch};
use crate::http::headers::HeaderList;
use crate::http::requests::{Mode, Request};
use crate::http::responses::{Response, ResponseType};
use crate::network::Network;
use crate::trace::{ActualTrace, BlockedAt, Event, PreflightTrace, Step, Trace};
use crate::user_agent::UserAgent;

/// What script gets, and how it came about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fetched {
    /// The type of the response; [`ResponseType::Error`]: blocked.
    pub response_type: ResponseType,
    /// The status that script sees.
    pub status: u16,
    /// The names of the headers that script sees: lower-case, sorted, each once. `None`: blocked.
    pub exposed_headers: Option<Vec<Vec<u8>>>,
    /// How it came about.
    pub trace: Trace,
}

/// <https://fetch.spec.whatwg.org/#fetch-params>, with what a trace is made of.
pub(crate) struct FetchParams<'a> {
    pub(crate) agent: &'a UserAgent,
    pub(crate) cache: &'a mut PreflightCache,
    pub(crate) network: &'a mut dyn Network,
    pub(crate) request: Request,
    pub(crate) hops: Vec<Hop>,
    pub(crate) events: Vec<Event>,
    /// The CORS-unsafe request-header names of this hop, once main fetch has asked for them.
    pub(crate) unsafe_names: Vec<Vec<u8>>,
    /// The headers before any redirect, where the user agent goes on listing them.
    pub(crate) original_headers: Option<HeaderList>,
    /// Whether an earlier hop needed a preflight.
    pub(crate) needed_preflight: bool,
    /// Whether an earlier hop had an `Origin` header.
    pub(crate) sent_origin: bool,
}

/// A hop entered; its URL is in the request's URL list.
pub(crate) struct Hop {
    pub(crate) method: Vec<u8>,
    pub(crate) preflight: Option<PreflightTrace>,
    pub(crate) actual: Option<ActualTrace>,
}

/// A response on its way to script.
pub(crate) struct Answer {
    pub(crate) response: Response,
    /// Whether it is an opaque-redirect filtered response.
    pub(crate) is_opaque_redirect: bool,
    /// The step that granted the last check.
    pub(crate) granted_by: &'static Step,
}

/// <https://fetch.spec.whatwg.org/#concept-network-error>, with its reason.
pub(crate) struct Blocked {
    pub(crate) step: &'static Step,
    pub(crate) at: BlockedAt,
}

impl FetchParams<'_> {
    /// The index of the current hop.
    pub(crate) fn hop(&self) -> usize {
        self.hops.len().saturating_sub(1)
    }

    /// Tells of a step that decided something.
    pub(crate) fn tell(&mut self, step: &'static Step) {
        let hop = self.hop();
        self.events.push(Event { step, hop });
    }
}

/// <https://fetch.spec.whatwg.org/#concept-fetch>
///
/// NOT MODELLED 1, 2, 3, 5, 6, 7, 9, 10, 15, 16, 18 (early hints, task destinations, timing, body
/// conversion, WebDriver, priorities, fetch groups, the controller): none has a say in CORS.
///
/// NOT MODELLED 11 (preloaded resources): there are none.
///
/// NOT MODELLED 12.2, 12.3 (prefetches, destinations): script's fetches are and have none.
///
/// NOT MODELLED 13 (emulated languages): a matter of WebDriver.
pub fn fetch(
    agent: &UserAgent,
    cache: &mut PreflightCache,
    network: &mut dyn Network,
    mut request: Request,
) -> Fetched {
    // 4. The origin came from the client when the request was constructed.
    // 12, 12.1, 12.4. Without an Accept header, the one for no particular destination.
    if !request.headers.contains(b"Accept") {
        request.headers.append(b"Accept", b"*/*");
    }
    // 14. Without an Accept-Language header, the user agent's.
    if let Some(language) = &agent.accept_language
        && !request.headers.contains(b"Accept-Language")
    {
        request.headers.append(b"Accept-Language", language);
    }
    // Local Network Access: what the URL alone says.
    if request.target_address_space.is_none() {
        request.target_address_space = target_of_url(request.current_url());
    }
    // 8, 17. Main fetch.
    let original_headers = agent.preflight_lists_dropped_headers.then(|| request.headers.clone());
    let mut params = FetchParams {
        agent,
        cache,
        network,
        request,
        hops: Vec::with_capacity(1),
        events: Vec::with_capacity(4),
        unsafe_names: Vec::new(),
        original_headers,
        needed_preflight: false,
        sent_origin: false,
    };
    let is_handshake = params.request.mode == Mode::WebSocket;
    let mut result = main_fetch(&mut params);
    if is_handshake {
        result = result.and_then(process_response);
    }
    hand_over(params, result)
}
