//! A vector for servers in a real browser: does the browser do over the live server what the model
//! says that browsers do with its answers?
//!
//! The calls are made twice, each time on a mount of its own: by the model over sockets of ours, then
//! by the browser.

use corsproof_conform::browsable::{NotBrowsable, as_case};
use corsproof_conform::case::{AgentName, UserAgentCase};
use corsproof_conform::drive::{ServerObservation, drive};
use corsproof_conform::encode::CaseError;
use corsproof_conform::judge::server::judge;
use corsproof_conform::observe::Exchange;
use corsproof_conform::policy::Policy;
use corsproof_conform::server_case::{BoundCall, Unbound};
use corsproof_conform::subject::{Asked, Mount, Server, SubjectError, Support, UserAgent};
use corsproof_conform::vector::{Test, Vector};

use super::compare::{CallVerdict, compare};
use crate::browser::{Browser, BrowserError, obstacle};
use crate::chrome::Chrome;

/// What became of a vector.
#[derive(Debug)]
pub struct Confirmation {
    /// Whether the server still breaks the rule that the vector guards, by the model.
    pub is_shown: bool,
    /// Its calls, in order.
    pub calls: Vec<CallInBrowser>,
}

/// A call, as the model and the browser see it.
#[derive(Debug)]
pub struct CallInBrowser {
    /// Method, path and page.
    pub what: String,
    /// The comparison.
    pub verdict: CallVerdict,
}

/// Why there is no comparison.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ConfirmError {
    /// The vector is for user agents.
    #[error("it is a vector for user agents")]
    NotForServers,
    /// The server is not mounted under its policy.
    #[error("the policy is not mounted: {0}")]
    NotMounted(String),
    /// A call means nothing under the policy.
    #[error(transparent)]
    Unbound(#[from] Unbound),
    /// The server broke.
    #[error(transparent)]
    Subject(#[from] SubjectError),
    /// The browser broke.
    #[error(transparent)]
    Browser(#[from] BrowserError),
    /// The browser went down: the one that came after it has no cookie, and calls were made twice.
    #[error("the browser went down and was started again")]
    Restarted,
    /// A call is no case.
    #[error(transparent)]
    Case(#[from] CaseError),
    /// The browser gave no answer that counts.
    #[error("call {call}: {reason}")]
    Inconclusive {
        /// Which call, from 0.
        call: usize,
        /// Why.
        reason: String,
    },
}

/// Makes the calls of a vector over sockets and in the browser.
///
/// # Errors
/// When one of the two cannot be done.
pub fn confirm(
    server: &mut dyn Server,
    chrome: &mut Browser<Chrome>,
    vector: &Vector,
) -> Result<Confirmation, ConfirmError> {
    let Test::Server { case, guards, .. } = &vector.test else {
        return Err(ConfirmError::NotForServers);
    };
    let bound = case.bind()?;
    let observed = on_a_mount(server, &case.policy, |server, mount| {
        Ok(drive(server, mount, &case.policy, &bound)?)
    })?;
    let is_shown = judge(case, &observed)?.iter().any(|finding| finding.rule == guards.rule);
    let calls = on_a_mount(server, &case.policy, |server, mount| {
        chrome.stand_before(mount)?;
        let process = chrome.process_id();
        let mut browsing = Browsing { server, mount, policy: &case.policy, chrome };
        let calls = browsing.all(&bound, &observed);
        chrome.stand_alone();
        if chrome.process_id() == process { calls } else { Err(ConfirmError::Restarted) }
    })?;
    Ok(Confirmation { is_shown, calls })
}

fn on_a_mount<T>(
    server: &mut dyn Server,
    policy: &Policy,
    make: impl FnOnce(&mut dyn Server, &Mount) -> Result<T, ConfirmError>,
) -> Result<T, ConfirmError> {
    let mount = match server.configure(policy)? {
        Support::Mounted(mount) => mount,
        Support::Unsupported { feature, reason } => {
            return Err(ConfirmError::NotMounted(format!("{feature}: {reason}")));
        }
        Support::Rejected { message } => return Err(ConfirmError::NotMounted(message)),
    };
    let made = make(server, &mount);
    server.release(&mount);
    made
}

/// The calls on their way through the browser.
struct Browsing<'a> {
    server: &'a mut dyn Server,
    mount: &'a Mount,
    policy: &'a Policy,
    chrome: &'a mut Browser<Chrome>,
}

impl Browsing<'_> {
    fn all(
        &mut self,
        bound: &[BoundCall],
        observed: &ServerObservation,
    ) -> Result<Vec<CallInBrowser>, ConfirmError> {
        let mut calls = Vec::with_capacity(bound.len());
        let mut answered = observed.calls.iter();
        // Those that overlap are made at once.
        for group in bound.chunk_by(|_, next| next.overlaps) {
            let mut cases = Vec::with_capacity(group.len());
            for call in group {
                let exchanges = answered.next().map(Vec::as_slice).unwrap_or_default();
                cases.push(askable(call, exchanges, calls.len() + cases.len()));
            }
            let verdicts = self.group(group, &cases, calls.len())?;
            let both = group.iter().zip(verdicts);
            calls.extend(
                both.map(|(call, verdict)| CallInBrowser { what: words_of(call), verdict }),
            );
        }
        Ok(calls)
    }

    fn group(
        &mut self,
        group: &[BoundCall],
        cases: &[Result<UserAgentCase, String>],
        first: usize,
    ) -> Result<Vec<CallVerdict>, ConfirmError> {
        let to_ask: Vec<UserAgentCase> = cases.iter().flatten().cloned().collect();
        let mut asked = self.chrome.fetch_all(&to_ask)?.into_iter();
        let mut verdicts = Vec::with_capacity(group.len());
        for (number, (call, case)) in group.iter().zip(cases).enumerate() {
            let inconclusive = |reason| ConfirmError::Inconclusive { call: first + number, reason };
            let verdict = match case {
                Err(why) => {
                    // The calls behind it meet the server as it leaves it.
                    drive(self.server, self.mount, self.policy, std::slice::from_ref(call))?;
                    CallVerdict::NotAskable(why.clone())
                }
                Ok(case) => match asked.next() {
                    Some(Asked::Observed(seen)) => compare(case, &seen)?,
                    Some(Asked::Inconclusive { reason }) => return Err(inconclusive(reason)),
                    None => return Err(inconclusive("the browser was not asked".to_owned())),
                },
            };
            verdicts.push(verdict);
        }
        Ok(verdicts)
    }
}

fn askable(
    call: &BoundCall,
    exchanges: &[Exchange],
    number: usize,
) -> Result<UserAgentCase, String> {
    let case = as_case(&format!("call-{number}"), call, exchanges, AgentName::Chromium)
        .map_err(|why: NotBrowsable| why.to_string())?;
    match obstacle(&case) {
        Some(reason) => Err(reason),
        None => Ok(case),
    }
}

fn words_of(call: &BoundCall) -> String {
    let request = &call.request;
    let page = if call.origin.serialized.is_empty() { "nowhere" } else { &call.origin.serialized };
    format!("{} {} from `{page}`", request.method, request.url)
}
