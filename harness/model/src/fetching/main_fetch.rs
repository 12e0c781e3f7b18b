//! Main fetch (Fetch §4.1): which way a request goes, and what script sees of the answer.

use crate::fetching::fetch::{Answer, Blocked, FetchParams, Fetched, Hop};
use crate::fetching::http_fetch::{MakeCorsPreflight, http_fetch};
use crate::fetching::mixed_content::should_fetching_be_blocked_as_mixed_content;
use crate::fetching::scheme_fetch::scheme_fetch;
use crate::http::extract::{ACCESS_CONTROL_EXPOSE_HEADERS, Extracted, extract_header_list_values};
use crate::http::methods::is_cors_safelisted_method;
use crate::http::port_blocking::should_be_blocked_due_to_a_bad_port;
use crate::http::requests::{
    CredentialsMode, Mode, RedirectMode, ReferrerPolicy, ResponseTainting,
};
use crate::http::responses::{Response, ResponseType, basic_filtered_names, cors_filtered_names};
use crate::http::safelist::cors_unsafe_request_header_names;
use crate::infra::{is_http_tab_or_space, is_token, trim};
use crate::trace::{BlockedAt, HopTrace, Step, Trace};
use crate::user_agent::UserAgent;

const ALGORITHM: &str = "concept-main-fetch";

/// The port is not for HTTP.
pub static BAD_PORT: Step = Step::fetch(ALGORITHM, "7", "bad-port");
/// A secure page, an insecure URL.
pub static MIXED_CONTENT: Step = Step::fetch(ALGORITHM, "7", "mixed-content");
/// The page's own origin, a `data:` URL or a WebSocket: no CORS.
pub static BASIC_RESPONSE: Step = Step::fetch(ALGORITHM, "12b.1", "basic-response");
/// A foreign URL, and the mode is `same-origin`.
pub static CROSS_ORIGIN_IN_SAME_ORIGIN_MODE: Step =
    Step::fetch(ALGORITHM, "12c", "cross-origin-in-same-origin-mode");
/// The mode is `no-cors`, and the redirect mode not `follow`.
pub static NO_CORS_REDIRECT_MODE: Step = Step::fetch(ALGORITHM, "12d.1", "no-cors-redirect-mode");
/// The mode is `no-cors`: script gets nothing to look at.
pub static OPAQUE_RESPONSE: Step = Step::fetch(ALGORITHM, "12d.2", "opaque-response");
/// The CORS protocol is for HTTP(S) only.
pub static SCHEME_NOT_HTTP: Step = Step::fetch(ALGORITHM, "12e", "scheme-not-http");
/// Method, headers or flag ask for a preflight.
pub static CORS_WITH_PREFLIGHT: Step = Step::fetch(ALGORITHM, "12f", "cors-with-preflight");
/// Nothing asks for a preflight.
pub static CORS_WITHOUT_PREFLIGHT: Step = Step::fetch(ALGORITHM, "12g", "cors-without-preflight");
/// After a network error, the preflight cache forgets what it had.
pub static CACHE_CLEARED: Step = Step::fetch(ALGORITHM, "12f.3", "cache-cleared");
/// A star exposes every name.
pub static EXPOSES_ALL_NAMES: Step = Step::fetch(ALGORITHM, "14.1.2", "exposes-all-names");
/// The listed names are exposed.
pub static EXPOSES_LISTED_NAMES: Step = Step::fetch(ALGORITHM, "14.1.3", "exposes-listed-names");

/// <https://fetch.spec.whatwg.org/#concept-main-fetch>, steps 1 to 13.
///
/// NOT MODELLED 3, 4 (local URLs only, Content Security Policy): an environment has no policy.
///
/// NOT MODELLED 5, 6 (upgrades to HTTPS): the one takes a policy, the other an image, audio or video.
///
/// NOT MODELLED 9 (the referrer): an environment has no URL.
///
/// NOT MODELLED 10 (HSTS, HTTPS records): no host is known for either.
///
/// EXCEPTION 7 (Content Security Policy, Integrity Policy): nor has it one that could block.
///
/// NOT MODELLED 11 (in parallel): script waits.
///
/// NOT MODELLED 12a (preloaded responses): there are none.
///
/// # Errors
/// When it returns a network error.
pub(crate) fn main_fetch(params: &mut FetchParams<'_>) -> Result<Answer, Blocked> {
    let blocked = |step| Err(Blocked { step, at: BlockedAt::Fetch });
    // 1, 2. The request; no response so far.
    let request = &mut params.request;
    params.hops.push(Hop { method: request.method.clone(), preflight: None, actual: None });
    // 7. Not to ports of other protocols, and not in the clear from a secure page.
    if should_be_blocked_due_to_a_bad_port(request.current_url()) {
        return blocked(&BAD_PORT);
    }
    if should_fetching_be_blocked_as_mixed_content(params.agent, request) {
        return blocked(&MIXED_CONTENT);
    }
    // 8. Without a referrer policy, the environment's, which is the default one.
    if request.referrer_policy == ReferrerPolicy::Empty {
        request.referrer_policy = ReferrerPolicy::StrictOriginWhenCrossOrigin;
    }
    // 12. The first that fits.
    let own = request.response_tainting == ResponseTainting::Basic
        && request.origin().is_same_origin_with_url(request.current_url());
    let open_to_all = request.mode == Mode::WebSocket || request.current_url().scheme() == "data";
    if own || open_to_all {
        // 12b.1, 12b.2. No CORS on the page's own origin, nor where there is no server, nor for
        // WebSockets.
        request.response_tainting = ResponseTainting::Basic;
        params.tell(&BASIC_RESPONSE);
        return scheme_fetch(params);
    }
    match request.mode {
        // 12c. Nothing foreign.
        Mode::SameOrigin => return blocked(&CROSS_ORIGIN_IN_SAME_ORIGIN_MODE),
        // 12d.1. What is opaque is followed.
        Mode::NoCors if request.redirect_mode != RedirectMode::Follow => {
            return blocked(&NO_CORS_REDIRECT_MODE);
        }
        // 12d.2, 12d.3. Without CORS, script may not look.
        Mode::NoCors => {
            request.response_tainting = ResponseTainting::Opaque;
            params.tell(&OPAQUE_RESPONSE);
            return scheme_fetch(params);
        }
        Mode::Cors | Mode::WebSocket => {}
    }
    // 12e. CORS is for HTTP(S).
    if !matches!(request.current_url().scheme(), "http" | "https") {
        return blocked(&SCHEME_NOT_HTTP);
    }
    // 12f.1, 12g.1. The server decides.
    request.response_tainting = ResponseTainting::Cors;
    let headers = params.original_headers.as_ref().unwrap_or(&request.headers);
    params.unsafe_names = cors_unsafe_request_header_names(params.agent, headers);
    if asks_for_preflight(params) {
        params.tell(&CORS_WITH_PREFLIGHT);
        // 12f.2. With a preflight, unless one is cached.
        let result = http_fetch(params, MakeCorsPreflight::Yes);
        // 12f.3. A failure is forgotten by the preflight cache, too.
        if result.is_err()
            && !params.agent.cache_survives_network_errors
            && params.cache.clear(params.agent, &params.request)
        {
            params.tell(&CACHE_CLEARED);
        }
        // 12f.4. That is the response.
        return result;
    }
    // 12g.2. Without a preflight.
    params.tell(&CORS_WITHOUT_PREFLIGHT);
    http_fetch(params, MakeCorsPreflight::No)
}

/// The conditions of step 12f. The unsafe-request flag is set: script's fetches have it.
fn asks_for_preflight(params: &FetchParams<'_>) -> bool {
    params.request.use_cors_preflight
        || !is_cors_safelisted_method(&params.request.method)
        || !params.unsafe_names.is_empty()
        || (params.agent.preflight_need_is_sticky && params.needed_preflight)
}

/// <https://fetch.spec.whatwg.org/#concept-main-fetch>, steps 14 to 24: what script sees.
///
/// NOT MODELLED 15 to 19 (URL list, redirect taint, timing): script's view of them is no part of this.
///
/// NOT MODELLED 20 (blocking by response): an environment has no policy, a fetch no destination.
///
/// NOT MODELLED 21 (a range that nobody asked for): it takes a service worker.
///
/// NOT MODELLED 22, 23 (bodies, integrity metadata): responses are heads.
pub(crate) fn hand_over(mut params: FetchParams<'_>, result: Result<Answer, Blocked>) -> Fetched {
    let blocked_hop = params.hop();
    // 13, 24. The response of the last hop, to script.
    let answer = match result {
        Ok(answer) => answer,
        Err(Blocked { step, at }) => {
            // What the cache forgot was told after the hop that blocked; the reason comes last.
            params.tell(step);
            return Fetched {
                response_type: ResponseType::Error,
                status: 0,
                exposed_headers: None,
                trace: trace(params, step, Some(at), Some(blocked_hop)),
            };
        }
    };
    let (response_type, status, names) = filter(&mut params, &answer);
    Fetched {
        response_type,
        status,
        exposed_headers: Some(names),
        trace: trace(params, answer.granted_by, None, None),
    }
}

/// Step 14: type, status and header names that the filter leaves.
fn filter(params: &mut FetchParams<'_>, answer: &Answer) -> (ResponseType, u16, Vec<Vec<u8>>) {
    let response = &answer.response;
    // 14. A filtered response stays as it is.
    if answer.is_opaque_redirect {
        return (ResponseType::OpaqueRedirect, 0, Vec::new());
    }
    // A WebSocket shows script no header at all.
    if params.request.mode == Mode::WebSocket {
        return (ResponseType::Basic, response.status, Vec::new());
    }
    // 14.2. By tainting.
    match params.request.response_tainting {
        // 14.2a. All but cookies.
        ResponseTainting::Basic => {
            (ResponseType::Basic, response.status, basic_filtered_names(&response.headers))
        }
        // 14.2c. Nothing.
        ResponseTainting::Opaque => (ResponseType::Opaque, 0, Vec::new()),
        // 14.2b. What the server exposes.
        ResponseTainting::Cors => {
            (ResponseType::Cors, response.status, cors_exposed_names(params, response))
        }
    }
}

/// Steps 14.1 and 14.2 for the CORS protocol.
fn cors_exposed_names(params: &mut FetchParams<'_>, response: &Response) -> Vec<Vec<u8>> {
    let include = params.request.credentials_mode == CredentialsMode::Include;
    let headers = &response.headers;
    // 14.1.1. The names to expose.
    match extract_header_list_values(&ACCESS_CONTROL_EXPOSE_HEADERS, headers) {
        // 14.1.2. A star exposes all, unless credentials are included.
        Extracted::Values(names) if !include && names.contains(&&b"*"[..]) => {
            params.tell(&EXPOSES_ALL_NAMES);
            basic_filtered_names(headers)
        }
        // 14.1.3. Else those listed.
        Extracted::Values(names) => {
            params.tell(&EXPOSES_LISTED_NAMES);
            cors_filtered_names(headers, &names)
        }
        // 14.1.2. The same for user agents to which a star before the failure is one.
        Extracted::Failure if !include && wildcard_precedes_bad_name(params.agent, response) => {
            params.tell(&EXPOSES_ALL_NAMES);
            basic_filtered_names(headers)
        }
        // EXCEPTION 14.1.3: the text says "or failure" where it must mean "nor"; failure is no list.
        Extracted::Null | Extracted::Failure => cors_filtered_names(headers, &[]),
    }
}

/// Whether a user agent that reads name by name has met a star before the name that fails.
fn wildcard_precedes_bad_name(agent: &UserAgent, response: &Response) -> bool {
    agent.exposing_wildcard_survives_bad_name
        && response
            .headers
            .values(ACCESS_CONTROL_EXPOSE_HEADERS.name)
            .flat_map(|value| value.split(|byte| *byte == b','))
            .map(|name| trim(name, is_http_tab_or_space))
            .filter(|name| !name.is_empty())
            .take_while(|name| is_token(name))
            .any(|name| name == b"*")
}

/// What the fetch leaves behind.
fn trace(
    params: FetchParams<'_>,
    decided_by: &'static Step,
    blocked_at: Option<BlockedAt>,
    blocked_hop: Option<usize>,
) -> Trace {
    let FetchParams { request, hops, events, .. } = params;
    let urls = request.url_list.before.into_iter().chain([request.url_list.current]);
    let hops = hops
        .into_iter()
        .zip(urls)
        .map(|(hop, url)| HopTrace {
            url,
            method: hop.method,
            preflight: hop.preflight,
            actual: hop.actual,
        })
        .collect();
    Trace { hops, decided_by, blocked_at, blocked_hop, events }
}

#[cfg(test)]
mod tests;
