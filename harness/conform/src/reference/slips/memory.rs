//! What one request leaves behind for the next; a right server has nothing to remember.

use std::collections::{BTreeMap, BTreeSet};

use corsproof_model::Origin;
use corsproof_model::http::methods::is_forbidden_method;
use corsproof_model::infra::is_token;

use super::{host, relisted};
use crate::observe::WireRequest;
use crate::policy::{Policy, RawPolicy, Tokens};
use crate::reference::fault::{Fault, StateFault};
use crate::reference::heard::Heard;
use crate::reference::lines::{ALLOW_CREDENTIALS, ALLOW_ORIGIN, Lines};
use crate::reference::middleware::{Answered, answer};

/// No memory grows beyond this many entries.
const MOST: usize = 256;
const TABLE: usize = 4;
const OWN: &str = "https://own.example";

/// What a faulty middleware remembers of the requests of one mount.
#[derive(Debug, Default)]
pub(in crate::reference) struct Memory {
    count: u64,
    origins: Vec<String>,
    methods: Vec<String>,
    headers: Vec<String>,
    first_allowed: BTreeMap<String, Vec<u8>>,
    last_allowed: Option<Vec<u8>>,
    answers: BTreeMap<String, Answered>,
    decisions: BTreeMap<String, bool>,
    seen: BTreeSet<String>,
    failed: bool,
    denied: bool,
    credentials: bool,
}

impl Memory {
    /// The answers to requests that overlap, or to one.
    pub(in crate::reference) fn exchange(
        &mut self,
        fault: Option<Fault>,
        policy: &Policy,
        requests: &[WireRequest],
    ) -> Vec<Answered> {
        match fault {
            Some(Fault::State(slip)) if requests.len() > 1 => overlap(slip, policy, requests)
                .unwrap_or_else(|| requests.iter().map(|r| self.next(slip, policy, r)).collect()),
            Some(Fault::State(slip)) => {
                requests.iter().map(|request| self.next(slip, policy, request)).collect()
            }
            _ => requests.iter().map(|request| answer(fault, policy, request, None)).collect(),
        }
    }

    fn next(&mut self, slip: StateFault, policy: &Policy, request: &WireRequest) -> Answered {
        let heard = Heard::of(request);
        let grown = self.grown(policy);
        let key = key(slip, &heard);
        if let Some(answer) = self.answers.get(&key) {
            // What a cache answers, no handler does.
            return Answered { ran: false, ..answer.clone() };
        }
        let known = self.known(slip, &heard);
        let mut answered = answer(None, &grown, request, known);
        if caches(slip, &heard) && self.answers.len() < MOST {
            self.answers.insert(key, answered.clone());
        }
        self.spoil(slip, &heard, &mut answered);
        self.learn(slip, &heard, &answered);
        answered
    }

    /// The policy with what its lists have grown by.
    fn grown(&self, policy: &Policy) -> Policy {
        let mut raw =
            relisted(policy, |set| set.list.extend(self.origins.iter().cloned())).raw().clone();
        extend(&mut raw, &self.methods, &self.headers);
        Policy::try_from(raw).unwrap_or_else(|_| policy.clone())
    }

    /// A decision about the origin that is taken from memory.
    fn known(&self, slip: StateFault, heard: &Heard<'_>) -> Option<bool> {
        let origin = heard.origin_text()?;
        match slip {
            StateFault::PreflightOpens => self.seen.contains(&origin).then_some(true),
            StateFault::FullTable => {
                (self.seen.len() >= TABLE && !self.seen.contains(&origin)).then_some(false)
            }
            StateFault::DeniedAfterDenied => self.denied.then_some(false),
            _ => self.decisions.get(&memo(slip, &origin)?).copied(),
        }
    }

    fn spoil(&self, slip: StateFault, heard: &Heard<'_>, answered: &mut Answered) {
        let mut lines = Lines::from(std::mem::take(&mut answered.response.headers));
        let names_origin = lines.value(ALLOW_ORIGIN).is_some_and(|origin| origin != b"*");
        match slip {
            StateFault::FirstAllowedForPath if names_origin => {
                if let Some(first) = self.first_allowed.get(heard.path()) {
                    lines.set(ALLOW_ORIGIN, first.clone());
                }
            }
            StateFault::PreviousAllowed if names_origin => {
                if let Some(last) = &self.last_allowed {
                    lines.set(ALLOW_ORIGIN, last.clone());
                }
            }
            StateFault::KeepsLastAllowed if !answered.allowed => {
                if let Some(last) = &self.last_allowed {
                    lines.set(ALLOW_ORIGIN, last.clone());
                }
            }
            StateFault::EveryThirdBare if self.count % 3 == 2 => lines.strip(),
            StateFault::FirstBare if self.count == 0 => lines.strip(),
            StateFault::BareAfterError if self.failed => lines.strip(),
            StateFault::CredentialsStick if self.credentials && names_origin => {
                lines.set(ALLOW_CREDENTIALS, "true");
            }
            _ => {}
        }
        answered.response.headers = lines.into_vec();
    }

    fn learn(&mut self, slip: StateFault, heard: &Heard<'_>, answered: &Answered) {
        let lines = Lines::from(answered.response.headers.clone());
        self.count += 1;
        self.failed = answered.response.status >= 500;
        self.credentials |= lines.has(ALLOW_CREDENTIALS);
        let Some(origin) = heard.origin_text() else { return };
        self.denied = !answered.allowed && !self.denied;
        if answered.allowed {
            let origin = heard.origin.clone().unwrap_or_default();
            self.first_allowed.entry(heard.path().to_owned()).or_insert_with(|| origin.clone());
            self.last_allowed = Some(origin);
        }
        if let Some(memo) = memo(slip, &origin)
            && self.decisions.len() < MOST
        {
            self.decisions.entry(memo).or_insert(answered.allowed);
        }
        let opens = answered.preflight && answered.allowed;
        if self.seen.len() < MOST && (opens || slip == StateFault::FullTable) {
            self.seen.insert(origin.clone());
        }
        self.grow(slip, heard, origin, answered);
    }

    fn grow(&mut self, slip: StateFault, heard: &Heard<'_>, origin: String, answered: &Answered) {
        if self.origins.len() + self.methods.len() + self.headers.len() >= MOST {
            return;
        }
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).ok();
        match slip {
            StateFault::HandlerChangesList if answered.ran && heard.path() == "/own-cors" => {
                self.origins.push(OWN.to_owned());
            }
            StateFault::ListGrows if !answered.allowed && is_tuple(&origin) => {
                self.origins.push(origin)
            }
            StateFault::MethodsGrow if answered.preflight => {
                let method = heard.asked_method.clone().filter(|method| is_usable(method));
                self.methods.extend(method.and_then(text));
            }
            StateFault::HeadersGrow if answered.preflight => {
                self.headers.extend(heard.asked_names().into_iter().take(MOST).filter_map(text));
            }
            _ => {}
        }
    }
}

fn is_tuple(origin: &str) -> bool {
    Origin::parse_serialized(origin).is_some_and(|origin| !origin.is_opaque())
}

fn is_usable(method: &[u8]) -> bool {
    is_token(method) && !is_forbidden_method(method)
}

fn extend(raw: &mut RawPolicy, methods: &[String], headers: &[String]) {
    if let Tokens::List(tokens) = &mut raw.methods {
        tokens.list.extend(methods.iter().cloned());
    }
    if let Tokens::List(tokens) = &mut raw.request_headers {
        tokens.list.extend(headers.iter().cloned());
    }
}

/// By what an answer is found again.
fn key(slip: StateFault, heard: &Heard<'_>) -> String {
    match slip {
        StateFault::CachesPreflightsByPath if !heard.is_preflight() => String::new(),
        _ => format!("{} {}", heard.request.method, heard.path()),
    }
}

fn caches(slip: StateFault, heard: &Heard<'_>) -> bool {
    match slip {
        StateFault::CachesByPath => true,
        StateFault::CachesPreflightsByPath => heard.is_preflight(),
        _ => false,
    }
}

/// By what a decision is found again.
fn memo(slip: StateFault, origin: &str) -> Option<String> {
    match slip {
        StateFault::MemoisesLowerCase => Some(origin.to_ascii_lowercase()),
        StateFault::MemoisesByHost => Some(host(origin).to_owned()),
        StateFault::MemoisesAcrossPaths => Some(origin.to_owned()),
        _ => None,
    }
}

/// Slips that need requests that overlap.
fn overlap(slip: StateFault, policy: &Policy, requests: &[WireRequest]) -> Option<Vec<Answered>> {
    let right = |request: &WireRequest| answer(None, policy, request, None);
    let all = || requests.iter().map(right).collect::<Vec<_>>();
    match slip {
        StateFault::OverlapSwaps => {
            let mut answers = all();
            let origins: Vec<_> = answers.iter().map(allow_origin).collect();
            for (answer, origin) in answers.iter_mut().zip(origins.into_iter().rev()) {
                put_origin(answer, origin);
            }
            Some(answers)
        }
        StateFault::OverlapTakesLast => {
            let mut answers = all();
            let last = answers.last().and_then(allow_origin);
            answers.iter_mut().for_each(|answer| put_origin(answer, last.clone()));
            Some(answers)
        }
        StateFault::OverlapSharesDecision => {
            let first = requests.first().map(|request| right(request).allowed);
            Some(requests.iter().map(|request| answer(None, policy, request, first)).collect())
        }
        _ => None,
    }
}

fn allow_origin(answer: &Answered) -> Option<Vec<u8>> {
    Lines::from(answer.response.headers.clone()).value(ALLOW_ORIGIN).map(<[u8]>::to_vec)
}

fn put_origin(answer: &mut Answered, origin: Option<Vec<u8>>) {
    let mut lines = Lines::from(std::mem::take(&mut answer.response.headers));
    lines.put(ALLOW_ORIGIN, origin);
    answer.response.headers = lines.into_vec();
}
