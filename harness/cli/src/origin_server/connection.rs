//! One connection: reads requests, routes them, writes the answers.

use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::time::timeout;

use super::case_log::Source;
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
        let url = url(request, scheme);
        let source = match desk.live_server(token, &url) {
            Some(server) => Source::LiveServer(server.ask(request).await),
            None => Source::Script,
        };
        return Some(desk.arrive(token, request, &url, &source));
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
            biased;
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
    let host = request.line("host").map(String::from_utf8_lossy).unwrap_or_default();
    format!("{scheme}://{host}{}", request.target)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::origin_server::Waited;

    /// What is answered to these bytes before the connection has to end.
    fn exchange(desk: &Desk, request: &str) -> String {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let (mut client, server) = tokio::io::duplex(64 * 1024);
        runtime.block_on(async {
            client.write_all(request.as_bytes()).await.unwrap();
            client.shutdown().await.unwrap();
            serve(server, "http", desk).await;
            let mut answer = String::new();
            client.read_to_string(&mut answer).await.unwrap();
            answer
        })
    }

    #[test]
    fn a_case_is_answered_by_its_script_and_written_down() {
        let desk = Desk::new();
        let case = serde_json::from_value(serde_json::json!({
            "id": "c", "page_origin": "null",
            "request": {"url": "http://a.example/x", "method": "GET", "headers": [],
                        "credentials": "omit", "mode": "cors"},
            "hops": [{"preflight_response": null,
                      "response": {"status": 299, "headers": [["oDD", "1"], ["oDD", "2"]]}}],
        }))
        .unwrap();
        let (ticket, page_case) = desk.admit(&Arc::new(case));
        let target = page_case.request.url.strip_prefix("http://a.example").unwrap();
        let request = format!("GET {target} HTTP/1.1\r\nHost: a.example\r\nOrigin: null\r\n\r\n");
        let answer = exchange(&desk, &request);
        assert!(answer.starts_with("HTTP/1.1 299 Scripted\r\noDD: 1\r\noDD: 2\r\n"), "{answer}");
        let hops = desk.take_back(&ticket).unwrap().hops;
        assert_eq!(hops[0].url, "http://a.example/x");
        assert_eq!(hops[0].actual.as_ref().unwrap().origin.as_deref(), Some(&b"null"[..]));
        assert_eq!(exchange(&desk, &request), "", "a case that was taken back is not answered");
    }

    #[test]
    fn a_broken_long_poll_loses_the_session() {
        let desk = Desk::new();
        let session = desk.open_session();
        let poll = format!("POST /__corsproof/next?{session} HTTP/1.1\r\nHost: a\r\n\r\n");
        assert_eq!(exchange(&desk, &poll), "");
        assert!(matches!(desk.wait_until_settled(1, IDLE), Waited::Lost(_)));
    }

    #[test]
    fn a_page_of_another_session_is_sent_away() {
        let desk = Desk::new();
        let session = desk.open_session();
        desk.open_session();
        let poll = format!("POST /__corsproof/next?{session} HTTP/1.1\r\nHost: a\r\n\r\n");
        assert!(exchange(&desk, &poll).starts_with("HTTP/1.1 410 Gone"));
    }
}
