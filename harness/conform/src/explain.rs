//! One case in, one verdict out: what the model says of a user-agent case, in the words of the
//! interchange format of `corsproof explain`.
//!
//! Longer than most files here: the interchange types are most of it.

use std::time::Duration;

use corsproof_model::{
    BlockedAt, Fetched, HopTrace, PreflightCache, ResponseType as ModelResponseType, SPEC_COMMIT,
    Step, Trace, UserAgent, construct, fetch,
};
use serde::{Deserialize, Serialize};

use crate::byte_string::ByteString;
use crate::case::{CaseRequest, Hop, Sequence, UserAgentCase};
use crate::encode::{self, CaseError, ScriptedNetwork};
use crate::observe::{Observation, Outcome, ResponseType, WireActual, WireHop, WirePreflight};

/// What the model says of one case.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Verdict {
    /// The case's id; absent inside a sequence.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// Whether script gets a response.
    pub outcome: Outcome,
    /// Its type.
    pub response_type: ResponseType,
    /// Names that script can read, lower-case and sorted; null when blocked.
    pub exposed_headers: Option<Vec<ByteString>>,
    /// Where it was blocked.
    pub blocked_at: Option<Blocked>,
    /// In which hop, from 0.
    pub blocked_hop: Option<usize>,
    /// The step that blocked, granted the last check, or threw.
    pub decided_by: DecidedBy,
    /// The commit of the Standard.
    pub spec: String,
    /// Each hop entered.
    pub hops: Vec<VerdictHop>,
}

/// The place of a step in the Standard.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DecidedBy {
    /// Anchor of the algorithm.
    pub algorithm: String,
    /// Stable name of the step.
    pub slug: String,
    /// Its number at the pinned commit.
    pub step: String,
}

/// Where a fetch was blocked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Blocked {
    /// The API threw; nothing was sent.
    Construct,
    /// A network error before this hop sent anything.
    Fetch,
    /// At the preflight.
    Preflight,
    /// At the response itself.
    Actual,
    /// The response was accepted; following it is an error.
    Redirect,
}

/// What one hop sent, as the verdict tells it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct VerdictHop {
    /// Serialized URL.
    pub url: String,
    /// Method of the request itself.
    pub method: ByteString,
    /// Whether a preflight was sent.
    pub preflight: bool,
    /// `Access-Control-Request-Method`.
    pub acrm: Option<ByteString>,
    /// `Access-Control-Request-Headers`.
    pub acrh: Option<ByteString>,
    /// `Origin` of the preflight.
    pub origin_preflight: Option<ByteString>,
    /// `Origin` of the request itself.
    pub origin_actual: Option<ByteString>,
}

/// What the model says of a [`Sequence`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SequenceVerdict {
    /// The sequence's id.
    pub id: String,
    /// One verdict a step.
    pub steps: Vec<Verdict>,
}

/// What the model did with a case: either the API threw, or there was a fetch.
#[derive(Debug, Clone)]
pub enum Judged {
    /// The API threw.
    Threw(&'static Step, String),
    /// A fetch, with its trace.
    Fetched(Box<Fetched>),
}

/// Decides a case on a cold preflight cache.
///
/// # Errors
/// When a field of the case means nothing; names it.
pub fn explain(case: &UserAgentCase) -> Result<Verdict, CaseError> {
    let mut verdict = judge(case, &encode::user_agent(case.user_agent))?.verdict();
    verdict.id = Some(case.id.clone());
    Ok(verdict)
}

/// Decides the steps of a sequence over one preflight cache and a virtual clock.
///
/// # Errors
/// When a field of a step means nothing; names it.
pub fn explain_sequence(sequence: &Sequence) -> Result<SequenceVerdict, CaseError> {
    let steps = judge_sequence(sequence, None)?.iter().map(Judged::verdict).collect();
    Ok(SequenceVerdict { id: sequence.id.clone(), steps })
}

/// What becomes of the steps of a sequence; with this user agent, if there is one, in place of those
/// that the steps name.
///
/// # Errors
/// When a field of a step means nothing; names it.
pub fn judge_sequence(
    sequence: &Sequence,
    user_agent: Option<&UserAgent>,
) -> Result<Vec<Judged>, CaseError> {
    let mut cache = PreflightCache::default();
    let mut steps = Vec::with_capacity(sequence.steps.len());
    let mut before = 0;
    for (index, step) in sequence.steps.iter().enumerate() {
        if step.t < before {
            return Err(CaseError::BackInTime(index));
        }
        before = step.t;
        let mut agent = user_agent.cloned().unwrap_or_else(|| encode::user_agent(step.user_agent));
        if let Some(cap) = sequence.max_age_cap {
            agent.max_age_cap = Some(Duration::from_secs(cap));
        }
        let now = Duration::from_secs(step.t);
        let judged = run(&agent, &mut cache, now, &step.page_origin, &step.request, &step.hops)?;
        steps.push(judged);
    }
    Ok(steps)
}

/// What this user agent does with a case on a cold preflight cache.
///
/// # Errors
/// When a field of the case means nothing; names it.
pub fn judge(case: &UserAgentCase, agent: &UserAgent) -> Result<Judged, CaseError> {
    let mut cache = PreflightCache::default();
    run(agent, &mut cache, Duration::ZERO, &case.page_origin, &case.request, &case.hops)
}

impl Judged {
    /// In the words of the interchange format.
    pub fn verdict(&self) -> Verdict {
        match self {
            Self::Threw(step, _) => Verdict {
                id: None,
                outcome: Outcome::Block,
                response_type: ResponseType::Error,
                exposed_headers: None,
                blocked_at: Some(Blocked::Construct),
                blocked_hop: None,
                decided_by: (*step).into(),
                spec: SPEC_COMMIT.to_owned(),
                hops: Vec::new(),
            },
            Self::Fetched(fetched) => Verdict {
                id: None,
                outcome: outcome(fetched),
                response_type: fetched.response_type.into(),
                exposed_headers: exposed(fetched),
                blocked_at: fetched.trace.blocked_at.map(Into::into),
                blocked_hop: fetched.trace.blocked_hop,
                decided_by: fetched.trace.decided_by.into(),
                spec: SPEC_COMMIT.to_owned(),
                hops: fetched.trace.hops.iter().map(Into::into).collect(),
            },
        }
    }

    /// What wire and script would have seen, had a browser done this.
    pub fn observation(&self) -> Observation {
        match self {
            Self::Threw(..) => Observation {
                outcome: Outcome::Block,
                response_type: ResponseType::Error,
                exposed_headers: None,
                threw: true,
                hops: Vec::new(),
            },
            Self::Fetched(fetched) => Observation {
                outcome: outcome(fetched),
                response_type: fetched.response_type.into(),
                exposed_headers: exposed(fetched),
                threw: false,
                hops: wire_hops(&fetched.trace),
            },
        }
    }

    /// The steps that had a say, in order, each once.
    pub fn steps(&self) -> Vec<&'static Step> {
        let told: Vec<&'static Step> = match self {
            Self::Threw(step, _) => vec![step],
            Self::Fetched(fetched) => {
                let events = fetched.trace.events.iter().map(|event| event.step);
                events.chain([fetched.trace.decided_by]).collect()
            }
        };
        let mut steps: Vec<&'static Step> = Vec::with_capacity(told.len());
        for step in told {
            if !steps.contains(&step) {
                steps.push(step);
            }
        }
        steps
    }

    /// The step that decided.
    pub fn decided_by(&self) -> &'static Step {
        match self {
            Self::Threw(step, _) => step,
            Self::Fetched(fetched) => fetched.trace.decided_by,
        }
    }
}

impl From<&'static Step> for DecidedBy {
    fn from(step: &'static Step) -> Self {
        Self {
            algorithm: step.algorithm.to_owned(),
            slug: step.slug.to_owned(),
            step: step.number.to_owned(),
        }
    }
}

impl From<ModelResponseType> for ResponseType {
    fn from(response_type: ModelResponseType) -> Self {
        match response_type {
            ModelResponseType::Basic => Self::Basic,
            ModelResponseType::Cors => Self::Cors,
            ModelResponseType::Opaque => Self::Opaque,
            ModelResponseType::OpaqueRedirect => Self::OpaqueRedirect,
            ModelResponseType::Error => Self::Error,
        }
    }
}

impl From<BlockedAt> for Blocked {
    fn from(at: BlockedAt) -> Self {
        match at {
            BlockedAt::Construct => Self::Construct,
            BlockedAt::Fetch => Self::Fetch,
            BlockedAt::Preflight => Self::Preflight,
            BlockedAt::Actual => Self::Actual,
            BlockedAt::Redirect => Self::Redirect,
        }
    }
}

impl From<&HopTrace> for VerdictHop {
    fn from(hop: &HopTrace) -> Self {
        let preflight = hop.preflight.as_ref();
        Self {
            url: hop.url.to_string(),
            method: hop.method.clone().into(),
            preflight: preflight.is_some(),
            acrm: preflight.map(|p| p.method.clone().into()),
            acrh: preflight.and_then(|p| p.headers.clone()).map(Into::into),
            origin_preflight: preflight.and_then(|p| p.origin.clone()).map(Into::into),
            origin_actual: hop.actual.as_ref().and_then(|a| a.origin.clone()).map(Into::into),
        }
    }
}

fn run(
    agent: &UserAgent,
    cache: &mut PreflightCache,
    now: Duration,
    page_origin: &str,
    request: &CaseRequest,
    hops: &[Hop],
) -> Result<Judged, CaseError> {
    let environment = encode::environment(page_origin)?;
    let init = encode::request_init(request)?;
    encode::check_hops(hops)?;
    Ok(match construct(agent, &environment, &init) {
        Err(threw) => Judged::Threw(threw.step, threw.message),
        Ok(request) => {
            let mut network = ScriptedNetwork::new(hops, now);
            Judged::Fetched(Box::new(fetch(agent, cache, &mut network, request)))
        }
    })
}

fn outcome(fetched: &Fetched) -> Outcome {
    match fetched.response_type {
        ModelResponseType::Error => Outcome::Block,
        _ => Outcome::Allow,
    }
}

fn exposed(fetched: &Fetched) -> Option<Vec<ByteString>> {
    fetched
        .exposed_headers
        .as_ref()
        .map(|names| names.iter().map(|name| name.clone().into()).collect())
}

/// The wire carries no fragment.
fn without_fragment(hop: &HopTrace) -> String {
    let url = hop.url.as_str();
    url.split_once('#').map_or(url, |(front, _)| front).to_owned()
}

fn wire_hops(trace: &Trace) -> Vec<WireHop> {
    trace
        .hops
        .iter()
        .filter(|hop| hop.preflight.is_some() || hop.actual.is_some())
        .map(|hop| WireHop {
            url: without_fragment(hop),
            preflight: hop.preflight.as_ref().map(|p| WirePreflight {
                method: Some(p.method.clone().into()),
                headers: p.headers.clone().map(Into::into),
                origin: p.origin.clone().map(Into::into),
            }),
            actual: hop.actual.as_ref().map(|a| WireActual {
                method: hop.method.clone().into(),
                origin: a.origin.clone().map(Into::into),
            }),
        })
        .collect()
}
