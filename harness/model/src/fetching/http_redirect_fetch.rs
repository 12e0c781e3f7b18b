//! HTTP-redirect fetch (Fetch §4.5): where a redirect may go, and what it takes along.

use crate::fetching::fetch::{Answer, Blocked, FetchParams};
use crate::fetching::main_fetch::main_fetch;
use crate::http::extract::{Extracted, REFERRER_POLICY, extract_header_list_values};
use crate::http::requests::{Mode, ReferrerPolicy, Request, RequestBody, ResponseTainting};
use crate::http::responses::{Location, Response, location_url};
use crate::http::safelist::{REQUEST_BODY_HEADER_NAMES, is_cors_non_wildcard_request_header_name};
use crate::origin::urls_have_same_origin;
use crate::trace::{BlockedAt, Step};

const ALGORITHM: &str = "concept-http-redirect-fetch";

/// No `Location`: the redirect is a response like any other.
pub static LOCATION_ABSENT: Step = Step::fetch(ALGORITHM, "4", "location-absent");
/// `Location` is no URL, or there are several.
pub static LOCATION_INVALID: Step = Step::fetch(ALGORITHM, "5", "location-invalid");
/// The location is not on HTTP(S).
pub static LOCATION_SCHEME: Step = Step::fetch(ALGORITHM, "6", "location-scheme");
/// Twenty redirects are enough.
pub static TOO_MANY_REDIRECTS: Step = Step::fetch(ALGORITHM, "7", "too-many-redirects");
/// The location has a username or password, and is not on the page's own origin.
pub static LOCATION_CREDENTIALS_CROSS_ORIGIN: Step =
    Step::fetch(ALGORITHM, "9", "location-credentials-cross-origin");
/// The location has a username or password, and the CORS protocol is on.
pub static LOCATION_CREDENTIALS_AFTER_CORS: Step =
    Step::fetch(ALGORITHM, "10", "location-credentials-after-cors");
/// A stream was sent, and would have to be sent again.
pub static STREAM_CANNOT_BE_SENT_AGAIN: Step =
    Step::fetch(ALGORITHM, "11", "stream-cannot-be-sent-again");
/// The method becomes GET; body and its headers go.
pub static METHOD_BECOMES_GET: Step = Step::fetch(ALGORITHM, "12", "method-becomes-get");
/// To another origin goes no `Authorization`.
pub static AUTHORIZATION_DROPPED: Step = Step::fetch(ALGORITHM, "13", "authorization-dropped");
/// The redirect is followed.
pub static FOLLOWED: Step = Step::fetch(ALGORITHM, "22", "followed");

/// <https://fetch.spec.whatwg.org/#concept-http-redirect-fetch>
///
/// NOT MODELLED 14 to 17 (the body again, timing): neither has a say in CORS.
///
/// NOT MODELLED 20, 21 (manual redirects): only navigations get here in that mode.
///
/// # Errors
/// When it returns a network error.
pub(crate) fn http_redirect_fetch(
    params: &mut FetchParams<'_>,
    response: Response,
    granted_by: &'static Step,
) -> Result<Answer, Blocked> {
    let blocked = |step| Err(Blocked { step, at: BlockedAt::Redirect });
    let agent = params.agent;
    let request = &mut params.request;
    let current_url = &request.url_list.current;
    // 1, 2. The request, and what answered it; no filter has been there yet.
    // 3. Where it goes.
    let location_url = match location_url(agent, &response, current_url) {
        // 4. Nowhere: it stays what it is.
        Location::Null => {
            params.tell(&LOCATION_ABSENT);
            return Ok(Answer { response, is_opaque_redirect: false, granted_by });
        }
        // 5. Nowhere sensible.
        Location::Failure => return blocked(&LOCATION_INVALID),
        Location::Url(location_url) => *location_url,
    };
    // 6. Out of HTTP(S).
    if !matches!(location_url.scheme(), "http" | "https") {
        return blocked(&LOCATION_SCHEME);
    }
    // 7, 8. Once too often.
    if request.redirect_count == 20 {
        return blocked(&TOO_MANY_REDIRECTS);
    }
    request.redirect_count += 1;
    let has_credentials = !location_url.username().is_empty()
        || location_url.password().is_some_and(|password| !password.is_empty());
    // 9. With a username or password to a foreign origin.
    let foreign =
        request.mode == Mode::Cors && !request.origin().is_same_origin_with_url(&location_url);
    if has_credentials && (foreign || agent.location_credentials_refused) {
        return blocked(&LOCATION_CREDENTIALS_CROSS_ORIGIN);
    }
    // 10. With a username or password from a foreign origin.
    if has_credentials && request.response_tainting == ResponseTainting::Cors {
        return blocked(&LOCATION_CREDENTIALS_AFTER_CORS);
    }
    // 11. With a body that is gone.
    if response.status != 303 && request.body == RequestBody::Stream {
        return blocked(&STREAM_CANNOT_BE_SENT_AGAIN);
    }
    // 12. Some redirects make a GET of it.
    let becomes_get = becomes_get(response.status, &request.method);
    if becomes_get {
        // 12.1. Without a body,
        request.method = b"GET".to_vec();
        request.body = RequestBody::Null;
        request.use_cors_preflight &= !agent.method_change_clears_flag;
        // 12.2. and without the headers that described it.
        REQUEST_BODY_HEADER_NAMES.iter().for_each(|name| request.headers.delete(name));
    }
    // 13. To another origin, without what authorized it at this one.
    let drops_authorization = !urls_have_same_origin(current_url, &location_url)
        && request
            .headers
            .iter()
            .any(|header| is_cors_non_wildcard_request_header_name(&header.name));
    if drops_authorization {
        request.headers.delete(b"Authorization");
    }
    // 18. One URL further.
    request.url_list.append(location_url);
    // 19. The server may change the referrer policy.
    set_referrer_policy_on_redirect(request, &response);
    // 12, 13. What was done is told now that nothing can fail.
    if becomes_get {
        params.tell(&METHOD_BECOMES_GET);
    }
    if drops_authorization {
        params.tell(&AUTHORIZATION_DROPPED);
    }
    // 22. From the start.
    params.tell(&FOLLOWED);
    main_fetch(params)
}

/// The conditions of step 12.
fn becomes_get(status: u16, method: &[u8]) -> bool {
    match status {
        301 | 302 => method == b"POST",
        303 => !matches!(method, b"GET" | b"HEAD"),
        _ => false,
    }
}

/// <https://w3c.github.io/webappsec-referrer-policy/#set-requests-referrer-policy-on-redirect>
fn set_referrer_policy_on_redirect(request: &mut Request, response: &Response) {
    // Parsing 1. The tokens; a header that breaks its grammar says nothing.
    let Extracted::Values(tokens) = extract_header_list_values(&REFERRER_POLICY, &response.headers)
    else {
        return;
    };
    // Parsing 2, 3, 4. The last that is known.
    // 1, 2. If there is one, it holds from here on.
    if let Some(policy) = tokens.iter().rev().find_map(|token| ReferrerPolicy::of_token(token)) {
        request.referrer_policy = policy;
    }
}

#[cfg(test)]
mod tests;
