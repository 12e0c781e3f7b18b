//! HTTP-network-or-cache fetch and HTTP-network fetch (Fetch §4.6, §4.7): what goes to the network.

use crate::fetching::fetch::FetchParams;
use crate::fetching::local_network_access::local_network_access_check;
use crate::http::origin_header::request_origin_header;
use crate::http::requests::{CredentialsMode, Mode, Request, RequestBody, ResponseTainting};
use crate::http::responses::Response;
use crate::http::statuses::is_interim_status;
use crate::network::{Network, NetworkRequest};
use crate::trace::{ActualTrace, Step};
use crate::user_agent::UserAgent;

/// A proxy asks for credentials, and there is nobody to ask.
pub static PROXY_AUTHENTICATION: Step =
    Step::fetch("concept-http-network-or-cache-fetch", "16.1", "proxy-authentication");
/// Nobody answers, or nothing but interim responses comes.
pub static NO_ANSWER: Step = Step::fetch("concept-http-network-fetch", "8.1", "no-answer");

/// <https://fetch.spec.whatwg.org/#concept-http-network-or-cache-fetch>
///
/// NOT MODELLED 5 to 7 (the HTTP cache): left to the network.
///
/// NOT MODELLED 8.4 (embedder policies): an environment has none.
///
/// NOT MODELLED 8.5 to 8.10 (lengths, keepalive): they have no say in CORS.
///
/// NOT MODELLED 8.11 (`Referer`): an environment has an origin, but no URL.
///
/// NOT MODELLED 8.13 to 8.20, 8.22 (Fetch metadata, `Sec-Purpose`, `User-Agent`, cache modes, what
/// HTTP adds, proxies): left to the network.
///
/// NOT MODELLED 8.23 to 8.26, 9, 10, 11.1, 11.3 to 11.5, 12 to 14 (WebDriver, the HTTP cache, flags of
/// the response): left to the network, which answers as if it had no cache or had used it; a 304
/// that only validates never gets here.
///
/// NOT MODELLED 15, 16.2 to 16.5, 17, 18 (authentication, retry of a 421): nobody can be prompted, so
/// a 401 is an answer like any other; connections are the network's.
///
/// # Errors
/// Names the step that makes it a network error.
pub(crate) fn http_network_or_cache_fetch(
    params: &mut FetchParams<'_>,
) -> Result<Response, &'static Step> {
    let agent = params.agent;
    let hop = params.hop();
    may_connect(agent, params.network, &params.request)?;
    // 1 to 4. The request; neither one to send nor a response so far.
    let request = &mut params.request;
    // 8.3. Credentials: always, or while everything is the page's own.
    let include_credentials = match request.credentials_mode {
        CredentialsMode::Include => true,
        CredentialsMode::SameOrigin => request.response_tainting == ResponseTainting::Basic,
        CredentialsMode::Omit => false,
    };
    // 8.1, 8.2.1 to 8.2.3, 8.12. The Origin header goes into what is sent, not into the request.
    let length = request.headers.len();
    let origin = request_origin_header(agent, request, params.sent_origin).map(<[u8]>::to_vec);
    if let Some(origin) = &origin {
        request.headers.append(b"Origin", origin);
        params.sent_origin = true;
    }
    // 8.21.1, 8.21.2.1 to 8.21.2.4. Cookies and the like are left to the network, which is told
    // whether they go.
    let network_request = NetworkRequest {
        url: &request.url_list.current,
        method: &request.method,
        headers: &request.headers,
        body: request.body != RequestBody::Null,
        credentials: include_credentials,
        preflight: false,
        hop,
    };
    // 11.2. Over the network.
    let response = http_network_fetch(params.network, request.mode, &network_request);
    request.headers.truncate(length);
    if let Some(hop) = params.hops.last_mut() {
        hop.actual = Some(ActualTrace { origin, credentials: include_credentials });
    }
    // 19. That is the response.
    response
}

/// <https://fetch.spec.whatwg.org/#concept-http-network-fetch>
///
/// NOT MODELLED 2, 5 to 7, 8.3, 8.5.1 to 8.5.6, 8.5b.1, 8.5b.2, 8.5c.1, 8.5c.2 (connections): the
/// network's. It may know only HTTP/1, and then does not answer where a stream is to be sent.
///
/// NOT MODELLED 4, 8.2, 8.4, 9 to 18 (timing, cancelling, bodies, cookies that are set): none has a say
/// in CORS.
///
/// # Errors
/// Names the step that makes it a network error.
pub(crate) fn http_network_fetch(
    network: &mut dyn Network,
    mode: Mode,
    request: &NetworkRequest<'_>,
) -> Result<Response, &'static Step> {
    // 1, 3. The request; no response so far.
    match network.fetch(request) {
        // 8.1. Nobody is there,
        Err(_) => Err(&NO_ANSWER),
        // 8.5. or says anything final; to a handshake, a switch of protocols is.
        Ok(response) if response.status == 101 && mode == Mode::WebSocket => Ok(response),
        // 8.1. Or says nothing else.
        Ok(response) if is_interim_status(response.status) => Err(&NO_ANSWER),
        // concept-http-network-or-cache-fetch 16.1. For preflights and requests alike: there is no
        // traversable to prompt in.
        Ok(response) if response.status == 407 => Err(&PROXY_AUTHENTICATION),
        // 19. That is the response.
        Ok(response) => Ok(response),
    }
}

/// <https://wicg.github.io/local-network-access/#fetching>: what HTTP-network fetch asks of a connection,
/// here before anything is put together for it.
///
/// # Errors
/// Names the step that makes it a network error.
pub(crate) fn may_connect(
    agent: &UserAgent,
    network: &dyn Network,
    request: &Request,
) -> Result<(), &'static Step> {
    match network.address(request.current_url()) {
        Some(address) if agent.local_network_access => local_network_access_check(request, address),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use crate::scene::{ANY, PAGE, Scene, methods};
    use crate::trace::BlockedAt;

    #[test]
    fn an_answer_that_is_not_final_is_none() {
        for status in [100, 101, 103, 199] {
            let fetched = Scene::get("https://b.example").answer(status, &[ANY]).run();
            assert_eq!(fetched.trace.decided_by.slug, "no-answer", "{status}");
            let preflight =
                Scene::send("PUT", PAGE).page("null").preflight(status, &[ANY, methods("PUT")]);
            assert_eq!(preflight.decided(), "no-answer");
        }
        let fetched = Scene::get(PAGE).run();
        assert_eq!(
            (fetched.trace.decided_by.slug, fetched.trace.blocked_at),
            ("no-answer", Some(BlockedAt::Actual))
        );
    }

    #[test]
    fn a_proxy_s_demand_is_an_error() {
        for url in [PAGE, "https://b.example"] {
            assert_eq!(Scene::get(url).answer(407, &[ANY]).decided(), "proxy-authentication");
        }
        let preflight =
            Scene::send("PUT", "https://b.example").preflight(407, &[ANY, methods("PUT")]);
        assert_eq!(preflight.decided(), "proxy-authentication");
    }

    #[test]
    fn the_origin_header_does_not_stay_in_the_request() {
        let mut scene =
            Scene::send("POST", PAGE).answer(302, &[("Location", "/next")]).answer(200, &[]);
        let (_, sent) = scene.watch();
        let has_origin: Vec<_> = sent.iter().map(|sent| sent.headers.contains(b"Origin")).collect();
        assert_eq!(has_origin, [true, false]);
    }
}
