//! CORS-preflight fetch: <https://fetch.spec.whatwg.org/#cors-preflight-fetch-0>

use std::time::Duration;

use crate::fetching::cors_check::cors_check;
use crate::fetching::http_fetch::NO_ANSWER;
use crate::fetching::main_fetch::{Blocked, Fetching};
use crate::http::extract::{Extracted, extract_header_list_values};
use crate::http::headers::HeaderList;
use crate::http::methods::is_cors_safelisted_method;
use crate::http::responses::Response;
use crate::http::safelist::is_cors_non_wildcard_request_header_name;
use crate::http::statuses::is_ok_status;
use crate::network::NetworkRequest;
use crate::trace::{BlockedAt, PreflightTrace, Step};

/// [CORS-preflight fetch](https://fetch.spec.whatwg.org/#cors-preflight-fetch-0): asks, judges the
/// answer for the request itself, and remembers it.
pub(crate) fn cors_preflight_fetch(
    fetching: &mut Fetching<'_>,
    unsafe_names: &[Vec<u8>],
) -> Result<(), Blocked> {
    let blocked = |step| Blocked { at: BlockedAt::Preflight, step };
    // 1 to 6
    let response = ask(fetching, unsafe_names)?;
    // 7 the CORS check is that of the request itself: its credentials mode counts.
    let granted = cors_check(&fetching.request, &response).map_err(blocked)?;
    fetching.event(granted);
    // 7, 8 the status.
    if !is_ok_status(response.status) {
        return Err(blocked(&STATUS_NOT_OK));
    }
    // 7.1
    let methods = extract_header_list_values(b"Access-Control-Allow-Methods", &response.headers);
    // 7.2
    let header_names =
        extract_header_list_values(b"Access-Control-Allow-Headers", &response.headers);
    // 7.3 one of them does not parse, needed or not.
    if methods == Extracted::Failure {
        return Err(blocked(&ALLOW_METHODS_INVALID));
    }
    if header_names == Extracted::Failure {
        return Err(blocked(&ALLOW_HEADERS_INVALID));
    }
    let request = &fetching.request;
    // 7.4 no methods, and the flag asked: the request's own.
    let methods = match methods {
        Extracted::Null
            if request.use_cors_preflight && !fetching.agent.absent_methods_grant_nothing =>
        {
            vec![request.method.clone()]
        }
        methods => methods.into_values(),
    };
    let header_names = header_names.into_values();
    let wildcard = |values: &[Vec<u8>]| !request.includes() && values.iter().any(|v| v == b"*");
    // 7.5 method neither listed, safelisted nor covered by a wildcard.
    if !methods.contains(&request.method)
        && !is_cors_safelisted_method(&request.method)
        && !wildcard(&methods)
    {
        return Err(blocked(&METHOD_NOT_ALLOWED));
    }
    let lists = |name: &[u8]| header_names.iter().any(|listed| listed.eq_ignore_ascii_case(name));
    // 7.6 `Authorization`, not listed by name.
    let covered = fetching.agent.wildcard_covers_authorization && wildcard(&header_names);
    let unlisted = |name: &[u8]| is_cors_non_wildcard_request_header_name(name) && !lists(name);
    if !covered && request.headers.iter().any(|header| unlisted(&header.name)) {
        return Err(blocked(&AUTHORIZATION_NOT_LISTED));
    }
    // 7.7 an unsafe name neither listed nor covered by a wildcard.
    if !unsafe_names.iter().all(|name| lists(name)) && !wildcard(&header_names) {
        return Err(blocked(&HEADER_NOT_ALLOWED));
    }
    // 7.8, 7.9, 7.10
    let max_age = max_age(fetching, &response);
    // 7.12 to 7.15. NOT MODELLED 7.11 (no cache): all user agents have one.
    let now = fetching.network.now();
    let (agent, request) = (fetching.agent, &fetching.request);
    fetching.cache.store(agent, request, methods, header_names, max_age, now);
    // 7.16
    Ok(())
}

/// Steps 1 to 6: makes the CORS-preflight request and sends it.
fn ask(fetching: &mut Fetching<'_>, unsafe_names: &[Vec<u8>]) -> Result<Response, Blocked> {
    let request = &fetching.request;
    // 1 `OPTIONS`, with the same URL list and so the same taint; mode and tainting "cors".
    let mut headers = HeaderList::new();
    // 2
    headers.append(b"Accept", b"*/*");
    // 3
    headers.append(b"Access-Control-Request-Method", &request.method);
    // 4, 5 names joined by a comma alone.
    let names = (!unsafe_names.is_empty()).then(|| unsafe_names.join(&b","[..]));
    if let Some(names) = &names {
        headers.append(b"Access-Control-Request-Headers", names);
    }
    let origin = request.byte_serialized_origin();
    headers.append(b"Origin", &origin);
    let method = request.method.clone();
    // 6 never with credentials: the preflight's own credentials mode is "same-origin", its
    // tainting "cors".
    let answer = fetching.network.fetch(&NetworkRequest {
        url: fetching.request.current_url(),
        method: b"OPTIONS",
        headers: &headers,
        body: false,
        credentials: false,
        preflight: true,
        hop: fetching.hop(),
    });
    if let Some(hop) = fetching.hops.last_mut() {
        hop.preflight = Some(PreflightTrace { method, headers: names, origin: Some(origin) });
    }
    answer.map_err(|_| Blocked { at: BlockedAt::Preflight, step: &NO_ANSWER })
}

/// Steps 7.8 to 7.10.
fn max_age(fetching: &Fetching<'_>, response: &Response) -> Duration {
    const NAME: &[u8] = b"Access-Control-Max-Age";
    let agent = fetching.agent;
    // 7.8
    let seconds = match extract_header_list_values(NAME, &response.headers) {
        Extracted::Values(values) => values.first().map_or(5, |digits| saturating_seconds(digits)),
        Extracted::Failure if agent.negative_max_age_is_zero && is_negative(response) => 0,
        Extracted::Failure
            if agent.repeated_max_age_is_zero && response.headers.values(NAME).nth(1).is_some() =>
        {
            0
        }
        // 7.9
        Extracted::Failure | Extracted::Null => 5,
    };
    let max_age = Duration::from_secs(seconds);
    // 7.10
    agent.max_age_cap.map_or(max_age, |cap| max_age.min(cap))
}

fn is_negative(response: &Response) -> bool {
    let mut values = response.headers.values(b"Access-Control-Max-Age");
    values.next().is_some_and(|value| value.starts_with(b"-"))
}

/// Digits as seconds; more than fit are as many as fit.
fn saturating_seconds(digits: &[u8]) -> u64 {
    digits.iter().fold(0_u64, |seconds, digit| {
        seconds.saturating_mul(10).saturating_add(u64::from(digit.saturating_sub(b'0')))
    })
}

impl Extracted {
    /// The values; none for null.
    fn into_values(self) -> Vec<Vec<u8>> {
        match self {
            Self::Values(values) => values,
            Self::Null | Self::Failure => Vec::new(),
        }
    }
}

pub(crate) static STEPS: &[&Step] = &[
    &STATUS_NOT_OK,
    &ALLOW_METHODS_INVALID,
    &ALLOW_HEADERS_INVALID,
    &METHOD_NOT_ALLOWED,
    &AUTHORIZATION_NOT_LISTED,
    &HEADER_NOT_ALLOWED,
];

const ALGORITHM: &str = "cors-preflight-fetch-0";
static STATUS_NOT_OK: Step = Step { algorithm: ALGORITHM, slug: "status-not-ok", number: "8" };
static ALLOW_METHODS_INVALID: Step =
    Step { algorithm: ALGORITHM, slug: "allow-methods-invalid", number: "7.3" };
static ALLOW_HEADERS_INVALID: Step =
    Step { algorithm: ALGORITHM, slug: "allow-headers-invalid", number: "7.3" };
static METHOD_NOT_ALLOWED: Step =
    Step { algorithm: ALGORITHM, slug: "method-not-allowed", number: "7.5" };
static AUTHORIZATION_NOT_LISTED: Step =
    Step { algorithm: ALGORITHM, slug: "authorization-not-listed", number: "7.6" };
static HEADER_NOT_ALLOWED: Step =
    Step { algorithm: ALGORITHM, slug: "header-not-allowed", number: "7.7" };
