//! The `Origin` header (Fetch §3.2): when it is sent, and when it says `null`.

use crate::http::requests::{Mode, ReferrerPolicy, Request, ResponseTainting};
use crate::origin::Origin;
use crate::user_agent::UserAgent;

/// <https://fetch.spec.whatwg.org/#append-a-request-origin-header>
///
/// Gives the value; the caller appends it to what it sends, which is a clone of the request.
/// `None`: no header. `was_sent` is whether an earlier hop had one.
pub fn request_origin_header<'a>(
    agent: &UserAgent,
    request: &'a Request,
    was_sent: bool,
) -> Option<&'a [u8]> {
    // 2. The origin, or null if redirects tainted it.
    let serialized_origin = request.byte_serialized_origin();
    // 3. Under the CORS protocol: always.
    if request.response_tainting == ResponseTainting::Cors {
        return Some(serialized_origin);
    }
    // 4. Else for all methods but two; or where a redirect took the method away, but not the header.
    let kept = agent.method_change_keeps_origin && was_sent;
    if matches!(request.method.as_slice(), b"GET" | b"HEAD") && !kept {
        return None;
    }
    // 4.1. Who did not ask for CORS may have the origin masked by the referrer policy.
    if request.mode != Mode::Cors && !agent.origin_ignores_referrer_policy && is_masked(request) {
        return Some(b"null");
    }
    // 4.2. As it is.
    Some(serialized_origin)
}

/// Step 4.1, by referrer policy.
fn is_masked(request: &Request) -> bool {
    let url = request.current_url();
    match request.referrer_policy {
        ReferrerPolicy::NoReferrer => true,
        ReferrerPolicy::NoReferrerWhenDowngrade
        | ReferrerPolicy::StrictOrigin
        | ReferrerPolicy::StrictOriginWhenCrossOrigin => {
            matches!(request.origin(), Origin::Tuple { scheme, .. } if scheme == "https")
                && url.scheme() != "https"
        }
        ReferrerPolicy::SameOrigin => !request.origin().is_same_origin_with_url(url),
        // Main fetch, step 8, has replaced the empty string.
        ReferrerPolicy::Empty
        | ReferrerPolicy::Origin
        | ReferrerPolicy::OriginWhenCrossOrigin
        | ReferrerPolicy::UnsafeUrl => false,
    }
}
