//! The client: a connection kept for each authority, and a deadline for each exchange.

use std::collections::HashMap;
use std::time::Duration;

use corsproof_conform::observe::{WireRequest, WireResponse};
use corsproof_conform::subject::SubjectError;

use super::connection::{Connection, Deadline, Failure};
use super::http2::Http2Client;
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
    kept: HashMap<String, Vec<Connection>>,
    request: Vec<u8>,
    http2: Http2Client,
}

impl HttpClient {
    /// A client that names this subject in its errors.
    pub fn new(subject: impl Into<String>) -> Self {
        Self {
            subject: subject.into(),
            deadline: DEFAULT_DEADLINE,
            kept: HashMap::new(),
            request: Vec::new(),
            http2: Http2Client::default(),
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
        let outcome = if request.http2 {
            self.try_http2(base, &[request]).and_then(|mut answers| {
                answers.pop().ok_or_else(|| Failure::Garbled("no answer".to_owned()))
            })
        } else {
            self.try_exchange(base, request).map(Answer::from)
        };
        outcome.map_err(|failure| self.name(failure, request))
    }

    /// Several exchanges at once: every request is sent before any answer is read, each over
    /// HTTP/1.1 on a connection of its own, those over HTTP/2 as streams of one.
    ///
    /// # Errors
    /// As [`HttpClient::exchange`], for the first that fails.
    pub fn exchange_overlapping(
        &mut self,
        base: &str,
        requests: &[WireRequest],
    ) -> Result<Vec<Answer>, SubjectError> {
        let (streams, rest): (Vec<_>, Vec<_>) = requests.iter().partition(|r| r.http2);
        let sent: Vec<_> = rest.iter().map(|request| self.start(base, request)).collect();
        let mut over_http2 = match (self.try_http2(base, &streams), streams.first()) {
            (Err(failure), Some(first)) => return Err(self.name(failure, first)),
            (answers, _) => answers.unwrap_or_default().into_iter(),
        };
        let mut over_http1 = sent.into_iter();
        let mut answers = Vec::with_capacity(requests.len());
        for request in requests {
            let answer = if request.http2 { over_http2.next().map(Ok) } else { None };
            let answer =
                answer.or_else(|| over_http1.next().map(|s| self.finish(base, request, s)));
            answers.extend(answer.transpose().map_err(|failure| self.name(failure, request))?);
        }
        Ok(answers)
    }

    fn try_http2(&mut self, base: &str, requests: &[&WireRequest]) -> Result<Vec<Answer>, Failure> {
        if requests.is_empty() {
            return Ok(Vec::new());
        }
        let (authority, path) = split(base)?;
        self.http2.exchange(authority, path, requests, self.deadline)
    }

    fn try_exchange(&mut self, base: &str, request: &WireRequest) -> Result<Received, Failure> {
        let started = self.start(base, request);
        self.finish_received(base, request, started)
    }

    /// Sends a request, over a connection that was kept if there is one.
    fn start(&mut self, base: &str, request: &WireRequest) -> Result<Started, Failure> {
        let (authority, path) = split(base)?;
        let deadline = Deadline::after(self.deadline);
        serialize(path, request, &mut self.request);
        let kept = self.kept.get_mut(authority).and_then(Vec::pop);
        let was_kept = kept.is_some();
        let mut connection = match kept {
            Some(connection) => connection,
            None => Connection::open(authority, deadline)?,
        };
        connection.begin();
        let sent = connection.send(&self.request, deadline);
        Ok(Started { connection, sent, deadline, was_kept })
    }

    fn finish(
        &mut self,
        base: &str,
        request: &WireRequest,
        started: Result<Started, Failure>,
    ) -> Result<Answer, Failure> {
        self.finish_received(base, request, started).map(Answer::from)
    }

    /// Reads the answer to a request that was sent.
    fn finish_received(
        &mut self,
        base: &str,
        request: &WireRequest,
        started: Result<Started, Failure>,
    ) -> Result<Received, Failure> {
        let mut started = started?;
        let (authority, _) = split(base)?;
        match started.receive(&request.method) {
            // It was closed while it was kept, which is no answer to this request.
            Err(Failure::Closed { received: 0, .. }) if started.was_kept => {
                self.kept.remove(authority);
                let again = self.start(base, request);
                self.finish_received(base, request, again)
            }
            outcome => self.keep(authority, started.connection, request, outcome),
        }
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
            if self.kept.values().map(Vec::len).sum::<usize>() >= MAX_KEPT {
                self.kept.clear();
            }
            match self.kept.get_mut(authority) {
                Some(connections) => connections.push(connection),
                None => drop(self.kept.insert(authority.to_owned(), vec![connection])),
            }
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

/// A request that was sent.
struct Started {
    connection: Connection,
    sent: Result<(), Failure>,
    deadline: Deadline,
    was_kept: bool,
}

impl Started {
    fn receive(&mut self, method: &[u8]) -> Result<Received, Failure> {
        let sent = std::mem::replace(&mut self.sent, Ok(()));
        // A server may answer and close before it has read everything.
        match (receive(&mut self.connection, method, self.deadline), sent) {
            (Err(Failure::Closed { received: 0, .. }), Err(sending)) => Err(sending),
            (Ok(received), Err(_)) => Ok(Received { reusable: false, ..received }),
            (outcome, _) => outcome,
        }
    }
}

impl From<Received> for Answer {
    fn from(received: Received) -> Self {
        Self { response: received.response, body: received.body }
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
