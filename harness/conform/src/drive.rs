//! Makes the calls of a server case: the model plays the browser, the server is its network.
//!
//! What went over the wire is recorded; judging happens on the record alone, in
//! [`crate::judge`].

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};

use serde::{Deserialize, Serialize};

use corsproof_model::Fetched;

use crate::intent::Intent;
use crate::observe::{Exchange, WireRequest, WireResponse};
use crate::page::{self, Page, Turn};
use crate::policy::Policy;
use crate::server_case::BoundCall;
use crate::subject::{Mount, Server, SubjectError};

/// What went over the wire, call after call.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ServerObservation {
    /// The exchanges of each call: at most a preflight, then the request itself, then what its
    /// redirects lead to.
    pub calls: Vec<Vec<Exchange>>,
    /// How often a handler ran for a call: where the policy blocks it, a browser asks first, and the
    /// server counts.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub executed: BTreeMap<usize, u64>,
}

/// The most exchanges of one call: a preflight and a request for each of 21 hops.
const MAX_EXCHANGES: usize = 42;

/// Makes the calls of a case and records what went over the wire.
///
/// # Errors
/// When the subject broke or did not answer.
pub fn drive(
    server: &mut dyn Server,
    mount: &Mount,
    policy: &Policy,
    calls: &[BoundCall],
) -> Result<ServerObservation, SubjectError> {
    make(server, mount, policy, calls).map(|(observation, _)| observation)
}

/// The same, and what had to be worked out for it, so that judging need not do so again.
///
/// # Errors
/// As [`drive`].
pub fn play(
    server: &mut dyn Server,
    mount: &Mount,
    policy: &Policy,
    calls: Vec<BoundCall>,
) -> Result<(ServerObservation, Vec<Played>), SubjectError> {
    let (observation, pages) = make(server, mount, policy, &calls)?;
    let played = calls.into_iter().zip(pages).map(|(call, page)| Played { call, page });
    Ok((observation, played.collect()))
}

/// A call that was made.
#[derive(Debug)]
pub struct Played {
    /// As it was made.
    pub call: BoundCall,
    /// The page that made it, and what it got in the end; `None`: no browser makes this call.
    pub page: Option<(Page, Fetched)>,
}

impl Played {
    /// From the record alone: a function of call and answers, as in [`play`].
    pub fn again(call: BoundCall, recorded: &[Exchange]) -> Self {
        let page = Page::of(&call).map(|page| {
            let fetched = page.browse(recorded);
            (page, fetched)
        });
        Self { call, page }
    }
}

type Made = (ServerObservation, Vec<Option<(Page, Fetched)>>);

fn make(
    server: &mut dyn Server,
    mount: &Mount,
    policy: &Policy,
    calls: &[BoundCall],
) -> Result<Made, SubjectError> {
    let mut observation = ServerObservation::default();
    let mut pages = Vec::with_capacity(calls.len());
    for group in calls.chunk_by(|_, next| next.overlaps) {
        let mut driven: Vec<Driven<'_>> = group.iter().map(|c| Driven::new(c, policy)).collect();
        while make_next(server, mount, &mut driven)? {}
        for call in driven {
            if let Some(count) = call.executed(server, mount)? {
                observation.executed.insert(observation.calls.len(), count);
            }
            pages.push(call.page.map(|page| {
                let fetched = call.fetched.unwrap_or_else(|| page.browse(&call.exchanges));
                (page, fetched)
            }));
            observation.calls.push(call.exchanges);
        }
    }
    Ok((observation, pages))
}

/// A call under way.
struct Driven<'a> {
    call: &'a BoundCall,
    page: Option<Page>,
    /// By which its handler's runs are counted.
    token: Option<String>,
    exchanges: Vec<Exchange>,
    /// What comes next, where that is known already.
    turn: Option<Turn>,
    /// What the page got, once the call is over.
    fetched: Option<Fetched>,
}

/// Tells the counted calls of this process apart.
static COUNTED: AtomicU64 = AtomicU64::new(0);

impl<'a> Driven<'a> {
    fn new(call: &'a BoundCall, policy: &Policy) -> Self {
        let page = Page::of(call);
        let turn = page.as_ref().map(|page| page.turn(&[]));
        let asks = matches!(&turn, Some(Turn::Sends(wanted)) if wanted.preflight);
        let blocks = |page: &Page| matches!(policy.intends_page(page), Intent::MustBlock(_));
        let counts = asks && page.as_ref().is_some_and(blocks);
        let token = counts.then(|| format!("c{}", COUNTED.fetch_add(1, Ordering::Relaxed)));
        Self { call, page, token, exchanges: Vec::new(), turn, fetched: None }
    }

    /// What goes over the wire next; `None`: the call is over.
    fn next(&mut self) -> Option<WireRequest> {
        if self.exchanges.len() >= MAX_EXCHANGES || self.fetched.is_some() {
            return None;
        }
        let wanted = match &self.page {
            Some(page) => {
                let turn = self.turn.take().unwrap_or_else(|| page.turn(&self.exchanges));
                match turn {
                    Turn::Sends(wanted) => wanted,
                    Turn::Ends(fetched) => {
                        self.fetched = Some(*fetched);
                        return None;
                    }
                }
            }
            None if self.exchanges.is_empty() => page::bare(self.call),
            None => return None,
        };
        let mut request = wanted.over(&self.call.wire);
        if let Some(token) = &self.token {
            let joint = if request.target.contains(&b'?') { '&' } else { '?' };
            request.target = format!("{}{joint}case={token}", request.target).into();
        }
        Some(request)
    }

    fn executed(
        &self,
        server: &mut dyn Server,
        mount: &Mount,
    ) -> Result<Option<u64>, SubjectError> {
        match &self.token {
            Some(token) if !self.exchanges.is_empty() => server.executed(mount, token),
            _ => Ok(None),
        }
    }
}

/// Makes the next exchange of each call that has one; gives whether there was any.
fn make_next(
    server: &mut dyn Server,
    mount: &Mount,
    driven: &mut [Driven<'_>],
) -> Result<bool, SubjectError> {
    let (calls, requests): (Vec<_>, Vec<_>) =
        driven.iter_mut().filter_map(|call| call.next().map(|request| (call, request))).unzip();
    let answers = match requests.as_slice() {
        [] => return Ok(false),
        [request] => server.exchange(mount, request).map(|answer| vec![answer]),
        several => server.exchange_overlapping(mount, several),
    };
    let answers = match answers {
        Err(SubjectError::Closed { .. }) => one_by_one(server, mount, &calls, &requests)?,
        answers => answers?,
    };
    for ((call, request), response) in calls.into_iter().zip(requests).zip(answers) {
        call.exchanges.push(Exchange { request, response });
    }
    Ok(true)
}

/// The same without overlap, after a connection was closed: on bytes that no browser sends that is
/// an answer, too.
fn one_by_one(
    server: &mut dyn Server,
    mount: &Mount,
    calls: &[&mut Driven<'_>],
    requests: &[WireRequest],
) -> Result<Vec<WireResponse>, SubjectError> {
    let exchange =
        |(call, request): (&&mut Driven<'_>, &WireRequest)| match server.exchange(mount, request) {
            Err(SubjectError::Closed { .. }) if call.page.is_none() => {
                Ok(WireResponse { status: CLOSED, headers: Vec::new() })
            }
            answer => answer,
        };
    calls.iter().zip(requests).map(exchange).collect()
}

/// Stands for the status where the connection was closed without an answer.
pub const CLOSED: u16 = 0;
