//! `corsproof vectors`: makes vectors of drafts, and computes those that are there again.

use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use corsproof_conform::author::{Draft, compute};
use corsproof_conform::vector::Vector;

use super::{CommandError, fault_vectors};
use crate::exit::Exit;

/// Most drafts that one file may hold.
const MAX_DRAFTS: usize = 100_000;

/// Largest file of drafts that is read, in bytes.
const MAX_DRAFTS_FILE: u64 = 64 << 20;

/// Arguments of `corsproof vectors`.
#[derive(Debug, Args)]
pub struct Arguments {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Make a vector of each draft: a JSON object a line with `topic`, `label`, `comment` and `case`
    /// or `sequence`. What is there already stays.
    Add {
        /// The file of drafts.
        drafts: PathBuf,
        /// The folder of the vector set.
        #[arg(long, default_value = "vectors", value_name = "FOLDER")]
        folder: PathBuf,
    },
    /// Compute again what the Standard says of each vector, and say what changed.
    Regenerate {
        /// The folder of the vector set.
        #[arg(long, default_value = "vectors", value_name = "FOLDER")]
        folder: PathBuf,
        /// Write nothing; exit code 1 if something would change.
        #[arg(long)]
        check: bool,
    },
    /// Hunt for each fault of the reference server, and keep the vectors that show them.
    Faults {
        /// The folder of the vector set.
        #[arg(long, default_value = "vectors", value_name = "FOLDER")]
        folder: PathBuf,
        /// Where it is written which vector shows which fault.
        #[arg(long, default_value = "harness/conform/faults.toml", value_name = "FILE")]
        record: PathBuf,
        /// The seed of the hunt.
        #[arg(long, default_value_t = 1)]
        seed: u64,
        /// Cases a fault.
        #[arg(long, default_value_t = 40_000)]
        cases: u64,
        /// Write nothing.
        #[arg(long)]
        check: bool,
    },
}

/// Runs the action.
///
/// # Errors
/// Names the file, and in it the line, that cannot be read or written.
pub fn run(arguments: &Arguments) -> Result<Exit, CommandError> {
    match &arguments.action {
        Action::Add { drafts, folder } => add(drafts, folder),
        Action::Regenerate { folder, check } => regenerate(folder, *check),
        Action::Faults { folder, record, seed, cases, check } => {
            fault_vectors::run(folder, record, *seed, *cases, *check)
        }
    }
}

fn add(drafts: &Path, folder: &Path) -> Result<Exit, CommandError> {
    let named = |error: &dyn std::fmt::Display| format!("drafts `{}`: {error}", drafts.display());
    let size = fs::metadata(drafts).map_err(|error| named(&error))?.len();
    if size > MAX_DRAFTS_FILE {
        return Err(named(&format!("{size} bytes are more than {MAX_DRAFTS_FILE}")).into());
    }
    let text = fs::read_to_string(drafts).map_err(|error| named(&error))?;
    // All are read before the first is written.
    let mut vectors = Vec::new();
    for (index, line) in text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
        let at = |error: &dyn std::fmt::Display| named(&format!("line {}: {error}", index + 1));
        if vectors.len() == MAX_DRAFTS {
            return Err(at(&format!("more than {MAX_DRAFTS} drafts")).into());
        }
        let draft: Draft = serde_json::from_str(line).map_err(|error| at(&error))?;
        vectors.push(draft.vector().map_err(|error| at(&error))?);
    }
    let (mut added, mut kept) = (0, 0);
    for vector in &vectors {
        let folder = folder.join(vector.test.folder());
        if folder.join(format!("{}.json", vector.id)).exists() {
            kept += 1;
        } else {
            vector.write(&folder)?;
            added += 1;
        }
    }
    writeln!(io::stdout(), "{added} added, {kept} there already")?;
    Ok(if vectors.is_empty() { Exit::Broken } else { Exit::Conforms })
}

fn regenerate(folder: &Path, check: bool) -> Result<Exit, CommandError> {
    let mut out = io::stdout().lock();
    let (mut changed, mut seen) = (0, 0);
    for kind in ["user-agent", "sequence", "server"] {
        let folder = folder.join(kind);
        for path in files_of(&folder)? {
            let vector = Vector::read(&path)?;
            let mut again = vector.clone();
            compute(&mut again).map_err(|error| format!("vector `{}`: {error}", path.display()))?;
            seen += 1;
            if again != vector {
                changed += 1;
                writeln!(out, "{}: {}", vector.id, change(&vector, &again))?;
                if !check {
                    again.write(&folder)?;
                }
            }
        }
    }
    writeln!(out, "{seen} vectors, {changed} changed")?;
    Ok(match (seen, changed) {
        (0, _) => Exit::Broken,
        (_, 1..) if check => Exit::Diverges,
        _ => Exit::Conforms,
    })
}

fn change(before: &Vector, after: &Vector) -> String {
    let mut changes = Vec::new();
    if before.steps != after.steps {
        changes.push(format!(
            "steps {} become {}",
            before.steps.join(", "),
            after.steps.join(", ")
        ));
    }
    if before.level != after.level || before.flags != after.flags {
        changes.push("level or flags change".to_owned());
    }
    if before.test != after.test {
        changes.push("the verdict, or that of an engine, changes".to_owned());
    }
    changes.join("; ")
}

/// The vector files of a folder, sorted; none if there is no such folder.
pub(super) fn files_of(folder: &Path) -> Result<Vec<PathBuf>, CommandError> {
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(format!("folder `{}`: {error}", folder.display()).into()),
    };
    let mut files = Vec::new();
    for entry in entries {
        let path = entry?.path();
        let is_vector = path.extension().is_some_and(|extension| extension == "json")
            && !path.file_name().is_some_and(|name| name.to_string_lossy().starts_with('.'));
        if is_vector {
            files.push(path);
        }
    }
    files.sort_unstable();
    Ok(files)
}
