//! One connection: reads requests, routes them, writes the answers.

use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::time::timeout;

use super::desk::Desk;
use super::http_message::{Answer, Request, Then, read_request};
use super::pages::{self, Asked};
use super::token;

/// Longest wait for the next request.
const IDLE: Duration = Duration::from_secs(300);

/// Longest time for writing an answer.
const WRITE: Duration = Duration::from_secs(30);

/// Serves a connection until either side ends it or it breaks a bound.
pub(super) async fn serve<S>(mut stream: S, scheme: &str, desk: &Desk)
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let mut buffer = Vec::new();
    while let Ok(Ok(request)) = timeout(IDLE, read_request(&mut stream, &mut buffer)).await {
        let Some(answer) = respond(&mut stream, &mut buffer, &request, scheme, desk).await else {
            return;
        };
        let written = timeout(WRITE, stream.write_all(&answer.bytes)).await;
        if !matches!(written, Ok(Ok(()))) {
            return;
        }
        if answer.then == Then::Close {
            // A TLS peer is told in so many words; a failure changes nothing.
            let _ = timeout(WRITE, stream.shutdown()).await;
            return;
        }
        let _ = timeout(WRITE, stream.flush()).await;
    }
}

async fn respond<S>(
    stream: &mut S,
    buffer: &mut Vec<u8>,
    request: &Request,
    scheme: &str,
    desk: &Desk,
) -> Option<Answer>
where
    S: AsyncRead + Unpin,
{
    if let Some(token) = token::find(&request.target) {
        return Some(desk.arrive(token, request, &url(request, scheme)));
    }
    match pages::ask(request, desk) {
        Asked::Answer(answer) => Some(answer),
        Asked::NextCommand { session } => long_poll(stream, buffer, &session, desk).await,
    }
}

/// Waits for a command and for the peer's end alike; `None`: the peer is gone.
async fn long_poll<S: AsyncRead + Unpin>(
    stream: &mut S,
    buffer: &mut Vec<u8>,
    session: &str,
    desk: &Desk,
) -> Option<Answer> {
    let mut command = std::pin::pin!(desk.next_command(session));
    loop {
        tokio::select! {
            json = &mut command => return Some(pages::command(json)),
            read = stream.read_buf(buffer) => {
                if matches!(read, Ok(0) | Err(_)) {
                    desk.lose(session, "the control page closed its connection");
                    return None;
                }
            }
        }
    }
}

fn url(request: &Request, scheme: &str) -> String {
    let host = request
        .line("host")
        .map(String::from_utf8_lossy)
        .unwrap_or_default();
    format!("{scheme}://{host}{}", request.target)
}
