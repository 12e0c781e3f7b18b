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
    // 1. The origin is there since the request was constructed.
    // 2. The origin, or null if redirects tainted it.
    let serialized_origin = request.byte_serialized_origin();
    // 3. Under the CORS protocol, and in handshakes: always.
    if request.response_tainting == ResponseTainting::Cors || request.mode == Mode::WebSocket {
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
        // 4.1a. Always.
        ReferrerPolicy::NoReferrer => true,
        // 4.1b. From a secure page to an insecure URL.
        ReferrerPolicy::NoReferrerWhenDowngrade
        | ReferrerPolicy::StrictOrigin
        | ReferrerPolicy::StrictOriginWhenCrossOrigin => {
            matches!(request.origin(), Origin::Tuple { scheme, .. } if scheme == "https")
                && url.scheme() != "https"
        }
        // 4.1c. Away from the page's own origin.
        ReferrerPolicy::SameOrigin => !request.origin().is_same_origin_with_url(url),
        // 4.1d. Never. The empty string is there for form's sake: main fetch has replaced it.
        ReferrerPolicy::Empty
        | ReferrerPolicy::Origin
        | ReferrerPolicy::OriginWhenCrossOrigin
        | ReferrerPolicy::UnsafeUrl => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scene::{ANY, PAGE, Scene, to};

    #[test]
    fn under_cors_it_is_always_sent() {
        for method in ["GET", "HEAD", "POST"] {
            assert_eq!(Scene::send(method, "https://b.example").origins(), [PAGE]);
        }
        assert_eq!(Scene::get("https://a.example").page("null").origins(), ["null"]);
    }

    #[test]
    fn to_the_own_origin_get_and_head_do_without() {
        for (method, expected) in
            [("GET", "-"), ("HEAD", "-"), ("POST", PAGE), ("PUT", PAGE), ("OPTIONS", PAGE)]
        {
            assert_eq!(Scene::send(method, PAGE).origins(), [expected], "{method}");
            let same_origin = Scene::send(method, PAGE).mode(Mode::SameOrigin).origins();
            assert_eq!(same_origin, [expected], "{method}");
        }
        assert_eq!(Scene::get("https://b.example").mode(Mode::NoCors).origins(), ["-"]);
    }

    #[test]
    fn the_referrer_policy_masks_it_where_nobody_asked_for_cors() {
        use ReferrerPolicy as P;
        let all = [
            P::Empty,
            P::NoReferrer,
            P::NoReferrerWhenDowngrade,
            P::SameOrigin,
            P::Origin,
            P::StrictOrigin,
            P::OriginWhenCrossOrigin,
            P::StrictOriginWhenCrossOrigin,
            P::UnsafeUrl,
        ];
        let masked = |page: &str, url: &str, mode| -> Vec<P> {
            let origin =
                |policy| Scene::send("POST", url).page(page).mode(mode).policy(policy).origins();
            all.into_iter().filter(|policy| origin(*policy) == ["null"]).collect()
        };
        let foreign = [P::NoReferrer, P::SameOrigin];
        assert_eq!(masked(PAGE, "https://b.example", Mode::NoCors), foreign);
        assert_eq!(masked("http://a.example", "http://b.example", Mode::NoCors), foreign);
        assert_eq!(masked(PAGE, PAGE, Mode::SameOrigin), [P::NoReferrer]);
        assert_eq!(masked(PAGE, PAGE, Mode::NoCors), [P::NoReferrer]);
        assert_eq!(masked(PAGE, PAGE, Mode::Cors), []);
        assert_eq!(masked(PAGE, "https://b.example", Mode::Cors), []);
        // From a secure page to an insecure URL, which only the machine itself may have.
        let downgraded = [
            P::Empty,
            P::NoReferrer,
            P::NoReferrerWhenDowngrade,
            P::SameOrigin,
            P::StrictOrigin,
            P::StrictOriginWhenCrossOrigin,
        ];
        assert_eq!(masked(PAGE, "http://localhost", Mode::NoCors), downgraded);
    }

    #[test]
    fn a_redirect_may_bring_another_policy() {
        let scene = |value: &str| {
            Scene::send("POST", PAGE)
                .mode(Mode::SameOrigin)
                .answer(307, &[to("/next"), ("Referrer-Policy", value)])
                .answer(200, &[])
                .origins()
        };
        assert_eq!(scene("unsafe-url, no-referrer"), [PAGE, "null"]);
        assert_eq!(scene("no-referrer, unknown"), [PAGE, "null"]);
        for other in ["no-referrer, origin", "", "no-referrer, b@d", "NO-REFERRER"] {
            assert_eq!(scene(other), [PAGE, PAGE], "{other}");
        }
    }

    #[test]
    fn taint_makes_it_null() {
        let scene = Scene::get("https://b.example").answer(302, &[ANY, to("https://c.example")]);
        assert_eq!(scene.answer(200, &[ANY]).origins(), [PAGE, "null"]);
        let scene = Scene::send("POST", "https://b.example").mode(Mode::NoCors);
        assert_eq!(
            scene.answer(307, &[to("https://c.example")]).answer(200, &[]).origins(),
            [PAGE, "null"]
        );
    }
}
