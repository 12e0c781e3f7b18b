//! `corsproof subjects build`: each program by its own package manager, one after the other.

use std::time::Instant;

use crate::build::{Built, missing_tool};
use crate::exit::Exit;
use crate::registry::{Entries, Entry};

/// Builds. What needs a tool that is not here is not available, which fails nobody.
pub(super) fn run(entries: &Entries, named: bool) -> Exit {
    let mut exit = Exit::Conforms;
    for (name, entry) in entries {
        let outcome = match entry {
            Ok(entry) => build(entry, named),
            Err(error) => Err(error.to_string()),
        };
        match outcome {
            Ok(Some(words)) => println!("{name}: {words}"),
            Ok(None) => {}
            Err(words) => {
                println!("{name}: not available: {words}");
                exit = Exit::Broken;
            }
        }
    }
    exit
}

/// What it came to, if anybody wants to know.
fn build(entry: &Entry, named: bool) -> Result<Option<String>, String> {
    if entry.is_known_bad() && !named {
        return Ok(Some(
            "left out: it is known to be wrong, and built when it is named".to_owned(),
        ));
    }
    let Some(recipe) = entry.recipe() else {
        return Ok(named.then(|| "nothing to build".to_owned()));
    };
    if let Some(missing) = missing_tool(recipe.tool_lines()) {
        let (tool, how) = (missing.tool, missing.how);
        return Ok(Some(format!("not available: `{tool}` is not on the PATH; to get it: {how}")));
    }
    let started = Instant::now();
    match recipe.build() {
        Ok(Built::Before) => Ok(Some("built before, nothing has changed".to_owned())),
        Ok(Built::Now) => Ok(Some(format!("built in {} s", started.elapsed().as_secs()))),
        Err(error) => Err(error.to_string()),
    }
}
