//! `corsproof subjects`: what can be tested on this machine, and why not what cannot.

use serde_json::json;

use crate::exit::Exit;
use crate::registry::{Availability, Entries, Entry};

/// Lists the subjects.
pub(super) fn run(entries: &Entries, json: bool) -> Exit {
    let mut exit = Exit::Conforms;
    for (name, entry) in entries {
        match entry {
            Ok(entry) if json => println!("{}", line(entry)),
            Ok(entry) => println!("{}", words(entry)),
            Err(error) => {
                exit = Exit::Broken;
                if json {
                    println!("{}", json!({"name": name, "broken": error.to_string()}));
                } else {
                    println!("{name:20} broken: {error}");
                }
            }
        }
    }
    exit
}

fn line(entry: &Entry) -> serde_json::Value {
    let Entry { name, file, .. } = entry;
    match entry.availability() {
        Availability::Available { version } => {
            json!({"name": name, "available": true, "version": version, "subject": file})
        }
        Availability::NotAvailable { why, how } => {
            json!({"name": name, "available": false, "why": why, "how": how, "subject": file})
        }
    }
}

fn words(entry: &Entry) -> String {
    let Entry { name, file, .. } = entry;
    match entry.availability() {
        Availability::Available { version } => {
            let bad = file.advisory.as_ref().map(|link| format!(", known to be wrong: {link}"));
            let (language, package, homepage) = (&file.language, &file.package, &file.homepage);
            let bad = bad.unwrap_or_default();
            format!("{name:20} {version:18} {language} package `{package}`, {homepage}{bad}")
        }
        Availability::NotAvailable { why, how } => {
            format!("{name:20} not available: {why}; to get it: {how}")
        }
    }
}
