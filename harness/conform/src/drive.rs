//! Makes the calls of a server case: the model plays the browser, the server is its network.
//!
//! What went over the wire is recorded; judging happens on the record alone, in
//! [`crate::judge`].

use std::time::Duration;

use corsproof_model::{
    Network, NetworkError, NetworkRequest, Origin, PreflightCache, Response, UserAgent, construct,
    fetch,
};
use serde::{Deserialize, Serialize};

use crate::encode;
use crate::observe::{Exchange, WireRequest, WireResponse};
use crate::server_case::{BoundCall, SERVER_ORIGIN};
use crate::subject::{Mount, Server, SubjectError};

/// What went over the wire, call after call.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ServerObservation {
    /// The exchanges of each call: at most a preflight, then the request itself.
    pub calls: Vec<Vec<Exchange>>,
}

/// Makes these calls and records what went over the wire.
///
/// # Errors
/// When the subject broke or did not answer.
pub fn drive(
    server: &mut dyn Server,
    mount: &Mount,
    calls: &[BoundCall],
) -> Result<ServerObservation, SubjectError> {
    let mut observation = ServerObservation::default();
    for call in calls {
        observation.calls.push(make_call(server, mount, call)?);
    }
    Ok(observation)
}

fn make_call(
    server: &mut dyn Server,
    mount: &Mount,
    call: &BoundCall,
) -> Result<Vec<Exchange>, SubjectError> {
    let agent = UserAgent::spec();
    let mut network = ServerNetwork { server, mount, exchanges: Vec::new(), failed: None };
    let page = encode::environment(&call.origin.serialized);
    match (page, encode::request_init(&call.request)) {
        (Ok(page), Ok(init)) => {
            if let Ok(request) = construct(&agent, &page, &init) {
                fetch(&agent, &mut PreflightCache::default(), &mut network, request);
            }
        }
        // No browser has a page there: the bytes go over the wire as they are.
        _ => network.send(raw_request(call))?,
    }
    match network.failed {
        Some(error) => Err(error),
        None => Ok(network.exchanges),
    }
}

/// A plain GET with these bytes as its `Origin`.
fn raw_request(call: &BoundCall) -> WireRequest {
    let origin = call.origin.serialized.chars().map(|c| u8::try_from(c).unwrap_or(b'?'));
    WireRequest {
        method: "GET".into(),
        target: target(&call.request.url).into(),
        headers: vec![
            ("Host".into(), host().into()),
            ("Origin".into(), origin.collect::<Vec<u8>>().into()),
        ],
        body: false,
    }
}

struct ServerNetwork<'a> {
    server: &'a mut dyn Server,
    mount: &'a Mount,
    exchanges: Vec<Exchange>,
    failed: Option<SubjectError>,
}

impl ServerNetwork<'_> {
    fn send(&mut self, request: WireRequest) -> Result<(), SubjectError> {
        let response = self.server.exchange(self.mount, &request)?;
        self.exchanges.push(Exchange { request, response });
        Ok(())
    }
}

impl Network for ServerNetwork<'_> {
    fn fetch(&mut self, request: &NetworkRequest<'_>) -> Result<Response, NetworkError> {
        // The server under test is the only one there is; elsewhere nobody answers.
        if Origin::of_url(request.url).serialize() != SERVER_ORIGIN {
            return Err(NetworkError);
        }
        if let Err(error) = self.send(wire_request(request)) {
            self.failed = Some(error);
            return Err(NetworkError);
        }
        self.exchanges.last().map(|e| as_response(&e.response)).ok_or(NetworkError)
    }

    fn now(&self) -> Duration {
        Duration::ZERO
    }
}

/// What the model sends, as it goes to the server: with its `Host`, and a cookie where the
/// request carries credentials.
fn wire_request(request: &NetworkRequest<'_>) -> WireRequest {
    let mut headers = vec![("Host".into(), host().into())];
    headers.extend(
        request
            .headers
            .iter()
            .map(|header| (header.name.clone().into(), header.value.clone().into())),
    );
    if request.credentials {
        headers.push(("Cookie".into(), "session=1".into()));
    }
    WireRequest {
        method: request.method.into(),
        target: target(request.url.as_str()).into(),
        headers,
        body: request.body,
    }
}

pub(crate) fn as_response(response: &WireResponse) -> Response {
    encode::response(response.status, &response.headers)
}

fn target(url: &str) -> &str {
    url.strip_prefix(SERVER_ORIGIN).unwrap_or("/")
}

fn host() -> &'static str {
    SERVER_ORIGIN.strip_prefix("https://").unwrap_or(SERVER_ORIGIN)
}
