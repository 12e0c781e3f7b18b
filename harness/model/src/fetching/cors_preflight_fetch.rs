//! CORS-preflight fetch (Fetch §4.8): asking first, and what counts as a yes.

use std::time::Duration;

use crate::fetching::cors_check::cors_check;
use crate::fetching::fetch::{Blocked, FetchParams};
use crate::fetching::http_network_fetch::{http_network_fetch, may_connect};
use crate::http::extract::{
    ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_MAX_AGE, Extracted,
    delta_seconds, extract_header_list_values,
};
use crate::http::headers::HeaderList;
use crate::http::methods::is_cors_safelisted_method;
use crate::http::requests::CredentialsMode;
use crate::http::responses::Response;
use crate::http::safelist::is_cors_non_wildcard_request_header_name;
use crate::http::statuses::is_ok_status;
use crate::network::NetworkRequest;
use crate::trace::{BlockedAt, PreflightTrace, Step};
use crate::user_agent::UserAgent;

const ALGORITHM: &str = "cors-preflight-fetch-0";

/// The status of the answer is not 200 to 299.
pub static STATUS_NOT_OK: Step = Step::fetch(ALGORITHM, "8", "status-not-ok");
/// `Access-Control-Allow-Methods` breaks its grammar.
pub static ALLOW_METHODS_INVALID: Step = Step::fetch(ALGORITHM, "7.3", "allow-methods-invalid");
/// `Access-Control-Allow-Headers` breaks its grammar.
pub static ALLOW_HEADERS_INVALID: Step = Step::fetch(ALGORITHM, "7.3", "allow-headers-invalid");
/// Without `Access-Control-Allow-Methods`, the use-CORS-preflight flag stands for the method.
pub static FLAGGED_METHOD_IMPLIED: Step = Step::fetch(ALGORITHM, "7.4", "flagged-method-implied");
/// The method is neither listed nor safelisted, and no wildcard covers it.
pub static METHOD_NOT_ALLOWED: Step = Step::fetch(ALGORITHM, "7.5", "method-not-allowed");
/// There is an `Authorization` header, and its name is not listed.
pub static AUTHORIZATION_NOT_LISTED: Step =
    Step::fetch(ALGORITHM, "7.6", "authorization-not-listed");
/// A header's name is not listed, and no wildcard covers it.
pub static HEADER_NOT_ALLOWED: Step = Step::fetch(ALGORITHM, "7.7", "header-not-allowed");
/// The preflight is answered well.
pub static PREFLIGHT_GRANTED: Step = Step::fetch(ALGORITHM, "7.16", "preflight-granted");

/// <https://fetch.spec.whatwg.org/#cors-preflight-fetch-0>
///
/// # Errors
/// When it returns a network error.
pub(crate) fn cors_preflight_fetch(params: &mut FetchParams<'_>) -> Result<(), Blocked> {
    let blocked = |step| Blocked { step, at: BlockedAt::Preflight };
    // 6. Ask, and wait for the answer.
    let response = ask(params).map_err(blocked)?;
    // 7. CORS check for the request itself, with its credentials mode, and the status has to be ok.
    let granted_by = cors_check(params.agent, &params.request, &response).map_err(blocked)?;
    params.tell(granted_by);
    if !is_ok_status(response.status) {
        // 8. Anything else is a no.
        return Err(blocked(&STATUS_NOT_OK));
    }
    judge(params, &response).map_err(blocked)?;
    // 7.16. It is a yes.
    params.tell(&PREFLIGHT_GRANTED);
    Ok(())
}

/// Steps 1 to 6.
fn ask(params: &mut FetchParams<'_>) -> Result<Response, &'static Step> {
    let hop = params.hop();
    may_connect(params.agent, params.network, &params.request)?;
    let request = &params.request;
    // 1. OPTIONS, to the same URLs, from the same origin, under the CORS protocol.
    // 2. It takes any type.
    let mut headers = HeaderList::with_capacity(4);
    headers.append(b"Accept", b"*/*");
    // 3. It asks for the method,
    headers.append(b"Access-Control-Request-Method", &request.method);
    // 4, 5.1, 5.2. and for the unsafe names, with bare commas between them, if there are any.
    let value = (!params.unsafe_names.is_empty()).then(|| params.unsafe_names.join(&b","[..]));
    if let Some(value) = &value {
        headers.append(b"Access-Control-Request-Headers", value);
    }
    // 6. Of HTTP-network-or-cache fetch, what concerns it: an Origin header, as tainting is "cors",
    // and no credentials, as its credentials mode is "same-origin".
    let origin = if params.agent.preflight_origin_ignores_taint {
        request.client.serialized_origin.clone()
    } else {
        request.byte_serialized_origin().to_vec()
    };
    headers.append(b"Origin", &origin);
    let network_request = NetworkRequest {
        url: &request.url_list.current,
        method: b"OPTIONS",
        headers: &headers,
        body: false,
        credentials: false,
        preflight: true,
        hop,
    };
    let response = http_network_fetch(params.network, request.mode, &network_request);
    let method = request.method.clone();
    if let Some(hop) = params.hops.last_mut() {
        hop.preflight = Some(PreflightTrace { method, headers: value, origin: Some(origin) });
    }
    response
}

/// Steps 7.1 to 7.15.
fn judge(params: &mut FetchParams<'_>, response: &Response) -> Result<(), &'static Step> {
    let agent = params.agent;
    let request = &params.request;
    let method = request.method.as_slice();
    let include = request.credentials_mode == CredentialsMode::Include;
    // 7.1. The allowed methods.
    let methods = extract_header_list_values(&ACCESS_CONTROL_ALLOW_METHODS, &response.headers);
    // 7.2. The allowed header names.
    let header_names = extract_header_list_values(&ACCESS_CONTROL_ALLOW_HEADERS, &response.headers);
    // 7.3. Neither may be malformed, needed or not.
    let mut implied = false;
    let methods = match methods {
        Extracted::Failure => return Err(&ALLOW_METHODS_INVALID),
        // 7.4. None, but the flag asked for a preflight: as if the method were listed.
        Extracted::Null if request.use_cors_preflight && !agent.flagged_method_must_be_listed => {
            implied = true;
            vec![method]
        }
        Extracted::Null => Vec::new(),
        Extracted::Values(methods) => methods,
    };
    // 7.3. The same for header names.
    let header_names = match header_names {
        Extracted::Failure => return Err(&ALLOW_HEADERS_INVALID),
        Extracted::Null => Vec::new(),
        Extracted::Values(header_names) => header_names,
    };
    // 7.5. The method: listed, safelisted, or covered by a star that is not there for credentials.
    let any_method = !include && methods.contains(&&b"*"[..]);
    if !methods.contains(&method) && !is_cors_safelisted_method(method) && !any_method {
        return Err(&METHOD_NOT_ALLOWED);
    }
    let listed = |name: &[u8]| header_names.iter().any(|listed| listed.eq_ignore_ascii_case(name));
    let any_header = !include && header_names.contains(&&b"*"[..]);
    // 7.6. Authorization: listed by name.
    let covered = any_header && agent.authorization_covered_by_wildcard;
    let non_wildcard = |name: &&Vec<u8>| is_cors_non_wildcard_request_header_name(name);
    if let Some(name) = params.unsafe_names.iter().find(non_wildcard)
        && !listed(name)
        && !covered
    {
        return Err(&AUTHORIZATION_NOT_LISTED);
    }
    // 7.7. Every unsafe name: listed, or covered by a star that is not there for credentials.
    if !any_header && !params.unsafe_names.iter().all(|name| listed(name)) {
        return Err(&HEADER_NOT_ALLOWED);
    }
    // 7.8, 7.9, 7.10. How long this may be remembered.
    let max_age = max_age(agent, response);
    // 7.11 to 7.15. Remember it, if there is a cache.
    if agent.preflight_cache {
        let now = params.network.now();
        params.cache.remove_expired(now);
        params.cache.store(agent, request, now, max_age, &methods, &header_names);
    }
    // 7.4. Told now that nothing has failed.
    if implied {
        params.tell(&FLAGGED_METHOD_IMPLIED);
    }
    Ok(())
}

/// Steps 7.8 to 7.10.
fn max_age(agent: &UserAgent, response: &Response) -> Duration {
    // 7.8. As the server says;
    let seconds = match extract_header_list_values(&ACCESS_CONTROL_MAX_AGE, &response.headers) {
        Extracted::Values(values) => values.first().map_or(0, |digits| delta_seconds(digits)),
        // 7.9. or, if it says nothing or nothing sensible, five seconds.
        Extracted::Failure if is_zero_for(agent, response) => 0,
        Extracted::Null | Extracted::Failure => 5,
    };
    // 7.10. But no longer than the user agent wants.
    let max_age = Duration::from_secs(seconds);
    agent.max_age_cap.map_or(max_age, |cap| max_age.min(cap))
}

/// Whether a user agent takes this malformed max-age for zero.
fn is_zero_for(agent: &UserAgent, response: &Response) -> bool {
    let mut values = response.headers.values(ACCESS_CONTROL_MAX_AGE.name);
    let first = values.next();
    match values.next() {
        Some(_) => agent.repeated_max_age_is_zero,
        None => {
            agent.negative_max_age_is_zero && first.is_some_and(|value| value.starts_with(b"-"))
        }
    }
}

#[cfg(test)]
mod tests;
