//! An adapter and a client: a server under test.

use std::time::Duration;

use corsproof_conform::observe::{WireRequest, WireResponse};
use corsproof_conform::policy::{Policy, RawPolicy};
use corsproof_conform::subject::{
    About, Capabilities, Mount, Server, ServerAdapter, SubjectError, Support,
};

use super::client::{Answer, HttpClient};

/// A server that is reached over a socket.
pub struct SocketServer<A> {
    adapter: A,
    client: HttpClient,
}

impl<A: ServerAdapter> SocketServer<A> {
    /// The server that this adapter configures.
    pub fn new(adapter: A) -> Self {
        let client = HttpClient::new(adapter.about().name.clone());
        Self { adapter, client }
    }

    /// The same with this limit on the time of an exchange.
    #[must_use]
    pub fn with_deadline(self, deadline: Duration) -> Self {
        Self { client: self.client.with_deadline(deadline), ..self }
    }

    /// The adapter alone: what it mounted is no longer asked.
    pub fn into_adapter(self) -> A {
        self.adapter
    }

    /// One exchange, with the body of the answer.
    ///
    /// # Errors
    /// As [`Server::exchange`].
    pub fn answer(&mut self, mount: &Mount, request: &WireRequest) -> Result<Answer, SubjectError> {
        self.client.exchange(&mount.base, request)
    }

    /// How often handlers ran for a case.
    ///
    /// # Errors
    /// As [`Server::exchange`], and when the answer is not a number.
    pub fn count_of(&mut self, mount: &Mount, case: &str) -> Result<u64, SubjectError> {
        let request = count_request(case);
        let answer = self.answer(mount, &request)?;
        let number = std::str::from_utf8(&answer.body).ok().map(str::trim);
        number
            .and_then(|digits| digits.parse().ok())
            .filter(|_| answer.response.status == 200)
            .ok_or_else(|| SubjectError::Garbled {
                subject: self.about().name.clone(),
                request: format!("GET {}", request.target),
                detail: format!("status {} and no number", answer.response.status),
            })
    }
}

/// The request by which the standard app tells how often handlers ran for a case.
pub fn count_request(case: &str) -> WireRequest {
    WireRequest {
        method: "GET".into(),
        target: format!("/executed/{case}").into(),
        headers: vec![("Host".into(), "harness.example".into())],
        body: false,
        http2: false,
    }
}

impl<A: ServerAdapter> ServerAdapter for SocketServer<A> {
    fn about(&self) -> &About {
        self.adapter.about()
    }

    fn capabilities(&self) -> &Capabilities {
        self.adapter.capabilities()
    }

    fn configure(&mut self, policy: &Policy) -> Result<Support, SubjectError> {
        self.adapter.configure(policy)
    }

    fn configure_raw(&mut self, policy: &RawPolicy) -> Result<Support, SubjectError> {
        self.adapter.configure_raw(policy)
    }

    fn release(&mut self, mount: &Mount) {
        self.adapter.release(mount);
    }
}

impl<A: ServerAdapter> Server for SocketServer<A> {
    fn exchange(
        &mut self,
        mount: &Mount,
        request: &WireRequest,
    ) -> Result<WireResponse, SubjectError> {
        self.answer(mount, request).map(|answer| answer.response)
    }

    fn exchange_overlapping(
        &mut self,
        mount: &Mount,
        requests: &[WireRequest],
    ) -> Result<Vec<WireResponse>, SubjectError> {
        let answers = self.client.exchange_overlapping(&mount.base, requests)?;
        Ok(answers.into_iter().map(|answer| answer.response).collect())
    }

    fn executed(&mut self, mount: &Mount, id: &str) -> Result<Option<u64>, SubjectError> {
        self.count_of(mount, id).map(Some)
    }
}
