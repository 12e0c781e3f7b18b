//! HTTP/2 with prior knowledge (RFC 9113, 3.3) over loopback, on hyper.

use std::time::Duration;

use corsproof_conform::byte_string::HeaderLine;
use corsproof_conform::observe::{WireRequest, WireResponse};
use http_body_util::{BodyExt, Full, Limited};
use hyper::body::Bytes;
use hyper::client::conn::http2::{SendRequest, handshake};
use hyper::{Request, Response};
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::net::TcpStream;
use tokio::runtime::{Builder, Runtime};

use super::client::Answer;
use super::connection::Failure;
use super::request::BODY;
use super::response::{MAX_BODY, MAX_HEAD};

/// Connections that are kept, and what runs them.
#[derive(Default)]
pub(super) struct Http2Client {
    runtime: Option<Runtime>,
    kept: Option<(String, SendRequest<Full<Bytes>>)>,
}

impl Http2Client {
    /// Sends all requests as streams of one connection, then reads the answers, in order.
    pub(super) fn exchange(
        &mut self,
        authority: &str,
        path: &str,
        requests: &[&WireRequest],
        limit: Duration,
    ) -> Result<Vec<Answer>, Failure> {
        let methods: Vec<_> = requests.iter().map(|request| request.method.clone()).collect();
        let requests: Vec<_> =
            requests.iter().map(|request| translate(path, request)).collect::<Result<_, _>>()?;
        let kept = self.kept.take().filter(|(to, sender)| to == authority && sender.is_ready());
        let runtime = match &mut self.runtime {
            Some(runtime) => runtime,
            None => self.runtime.insert(
                Builder::new_current_thread()
                    .enable_all()
                    .build()
                    .map_err(|error| Failure::Garbled(error.to_string()))?,
            ),
        };
        let (sender, answers) = runtime.block_on(async {
            let exchanges = async {
                let mut sender = match kept {
                    Some((_, sender)) => sender,
                    None => connect(authority).await?,
                };
                let sent: Vec<_> =
                    requests.into_iter().map(|request| sender.send_request(request)).collect();
                let mut answers = Vec::with_capacity(sent.len());
                for (response, method) in sent.into_iter().zip(&methods) {
                    // RFC 9110, 9.3.2: the answer to HEAD has no content, whatever is sent.
                    let reads = *method != *"HEAD";
                    answers.push(read(response.await.map_err(closed)?, reads).await?);
                }
                Ok((sender, answers))
            };
            tokio::time::timeout(limit, exchanges).await.map_err(|_| Failure::TimedOut)?
        })?;
        self.kept = Some((authority.to_owned(), sender));
        Ok(answers)
    }
}

async fn connect(authority: &str) -> Result<SendRequest<Full<Bytes>>, Failure> {
    let unreachable = |error: std::io::Error| Failure::Unreachable {
        authority: authority.to_owned(),
        detail: error.to_string(),
    };
    let stream = TcpStream::connect(authority).await.map_err(unreachable)?;
    stream.set_nodelay(true).map_err(unreachable)?;
    let (sender, connection) =
        handshake(TokioExecutor::new(), TokioIo::new(stream)).await.map_err(closed)?;
    tokio::spawn(connection);
    Ok(sender)
}

async fn read<B>(response: Response<B>, reads: bool) -> Result<Answer, Failure>
where
    B: hyper::body::Body,
    B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    let (head, body) = response.into_parts();
    let lines: Vec<HeaderLine> = head
        .headers
        .iter()
        .map(|(name, value)| (name.as_str().into(), value.as_bytes().into()))
        .collect();
    if lines.iter().map(|(name, value)| name.len() + value.len()).sum::<usize>() > MAX_HEAD {
        return Err(Failure::Garbled(format!("a head of more than {MAX_HEAD} bytes")));
    }
    let response = WireResponse { status: head.status.as_u16(), headers: lines };
    if !reads {
        return Ok(Answer { response, body: Vec::new() });
    }
    let body = Limited::new(body, MAX_BODY).collect().await;
    let body = body.map_err(|error| Failure::Garbled(error.to_string()))?.to_bytes().to_vec();
    Ok(Answer { response, body })
}

/// The request in hyper's terms, `Host` as the authority of its URL.
fn translate(path: &str, request: &WireRequest) -> Result<Request<Full<Bytes>>, Failure> {
    let unsendable =
        |what: &str| Failure::Garbled(format!("nothing: HTTP/2 cannot carry this {what}"));
    let is_host = |line: &&HeaderLine| line.0.eq_ignore_ascii_case(b"host");
    let host = request.headers.iter().find(is_host).map(|(_, value)| value.to_string());
    let host = host.ok_or_else(|| unsendable("request without a host"))?;
    let mut builder = Request::builder()
        .method(&*request.method)
        .uri(format!("http://{host}{path}{}", request.target));
    for (name, value) in request.headers.iter().filter(|line| !is_host(line)) {
        builder = builder.header(&**name, &**value);
    }
    let body = if request.body { Bytes::from_static(BODY) } else { Bytes::new() };
    builder.body(Full::new(body)).map_err(|error| unsendable(&error.to_string()))
}

fn closed(error: hyper::Error) -> Failure {
    Failure::Closed { received: 0, detail: error.to_string() }
}
