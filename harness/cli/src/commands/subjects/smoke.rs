//! `corsproof subjects smoke`: whether adapters do what the harness relies on.

use crate::exit::Exit;
use crate::process::Limits;
use crate::registry::{Availability, Entries, Entry, Role};
use crate::smoke::smoke;

/// Smokes; one line for each check that failed, and one for each subject.
pub(super) fn run(entries: &Entries, named: bool, limits: Limits) -> Exit {
    let mut exit = Exit::Conforms;
    for (name, entry) in entries {
        let outcome = match entry {
            // A browser is no adapter: it has its own control page. What is known to be wrong may be
            // wrong here, too.
            Ok(entry) if !named && (entry.file.role == Role::UserAgent || entry.is_known_bad()) => {
                continue;
            }
            Ok(entry) => smoke_one(entry, limits),
            Err(error) => Err(vec![error.to_string()]),
        };
        match outcome {
            Ok(words) => println!("{name}: {words}"),
            Err(failed) => {
                exit = Exit::Broken;
                failed.iter().for_each(|line| println!("{name}: failed: {line}"));
            }
        }
        if named && matches!(entry, Ok(entry) if !is_available(entry)) {
            exit = Exit::Broken;
        }
    }
    exit
}

fn smoke_one(entry: &Entry, limits: Limits) -> Result<String, Vec<String>> {
    entry.prepare().map_err(|error| vec![error.to_string()])?;
    if let Availability::NotAvailable { why, how } = entry.availability() {
        return Ok(format!("not available: {why}; to get it: {how}"));
    }
    let mut running = entry.start(limits).map_err(|error| vec![error.to_string()])?;
    let Some(server) = running.server() else {
        return Err(vec!["it is no server".to_owned()]);
    };
    let about = server.about().clone();
    let mut outcome = smoke(server, limits.answer_within);
    outcome.checks += 1;
    outcome.failed.extend(running.stop());
    if outcome.failed.is_empty() {
        let checks = outcome.checks;
        return Ok(format!("{checks} checks passed ({}, {})", about.version, about.runtime));
    }
    Err(outcome.failed)
}

fn is_available(entry: &Entry) -> bool {
    matches!(entry.availability(), Availability::Available { .. })
}
