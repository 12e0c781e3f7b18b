//! Judges a server by its effective decision: what a browser would let script do with what came
//! back, against what the policy intends. The rules are in [`super::rules`].

use crate::drive::{Played, ServerObservation};
use crate::server_case::{ServerCase, Unbound};

use super::finding::Finding;
use super::record::Record;
use super::rules::RULES;

/// Everything that is wrong with how a server answered a case, call after call.
///
/// # Errors
/// When a call of the case means nothing under its policy.
pub fn judge(case: &ServerCase, observed: &ServerObservation) -> Result<Vec<Finding>, Unbound> {
    Record::of(case, observed).map(|record| findings(&record))
}

/// The same, where the calls were just made.
pub fn judge_played(
    case: &ServerCase,
    observed: &ServerObservation,
    played: Vec<Played>,
) -> Vec<Finding> {
    findings(&Record::with(case, observed, played))
}

fn findings(record: &Record<'_>) -> Vec<Finding> {
    let mut findings: Vec<Finding> = RULES.iter().flat_map(|rule| rule.judge(record)).collect();
    findings.sort_by_key(|finding| finding.call);
    findings
}
