//! Main fetch: <https://fetch.spec.whatwg.org/#concept-main-fetch>

use url::Url;

use crate::fetching::cors_preflight_cache::PreflightCache;
use crate::fetching::http_fetch::http_fetch;
use crate::http::extract::{Extracted, extract_header_list_values};
use crate::http::headers::HeaderList;
use crate::http::methods::is_cors_safelisted_method;
use crate::http::requests::{Mode, RedirectMode, Request, RequestBody, ResponseTainting};
use crate::http::responses::{
    Exposed, Response, ResponseType, basic_filtered_names, cors_filtered_names,
};
use crate::http::safelist::cors_unsafe_request_header_names;
use crate::network::Network;
use crate::origin::is_potentially_trustworthy;
use crate::trace::{BlockedAt, Event, HopTrace, Step, Trace};
use crate::user_agent::UserAgent;

/// What a fetch came to: what script sees of it, and why.
#[derive(Debug, Clone)]
pub struct Fetched {
    /// The type of the filtered response; `Error` for a network error.
    pub response_type: ResponseType,
    /// Its status; 0 where script sees none.
    pub status: u16,
    /// The header names that script can read, lower-case, sorted, each once; `None` for a network
    /// error.
    pub exposed_headers: Option<Vec<Vec<u8>>>,
    /// The story.
    pub trace: Trace,
}

/// [Fetches](https://fetch.spec.whatwg.org/#concept-fetch) a request over a network, with the
/// user agent's CORS-preflight cache.
pub fn fetch(
    agent: &UserAgent,
    cache: &mut PreflightCache,
    network: &mut dyn Network,
    request: Request,
) -> Fetched {
    let mut fetching = Fetching {
        agent,
        cache,
        network,
        request,
        hops: Vec::with_capacity(1),
        events: Vec::new(),
        granted: &SAME_ORIGIN,
    };
    let answer = main_fetch(&mut fetching);
    filter(fetching, answer)
}

/// A fetch under way: the fetch params, and the trace so far.
pub(crate) struct Fetching<'a> {
    pub(crate) agent: &'a UserAgent,
    pub(crate) cache: &'a mut PreflightCache,
    pub(crate) network: &'a mut dyn Network,
    pub(crate) request: Request,
    pub(crate) hops: Vec<HopTrace>,
    events: Vec<Event>,
    granted: &'static Step,
}

/// What the steps below main fetch give: a response that is not filtered yet, or a redirect that
/// is not followed.
pub(crate) enum Answer {
    Response(Response),
    OpaqueRedirect,
}

/// A network error, and the step that made it.
pub(crate) struct Blocked {
    pub(crate) at: BlockedAt,
    pub(crate) step: &'static Step,
}

impl Fetching<'_> {
    /// How many redirects were followed.
    pub(crate) fn hop(&self) -> usize {
        self.hops.len().saturating_sub(1)
    }

    /// Remembers a step that decided something on the way.
    pub(crate) fn event(&mut self, step: &'static Step) {
        let hop = self.hop();
        self.events.push(Event { hop, step });
    }

    /// Remembers the step that let the response through.
    pub(crate) fn grant(&mut self, step: &'static Step) {
        self.granted = step;
        self.event(step);
    }
}

impl Request {
    /// The [current URL](https://fetch.spec.whatwg.org/#concept-request-current-url).
    pub(crate) fn current_url(&self) -> &Url {
        match self.url_list.as_slice() {
            [.., current] => current,
            [] => unreachable!("a request is made with a URL, and none is ever taken away"),
        }
    }

    /// Whether the body is other than null.
    pub(crate) fn has_body(&self) -> bool {
        self.body != RequestBody::Null
    }
}

/// [Main fetch](https://fetch.spec.whatwg.org/#concept-main-fetch) up to step 13: with the first
/// URL, and recursively with each that a redirect leads to.
pub(crate) fn main_fetch(fetching: &mut Fetching<'_>) -> Result<Answer, Blocked> {
    let blocked = |step| Err(Blocked { at: BlockedAt::Fetch, step });
    let agent = fetching.agent;
    let request = &mut fetching.request;
    fetching.hops.push(HopTrace {
        url: request.current_url().clone(),
        method: request.method.clone(),
        preflight: None,
        actual: None,
    });
    // 7 bad port, mixed content. NOT MODELLED 3 (local URLs only), 4 and parts of 7 (CSP,
    // Integrity Policy), 5 and 6 (upgrades: not for requests of these APIs), 9 (`Referer`), 10
    // (HSTS, HTTPS records).
    if is_blocked_by_bad_port(request.current_url()) {
        return blocked(&BAD_PORT);
    }
    if is_blocked_as_mixed_content(request) {
        return blocked(&MIXED_CONTENT);
    }
    // 8 an empty referrer policy stands for the default.
    // 12 by the first statement that matches.
    // The page's own origin, and no other on the way; or `data:`.
    let url = request.current_url();
    let same_origin = request.is_same_origin_with(url)
        && request.response_tainting == ResponseTainting::Basic;
    let data = url.scheme() == "data";
    if same_origin || data {
        // 12.1, 12.2
        request.response_tainting = ResponseTainting::Basic;
        fetching.grant(if same_origin { &SAME_ORIGIN } else { &DATA_URL });
        return scheme_fetch(fetching);
    }
    // Mode "same-origin".
    if request.mode == Mode::SameOrigin {
        return blocked(&SAME_ORIGIN_MODE);
    }
    // Mode "no-cors".
    if request.mode == Mode::NoCors {
        // 12.1
        if request.redirect_mode != RedirectMode::Follow {
            return blocked(&NO_CORS_REDIRECT_MODE);
        }
        // 12.2, 12.3
        request.response_tainting = ResponseTainting::Opaque;
        fetching.grant(&NO_CORS);
        return scheme_fetch(fetching);
    }
    // A scheme that is not HTTP(S).
    if !matches!(url.scheme(), "http" | "https") {
        return blocked(&SCHEME_NOT_HTTP);
    }
    // The flag, or an unsafe method or header.
    let unsafe_names = cors_unsafe_request_header_names(agent, &request.headers);
    let is_unsafe = request.unsafe_request
        && (!is_cors_safelisted_method(&request.method) || !unsafe_names.is_empty());
    // 12.1 in both cases.
    request.response_tainting = ResponseTainting::Cors;
    if request.use_cors_preflight || is_unsafe {
        // 12.2
        let answer = http_fetch(fetching, Some(unsafe_names));
        // 12.3 a network error clears the cache.
        if answer.is_err() && !agent.keeps_cache_after_network_error {
            fetching.cache.clear(&fetching.request);
        }
        // 12.4
        return answer;
    }
    // Otherwise.
    // 12.2
    http_fetch(fetching, None)
}

/// [Scheme fetch](https://fetch.spec.whatwg.org/#concept-scheme-fetch).
///
/// NOT MODELLED: `about:`, `blob:` and `file:`: network errors here.
fn scheme_fetch(fetching: &mut Fetching<'_>) -> Result<Answer, Blocked> {
    match fetching.request.current_url().scheme() {
        "http" | "https" => http_fetch(fetching, None),
        // A data: URL answers itself, with the type that it names.
        "data" if fetching.request.current_url().path().contains(',') => {
            let headers = HeaderList::from_lines([("Content-Type", "text/plain")]);
            Ok(Answer::Response(Response::new(200, headers)))
        }
        _ => Err(Blocked { at: BlockedAt::Fetch, step: &SCHEME_NOT_FETCHED }),
    }
}

/// Main fetch from step 14: what script sees.
fn filter(fetching: Fetching<'_>, answer: Result<Answer, Blocked>) -> Fetched {
    let Fetching { agent, request, hops, mut events, granted, .. } = fetching;
    let hop = hops.len().saturating_sub(1);
    let (response_type, status, exposed_headers, blocked) = match answer {
        Err(blocked) => {
            events.push(Event { hop, step: blocked.step });
            (ResponseType::Error, 0, None, Some(blocked))
        }
        Ok(Answer::OpaqueRedirect) => (ResponseType::OpaqueRedirect, 0, Some(Vec::new()), None),
        Ok(Answer::Response(response)) => match request.response_tainting {
            // 14.2 NOT MODELLED 20 (MIME type and nosniff), 21 (range), 23 (integrity).
            ResponseTainting::Basic => {
                let names = basic_filtered_names(&response.headers);
                (ResponseType::Basic, response.status, Some(names), None)
            }
            ResponseTainting::Cors => {
                let exposed = cors_exposed_header_names(agent, &request, &response);
                let names = cors_filtered_names(&response.headers, &exposed);
                (ResponseType::Cors, response.status, Some(names), None)
            }
            ResponseTainting::Opaque => (ResponseType::Opaque, 0, Some(Vec::new()), None),
        },
    };
    let trace = Trace {
        hops,
        decided_by: blocked.as_ref().map_or(granted, |blocked| blocked.step),
        blocked_at: blocked.as_ref().map(|blocked| blocked.at),
        blocked_hop: blocked.map(|_| hop),
        events,
    };
    Fetched { response_type, status, exposed_headers, trace }
}

/// Step 14.1: the CORS-exposed header-name list.
fn cors_exposed_header_names(agent: &UserAgent, request: &Request, response: &Response) -> Exposed {
    const NAME: &[u8] = b"Access-Control-Expose-Headers";
    // 14.1.1
    match extract_header_list_values(NAME, &response.headers) {
        // 14.1.2 a wildcard, without credentials.
        Extracted::Values(names) if !request.includes() && names.iter().any(|n| n == b"*") => {
            Exposed::All
        }
        // 14.1.3 the names; with credentials `*` is one of them.
        Extracted::Values(names) => Exposed::Names(names),
        Extracted::Failure if agent.exposes_all_despite_failure && !request.includes() => {
            let star = |value: &[u8]| value.split(|b| *b == b',').any(|e| e.trim_ascii() == b"*");
            if response.headers.values(NAME).any(star) {
                Exposed::All
            } else {
                Exposed::Names(Vec::new())
            }
        }
        Extracted::Null | Extracted::Failure => Exposed::Names(Vec::new()),
    }
}

/// Whether a URL is [blocked due to a bad port](https://fetch.spec.whatwg.org/#block-bad-port).
fn is_blocked_by_bad_port(url: &Url) -> bool {
    matches!(url.scheme(), "http" | "https")
        && url.port().is_some_and(|port| BAD_PORTS.binary_search(&port).is_ok())
}

/// Whether a request is [blocked as mixed
/// content](https://w3c.github.io/webappsec-mixed-content/#should-block-fetch): the environment
/// is `https`, the URL is not trustworthy.
fn is_blocked_as_mixed_content(request: &Request) -> bool {
    request.origin.scheme() == Some("https") && !is_potentially_trustworthy(request.current_url())
        && matches!(request.current_url().scheme(), "http" | "ws" | "ftp")
}

/// <https://fetch.spec.whatwg.org/#port-blocking>
const BAD_PORTS: [u16; 83] = [
    0, 1, 7, 9, 11, 13, 15, 17, 19, 20, 21, 22, 23, 25, 37, 42, 43, 53, 69, 77, 79, 87, 95, 101, 102,
    103, 104, 109, 110, 111, 113, 115, 117, 119, 123, 135, 137, 139, 143, 161, 179, 389, 427, 465,
    512, 513, 514, 515, 526, 530, 531, 532, 540, 548, 554, 556, 563, 587, 601, 636, 989, 990, 993,
    995, 1719, 1720, 1723, 2049, 3659, 4045, 4190, 5060, 5061, 6000, 6566, 6665, 6666, 6667, 6668,
    6669, 6679, 6697, 10080,
];

pub(crate) static STEPS: &[&Step] = &[
    &BAD_PORT,
    &MIXED_CONTENT,
    &SAME_ORIGIN,
    &DATA_URL,
    &SAME_ORIGIN_MODE,
    &NO_CORS_REDIRECT_MODE,
    &NO_CORS,
    &SCHEME_NOT_HTTP,
    &SCHEME_NOT_FETCHED,
];

const ALGORITHM: &str = "concept-main-fetch";
static BAD_PORT: Step = Step { algorithm: ALGORITHM, slug: "bad-port", number: "7" };
static MIXED_CONTENT: Step = Step { algorithm: ALGORITHM, slug: "mixed-content", number: "7" };
static SAME_ORIGIN: Step = Step { algorithm: ALGORITHM, slug: "same-origin", number: "12" };
static DATA_URL: Step = Step { algorithm: ALGORITHM, slug: "data-url", number: "12" };
static SAME_ORIGIN_MODE: Step =
    Step { algorithm: ALGORITHM, slug: "cross-origin-in-same-origin-mode", number: "12" };
static NO_CORS_REDIRECT_MODE: Step =
    Step { algorithm: ALGORITHM, slug: "no-cors-redirect-mode-not-follow", number: "12" };
static NO_CORS: Step = Step { algorithm: ALGORITHM, slug: "no-cors", number: "12" };
static SCHEME_NOT_HTTP: Step =
    Step { algorithm: ALGORITHM, slug: "scheme-not-http", number: "12" };
static SCHEME_NOT_FETCHED: Step =
    Step { algorithm: "concept-scheme-fetch", slug: "scheme-not-fetched", number: "3" };
