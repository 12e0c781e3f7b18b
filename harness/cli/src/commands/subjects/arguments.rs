//! Which of the things that are done with subjects.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::{build, list, outdated, smoke};
use crate::commands::CommandError;
use crate::exit::Exit;
use crate::process::Limits;
use crate::registry::{FolderArguments, Registry};

/// Arguments of `corsproof subjects`.
#[derive(Debug, Args)]
pub struct Arguments {
    #[command(subcommand)]
    action: Option<Action>,
    /// One JSON object a line.
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    folder: FolderArguments,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Build the programs, each by its own package manager; those that are built stay as they are.
    Build {
        /// Subjects, each NAME or NAME@VERSION; all, if none is named.
        names: Vec<String>,
    },
    /// Prove that adapters work, with real requests to the standard app, before anything is judged.
    Smoke {
        /// Subjects, each NAME or NAME@VERSION; all servers that can run here, if none is named.
        names: Vec<String>,
        #[command(flatten)]
        limits: Limits,
    },
    /// Ask each package's registry for its newest version.
    Outdated {
        /// Subjects; all, if none is named.
        names: Vec<String>,
    },
}

/// Does it.
///
/// # Errors
/// When a subject is unknown, or the folder of subjects cannot be read.
pub fn run(arguments: &Arguments) -> Result<Exit, CommandError> {
    let registry = Registry::open(&arguments.folder)?;
    match &arguments.action {
        None => Ok(list::run(&registry.entries(&[])?, arguments.json)),
        Some(Action::Build { names }) => {
            Ok(build::run(&registry.entries(names)?, !names.is_empty()))
        }
        Some(Action::Smoke { names, limits }) => {
            Ok(smoke::run(&registry.entries(names)?, !names.is_empty(), *limits))
        }
        Some(Action::Outdated { names }) => {
            let folder = arguments.folder.find()?.unwrap_or_else(|| PathBuf::from("."));
            Ok(outdated::run(&registry.entries(names)?, &folder))
        }
    }
}
