//! Where cases are handed out to a browser's control page and its observations come in.
//!
//! A driver blocks on it, the connections of the origin server await it. A *session* is one life
//! of one control page; when its long poll breaks, the session is lost and the driver is told at
//! once. A case is handed out under a fresh token each time.
//!
//! Longer than most files here: one lock guards all of it.

use std::collections::{HashMap, VecDeque};
use std::hash::{BuildHasher, RandomState};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use corsproof_conform::case::UserAgentCase;
use corsproof_conform::observe::WireHop;
use tokio::sync::Notify;

use super::case_log::{CaseLog, Source};
use super::http_message::{Answer, Request};
use super::live_server::LiveServer;
use super::page_message::{Command, Pace, PageCase, PageResult};
use super::token;

/// Longest time that a long poll is held without a command.
const POLL: Duration = Duration::from_secs(20);

/// The desk.
#[derive(Debug)]
pub struct Desk {
    state: Mutex<State>,
    changed: Condvar,
    commands: Notify,
}

#[derive(Debug)]
struct State {
    run: String,
    numbers: u64,
    session: Option<Session>,
    live_server: Option<LiveServer>,
    tickets: HashMap<String, Entry>,
    unsettled: usize,
    settled: u64,
    last_progress: Instant,
}

#[derive(Debug)]
struct Session {
    name: String,
    commands: VecDeque<String>,
    greeted: bool,
    lost: Option<String>,
}

#[derive(Debug)]
struct Entry {
    log: CaseLog,
    result: Option<PageResult>,
}

/// One run of a case, handed out.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Ticket(String);

impl Ticket {
    /// The token by which the wire and the page name the run.
    pub fn token(&self) -> &str {
        &self.0
    }
}

/// A run that was handed out, as far as it came.
#[derive(Debug)]
pub struct Settled {
    /// What arrived on the wire.
    pub hops: Vec<WireHop>,
    /// What the page saw; `None` when it never said.
    pub result: Option<PageResult>,
}

/// Why a wait ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Waited {
    /// What was waited for is there.
    Ready,
    /// The control page is gone.
    Lost(String),
    /// Nothing happened for too long.
    Stalled,
}

impl Desk {
    pub(super) fn new() -> Self {
        let seed = RandomState::new().hash_one(std::process::id());
        let state = State {
            run: format!("r{:08x}", seed & 0xffff_ffff),
            numbers: 0,
            session: None,
            live_server: None,
            tickets: HashMap::new(),
            unsettled: 0,
            settled: 0,
            last_progress: Instant::now(),
        };
        Self { state: Mutex::new(state), changed: Condvar::new(), commands: Notify::new() }
    }

    /// Starts a session and forgets the one before; the name belongs into the control page's URL.
    pub fn open_session(&self) -> String {
        let mut state = self.state();
        let name = state.fresh_name("s");
        state.session = Some(Session {
            name: name.clone(),
            commands: VecDeque::new(),
            greeted: false,
            lost: None,
        });
        state.last_progress = Instant::now();
        drop(state);
        // A page of the session before learns that it is over.
        self.commands.notify_waiters();
        name
    }

    /// Waits until the control page has asked for its first command.
    pub fn wait_for_page(&self, patience: Duration) -> Waited {
        self.wait(patience, |state| state.session.as_ref().is_some_and(|s| s.greeted))
    }

    /// Admits a run of a case without handing it to the control page.
    pub fn admit(&self, case: &Arc<UserAgentCase>) -> (Ticket, PageCase) {
        let mut state = self.state();
        let token = state.fresh_name("x");
        let log = CaseLog::new(Arc::clone(case), token.clone());
        state.tickets.insert(token.clone(), Entry { log, result: None });
        state.unsettled += 1;
        let mut request = case.request.clone();
        request.url = token::appended(&request.url, &token);
        let page_case =
            PageCase { ticket: token.clone(), origin: case.page_origin.clone(), request };
        (Ticket(token), page_case)
    }

    /// Hands cases to the control page.
    ///
    /// # Errors
    /// When a case has no JSON form.
    pub fn hand_out(
        &self,
        cases: &[Arc<UserAgentCase>],
        pace: Pace,
    ) -> Result<Vec<Ticket>, serde_json::Error> {
        let (tickets, cases): (Vec<_>, Vec<_>) = cases.iter().map(|case| self.admit(case)).unzip();
        let command = serde_json::to_string(&Command { pace, cases: &cases })?;
        let mut state = self.state();
        state.last_progress = Instant::now();
        if let Some(session) = &mut state.session {
            session.commands.push_back(command);
        }
        drop(state);
        self.commands.notify_waiters();
        Ok(tickets)
    }

    /// From now on the requests of cases that this server is for are answered by it, and not by
    /// their scripts.
    pub fn answer_by(&self, server: Option<LiveServer>) {
        self.state().live_server = server;
    }

    /// Waits until at most this many runs are without a result.
    pub fn wait_until_unsettled(&self, at_most: usize, patience: Duration) -> Waited {
        self.wait(patience, |state| state.unsettled <= at_most)
    }

    /// Waits until so many results have come in since the start.
    pub fn wait_until_settled(&self, at_least: u64, patience: Duration) -> Waited {
        self.wait(patience, |state| state.settled >= at_least)
    }

    /// Whether the page has said what it saw.
    pub fn is_settled(&self, ticket: &Ticket) -> bool {
        self.state().tickets.get(&ticket.0).is_none_or(|entry| entry.result.is_some())
    }

    /// Takes a run back, finished or not; what arrives for it later is not answered.
    pub fn take_back(&self, ticket: &Ticket) -> Option<Settled> {
        let mut state = self.state();
        let entry = state.tickets.remove(&ticket.0)?;
        if entry.result.is_none() {
            state.unsettled = state.unsettled.saturating_sub(1);
        }
        let mut result = entry.result;
        if entry.log.length_was_added()
            && let Some(result) = &mut result
        {
            result.exposed.retain(|name| *name != *"content-length");
        }
        Some(Settled { hops: entry.log.into_hops(), result })
    }

    /// Takes a result in as if the page had posted it.
    pub fn settle(&self, results: Vec<PageResult>) {
        let mut state = self.state();
        for result in results {
            if let Some(entry) = state.tickets.get_mut(&result.ticket)
                && entry.result.is_none()
            {
                entry.result = Some(result);
                state.unsettled = state.unsettled.saturating_sub(1);
                state.settled += 1;
            }
        }
        state.last_progress = Instant::now();
        drop(state);
        self.changed.notify_all();
    }

    /// The live server that answers a request which carries a token, if one does.
    pub(super) fn live_server(&self, token: &str, url: &str) -> Option<LiveServer> {
        let state = self.state();
        let asked = state.tickets.contains_key(token);
        state.live_server.as_ref().filter(|server| asked && server.is_for(url)).cloned()
    }

    /// A request that carries a token.
    pub(super) fn arrive(
        &self,
        token: &str,
        request: &Request,
        url: &str,
        source: &Source,
    ) -> Answer {
        let mut state = self.state();
        state.last_progress = Instant::now();
        match state.tickets.get_mut(token) {
            Some(entry) => entry.log.arrive(request, url, source),
            None => Answer::hang_up(),
        }
    }

    /// The next command for the control page: JSON, `{}` for none yet, `None` for none ever.
    pub(super) async fn next_command(&self, session: &str) -> Option<String> {
        let deadline = tokio::time::Instant::now() + POLL;
        loop {
            let mut notified = std::pin::pin!(self.commands.notified());
            notified.as_mut().enable();
            if let Some(command) = self.state().poll(session)? {
                return Some(command);
            }
            self.changed.notify_all();
            if tokio::time::timeout_at(deadline, notified).await.is_err() {
                return Some("{}".to_owned());
            }
        }
    }

    /// The control page's long poll broke.
    pub(super) fn lose(&self, session: &str, reason: &str) {
        if let Some(current) = self.state().current(session) {
            current.lost.get_or_insert_with(|| reason.to_owned());
        }
        self.changed.notify_all();
    }

    fn wait(&self, patience: Duration, ready: impl Fn(&State) -> bool) -> Waited {
        let mut state = self.state();
        loop {
            if ready(&state) {
                return Waited::Ready;
            }
            if let Some(reason) = state.session.as_ref().and_then(|s| s.lost.clone()) {
                return Waited::Lost(reason);
            }
            let left = patience.saturating_sub(state.last_progress.elapsed());
            if left.is_zero() {
                return Waited::Stalled;
            }
            state = self
                .changed
                .wait_timeout(state, left)
                .map_or_else(|poisoned| poisoned.into_inner().0, |(state, _)| state);
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn fresh_name(&mut self, kind: &str) -> String {
        self.numbers += 1;
        format!("{}{kind}{:x}", self.run, self.numbers)
    }

    fn current(&mut self, session: &str) -> Option<&mut Session> {
        self.session.as_mut().filter(|s| s.name == session)
    }

    /// `None` when the session is over, `Some(None)` when there is no command yet.
    #[expect(clippy::option_option, reason = "two ways of having nothing to say")]
    fn poll(&mut self, session: &str) -> Option<Option<String>> {
        let current = self.current(session).filter(|s| s.lost.is_none())?;
        current.greeted = true;
        Some(current.commands.pop_front())
    }
}
