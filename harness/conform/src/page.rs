//! The page that makes a call: the model plays its browser, over answers that are there already.

use std::sync::LazyLock;
use std::time::Duration;

use corsproof_model::{
    Environment, Fetched, Network, NetworkError, NetworkRequest, Origin, PreflightCache, Request,
    Response, UserAgent, construct, fetch,
};

use crate::byte_string::HeaderLine;
use crate::case::Credentials;
use crate::encode;
use crate::intent::server_origin;
use crate::observe::{Exchange, WireRequest, WireResponse};
use crate::server_case::{AskedForm, BoundCall, SERVER_ORIGIN, Wire};

/// A call that a browser can make.
#[derive(Debug)]
pub struct Page {
    /// Where the page is from.
    pub origin: Origin,
    /// The request as the API constructed it.
    pub request: Request,
    /// Its credentials mode.
    pub credentials: Credentials,
}

impl Page {
    /// `None` where no browser has such a page, the API throws, or the call goes out bare.
    pub fn of(call: &BoundCall) -> Option<Self> {
        if call.wire.bare {
            return None;
        }
        let environment = Environment::new(call.origin.producible.clone()?);
        let init = encode::request_init(&call.request).ok()?;
        let request = construct(&BROWSER, &environment, &init).ok()?;
        Some(Self { origin: environment.origin, request, credentials: call.request.credentials })
    }

    /// What the browser makes of these answers.
    pub fn browse(&self, recorded: &[Exchange]) -> Fetched {
        self.go_on(&mut Recorded { answers: recorded.iter(), wanted: None })
    }

    /// What the browser does after these answers.
    pub fn turn(&self, recorded: &[Exchange]) -> Turn {
        let mut network = Recorded { answers: recorded.iter(), wanted: None };
        let fetched = self.go_on(&mut network);
        network.wanted.map_or_else(|| Turn::Ends(Box::new(fetched)), Turn::Sends)
    }

    fn go_on(&self, network: &mut Recorded<'_>) -> Fetched {
        let mut cache = PreflightCache::default();
        fetch(&BROWSER, &mut cache, network, self.request.clone())
    }
}

static BROWSER: LazyLock<UserAgent> = LazyLock::new(UserAgent::spec);

/// What a browser does next.
#[derive(Debug)]
pub enum Turn {
    /// It sends this.
    Sends(Wanted),
    /// It has what it needs, which is what [`Page::browse`] makes of the same answers.
    Ends(Box<Fetched>),
}

/// A request that the browser would send.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wanted {
    /// As a browser sends it to a server that it knows by this name.
    pub request: WireRequest,
    /// Whether it is a preflight.
    pub preflight: bool,
}

impl Wanted {
    fn of(request: &NetworkRequest<'_>) -> Self {
        let mut headers = vec![("Host".into(), host().into())];
        let lines = request.headers.iter();
        headers.extend(lines.map(|line| (line.name.clone().into(), line.value.clone().into())));
        // A cookie stands for all credentials.
        if request.credentials {
            headers.push(("Cookie".into(), "session=1".into()));
        }
        let request_line = WireRequest {
            method: request.method.into(),
            target: target(request.url.as_str()).into(),
            headers,
            body: request.body,
            http2: false,
        };
        Self { request: request_line, preflight: request.preflight }
    }

    /// The request with what differs on this wire.
    pub fn over(self, wire: &Wire) -> WireRequest {
        let mut request = self.request;
        request.http2 = wire.http2;
        if let Some(host) = &wire.host {
            let hosts = request.headers.iter_mut().filter(|(name, _)| *name == *"Host");
            hosts.for_each(|(_, value)| value.clone_from(host));
        }
        if self.preflight {
            if wire.asked != AskedForm::AsBrowsersDo {
                request.headers = rewrite_asked(request.headers, wire);
            }
            if wire.private_network {
                let line = ("Access-Control-Request-Private-Network".into(), "true".into());
                request.headers.push(line);
            }
        }
        if wire.origin_twice {
            let origin = request.headers.iter().find(|(name, _)| is(name, "origin")).cloned();
            request.headers.extend(origin);
        }
        request.headers.extend(wire.lines.iter().cloned());
        request
    }
}

/// A call as it goes over the wire without a browser: method, headers, cookie and the bytes of its
/// `Origin`, if it has one.
pub fn bare(call: &BoundCall) -> Wanted {
    let mut headers = vec![("Host".into(), host().into())];
    if !call.origin.serialized.is_empty() {
        let origin = call.origin.serialized.chars().map(|c| u8::try_from(c).unwrap_or(b'?'));
        headers.push(("Origin".into(), origin.collect::<Vec<u8>>().into()));
    }
    headers.extend(call.request.headers.iter().cloned());
    if call.request.credentials == Credentials::Include {
        headers.push(("Cookie".into(), "session=1".into()));
    }
    let request = WireRequest {
        method: call.request.method.clone(),
        target: target(&call.request.url).into(),
        headers,
        body: false,
        http2: false,
    };
    Wanted { request, preflight: false }
}

fn rewrite_asked(headers: Vec<HeaderLine>, wire: &Wire) -> Vec<HeaderLine> {
    let rewrite = |(name, value): HeaderLine| {
        if is(&name, "access-control-request-headers") {
            let values = wire.asked.write(&value).into_iter();
            values.map(|value| (name.clone(), value.into())).collect()
        } else {
            vec![(name, value)]
        }
    };
    headers.into_iter().flat_map(rewrite).collect()
}

/// Answers from the record, in the order in which they came; then what is wanted next.
struct Recorded<'a> {
    answers: std::slice::Iter<'a, Exchange>,
    wanted: Option<Wanted>,
}

impl Network for Recorded<'_> {
    fn fetch(&mut self, request: &NetworkRequest<'_>) -> Result<Response, NetworkError> {
        // The server under test is the only one there is; elsewhere nobody answers.
        if !server_origin().is_same_origin_with_url(request.url) {
            return Err(NetworkError);
        }
        match self.answers.next() {
            Some(exchange) => Ok(as_response(&exchange.response)),
            None => {
                self.wanted = Some(Wanted::of(request));
                Err(NetworkError)
            }
        }
    }

    fn now(&self) -> Duration {
        Duration::ZERO
    }
}

fn as_response(response: &WireResponse) -> Response {
    encode::response(response.status, &response.headers)
}

fn target(url: &str) -> &str {
    url.strip_prefix(SERVER_ORIGIN).unwrap_or("/")
}

fn host() -> &'static str {
    SERVER_ORIGIN.strip_prefix("https://").unwrap_or(SERVER_ORIGIN)
}

fn is(name: &[u8], known: &str) -> bool {
    name.eq_ignore_ascii_case(known.as_bytes())
}
