//! CORS check (Fetch §4.9).

use crate::http::requests::{CredentialsMode, Request};
use crate::http::responses::Response;
use crate::trace::Step;
use crate::user_agent::UserAgent;

const ALGORITHM: &str = "concept-cors-check";

/// There is no `Access-Control-Allow-Origin`.
pub static ALLOW_ORIGIN_MISSING: Step = Step::fetch(ALGORITHM, "2", "allow-origin-missing");
/// `*`, and credentials are not included.
pub static ANY_ORIGIN_WITHOUT_CREDENTIALS: Step =
    Step::fetch(ALGORITHM, "3", "any-origin-without-credentials");
/// `Access-Control-Allow-Origin` is not the request's origin, to the byte.
pub static ALLOW_ORIGIN_MISMATCH: Step = Step::fetch(ALGORITHM, "4", "allow-origin-mismatch");
/// The request's origin is allowed, and credentials are not included.
pub static GRANTED_WITHOUT_CREDENTIALS: Step =
    Step::fetch(ALGORITHM, "5", "granted-without-credentials");
/// The request's origin is allowed with credentials.
pub static GRANTED_WITH_CREDENTIALS: Step = Step::fetch(ALGORITHM, "7", "granted-with-credentials");
/// Credentials are included, and `Access-Control-Allow-Credentials` is not `true`.
pub static ALLOW_CREDENTIALS_NOT_TRUE: Step =
    Step::fetch(ALGORITHM, "8", "allow-credentials-not-true");

/// <https://fetch.spec.whatwg.org/#concept-cors-check>
///
/// Gives the step that returns success.
///
/// # Errors
/// Gives the step that returns failure.
pub fn cors_check(
    agent: &UserAgent,
    request: &Request,
    response: &Response,
) -> Result<&'static Step, &'static Step> {
    // 1. All lines of Access-Control-Allow-Origin, joined.
    let origin = response.headers.get_joined(b"Access-Control-Allow-Origin");
    // 2. None: failure. An empty one is something else.
    let Some(origin) = origin else { return Err(&ALLOW_ORIGIN_MISSING) };
    let include = request.credentials_mode == CredentialsMode::Include;
    // 3. A star allows whoever does not include credentials.
    if !include && *origin == *b"*" {
        return Ok(&ANY_ORIGIN_WITHOUT_CREDENTIALS);
    }
    // 4. Anything but the request's origin, to the byte: failure.
    if *origin != *expected_origin(agent, request) {
        return Err(&ALLOW_ORIGIN_MISMATCH);
    }
    // 5. Without credentials that is enough.
    if !include {
        return Ok(&GRANTED_WITHOUT_CREDENTIALS);
    }
    // 6. All lines of Access-Control-Allow-Credentials, joined.
    let credentials = response.headers.get_joined(b"Access-Control-Allow-Credentials");
    // 7. Exactly true: success.
    if credentials.as_deref() == Some(b"true") {
        return Ok(&GRANTED_WITH_CREDENTIALS);
    }
    // 8. Anything else: failure.
    Err(&ALLOW_CREDENTIALS_NOT_TRUE)
}

fn expected_origin<'a>(agent: &UserAgent, request: &'a Request) -> &'a [u8] {
    if agent.own_origin_checked_unmasked
        && request.origin().is_same_origin_with_url(request.current_url())
    {
        return &request.client.serialized_origin;
    }
    request.byte_serialized_origin()
}
