//! The `Request` constructor (Fetch §5.4), as `fetch(url, init)` runs it.

use crate::api::construct::{Threw, extract, new_request as request_of_client, parse_url};
use crate::api::init::{Body, Environment, RequestInit};
use crate::fetching::local_network_access::AddressSpace;
use crate::http::headers_object::{Guard, append};
use crate::http::methods::{
    is_cors_safelisted_method, is_forbidden_method, is_method, normalize_method,
};
use crate::http::requests::{Mode, Request, RequestBody};
use crate::trace::Step;
use crate::user_agent::UserAgent;

const ALGORITHM: &str = "dom-request";

/// The URL does not parse.
pub static URL_INVALID: Step = Step::fetch(ALGORITHM, "5.2", "url-invalid");
/// The URL has a username or password.
pub static URL_HAS_CREDENTIALS: Step = Step::fetch(ALGORITHM, "5.3", "url-has-credentials");
/// The method is no token.
pub static METHOD_INVALID: Step = Step::fetch(ALGORITHM, "25.2", "method-invalid");
/// The method is CONNECT, TRACE or TRACK.
pub static METHOD_FORBIDDEN: Step = Step::fetch(ALGORITHM, "25.2", "method-forbidden");
/// The mode is `no-cors`, and the method is not GET, HEAD or POST.
pub static NO_CORS_METHOD: Step = Step::fetch(ALGORITHM, "32.1", "no-cors-method");
/// A body goes with neither GET nor HEAD.
pub static BODY_WITH_GET_OR_HEAD: Step = Step::fetch(ALGORITHM, "35", "body-with-get-or-head");
/// The mode is `no-cors`, and the body is a stream.
pub static STREAM_WITHOUT_CORS: Step = Step::fetch(ALGORITHM, "39.2", "stream-without-cors");

/// <https://fetch.spec.whatwg.org/#dom-request>
///
/// NOT MODELLED 4, 6, 10, 11, 14, 20, 21, 23, 24, 26, 27, 29, 30, 41 (a `Request` for input, window,
/// referrer, cache mode, integrity, keepalive, priority, signal): `RequestInit` here has none of them.
///
/// NOT MODELLED 7 to 9 (who can be prompted): nobody; see the network.
///
/// NOT MODELLED 13, 34 (taking over another request): this one is new.
///
/// NOT MODELLED 39.1 (`duplex`): taken to be given where it has to be.
///
/// # Errors
/// When it throws.
pub(crate) fn new_request(
    agent: &UserAgent,
    environment: &Environment,
    init: &RequestInit,
) -> Result<Request, Threw> {
    let throw = |step, what: &[u8]| Err(Threw::new("TypeError", step, what));
    // 3, 5.1, 5.2. The URL has to parse.
    let Ok(url) = parse_url(environment, &init.url) else {
        return throw(&URL_INVALID, init.url.as_bytes());
    };
    // 5.3. And must not have a username or password.
    if !url.username().is_empty() || url.password().is_some_and(|password| !password.is_empty()) {
        return throw(&URL_HAS_CREDENTIALS, init.url.as_bytes());
    }
    // 25.2. The method has to be one, and not a forbidden one.
    if !is_method(&init.method) {
        return throw(&METHOD_INVALID, &init.method);
    }
    if is_forbidden_method(&init.method) {
        return throw(&METHOD_FORBIDDEN, &init.method);
    }
    // 1, 5.4, 12, 25.1, 25.3, 25.4. The request, with the method normalised.
    let mut request = request_of_client(environment, url, normalize_method(&init.method));
    // 2, 5.5, 15 to 19, 22. What init says; each mode but `navigate` is one that it can say.
    request.referrer_policy = init.referrer_policy;
    request.mode = init.mode;
    request.credentials_mode = init.credentials_mode;
    request.redirect_mode = init.redirect_mode;
    // Local Network Access: of the three only `local` says something.
    request.target_address_space =
        init.target_address_space.filter(|space| *space == AddressSpace::Local);
    // 28, 31. Headers, guarded.
    let mut guard = Guard::Request;
    // 32. Without CORS, more closely.
    if request.mode == Mode::NoCors {
        // 32.1. Only for methods that forms have (to which the Standard adds HEAD).
        if !is_cors_safelisted_method(&request.method) {
            return throw(&NO_CORS_METHOD, &request.method);
        }
        // 32.2. The stricter guard.
        guard = Guard::RequestNoCors;
    }
    // 33.1 to 33.5. Script's headers, one after the other.
    for (name, value) in &init.headers {
        append(agent, guard, &mut request.headers, name, value)
            .map_err(|step| Threw::new("TypeError", step, name))?;
    }
    // 36. The body, if there is one.
    let body = if init.stream_body { Some(&Body::Stream) } else { init.body.as_ref() };
    if let Some(body) = body {
        // 35. Two methods have none.
        if matches!(request.method.as_slice(), b"GET" | b"HEAD") {
            return throw(&BODY_WITH_GET_OR_HEAD, &request.method);
        }
        // 37.1, 37.2, 37.3. It may have a type.
        let (body, r#type) = extract(body);
        // 37.4. Which becomes a header, unless script has set that one.
        if let Some(r#type) = r#type
            && !request.headers.contains(b"Content-Type")
        {
            append(agent, guard, &mut request.headers, b"Content-Type", &r#type)
                .map_err(|step| Threw::new("TypeError", step, &r#type))?;
        }
        // 38, 39. It can only be sent once.
        if body == RequestBody::Stream {
            // 39.2. A stream needs CORS, or the own origin.
            if request.mode == Mode::NoCors {
                return throw(&STREAM_WITHOUT_CORS, &request.method);
            }
            // 39.3. And a preflight.
            request.use_cors_preflight = true;
        }
        // 40, 42. It is the request's.
        request.body = body;
    }
    // Not of this API: the flag on its own, see `RequestInit::upload_listeners`.
    request.use_cors_preflight |= init.upload_listeners;
    Ok(request)
}
