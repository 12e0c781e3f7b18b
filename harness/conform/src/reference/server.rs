//! The standard app behind the middleware, in the process, as a server under test.

use std::collections::BTreeMap;

use super::app;
use super::fault::Fault;
use super::slips::Memory;
use crate::observe::{WireRequest, WireResponse};
use crate::policy::Policy;
use crate::subject::{
    About, Capabilities, ListForm, Mount, OriginForm, Server, ServerAdapter, SubjectError, Support,
};

/// The standard app behind a middleware that is right, but for its fault.
pub struct ReferenceServer {
    about: About,
    capabilities: Capabilities,
    fault: Option<Fault>,
    mounted: BTreeMap<String, Mounted>,
    next: u64,
}

/// A policy, and what became of its requests.
struct Mounted {
    policy: Policy,
    memory: Memory,
    /// How often handlers ran, case by case.
    executed: BTreeMap<String, u64>,
}

impl Default for ReferenceServer {
    fn default() -> Self {
        Self::new(None)
    }
}

impl ReferenceServer {
    /// A right one, or one with this fault.
    pub fn new(fault: Option<Fault>) -> Self {
        Self {
            about: about(),
            capabilities: capabilities(),
            fault,
            mounted: BTreeMap::new(),
            next: 0,
        }
    }

    fn at(&mut self, mount: &Mount) -> Result<&mut Mounted, SubjectError> {
        self.mounted.get_mut(&mount.id).ok_or_else(|| SubjectError::NotRunning {
            subject: self.about.name.clone(),
            detail: format!("no policy is mounted as `{}`", mount.id),
        })
    }
}

impl ServerAdapter for ReferenceServer {
    fn about(&self) -> &About {
        &self.about
    }

    fn capabilities(&self) -> &Capabilities {
        &self.capabilities
    }

    fn configure(&mut self, policy: &Policy) -> Result<Support, SubjectError> {
        let id = self.next.to_string();
        self.next += 1;
        let mounted = Mounted {
            policy: policy.clone(),
            memory: Memory::default(),
            executed: BTreeMap::new(),
        };
        self.mounted.insert(id.clone(), mounted);
        Ok(Support::Mounted(Mount { id, base: String::new() }))
    }

    fn release(&mut self, mount: &Mount) {
        self.mounted.remove(&mount.id);
    }
}

impl Server for ReferenceServer {
    fn exchange(
        &mut self,
        mount: &Mount,
        request: &WireRequest,
    ) -> Result<WireResponse, SubjectError> {
        let answers = self.exchange_overlapping(mount, std::slice::from_ref(request))?;
        answers.into_iter().next().ok_or_else(|| SubjectError::NotRunning {
            subject: self.about.name.clone(),
            detail: "a request was not answered".to_owned(),
        })
    }

    fn exchange_overlapping(
        &mut self,
        mount: &Mount,
        requests: &[WireRequest],
    ) -> Result<Vec<WireResponse>, SubjectError> {
        let fault = self.fault;
        let mounted = self.at(mount)?;
        let answers = mounted.memory.exchange(fault, &mounted.policy, requests);
        for (request, answer) in requests.iter().zip(&answers) {
            if answer.ran {
                mounted.count(request);
            }
        }
        Ok(answers.into_iter().map(|answer| answer.response).collect())
    }

    fn executed(&mut self, mount: &Mount, id: &str) -> Result<Option<u64>, SubjectError> {
        Ok(Some(self.at(mount)?.executed.get(id).copied().unwrap_or_default()))
    }
}

impl Mounted {
    /// Counts a handler's run for the case that the query names.
    fn count(&mut self, request: &WireRequest) {
        if let Some(id) = app::parameter(&request.target.isomorphic_decode(), "case") {
            *self.executed.entry(id).or_default() += 1;
        }
    }
}

fn about() -> About {
    About {
        name: "reference".to_owned(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        language: "Rust".to_owned(),
        runtime: "in-process".to_owned(),
        homepage: String::new(),
        issues: String::new(),
    }
}

fn capabilities() -> Capabilities {
    let lists = || vec![ListForm::Any, ListForm::List];
    Capabilities {
        origins: vec![
            OriginForm::Any,
            OriginForm::List,
            OriginForm::SubdomainsOf,
            OriginForm::Patterns,
            OriginForm::Null,
        ],
        methods: lists(),
        request_headers: lists(),
        expose_headers: lists(),
        credentials: true,
        max_age: true,
        private_network: true,
        paths: true,
        dynamic: true,
        http2: true,
    }
}
