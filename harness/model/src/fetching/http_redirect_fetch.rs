//! HTTP-redirect fetch: <https://fetch.spec.whatwg.org/#concept-http-redirect-fetch>

use crate::api::includes_credentials;
use crate::fetching::main_fetch::{Answer, Blocked, Fetching, main_fetch};
use crate::http::requests::{Mode, RequestBody, ResponseTainting};
use crate::http::responses::{LocationUrl, Response};
use crate::http::safelist::is_cors_non_wildcard_request_header_name;
use crate::origin::Origin;
use crate::trace::{BlockedAt, Step};

/// [HTTP-redirect fetch](https://fetch.spec.whatwg.org/#concept-http-redirect-fetch).
pub(crate) fn http_redirect_fetch(
    fetching: &mut Fetching<'_>,
    response: Response,
) -> Result<Answer, Blocked> {
    let blocked = |step| Err(Blocked { at: BlockedAt::Redirect, step });
    let agent = fetching.agent;
    let request = &mut fetching.request;
    // 1, 2, 3
    let location_url = match response.location_url(agent, request.current_url()) {
        // 4
        LocationUrl::Null => return Ok(Answer::Response(response)),
        // 5
        LocationUrl::Failure => return blocked(&LOCATION_INVALID),
        LocationUrl::Url(url) => *url,
    };
    // 6
    if !matches!(location_url.scheme(), "http" | "https") {
        return blocked(&LOCATION_SCHEME);
    }
    // 7
    if request.redirect_count == 20 {
        return blocked(&TOO_MANY_REDIRECTS);
    }
    // 8
    request.redirect_count += 1;
    let credentials = includes_credentials(&location_url);
    // 9 user information in "cors", to another origin.
    if request.mode == Mode::Cors && credentials && !request.is_same_origin_with(&location_url) {
        return blocked(&LOCATION_CREDENTIALS_CROSS_ORIGIN);
    }
    // 10 user information once tainted, also back to the page's own origin.
    if request.response_tainting == ResponseTainting::Cors && credentials {
        return blocked(&LOCATION_CREDENTIALS_TAINTED);
    }
    if agent.blocks_embedded_credentials && credentials {
        return blocked(&LOCATION_CREDENTIALS_TAINTED);
    }
    // 11 a stream cannot be sent again.
    if response.status != 303 && request.body == RequestBody::NullSource {
        return blocked(&BODY_NOT_REPLAYABLE);
    }
    // 12 the method becomes GET.
    let post = matches!(response.status, 301 | 302) && request.method == b"POST";
    let other = response.status == 303 && !matches!(request.method.as_slice(), b"GET" | b"HEAD");
    if post || other {
        // 12.1
        request.method = b"GET".to_vec();
        request.body = RequestBody::Null;
        // 12.2
        for name in REQUEST_BODY_HEADER_NAMES {
            request.headers.delete(name.as_bytes());
        }
    }
    // 13 another origin: `Authorization` goes.
    if !Origin::of_url(request.current_url()).is_of(&location_url) {
        let goes: Vec<Vec<u8>> = request
            .headers
            .iter()
            .filter(|header| is_cors_non_wildcard_request_header_name(&header.name))
            .map(|header| header.name.clone())
            .collect();
        for name in goes {
            request.headers.delete(&name);
        }
    }
    // 18. NOT MODELLED 14 (the body's bytes), 15 to 17 (timing).
    request.url_list.push(location_url);
    // NOT MODELLED 19 (`Referrer-Policy` of the response), 21 (navigation).
    // 20, 22
    main_fetch(fetching)
}

/// <https://fetch.spec.whatwg.org/#request-body-header-name>
const REQUEST_BODY_HEADER_NAMES: [&str; 4] =
    ["Content-Encoding", "Content-Language", "Content-Location", "Content-Type"];

pub(crate) static STEPS: &[&Step] = &[
    &LOCATION_INVALID,
    &LOCATION_SCHEME,
    &TOO_MANY_REDIRECTS,
    &LOCATION_CREDENTIALS_CROSS_ORIGIN,
    &LOCATION_CREDENTIALS_TAINTED,
    &BODY_NOT_REPLAYABLE,
];

const ALGORITHM: &str = "concept-http-redirect-fetch";
static LOCATION_INVALID: Step = Step { algorithm: ALGORITHM, slug: "location-invalid", number: "5" };
static LOCATION_SCHEME: Step =
    Step { algorithm: ALGORITHM, slug: "location-scheme-not-http", number: "6" };
static TOO_MANY_REDIRECTS: Step =
    Step { algorithm: ALGORITHM, slug: "too-many-redirects", number: "7" };
static LOCATION_CREDENTIALS_CROSS_ORIGIN: Step =
    Step { algorithm: ALGORITHM, slug: "location-credentials-cross-origin", number: "9" };
static LOCATION_CREDENTIALS_TAINTED: Step =
    Step { algorithm: ALGORITHM, slug: "location-credentials-tainted", number: "10" };
static BODY_NOT_REPLAYABLE: Step =
    Step { algorithm: ALGORITHM, slug: "body-not-replayable", number: "11" };
