//! The subjects of this checkout that are programs, as far as they are built here.

use std::env;
use std::path::Path;
use std::process::Command;

use corsproof::registry::{Availability, Entry, FolderArguments, Place, Registry};
use libtest_mimic::{Arguments, Failed, Trial};

use crate::folder::text;

/// One trial a subject; what is not built is listed as not available.
pub(crate) fn trials(arguments: &Arguments) -> Vec<Trial> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../subjects");
    let registry = Registry::open(&FolderArguments { folder: Some(folder) }).unwrap();
    let entries = registry.entries(&[]).unwrap();
    assert!(!entries.is_empty());
    let programs = entries.into_iter().map(|(name, entry)| match entry {
        Ok(entry) => entry,
        Err(error) => panic!("{name}: {error}"),
    });
    programs
        // What is known to be wrong may be wrong here, too.
        .filter(|entry| matches!(entry.place, Place::Program { .. }) && !entry.is_known_bad())
        .filter_map(|entry| trial(entry, arguments))
        .collect()
}

fn trial(entry: Entry, arguments: &Arguments) -> Option<Trial> {
    let name = format!("{}_smokes_and_answers_a_campaign", entry.name.replace('-', "_"));
    if let Availability::NotAvailable { why, how } = entry.availability() {
        if !arguments.list {
            println!("test {name} ... not available: {why}; to get it: {how}");
        }
        return None;
    }
    Some(Trial::test(name, move || {
        smokes(&entry.name)?;
        answers_a_campaign(&entry.name)
    }))
}

fn smokes(name: &str) -> Result<(), Failed> {
    let smoked = corsproof(&["subjects", "smoke", name])?;
    if smoked.0 == Some(0) { Ok(()) } else { Err(smoked.1.into()) }
}

/// What is found is the report's business: here, every case has to be answered.
fn answers_a_campaign(name: &str) -> Result<(), Failed> {
    let out = tempfile::tempdir()?;
    let path = out.path().to_str().ok_or("not a path")?;
    let ran = corsproof(&["run", "--seed", "5", "--cases", "200", "--out", path, name])?;
    let results = std::fs::read_to_string(out.path().join("results.ndjson"))?;
    for line in results.lines() {
        let line: serde_json::Value = serde_json::from_str(line)?;
        let Some(subject) = line.get("subject") else { continue };
        let whole = subject["complete"] == true && subject["unanswered"] == 0;
        return if whole && subject["cases"] == 200 { Ok(()) } else { Err(ran.1.into()) };
    }
    Err(ran.1.into())
}

fn corsproof(arguments: &[&str]) -> Result<(Option<i32>, String), Failed> {
    let ran = Command::new(env!("CARGO_BIN_EXE_corsproof"))
        .args(arguments)
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .env_remove("CORSPROOF_SUBJECTS")
        .output()?;
    Ok((ran.status.code(), text(&ran.stdout) + &text(&ran.stderr)))
}
