//! `corsproof replay`: runs a saved vector again.

use std::path::{Path, PathBuf};

use clap::Args;
use corsproof_conform::vector::{Vector, VectorError};

use super::CommandError;
use super::replay_in_browser::{self, Browser};
use crate::campaign::tally::Replayed;
use crate::campaign::{server, user_agent};
use crate::exit::Exit;
use crate::process::Limits;
use crate::registry::{Availability, FolderArguments, Registry, Running};

/// Arguments of `corsproof replay`.
#[derive(Debug, Args)]
pub struct Arguments {
    /// The id of a vector, or the path of its file.
    vector: String,
    /// The subject, or NAME@VERSION, to run it against; the one it was found in, if absent.
    #[arg(long)]
    subject: Option<String>,
    /// Make the calls of a server's vector in this browser as well, and compare what it does with
    /// what the model says: 0 they agree, 1 they differ, 2 it cannot be asked.
    #[arg(long, value_enum)]
    browser: Option<Browser>,
    /// The folder of a run whose vectors are looked up too.
    #[arg(long, default_value = "corsproof-out", value_name = "FOLDER")]
    out: PathBuf,
    #[command(flatten)]
    folder: FolderArguments,
    #[command(flatten)]
    limits: Limits,
}

/// Why no vector was found or read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LoadError {
    /// Neither in the published set nor in the folder of the last run.
    #[error("no vector is called `{0}`, neither in the published set nor in the run's folder")]
    Unknown(String),
    /// It is there, but broken.
    #[error(transparent)]
    Vector(#[from] VectorError),
}

/// Runs the vector.
///
/// # Errors
/// When the vector is unknown or broken, or the subject is unknown.
pub fn run(arguments: &Arguments) -> Result<Exit, CommandError> {
    let vector = load(&arguments.vector, Some(&arguments.out))?;
    let found_in = vector.provenance.as_ref().map(|provenance| provenance.subject.clone());
    let Some(name) = arguments.subject.clone().or(found_in) else {
        return Err(format!("vector `{}` names no subject; use --subject", vector.id).into());
    };
    let entry = Registry::open(&arguments.folder)?.entry(&name)?;
    entry.prepare()?;
    if let Availability::NotAvailable { why, how } = entry.availability() {
        println!("{}: cannot run: {name} is not available: {why}; to get it: {how}", vector.id);
        return Ok(Exit::Broken);
    }
    let mut running = entry.start(arguments.limits)?;
    if let Some(Browser::Chromium) = arguments.browser {
        let outcome = replay_in_browser::run(&mut running, &name, &vector);
        tell_how_it_ended(running, &name);
        return outcome;
    }
    let replayed = replayed(&mut running, &vector);
    tell_how_it_ended(running, &name);
    let known = entry.known.known.iter().find(|known| known.vector_id() == vector.id);
    println!("{} against {name}: {}", vector.id, words(&replayed));
    if let Some(known) = known {
        println!("known: {} ({})", known.reason, known.link);
    }
    println!("{}", vector.comment);
    Ok(match (replayed, known) {
        (Replayed::CannotRun(_), _) => Exit::Broken,
        (Replayed::Fixed, None) | (Replayed::StillFailing, Some(_)) => Exit::Conforms,
        // A known divergence that is gone is a stale entry.
        (Replayed::Fixed, Some(_)) | (Replayed::StillFailing, None) => Exit::Diverges,
    })
}

fn tell_how_it_ended(running: Running, name: &str) {
    if let Some(complaint) = running.stop() {
        eprintln!("corsproof: {name}: {complaint}");
    }
}

/// Runs a vector against what is running.
pub fn replayed(running: &mut Running, vector: &Vector) -> Replayed {
    match running {
        Running::Server(subject) => server::replay(subject.as_mut(), vector),
        Running::Program(subject) => server::replay(subject.as_mut(), vector),
        Running::UserAgent(subject, _) => user_agent::replay(subject.as_mut(), vector),
    }
}

/// The vector of this id, from the published set or a run's folder; or the one in this file.
///
/// # Errors
/// When there is none, or it is broken.
pub fn load(id: &str, out: Option<&Path>) -> Result<Vector, LoadError> {
    let path = Path::new(id);
    if path.extension().is_some_and(|extension| extension == "json") {
        return Ok(Vector::read(path)?);
    }
    let file = format!("{id}.json");
    let published = corsproof_vectors::all()
        .iter()
        .find(|(path, _)| Path::new(path).file_name().is_some_and(|name| name == file.as_str()));
    if let Some((path, text)) = published {
        return Ok(Vector::parse(path, text)?);
    }
    match out.map(|out| out.join("vectors").join(&file)) {
        Some(path) if path.exists() => Ok(Vector::read(&path)?),
        _ => Err(LoadError::Unknown(id.to_owned())),
    }
}

/// As the report says it.
pub fn words(replayed: &Replayed) -> String {
    match replayed {
        Replayed::Fixed => "fixed".to_owned(),
        Replayed::StillFailing => "still failing".to_owned(),
        Replayed::CannotRun(why) => format!("cannot run: {why}"),
    }
}
