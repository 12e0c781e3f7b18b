//! HTTP fetch (Fetch §4.4): preflight or not, the answer, the CORS check, redirects.

use crate::fetching::cors_check::cors_check;
use crate::fetching::cors_preflight_fetch::cors_preflight_fetch;
use crate::fetching::fetch::{Answer, Blocked, FetchParams};
use crate::fetching::http_network_fetch::http_network_or_cache_fetch;
use crate::fetching::http_redirect_fetch::{LOCATION_INVALID, http_redirect_fetch};
use crate::fetching::main_fetch::{BASIC_RESPONSE, OPAQUE_RESPONSE};
use crate::http::methods::is_cors_safelisted_method;
use crate::http::requests::{RedirectMode, ResponseTainting};
use crate::http::resource_policy::cross_origin_resource_policy_check;
use crate::http::responses::{Location, Response, location_url};
use crate::http::statuses::is_redirect_status;
use crate::trace::{BlockedAt, Step};
use crate::user_agent::UserAgent;

const ALGORITHM: &str = "concept-http-fetch";

/// The preflight cache does not spare the preflight.
pub static PREFLIGHT_NEEDED: Step = Step::fetch(ALGORITHM, "4.1", "preflight-needed");
/// The preflight cache spares it.
pub static PREFLIGHT_SPARED: Step = Step::fetch(ALGORITHM, "4.1", "preflight-spared");
/// A redirect, and the redirect mode is `error`.
pub static REDIRECT_MODE_ERROR: Step = Step::fetch(ALGORITHM, "6.3a.1", "redirect-mode-error");
/// A redirect, and the redirect mode is `manual`.
pub static REDIRECT_MODE_MANUAL: Step = Step::fetch(ALGORITHM, "6.3b.2", "redirect-mode-manual");

/// Whether main fetch asks for a preflight.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum MakeCorsPreflight {
    Yes,
    No,
}

/// <https://fetch.spec.whatwg.org/#concept-http-fetch>
///
/// NOT MODELLED 3, 4.2 (service workers): there is none.
///
/// NOT MODELLED 4.5, 6.1, 6.2, 6.3b.1, 6.3c.1 (timing, navigations, connections, WebDriver): none has a
/// say in CORS.
///
/// # Errors
/// When it returns a network error.
pub(crate) fn http_fetch(
    params: &mut FetchParams<'_>,
    make_cors_preflight: MakeCorsPreflight,
) -> Result<Answer, Blocked> {
    let blocked_at = |at| move |step| Blocked { step, at };
    // 1, 2. The request; no response so far.
    // 4.1. A preflight, unless the cache has what it would ask for.
    if make_cors_preflight == MakeCorsPreflight::Yes {
        if needs_preflight(params) {
            params.tell(&PREFLIGHT_NEEDED);
            // 4.1.1, 4.1.2. If it fails, nothing else is sent.
            cors_preflight_fetch(params)?;
        } else {
            params.tell(&PREFLIGHT_SPARED);
        }
        // Some user agents remember that for the hops to come.
        params.needed_preflight = true;
    }
    // 4.3. The request itself.
    let response = http_network_or_cache_fetch(params).map_err(blocked_at(BlockedAt::Actual))?;
    let request = &params.request;
    let granted_by = match request.response_tainting {
        // 4.4. The CORS check, whatever the status.
        ResponseTainting::Cors => {
            let granted_by = cors_check(params.agent, request, &response)
                .map_err(blocked_at(BlockedAt::Actual))?;
            params.tell(granted_by);
            granted_by
        }
        // 5. What script may not look at still has to be meant for its page.
        ResponseTainting::Opaque => {
            cross_origin_resource_policy_check(request.origin(), request.current_url(), &response)
                .map_err(blocked_at(BlockedAt::Actual))?;
            &OPAQUE_RESPONSE
        }
        ResponseTainting::Basic => &BASIC_RESPONSE,
    };
    // 6. A redirect, by redirect mode.
    if is_redirect_status(response.status) && counts_as_redirect(params.agent, &response) {
        return match params.request.redirect_mode {
            // 6.3a.1. Not wanted.
            RedirectMode::Error => Err(blocked_at(BlockedAt::Redirect)(&REDIRECT_MODE_ERROR)),
            RedirectMode::Manual if does_not_parse(params, &response) => {
                Err(blocked_at(BlockedAt::Redirect)(&LOCATION_INVALID))
            }
            // 6.3b.2. Handed out, but opaque.
            RedirectMode::Manual => {
                params.tell(&REDIRECT_MODE_MANUAL);
                Ok(Answer { response, is_opaque_redirect: true, granted_by })
            }
            // 6.3c.2. On to where it points.
            RedirectMode::Follow => http_redirect_fetch(params, response, granted_by),
        };
    }
    // 7. That is the response.
    Ok(Answer { response, is_opaque_redirect: false, granted_by })
}

/// Whether the status alone makes a redirect, as in the Standard, or there is more to it.
fn counts_as_redirect(agent: &UserAgent, response: &Response) -> bool {
    !agent.redirect_needs_location || response.headers.contains(b"Location")
}

/// Whether a `Location` that nobody is going to follow is an error all the same.
fn does_not_parse(params: &FetchParams<'_>, response: &Response) -> bool {
    params.agent.unfollowed_location_must_parse
        && matches!(
            location_url(params.agent, response, params.request.current_url()),
            Location::Failure
        )
}

/// The conditions of step 4.1.
fn needs_preflight(params: &mut FetchParams<'_>) -> bool {
    let now = params.network.now();
    params.cache.remove_expired(now);
    let (agent, cache, request) = (params.agent, &*params.cache, &params.request);
    let method = request.method.as_slice();
    // An unsafe or flagged method that the cache does not have.
    let flagged =
        request.use_cors_preflight || (agent.preflight_need_is_sticky && params.needed_preflight);
    let method_needs_it = (!is_cors_safelisted_method(method) || flagged)
        && !cache.method_matches(agent, request, method);
    // Or an unsafe header name that it does not have.
    method_needs_it
        || params.unsafe_names.iter().any(|name| !cache.header_name_matches(agent, request, name))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::requests::CredentialsMode;
    use crate::http::responses::ResponseType;
    use crate::scene::{ANY, OWN, PAGE, Scene, WITH, to};

    const B: &str = "https://b.example";

    #[test]
    fn the_check_is_the_same_for_every_status() {
        for status in [200, 204, 206, 299, 300, 304, 305, 306, 400, 401, 403, 404, 500, 600, 999] {
            let fetched = Scene::get(B).answer(status, &[ANY]).run();
            assert_eq!((fetched.response_type, fetched.status), (ResponseType::Cors, status));
            assert_eq!(
                Scene::get(B).answer(status, &[]).decided(),
                "allow-origin-missing",
                "{status}"
            );
        }
    }

    #[test]
    fn a_redirect_has_to_pass_the_check_before_it_is_anything_else() {
        for mode in [RedirectMode::Follow, RedirectMode::Manual, RedirectMode::Error] {
            for status in [301, 302, 303, 307, 308] {
                let scene = Scene::get(B).redirect(mode).answer(status, &[to("/x")]);
                assert_eq!(scene.decided(), "allow-origin-missing");
            }
        }
    }

    #[test]
    fn manual_hands_a_redirect_out_and_error_fails_on_it() {
        for url in [B, PAGE] {
            for location in [&[ANY, to("/x")][..], &[ANY], &[ANY, to("http://["), to("x")]] {
                let scene = |mode| Scene::get(url).redirect(mode).answer(307, location).run();
                let manual = scene(RedirectMode::Manual);
                assert_eq!(
                    (manual.response_type, manual.status),
                    (ResponseType::OpaqueRedirect, 0)
                );
                assert_eq!(manual.exposed_headers, Some(Vec::new()));
                assert!(
                    manual.trace.events.iter().any(|event| event.step == &REDIRECT_MODE_MANUAL)
                );
                let error = scene(RedirectMode::Error);
                assert_eq!(error.trace.decided_by, &REDIRECT_MODE_ERROR);
                assert_eq!(error.trace.blocked_at, Some(BlockedAt::Redirect));
            }
        }
        assert_eq!(
            Scene::get(B).redirect(RedirectMode::Error).answer(304, &[ANY]).run().status,
            304
        );
    }

    #[test]
    fn credentials_go_always_never_or_while_all_is_own() {
        use CredentialsMode::{Include, Omit, SameOrigin};
        for (mode, own, foreign) in
            [(Omit, false, false), (SameOrigin, true, false), (Include, true, true)]
        {
            for (url, expected) in [(PAGE, own), (B, foreign)] {
                let mut scene = Scene::get(url).credentials(mode).answer(200, &[OWN, WITH]);
                let (fetched, sent) = scene.watch();
                assert_eq!(sent[0].credentials, expected, "{mode:?} {url}");
                assert_eq!(fetched.trace.hops[0].actual.as_ref().unwrap().credentials, expected);
            }
        }
    }

    #[test]
    fn credentials_stop_at_the_first_foreign_url() {
        let mut scene = Scene::get(PAGE)
            .answer(302, &[to("https://b.example/")])
            .answer(302, &[ANY, to("https://a.example/")])
            .answer(200, &[ANY]);
        let (fetched, sent) = scene.watch();
        assert_eq!(fetched.response_type, ResponseType::Cors);
        let credentials: Vec<_> = sent.iter().map(|sent| sent.credentials).collect();
        assert_eq!(credentials, [true, false, false]);
    }

    #[test]
    fn a_body_is_sent_once_the_preflight_is_through() {
        let mut scene = Scene::send("PUT", B)
            .text()
            .preflight(204, &[ANY, ("Access-Control-Allow-Methods", "PUT")]);
        let (_, sent) = scene.watch();
        assert_eq!(sent.iter().map(|sent| sent.body).collect::<Vec<_>>(), [false, true]);
        assert_eq!(sent[1].headers.get(b"content-type").unwrap(), b"text/plain;charset=UTF-8");
    }
}
