//! HTTP fetch: <https://fetch.spec.whatwg.org/#concept-http-fetch>

use crate::fetching::cors_check::{cors_check, is_allowed_by_resource_policy};
use crate::fetching::cors_preflight_fetch::cors_preflight_fetch;
use crate::fetching::http_redirect_fetch::http_redirect_fetch;
use crate::fetching::main_fetch::{Answer, Blocked, Fetching};
use crate::http::methods::is_cors_safelisted_method;
use crate::http::origin_header::request_origin_header;
use crate::http::requests::{CredentialsMode, RedirectMode, ResponseTainting};
use crate::http::responses::Response;
use crate::http::statuses::is_redirect_status;
use crate::network::NetworkRequest;
use crate::trace::{ActualTrace, BlockedAt, Step};

/// [HTTP fetch](https://fetch.spec.whatwg.org/#concept-http-fetch); `unsafe_names` is `Some` when
/// the makeCORSPreflight boolean is true, with the CORS-unsafe request-header names.
///
/// NOT MODELLED 3 (service workers): they answer in place of the network.
pub(crate) fn http_fetch(
    fetching: &mut Fetching<'_>,
    unsafe_names: Option<Vec<Vec<u8>>>,
) -> Result<Answer, Blocked> {
    // 4.1 a preflight, unless all it would grant is cached.
    if let Some(unsafe_names) = unsafe_names
        && needs_preflight(fetching, &unsafe_names)
    {
        // 4.1.1, 4.1.2
        cors_preflight_fetch(fetching, &unsafe_names)?;
    }
    // 4.3. NOT MODELLED 4.2 (service workers).
    let response = http_network_or_cache_fetch(fetching)?;
    // 4.4 the CORS check, on every response. NOT MODELLED 4.5 (timing).
    if fetching.request.response_tainting == ResponseTainting::Cors {
        let granted = cors_check(&fetching.request, &response)
            .map_err(|step| Blocked { at: BlockedAt::Actual, step })?;
        fetching.grant(granted);
    }
    // 5 the cross-origin resource policy, for opaque responses.
    if fetching.request.response_tainting == ResponseTainting::Opaque
        && !is_allowed_by_resource_policy(
            &fetching.request,
            fetching.request.current_url(),
            &response.headers,
        )
    {
        return Err(Blocked { at: BlockedAt::Actual, step: &RESOURCE_POLICY });
    }
    // 6 a redirect.
    if is_redirect_status(response.status) {
        return match fetching.request.redirect_mode {
            // 6.3 "error"
            RedirectMode::Error => Err(Blocked { at: BlockedAt::Redirect, step: &REDIRECT_ERROR }),
            // 6.3 "manual"
            RedirectMode::Manual => Ok(Answer::OpaqueRedirect),
            // 6.3 "follow"
            RedirectMode::Follow => http_redirect_fetch(fetching, response),
        };
    }
    // 7
    Ok(Answer::Response(response))
}

/// The condition of step 4.1.
fn needs_preflight(fetching: &Fetching<'_>, unsafe_names: &[Vec<u8>]) -> bool {
    let Fetching { agent, cache, network, request, .. } = fetching;
    let asks_method = !is_cors_safelisted_method(&request.method) || request.use_cors_preflight;
    if cache.is_empty() {
        return asks_method || !unsafe_names.is_empty();
    }
    let now = network.now();
    // First: no entry for the method, which is unsafe or asked for by the flag.
    (asks_method && !cache.matches_method(agent, request, now))
        // Second: an unsafe name without an entry.
        || unsafe_names.iter().any(|name| !cache.matches_header_name(agent, request, name, now))
}

/// [HTTP-network-or-cache fetch](https://fetch.spec.whatwg.org/#concept-http-network-or-cache-fetch),
/// as far as the network is not to do it.
///
/// NOT MODELLED: the HTTP cache, authentication, and the headers that the network adds.
fn http_network_or_cache_fetch(fetching: &mut Fetching<'_>) -> Result<Response, Blocked> {
    let hop = fetching.hop();
    let request = &fetching.request;
    // 8.3 credentials always, or to the page's own origin.
    let credentials = match request.credentials_mode {
        CredentialsMode::Include => true,
        CredentialsMode::SameOrigin => request.response_tainting == ResponseTainting::Basic,
        CredentialsMode::Omit => false,
    };
    // 8.2.1 a clone of the headers; 8.12 with `Origin`.
    let mut headers = request.headers.clone();
    let origin = request_origin_header(fetching.agent, request, request.current_url());
    if let Some(origin) = &origin {
        headers.append(b"Origin", origin);
    }
    let answer = fetching.network.fetch(&NetworkRequest {
        url: request.current_url(),
        method: &request.method,
        headers: &headers,
        body: request.has_body(),
        credentials,
        preflight: false,
        hop,
    });
    if let Some(hop) = fetching.hops.last_mut() {
        hop.actual = Some(ActualTrace { origin, credentials });
    }
    // 11.2 nobody answered.
    answer.map_err(|_| Blocked { at: BlockedAt::Actual, step: &NO_ANSWER })
}

pub(crate) static STEPS: &[&Step] = &[&NO_ANSWER, &RESOURCE_POLICY, &REDIRECT_ERROR];

pub(crate) static NO_ANSWER: Step =
    Step { algorithm: "concept-http-network-or-cache-fetch", slug: "no-answer", number: "11.2" };
static RESOURCE_POLICY: Step =
    Step { algorithm: "concept-http-fetch", slug: "resource-policy-blocks", number: "5" };
static REDIRECT_ERROR: Step =
    Step { algorithm: "concept-http-fetch", slug: "redirect-mode-error", number: "6.3" };
