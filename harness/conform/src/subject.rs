//! The seam: what every server and every user agent under test looks like to the harness.
//!
//! All calls block; a driver that needs a runtime or a process keeps it to itself.

use serde::{Deserialize, Serialize};

use crate::case::UserAgentCase;
use crate::observe::{Observation, WireRequest, WireResponse};
use crate::policy::{Policy, RawPolicy};

/// Who a subject is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct About {
    /// Its name in tables and on the command line.
    pub name: String,
    /// Exact released version.
    pub version: String,
    /// Language.
    pub language: String,
    /// What it runs on.
    pub runtime: String,
    /// Home page.
    pub homepage: String,
    /// Where its issues are reported.
    pub issues: String,
}

/// Which forms of [`Policy`] a server can express, field by field.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Capabilities {
    /// Of `any`, `list`, `subdomains_of`, `patterns`, `null`.
    pub origins: Vec<OriginForm>,
    /// Of `any`, `list`.
    pub methods: Vec<ListForm>,
    /// Of `any`, `list`.
    pub request_headers: Vec<ListForm>,
    /// Of `any`, `list`.
    pub expose_headers: Vec<ListForm>,
    /// Whether credentials can be allowed.
    pub credentials: bool,
    /// Whether a max age can be set.
    pub max_age: bool,
    /// Whether private network access can be allowed.
    pub private_network: bool,
    /// Whether paths can have policies of their own.
    pub paths: bool,
    /// Whether policies can be mounted while it runs.
    pub dynamic: bool,
    /// Whether it also answers over HTTP/2.
    pub http2: bool,
}

/// A way to say which origins are allowed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OriginForm {
    /// All of them.
    Any,
    /// A list of serialized origins.
    List,
    /// All subdomains of an origin's host.
    SubdomainsOf,
    /// Regular expressions.
    Patterns,
    /// The opaque origin.
    Null,
}

/// A way to say which tokens are allowed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ListForm {
    /// All of them.
    Any,
    /// A list.
    List,
}

/// What became of a policy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Support {
    /// It is served at this base.
    Mounted(Mount),
    /// The implementation cannot be configured so.
    Unsupported {
        /// The field of the policy.
        feature: String,
        /// Why.
        reason: String,
    },
    /// The implementation refused the policy.
    Rejected {
        /// Its own words.
        message: String,
    },
}

/// Where a policy is served.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mount {
    /// Names the mount to its subject.
    pub id: String,
    /// `http://127.0.0.1:PORT/prefix`, without a trailing slash.
    pub base: String,
}

/// The harness or the subject broke; never a verdict.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SubjectError {
    /// It could not be started, or died.
    #[error("subject `{subject}` is not running: {detail}")]
    NotRunning {
        /// Which subject.
        subject: String,
        /// What happened.
        detail: String,
    },
    /// It answered with something that is not HTTP, or more than the harness reads.
    #[error("subject `{subject}` answered `{request}` with {detail}")]
    Garbled {
        /// Which subject.
        subject: String,
        /// Method and target.
        request: String,
        /// What is wrong with it.
        detail: String,
    },
    /// It did not answer in time.
    #[error("subject `{subject}` did not answer `{request}` within {seconds} s")]
    TimedOut {
        /// Which subject.
        subject: String,
        /// Method and target.
        request: String,
        /// The limit.
        seconds: u64,
    },
    /// It closed the connection before it had answered.
    #[error("subject `{subject}` closed the connection on `{request}`: {detail}")]
    Closed {
        /// Which subject.
        subject: String,
        /// Method and target.
        request: String,
        /// What the socket said.
        detail: String,
    },
    /// What it said over the subject protocol is not what the protocol says.
    #[error("subject `{subject}` broke the subject protocol on `{request}`: {detail}")]
    Protocol {
        /// Which subject.
        subject: String,
        /// What it was asked over the protocol.
        request: String,
        /// What is wrong with its answer.
        detail: String,
    },
    /// It says itself that it could not do what it was asked.
    #[error("subject `{subject}` could not `{request}`: {message}")]
    Errored {
        /// Which subject.
        subject: String,
        /// What it was asked over the protocol.
        request: String,
        /// Its own words.
        message: String,
    },
}

/// A server implementation that can be told a policy. What it serves is reached over a socket.
pub trait ServerAdapter: Send {
    /// Who it is.
    fn about(&self) -> &About;
    /// What it can express.
    fn capabilities(&self) -> &Capabilities;
    /// Mounts the standard app behind the implementation, configured with this policy.
    ///
    /// # Errors
    /// When the subject itself is broken.
    fn configure(&mut self, policy: &Policy) -> Result<Support, SubjectError>;
    /// The same with a policy that need not be usable, to see what the implementation says to it.
    /// An adapter that takes checked policies alone cannot show it.
    ///
    /// # Errors
    /// When the subject itself is broken.
    fn configure_raw(&mut self, policy: &RawPolicy) -> Result<Support, SubjectError> {
        match Policy::try_from(policy.clone()) {
            Ok(policy) => self.configure(&policy),
            Err(error) => Ok(Support::Unsupported {
                feature: "raw_policy".to_owned(),
                reason: format!("its adapter takes usable policies alone: {error}"),
            }),
        }
    }
    /// Lets go of a mount.
    fn release(&mut self, mount: &Mount);
}

/// A server under test.
pub trait Server: ServerAdapter {
    /// One exchange with what is mounted.
    ///
    /// # Errors
    /// When the subject breaks or does not answer.
    fn exchange(
        &mut self,
        mount: &Mount,
        request: &WireRequest,
    ) -> Result<WireResponse, SubjectError>;

    /// Several exchanges that overlap in time: each request is sent before any answer is read.
    /// One that cannot do that makes them one after the other.
    ///
    /// # Errors
    /// As [`Server::exchange`], for the first that fails.
    fn exchange_overlapping(
        &mut self,
        mount: &Mount,
        requests: &[WireRequest],
    ) -> Result<Vec<WireResponse>, SubjectError> {
        requests.iter().map(|request| self.exchange(mount, request)).collect()
    }

    /// How often handlers ran for requests whose query says `case=ID`; `None`: nobody counts.
    ///
    /// # Errors
    /// As [`Server::exchange`].
    fn executed(&mut self, mount: &Mount, id: &str) -> Result<Option<u64>, SubjectError> {
        let _ = (mount, id);
        Ok(None)
    }
}

/// What came of asking a user agent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Asked {
    /// It did this.
    Observed(Observation),
    /// It could not be asked, or gave no answer that counts.
    Inconclusive {
        /// Why.
        reason: String,
    },
}

/// A browser or any other implementation of fetch.
pub trait UserAgent: Send {
    /// Who it is.
    fn about(&self) -> &About;
    /// Runs a batch of cases, each on a cold preflight cache; one answer a case, in order.
    ///
    /// # Errors
    /// When the subject is broken beyond a restart.
    fn fetch_all(&mut self, cases: &[UserAgentCase]) -> Result<Vec<Asked>, SubjectError>;
}
