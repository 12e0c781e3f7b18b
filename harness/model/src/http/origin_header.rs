//! The `Origin` header: <https://fetch.spec.whatwg.org/#origin-header>

use url::Url;

use crate::http::requests::{Mode, ReferrerPolicy, Request, ResponseTainting};
use crate::user_agent::UserAgent;

/// The value that [appending a request `Origin`
/// header](https://fetch.spec.whatwg.org/#append-a-request-origin-header) would append; `None`:
/// no header is appended. The caller has a clone of the request's headers, so that it does not
/// reach the next hop.
pub(crate) fn request_origin_header(
    agent: &UserAgent,
    request: &Request,
    current: &Url,
) -> Option<Vec<u8>> {
    // 3 tainting "cors". NOT MODELLED "websocket", "webtransport".
    if request.response_tainting == ResponseTainting::Cors {
        // 2
        return Some(request.byte_serialized_origin());
    }
    // 4 any other method than GET and HEAD.
    if matches!(request.method.as_slice(), b"GET" | b"HEAD") {
        return None;
    }
    // 4.1 outside "cors" the referrer policy may hide it.
    if request.mode != Mode::Cors
        && !agent.sends_origin_despite_referrer_policy
        && is_hidden_by_referrer_policy(request, current)
    {
        return Some(b"null".to_vec());
    }
    // 4.2
    Some(request.byte_serialized_origin())
}

fn is_hidden_by_referrer_policy(request: &Request, current: &Url) -> bool {
    match request.referrer_policy {
        ReferrerPolicy::NoReferrer => true,
        ReferrerPolicy::NoReferrerWhenDowngrade
        | ReferrerPolicy::StrictOrigin
        | ReferrerPolicy::StrictOriginWhenCrossOrigin
        // Main fetch's step 8 has replaced the empty string by the default.
        | ReferrerPolicy::Empty => {
            request.origin.scheme() == Some("https") && current.scheme() != "https"
        }
        ReferrerPolicy::SameOrigin => !request.is_same_origin_with(current),
        ReferrerPolicy::Origin
        | ReferrerPolicy::OriginWhenCrossOrigin
        | ReferrerPolicy::UnsafeUrl => false,
    }
}
