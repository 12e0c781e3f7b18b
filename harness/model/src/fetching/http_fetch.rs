//! HTTP fetch (Fetch §4.4): preflight or not, the answer, the CORS check, redirects.

use crate::fetching::cors_check::cors_check;
use crate::fetching::cors_preflight_fetch::cors_preflight_fetch;
use crate::fetching::fetch::{Answer, Blocked, FetchParams};
use crate::fetching::http_network_fetch::http_network_or_cache_fetch;
use crate::fetching::http_redirect_fetch::http_redirect_fetch;
use crate::fetching::main_fetch::{BASIC_RESPONSE, OPAQUE_RESPONSE};
use crate::http::methods::is_cors_safelisted_method;
use crate::http::requests::{RedirectMode, ResponseTainting};
use crate::http::resource_policy::cross_origin_resource_policy_check;
use crate::http::statuses::is_redirect_status;
use crate::trace::{BlockedAt, Step};

const ALGORITHM: &str = "concept-http-fetch";

/// The preflight cache does not spare the preflight.
pub static PREFLIGHT_NEEDED: Step = Step::fetch(ALGORITHM, "4.1", "preflight-needed");
/// The preflight cache spares it.
pub static PREFLIGHT_SPARED: Step = Step::fetch(ALGORITHM, "4.1", "preflight-spared");
/// A redirect, and the redirect mode is `error`.
pub static REDIRECT_MODE_ERROR: Step = Step::fetch(ALGORITHM, "6.3", "redirect-mode-error");
/// A redirect, and the redirect mode is `manual`.
pub static REDIRECT_MODE_MANUAL: Step = Step::fetch(ALGORITHM, "6.3", "redirect-mode-manual");

/// Whether main fetch asks for a preflight.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum MakeCorsPreflight {
    Yes,
    No,
}

/// <https://fetch.spec.whatwg.org/#concept-http-fetch>
///
/// NOT MODELLED 3, 4.2 (service workers): there is none.
///
/// NOT MODELLED 4.5, 6.1, 6.2 (timing, navigations, connections): none has a say in CORS.
///
/// # Errors
/// When it returns a network error.
pub(crate) fn http_fetch(
    params: &mut FetchParams<'_>,
    make_cors_preflight: MakeCorsPreflight,
) -> Result<Answer, Blocked> {
    let blocked_at = |at| move |step| Blocked { step, at };
    // 4.1. A preflight, unless the cache has what it would ask for.
    if make_cors_preflight == MakeCorsPreflight::Yes {
        if needs_preflight(params) {
            params.tell(&PREFLIGHT_NEEDED);
            // 4.1.1, 4.1.2. If it fails, nothing else is sent.
            cors_preflight_fetch(params)?;
        } else {
            params.tell(&PREFLIGHT_SPARED);
        }
    }
    // 4.3. The request itself.
    let response = http_network_or_cache_fetch(params).map_err(blocked_at(BlockedAt::Actual))?;
    let request = &params.request;
    let granted_by = match request.response_tainting {
        // 4.4. The CORS check, whatever the status.
        ResponseTainting::Cors => {
            let granted_by = cors_check(params.agent, request, &response)
                .map_err(blocked_at(BlockedAt::Actual))?;
            params.tell(granted_by);
            granted_by
        }
        // 5. What script may not look at still has to be meant for its page.
        ResponseTainting::Opaque => {
            cross_origin_resource_policy_check(request.origin(), request.current_url(), &response)
                .map_err(blocked_at(BlockedAt::Actual))?;
            &OPAQUE_RESPONSE
        }
        ResponseTainting::Basic => &BASIC_RESPONSE,
    };
    // 6. A redirect, by redirect mode.
    if is_redirect_status(response.status) {
        return match params.request.redirect_mode {
            RedirectMode::Error => Err(blocked_at(BlockedAt::Redirect)(&REDIRECT_MODE_ERROR)),
            RedirectMode::Manual => {
                Ok(Answer { response, is_opaque_redirect: true, granted_by: &REDIRECT_MODE_MANUAL })
            }
            RedirectMode::Follow => http_redirect_fetch(params, response, granted_by),
        };
    }
    // 7. That is the response.
    Ok(Answer { response, is_opaque_redirect: false, granted_by })
}

/// The conditions of step 4.1.
fn needs_preflight(params: &mut FetchParams<'_>) -> bool {
    let now = params.network.now();
    params.cache.remove_expired(now);
    let (agent, cache, request) = (params.agent, &*params.cache, &params.request);
    let method = request.method.as_slice();
    // An unsafe or flagged method that the cache does not have.
    let flagged =
        request.use_cors_preflight || (agent.preflight_need_is_sticky && params.needed_preflight);
    let method_needs_it = (!is_cors_safelisted_method(method) || flagged)
        && !cache.method_matches(agent, request, method);
    // Or an unsafe header name that it does not have.
    method_needs_it
        || params.unsafe_names.iter().any(|name| !cache.header_name_matches(agent, request, name))
}
