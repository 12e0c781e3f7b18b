//! `XMLHttpRequest` (its own Standard): `open()`, `setRequestHeader()` and `send()` in a row.

use crate::api::construct::{Threw, extract, new_request, parse_url};
use crate::api::init::{Body, Environment, RequestInit};
use crate::http::forbidden::is_forbidden_request_header;
use crate::http::headers::{is_header_name, is_header_value, normalize_header_value};
use crate::http::methods::{is_forbidden_method, is_method, normalize_method};
use crate::http::requests::{CredentialsMode, Request, RequestBody};
use crate::trace::Step;
use crate::user_agent::UserAgent;

const OPEN: &str = "dom-xmlhttprequest-open";
const SET_REQUEST_HEADER: &str = "dom-xmlhttprequest-setrequestheader";

/// The method is no token.
pub static METHOD_INVALID: Step = Step::xhr(OPEN, "2", "method-invalid");
/// The method is CONNECT, TRACE or TRACK.
pub static METHOD_FORBIDDEN: Step = Step::xhr(OPEN, "3", "method-forbidden");
/// The URL does not parse.
pub static URL_INVALID: Step = Step::xhr(OPEN, "6", "url-invalid");
/// The name is no token.
pub static HEADER_NAME_INVALID: Step = Step::xhr(SET_REQUEST_HEADER, "4", "header-name-invalid");
/// The value has a NUL or a newline inside.
pub static HEADER_VALUE_INVALID: Step = Step::xhr(SET_REQUEST_HEADER, "4", "header-value-invalid");

/// All three, as a script that sends one request calls them.
///
/// # Errors
/// When one of them throws.
pub(crate) fn open_and_send(
    agent: &UserAgent,
    environment: &Environment,
    init: &RequestInit,
) -> Result<Request, Threw> {
    let mut request = open(environment, init)?;
    for (name, value) in &init.headers {
        set_request_header(&mut request, name, value)?;
    }
    send(agent, &mut request, init);
    Ok(request)
}

/// <https://xhr.spec.whatwg.org/#dom-xmlhttprequest-open>
fn open(environment: &Environment, init: &RequestInit) -> Result<Request, Threw> {
    // 2. The method has to be one,
    if !is_method(&init.method) {
        return Err(Threw::new("SyntaxError", &METHOD_INVALID, &init.method));
    }
    // 3. and not a forbidden one.
    if is_forbidden_method(&init.method) {
        return Err(Threw::new("SecurityError", &METHOD_FORBIDDEN, &init.method));
    }
    // 4. It is normalised.
    let method = normalize_method(&init.method);
    // 5, 6. The URL has to parse; it may have a username and a password.
    let Ok(url) = parse_url(environment, &init.url) else {
        return Err(Threw::new("SyntaxError", &URL_INVALID, init.url.as_bytes()));
    };
    Ok(new_request(environment, url, method))
}

/// <https://xhr.spec.whatwg.org/#dom-xmlhttprequest-setrequestheader>
fn set_request_header(request: &mut Request, name: &[u8], value: &[u8]) -> Result<(), Threw> {
    // 3. White space around a value does not count.
    let value = normalize_header_value(value);
    // 4. Name and value by their grammars.
    if !is_header_name(name) {
        return Err(Threw::new("SyntaxError", &HEADER_NAME_INVALID, name));
    }
    if !is_header_value(value) {
        return Err(Threw::new("SyntaxError", &HEADER_VALUE_INVALID, value));
    }
    // 5. What is forbidden is dropped without a word.
    if !is_forbidden_request_header(name, value) {
        // 6. A name that is there already gets the value behind its own.
        request.headers.combine(name, value);
    }
    Ok(())
}

/// <https://xhr.spec.whatwg.org/#dom-xmlhttprequest-send>
///
/// NOT MODELLED (the charset parameter of script's own `Content-Type`, which a text body sets to
/// UTF-8): its essence stays. Its length and its bytes, at which the safelist looks as well, may not:
/// a charset that alone makes the value unsafe is one too many here.
fn send(agent: &UserAgent, request: &mut Request, init: &RequestInit) {
    // A body goes with neither GET nor HEAD.
    let has_body = !matches!(request.method.as_slice(), b"GET" | b"HEAD");
    // What this API does not know for a body, such as a stream, becomes a string.
    let string = Body::Text(Vec::new());
    let body = match &init.body {
        _ if init.stream_body => Some(&string),
        Some(Body::Stream) => Some(&string),
        body => body.as_ref(),
    };
    if let Some(body) = body.filter(|_| has_body) {
        let (body, r#type) = extract(body);
        if let Some(r#type) = r#type
            && !request.headers.contains(b"Content-Type")
        {
            request.headers.append(b"Content-Type", &r#type);
        }
        request.body = body;
    }
    // Listeners on the upload object ask for a preflight.
    request.use_cors_preflight = init.upload_listeners
        && (!agent.upload_listeners_need_body || request.body != RequestBody::Null);
    // `withCredentials` is a choice of two.
    request.credentials_mode = match init.credentials_mode {
        CredentialsMode::Include => CredentialsMode::Include,
        CredentialsMode::Omit | CredentialsMode::SameOrigin => CredentialsMode::SameOrigin,
    };
}
