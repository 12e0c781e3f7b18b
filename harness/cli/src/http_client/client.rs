//! The client: a connection kept for each authority, and a deadline for each exchange.

use std::collections::HashMap;
use std::time::Duration;

use corsproof_conform::observe::{WireRequest, WireResponse};
use corsproof_conform::subject::SubjectError;

use super::connection::{Connection, Deadline, Failure};
use super::request::{is_one_request, serialize};
use super::response::{Received, receive};

const DEFAULT_DEADLINE: Duration = Duration::from_secs(5);
const MAX_KEPT: usize = 64;

/// A response with its body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// Status and headers.
    pub response: WireResponse,
    /// The body, without its transfer coding.
    pub body: Vec<u8>,
}

/// A client of one subject.
pub struct HttpClient {
    subject: String,
    deadline: Duration,
    kept: HashMap<String, Connection>,
    request: Vec<u8>,
}

impl HttpClient {
    /// A client that names this subject in its errors.
    pub fn new(subject: impl Into<String>) -> Self {
        Self {
            subject: subject.into(),
            deadline: DEFAULT_DEADLINE,
            kept: HashMap::new(),
            request: Vec::new(),
        }
    }

    /// The same with this limit on the time of an exchange.
    #[must_use]
    pub fn with_deadline(mut self, deadline: Duration) -> Self {
        self.deadline = deadline;
        self
    }

    /// One exchange with what is served at `base` (`http://host:port/prefix`).
    ///
    /// # Errors
    /// When the subject cannot be reached, closes too early, does not answer in time or answers
    /// with something that is not HTTP.
    pub fn exchange(&mut self, base: &str, request: &WireRequest) -> Result<Answer, SubjectError> {
        match self.try_exchange(base, request) {
            Ok(received) => Ok(Answer { response: received.response, body: received.body }),
            Err(failure) => Err(self.name(failure, request)),
        }
    }

    fn try_exchange(&mut self, base: &str, request: &WireRequest) -> Result<Received, Failure> {
        let (authority, path) = split(base)?;
        let deadline = Deadline::after(self.deadline);
        serialize(path, request, &mut self.request);
        if let Some(mut connection) = self.kept.remove(authority) {
            match over(&mut connection, &self.request, &request.method, deadline) {
                // It was closed while it was kept, which is no answer to this request.
                Err(Failure::Closed { received: 0, .. }) => {}
                outcome => return self.keep(authority, connection, request, outcome),
            }
        }
        let mut connection = Connection::open(authority, deadline)?;
        let outcome = over(&mut connection, &self.request, &request.method, deadline);
        self.keep(authority, connection, request, outcome)
    }

    fn keep(
        &mut self,
        authority: &str,
        connection: Connection,
        request: &WireRequest,
        outcome: Result<Received, Failure>,
    ) -> Result<Received, Failure> {
        let received = outcome?;
        if received.reusable && is_one_request(request) {
            if self.kept.len() >= MAX_KEPT {
                self.kept.clear();
            }
            self.kept.insert(authority.to_owned(), connection);
        }
        Ok(received)
    }

    fn name(&self, failure: Failure, request: &WireRequest) -> SubjectError {
        let subject = self.subject.clone();
        let request = format!("{} {}", request.method, request.target);
        match failure {
            Failure::Unreachable { .. } => {
                SubjectError::NotRunning { subject, detail: failure.to_string() }
            }
            Failure::Closed { .. } => {
                SubjectError::Closed { subject, request, detail: failure.to_string() }
            }
            Failure::TimedOut => {
                SubjectError::TimedOut { subject, request, seconds: self.deadline.as_secs() }
            }
            Failure::Garbled(detail) => SubjectError::Garbled { subject, request, detail },
        }
    }
}

/// One exchange over a connection.
fn over(
    connection: &mut Connection,
    bytes: &[u8],
    method: &[u8],
    deadline: Deadline,
) -> Result<Received, Failure> {
    connection.begin();
    let sent = connection.send(bytes, deadline);
    // A server may answer and close before it has read everything.
    match (receive(connection, method, deadline), sent) {
        (Err(Failure::Closed { received: 0, .. }), Err(sending)) => Err(sending),
        (Ok(received), Err(_)) => Ok(Received { reusable: false, ..received }),
        (outcome, _) => outcome,
    }
}

/// Authority and path of a base.
fn split(base: &str) -> Result<(&str, &str), Failure> {
    let rest = base.strip_prefix("http://").ok_or_else(|| Failure::Unreachable {
        authority: base.to_owned(),
        detail: "only `http://` bases are served".to_owned(),
    })?;
    let end = rest.find('/').unwrap_or(rest.len());
    let (authority, path) = rest.split_at(end);
    Ok((authority, path.trim_end_matches('/')))
}
