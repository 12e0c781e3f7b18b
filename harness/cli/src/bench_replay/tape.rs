//! A server that writes down what it is asked.

use corsproof_conform::observe::{WireRequest, WireResponse};
use corsproof_conform::policy::{Policy, RawPolicy};
use corsproof_conform::subject::{
    About, Capabilities, Mount, Server, ServerAdapter, SubjectError, Support,
};

use crate::http_client::count_request;

/// A server, and the requests that it got.
pub struct Tape<'a> {
    server: &'a mut dyn Server,
    rounds: Vec<Vec<WireRequest>>,
}

impl<'a> Tape<'a> {
    /// Nothing is written down yet.
    pub fn new(server: &'a mut dyn Server) -> Self {
        Self { server, rounds: Vec::new() }
    }

    /// The requests in the order in which they were sent; those of one round were under way at the
    /// same time.
    pub fn into_rounds(self) -> Vec<Vec<WireRequest>> {
        self.rounds
    }
}

impl ServerAdapter for Tape<'_> {
    fn about(&self) -> &About {
        self.server.about()
    }

    fn capabilities(&self) -> &Capabilities {
        self.server.capabilities()
    }

    fn configure(&mut self, policy: &Policy) -> Result<Support, SubjectError> {
        self.server.configure(policy)
    }

    fn configure_raw(&mut self, policy: &RawPolicy) -> Result<Support, SubjectError> {
        self.server.configure_raw(policy)
    }

    fn release(&mut self, mount: &Mount) {
        self.server.release(mount);
    }
}

impl Server for Tape<'_> {
    fn exchange(
        &mut self,
        mount: &Mount,
        request: &WireRequest,
    ) -> Result<WireResponse, SubjectError> {
        self.rounds.push(vec![request.clone()]);
        self.server.exchange(mount, request)
    }

    fn exchange_overlapping(
        &mut self,
        mount: &Mount,
        requests: &[WireRequest],
    ) -> Result<Vec<WireResponse>, SubjectError> {
        self.rounds.push(requests.to_vec());
        self.server.exchange_overlapping(mount, requests)
    }

    fn executed(&mut self, mount: &Mount, id: &str) -> Result<Option<u64>, SubjectError> {
        self.rounds.push(vec![count_request(id)]);
        self.server.executed(mount, id)
    }
}
