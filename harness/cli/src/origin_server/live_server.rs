//! A server under test in place of the scripts of one host: what stands before it ends TLS.
//!
//! Requests go to it as they came. Of its answers the heads are passed on as they are, and bodies of
//! the announced length, which no judge reads (`script`).

use corsproof_conform::case::ScriptedResponse;
use corsproof_conform::observe::WireRequest;
use corsproof_conform::server_case::SERVER_ORIGIN;

use super::http_message::Request;
use crate::http_client::HttpClient;

/// The server that is known as [`SERVER_ORIGIN`] to pages.
#[derive(Debug, Clone)]
pub struct LiveServer {
    base: String,
}

impl LiveServer {
    /// What is served at this base (`http://127.0.0.1:PORT/prefix`).
    pub fn at(base: &str) -> Self {
        Self { base: base.to_owned() }
    }

    /// Whether it answers requests for this URL.
    pub(super) fn is_for(&self, url: &str) -> bool {
        url.strip_prefix(SERVER_ORIGIN).is_some_and(|rest| rest.starts_with('/'))
    }

    /// What it answers; `None`: nothing. The calls of server cases have no body, and what has one
    /// is not passed on.
    pub(super) async fn ask(self, request: &Request) -> Option<ScriptedResponse> {
        if !request.body.is_empty() {
            return None;
        }
        let lines = request.lines.iter();
        let wire = WireRequest {
            method: request.method.as_str().into(),
            target: request.target.as_str().into(),
            headers: lines.map(|(name, value)| (name.as_str().into(), (&**value).into())).collect(),
            body: false,
            http2: false,
        };
        // A connection of its own, and the client's deadline.
        let exchange = move || HttpClient::new("the live server").exchange(&self.base, &wire);
        let answer = tokio::task::spawn_blocking(exchange).await.ok()?.ok()?;
        let response = answer.response;
        Some(ScriptedResponse { status: response.status, headers: response.headers })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_for_one_origin_alone() {
        let server = LiveServer::at("http://127.0.0.1:1/p");
        assert!(server.is_for("https://api.example/x?case=r1"));
        for other in ["http://api.example/", "https://api.example:81/", "https://api.example.a/"] {
            assert!(!server.is_for(other), "{other}");
        }
    }
}
