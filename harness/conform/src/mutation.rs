//! Mutation testing of the judge: which case shows which fault of the reference server.
//!
//! The faults were written down before the rules were run against them; a fault that no case shows
//! says something about generator or rules.

use crate::drive::drive;
use crate::generate::preset::Preset;
use crate::generate::server::nth;
use crate::judge::finding::{Finding, Level};
use crate::judge::server::judge;
use crate::reference::{Fault, ReferenceServer};
use crate::server_case::ServerCase;
use crate::shrink::shrink;
use crate::subject::{ServerAdapter as _, Support};
use crate::vector::Guards;

/// A case that shows a fault.
#[derive(Debug, Clone)]
pub struct Kill {
    /// The smallest case that was found.
    pub case: ServerCase,
    /// What the judge finds.
    pub finding: Finding,
    /// The number of the case that it was shrunk from.
    pub index: u64,
    /// In how many shrinks.
    pub shrinks: usize,
}

/// What the judge finds in the reference server with this fault, or without one.
pub fn findings(fault: Option<Fault>, case: &ServerCase) -> Vec<Finding> {
    let mut server = ReferenceServer::new(fault);
    let Ok(Support::Mounted(mount)) = server.configure(&case.policy) else { return Vec::new() };
    let Ok(calls) = case.bind() else { return Vec::new() };
    match drive(&mut server, &mount, &case.policy, &calls) {
        Ok(observed) => judge(case, &observed).unwrap_or_default(),
        Err(_) => Vec::new(),
    }
}

/// Whether a fault makes the reference server break the rule that a vector guards.
pub fn kills(fault: Fault, case: &ServerCase, guards: &Guards) -> bool {
    findings(Some(fault), case).iter().any(|f| f.rule == guards.rule)
}

/// Looks for a case that shows a fault: the first that is a failure, or else the first finding.
pub fn hunt(fault: Fault, seed: u64, cases: u64) -> Option<Kill> {
    let capabilities = ReferenceServer::default().capabilities().clone();
    let mut weaker: Option<(u64, ServerCase, Finding)> = None;
    for index in 0..cases {
        let case = nth(seed, Preset::Mixed, &capabilities, index);
        let found = findings(Some(fault), &case);
        if let Some(finding) = found.iter().find(|f| f.level == Level::Required) {
            return Some(shrunk(fault, index, case, finding.clone()));
        }
        if let (None, Some(finding)) = (&weaker, found.into_iter().next()) {
            weaker = Some((index, case, finding));
        }
        // A failure shows early, if it shows at all.
        if weaker.as_ref().is_some_and(|(first, ..)| index > first + cases / 4) {
            break;
        }
    }
    weaker.map(|(index, case, finding)| shrunk(fault, index, case, finding))
}

fn shrunk(fault: Fault, index: u64, case: ServerCase, finding: Finding) -> Kill {
    let same = |case: &ServerCase| {
        findings(Some(fault), case).into_iter().find(|f| f.signature() == finding.signature())
    };
    let (smallest, shrinks) = shrink(case, |candidate| same(candidate).is_some());
    let finding = same(&smallest).unwrap_or(finding);
    Kill { case: ServerCase { id: String::new(), ..smallest }, finding, index, shrinks }
}

/// A fault's stable name: its group and itself, `origin/reflects-any`.
pub fn name_of(fault: Fault) -> String {
    let debug = format!("{fault:?}");
    let mut name = String::new();
    for c in debug.trim_end_matches(')').chars() {
        match c {
            '(' => name.push('/'),
            c if c.is_ascii_uppercase() && !name.is_empty() && !name.ends_with('/') => {
                name.push('-');
                name.push(c.to_ascii_lowercase());
            }
            c => name.push(c.to_ascii_lowercase()),
        }
    }
    name
}
