//! `corsproof subjects`: what can be tested on this machine, and why not what cannot.

use clap::Args;
use serde_json::json;

use super::CommandError;
use crate::exit::Exit;
use crate::registry::{self, Availability};

/// Arguments of `corsproof subjects`.
#[derive(Debug, Args)]
pub struct Arguments {
    /// One JSON object a line.
    #[arg(long)]
    json: bool,
}

/// Lists the subjects.
///
/// # Errors
/// When a file of a subject's folder does not parse.
pub fn run(arguments: &Arguments) -> Result<Exit, CommandError> {
    for name in registry::names() {
        let entry = registry::entry(name)?;
        let availability = entry.availability();
        if arguments.json {
            let line = match &availability {
                Availability::Available { version } => {
                    json!({"name": name, "available": true, "version": version, "subject": entry.file})
                }
                Availability::NotAvailable { why, how } => {
                    json!({"name": name, "available": false, "why": why, "how": how, "subject": entry.file})
                }
            };
            println!("{line}");
            continue;
        }
        match availability {
            Availability::Available { version } => println!(
                "{name:14} {version:18} {} package `{}`, {}",
                entry.file.language, entry.file.package, entry.file.homepage
            ),
            Availability::NotAvailable { why, how } => {
                println!("{name:14} not available: {why}; to get it: {how}");
            }
        }
    }
    Ok(Exit::Conforms)
}
