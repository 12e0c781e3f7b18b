//! The CORS check, and the cross-origin resource policy check for opaque responses.

use url::Url;

use crate::http::headers::HeaderList;
use crate::http::requests::Request;
use crate::http::responses::Response;
use crate::trace::Step;

/// A [CORS check](https://fetch.spec.whatwg.org/#concept-cors-check): the step that granted, or
/// the one that refused.
pub(crate) fn cors_check(
    request: &Request,
    response: &Response,
) -> Result<&'static Step, &'static Step> {
    // 1
    let headers = &response.headers;
    // 2 there is none.
    if !headers.contains(ALLOW_ORIGIN) {
        return Err(&ALLOW_ORIGIN_MISSING);
    }
    // 3 without credentials, any origin.
    if !request.includes() && headers.gets_exactly(ALLOW_ORIGIN, b"*") {
        return Ok(&ANY_ORIGIN_WITHOUT_CREDENTIALS);
    }
    // 4 the request's origin, byte for byte.
    if !headers.gets_exactly(ALLOW_ORIGIN, &request.byte_serialized_origin()) {
        return Err(&ALLOW_ORIGIN_MISMATCH);
    }
    // 5 without credentials, nothing more is asked.
    if !request.includes() {
        return Ok(&GRANTED_WITHOUT_CREDENTIALS);
    }
    // 6, 7 with credentials, `true`.
    if headers.gets_exactly(ALLOW_CREDENTIALS, b"true") {
        return Ok(&GRANTED_WITH_CREDENTIALS);
    }
    // 8
    Err(&ALLOW_CREDENTIALS_NOT_TRUE)
}

/// The [cross-origin resource policy internal
/// check](https://fetch.spec.whatwg.org/#cross-origin-resource-policy-internal-check) with the
/// embedder policy "unsafe-none", not for a navigation: whether the response is allowed.
///
/// NOT MODELLED: other embedder policies.
pub(crate) fn is_allowed_by_resource_policy(
    request: &Request,
    url: &Url,
    headers: &HeaderList,
) -> bool {
    // 2
    let policy = headers.get(b"Cross-Origin-Resource-Policy");
    // 3, 5 by value; any other is as good as none.
    match policy.as_deref() {
        Some(b"same-origin") => request.is_same_origin_with(url),
        Some(b"same-site") => {
            let origin = crate::origin::Origin::of_url(url);
            request.origin.schemelessly_same_site(&origin)
                && (request.origin.scheme() == Some("https") || url.scheme() != "https")
        }
        _ => true,
    }
}

const ALLOW_ORIGIN: &[u8] = b"Access-Control-Allow-Origin";
const ALLOW_CREDENTIALS: &[u8] = b"Access-Control-Allow-Credentials";

pub(crate) static STEPS: &[&Step] = &[
    &ALLOW_ORIGIN_MISSING,
    &ANY_ORIGIN_WITHOUT_CREDENTIALS,
    &ALLOW_ORIGIN_MISMATCH,
    &GRANTED_WITHOUT_CREDENTIALS,
    &GRANTED_WITH_CREDENTIALS,
    &ALLOW_CREDENTIALS_NOT_TRUE,
];

const ALGORITHM: &str = "concept-cors-check";
static ALLOW_ORIGIN_MISSING: Step =
    Step { algorithm: ALGORITHM, slug: "allow-origin-missing", number: "2" };
static ANY_ORIGIN_WITHOUT_CREDENTIALS: Step =
    Step { algorithm: ALGORITHM, slug: "any-origin-without-credentials", number: "3" };
static ALLOW_ORIGIN_MISMATCH: Step =
    Step { algorithm: ALGORITHM, slug: "allow-origin-mismatch", number: "4" };
static GRANTED_WITHOUT_CREDENTIALS: Step =
    Step { algorithm: ALGORITHM, slug: "granted-without-credentials", number: "5" };
static GRANTED_WITH_CREDENTIALS: Step =
    Step { algorithm: ALGORITHM, slug: "granted-with-credentials", number: "7" };
static ALLOW_CREDENTIALS_NOT_TRUE: Step =
    Step { algorithm: ALGORITHM, slug: "allow-credentials-not-true", number: "8" };
