//! A miniature as a server.

use crate::observe::{WireRequest, WireResponse};
use crate::policy::Policy;
use crate::reference::ReferenceServer;
use crate::subject::{About, Capabilities, Mount, Server, ServerAdapter, SubjectError, Support};

use super::answer::Answer;
use super::table::Miniature;

/// The reference server with one slip.
pub struct MiniatureServer {
    miniature: &'static Miniature,
    right: ReferenceServer,
    about: About,
    policies: Vec<Policy>,
    count: u64,
}

impl MiniatureServer {
    /// The server of this miniature.
    pub fn new(miniature: &'static Miniature) -> Self {
        let right = ReferenceServer::default();
        let name = format!("miniature of {}", miniature.rule);
        let about = About { name, ..right.about().clone() };
        Self { miniature, right, about, policies: Vec::new(), count: 0 }
    }
}

impl ServerAdapter for MiniatureServer {
    fn about(&self) -> &About {
        &self.about
    }

    fn capabilities(&self) -> &Capabilities {
        self.right.capabilities()
    }

    fn configure(&mut self, policy: &Policy) -> Result<Support, SubjectError> {
        self.policies.push(policy.clone());
        self.right.configure(policy)
    }

    fn release(&mut self, mount: &Mount) {
        self.right.release(mount);
    }
}

impl Server for MiniatureServer {
    fn exchange(
        &mut self,
        mount: &Mount,
        request: &WireRequest,
    ) -> Result<WireResponse, SubjectError> {
        let response = self.right.exchange(mount, request)?;
        let policy = mount.id.parse().ok().and_then(|n: usize| self.policies.get(n));
        let Some(policy) = policy else { return Ok(response) };
        let mut answer = Answer { policy, request, count: self.count, response };
        self.count += 1;
        (self.miniature.slip)(&mut answer);
        Ok(answer.response)
    }

    fn executed(&mut self, mount: &Mount, id: &str) -> Result<Option<u64>, SubjectError> {
        self.right.executed(mount, id)
    }
}
