//! The bare client.

use corsproof_conform::observe::WireRequest;
use corsproof_conform::subject::SubjectError;
use http_body_util::{BodyExt, Full};
use hyper::body::{Bytes, Incoming};
use hyper::client::conn::{http1, http2};
use hyper::{Request, Response};
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::net::TcpStream;
use tokio::runtime::{Builder, Runtime};

use crate::http_client::BODY;

type Body = Full<Bytes>;
type Answer = hyper::Result<Response<Incoming>>;

/// A client of one server, on one thread.
pub struct BareClient {
    runtime: Runtime,
    connections: Connections,
}

/// Requests as hyper takes them, ready to be sent to one base.
#[derive(Default)]
pub struct Load {
    rounds: Vec<Vec<Ready>>,
    /// Requests that hyper cannot carry: bytes that it allows in no header.
    pub unsendable: u64,
}

struct Ready {
    request: Request<Body>,
    http2: bool,
}

/// What became of requests.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct Sent {
    /// Those that were answered.
    pub answered: u64,
    /// Those that were not, as the server closed the connection.
    pub unanswered: u64,
}

impl Load {
    /// Everything that can be done before the time counts.
    ///
    /// # Errors
    /// When the base is not one of a subject.
    pub fn of(base: &str, rounds: &[Vec<WireRequest>]) -> Result<Self, SubjectError> {
        let (_, path) = split(base)?;
        let mut load = Self::default();
        for round in rounds {
            let ready: Vec<_> = round.iter().filter_map(|wire| translate(path, wire)).collect();
            load.unsendable += (round.len() - ready.len()) as u64;
            load.rounds.push(ready);
        }
        Ok(load)
    }
}

impl BareClient {
    /// A client of what is served at the authority of this base.
    ///
    /// # Errors
    /// When the base is not one of a subject, or there is no runtime to be had.
    pub fn new(base: &str) -> Result<Self, SubjectError> {
        let (authority, _) = split(base)?;
        let runtime = Builder::new_current_thread().enable_all().build().map_err(broken)?;
        let connections =
            Connections { authority: authority.to_owned(), idle: Vec::new(), http2: None };
        Ok(Self { runtime, connections })
    }

    /// Sends round after round, each when the one before it has been answered.
    ///
    /// # Errors
    /// When no connection can be made.
    pub fn send(&mut self, load: Load) -> Result<Sent, SubjectError> {
        let connections = &mut self.connections;
        self.runtime.block_on(async {
            let mut sent = Sent::default();
            for round in load.rounds {
                connections.send(round, &mut sent).await?;
            }
            Ok(sent)
        })
    }
}

/// Connections that are kept, as the harness's own client keeps them: one for each request over
/// HTTP/1.1 that is under way, one for all over HTTP/2.
struct Connections {
    authority: String,
    idle: Vec<http1::SendRequest<Body>>,
    http2: Option<http2::SendRequest<Body>>,
}

impl Connections {
    async fn send(&mut self, round: Vec<Ready>, sent: &mut Sent) -> Result<(), SubjectError> {
        let mut over_http1 = Vec::with_capacity(round.len());
        let mut over_http2 = Vec::new();
        for Ready { request, http2 } in round {
            if http2 {
                over_http2.push(self.multiplexed().await?.send_request(request));
            } else {
                let mut sender = self.own().await?;
                over_http1.push((sender.send_request(request), sender));
            }
        }
        for answer in over_http2 {
            sent.count(read(answer.await).await);
        }
        for (answer, sender) in over_http1 {
            let answered = read(answer.await).await;
            sent.count(answered);
            if answered {
                self.idle.push(sender);
            }
        }
        Ok(())
    }

    /// A connection with nothing under way.
    async fn own(&mut self) -> Result<http1::SendRequest<Body>, SubjectError> {
        while let Some(mut kept) = self.idle.pop() {
            if kept.ready().await.is_ok() {
                return Ok(kept);
            }
        }
        let io = connect(&self.authority).await?;
        let (sender, connection) = http1::handshake(io).await.map_err(broken)?;
        tokio::spawn(connection);
        Ok(sender)
    }

    /// The connection that requests over HTTP/2 share.
    async fn multiplexed(&mut self) -> Result<&mut http2::SendRequest<Body>, SubjectError> {
        let kept = self.http2.take().filter(http2::SendRequest::is_ready);
        let sender = match kept {
            Some(kept) => kept,
            None => {
                let io = connect(&self.authority).await?;
                let handshake = http2::handshake(TokioExecutor::new(), io).await;
                let (sender, connection) = handshake.map_err(broken)?;
                tokio::spawn(connection);
                sender
            }
        };
        Ok(self.http2.insert(sender))
    }
}

impl Sent {
    fn count(&mut self, answered: bool) {
        *(if answered { &mut self.answered } else { &mut self.unanswered }) += 1;
    }
}

async fn connect(authority: &str) -> Result<TokioIo<TcpStream>, SubjectError> {
    let stream = TcpStream::connect(authority).await.map_err(broken)?;
    stream.set_nodelay(true).map_err(broken)?;
    Ok(TokioIo::new(stream))
}

/// Reads an answer to its end; whether there was one.
async fn read(answer: Answer) -> bool {
    match answer {
        Ok(response) => response.into_body().collect().await.is_ok(),
        Err(_) => false,
    }
}

/// The request in hyper's terms; over HTTP/2 `Host` is the authority of its URL.
fn translate(path: &str, wire: &WireRequest) -> Option<Ready> {
    let target = std::str::from_utf8(&wire.target).ok()?;
    let is_host = |name: &[u8]| name.eq_ignore_ascii_case(b"host");
    let host = wire.headers.iter().find(|(name, _)| is_host(name)).map(|(_, value)| value);
    let url = match host {
        Some(host) if wire.http2 => format!("http://{host}{path}{target}"),
        _ => format!("{path}{target}"),
    };
    let mut builder = Request::builder().method(&*wire.method).uri(url);
    for (name, value) in wire.headers.iter().filter(|(name, _)| !wire.http2 || !is_host(name)) {
        builder = builder.header(&**name, &**value);
    }
    let body = if wire.body { Bytes::from_static(BODY) } else { Bytes::new() };
    let request = builder.body(Full::new(body)).ok()?;
    Some(Ready { request, http2: wire.http2 })
}

/// Authority and path of a base.
fn split(base: &str) -> Result<(&str, &str), SubjectError> {
    let rest =
        base.strip_prefix("http://").ok_or_else(|| broken("only `http://` bases are served"))?;
    Ok(rest.split_at(rest.find('/').unwrap_or(rest.len())))
}

fn broken(detail: impl ToString) -> SubjectError {
    SubjectError::NotRunning { subject: "bare client".to_owned(), detail: detail.to_string() }
}
