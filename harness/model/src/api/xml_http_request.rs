//! `XMLHttpRequest` (its own Standard): `open()`, `setRequestHeader()` and `send()` in a row.

use crate::api::construct::{Threw, extract, new_request, parse_url};
use crate::api::init::{Body, Environment, RequestInit};
use crate::http::forbidden::is_forbidden_request_header;
use crate::http::headers::{is_header_name, is_header_value, normalize_header_value};
use crate::http::methods::{is_forbidden_method, is_method, normalize_method};
use crate::http::requests::{CredentialsMode, Request, RequestBody};
use crate::mime::parse_mime_type;
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
/// NOT MODELLED 1, 2 (states): script calls each method once, in order.
fn send(agent: &UserAgent, request: &mut Request, init: &RequestInit) {
    // 3. A body goes with neither GET nor HEAD.
    let has_body = !matches!(request.method.as_slice(), b"GET" | b"HEAD");
    // What this API does not know for a body, such as a stream, becomes a string.
    let string = Body::Text(Vec::new());
    let body = match &init.body {
        _ if init.stream_body => Some(&string),
        Some(Body::Stream) => Some(&string),
        body => body.as_ref(),
    };
    if let Some(body) = body.filter(|_| has_body) {
        // 4.3. What is sent, and its type.
        let is_text = matches!(body, Body::Text(_) | Body::UrlSearchParams);
        let (body, r#type) = extract(body);
        request.body = body;
        // 4.4. Script's own Content-Type stays, but for the charset of a text;
        if let Some(own) = request.headers.get(b"Content-Type") {
            // 4.5.1. which is always UTF-8.
            if let Some(value) = in_utf_8(&own).filter(|_| is_text) {
                request.headers.set(b"Content-Type", &value);
            }
        } else if let Some(r#type) = r#type {
            // 4.6. else the body brings one.
            request.headers.append(b"Content-Type", &r#type);
        }
    }
    // 5. Listeners on the upload object ask for a preflight.
    request.use_cors_preflight = init.upload_listeners
        && (!agent.upload_listeners_need_body || request.body != RequestBody::Null);
    // `withCredentials` is a choice of two.
    request.credentials_mode = match init.credentials_mode {
        CredentialsMode::Include => CredentialsMode::Include,
        CredentialsMode::Omit | CredentialsMode::SameOrigin => CredentialsMode::SameOrigin,
    };
}

/// <https://xhr.spec.whatwg.org/#dom-xmlhttprequest-send>, step 4.5.1: the type with UTF-8 for its
/// charset; `None`: it says no charset, says that one, or is no type.
fn in_utf_8(value: &[u8]) -> Option<Vec<u8>> {
    // 4.5.1.1. As far as it parses.
    let content_type = parse_mime_type(value)?;
    // 4.5.1.2. Another charset
    let mut parameters = content_type.parameters();
    let (_, charset) = parameters.iter_mut().find(|(name, _)| name == b"charset")?;
    if charset.eq_ignore_ascii_case(b"UTF-8") {
        return None;
    }
    // becomes this one, and the whole is written anew.
    *charset = b"UTF-8".to_vec();
    Some(content_type.serialize_with(&parameters))
}

#[cfg(test)]
mod tests {
    use crate::api::init::Body;
    use crate::scene::{PAGE, Scene};

    #[test]
    fn a_text_is_sent_in_utf_8_whatever_its_type_says() {
        let sent = |scene: Scene, own: &str| {
            let request = scene.with("Content-Type", own).xhr().construct().unwrap();
            String::from_utf8(request.headers().get(b"content-type").unwrap()).unwrap()
        };
        let post = || Scene::send("POST", PAGE);
        for (own, expected) in [
            ("text/plain;charset=x", "text/plain;charset=UTF-8"),
            ("TEXT/plain; Charset=x ;a", "text/plain;charset=UTF-8"),
            ("text/plain;a=1;charset=\"x\";b=2", "text/plain;a=1;charset=UTF-8;b=2"),
            ("text/plain; charset=utf-8;a=(", "text/plain; charset=utf-8;a=("),
            ("TEXT/plain; a", "TEXT/plain; a"),
            ("charset=x", "charset=x"),
        ] {
            assert_eq!(sent(post().text(), own), expected, "{own}");
            assert_eq!(sent(post().body(Body::UrlSearchParams), own), expected, "{own}");
            assert_eq!(sent(post().body(Body::FormData), own), own);
            assert_eq!(sent(post(), own), own);
        }
    }
}
