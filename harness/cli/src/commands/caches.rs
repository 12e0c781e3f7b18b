//! `corsproof caches`: are a server's answers safe to share, through caches that people run?

use clap::Args;

use super::CommandError;
use crate::caches::{self, Cache, CacheError, Kind, Tally};
use crate::exit::Exit;
use crate::process::Limits;
use crate::registry::{Availability, Entry, FolderArguments, Place, Registry, Running};

/// Arguments of `corsproof caches`.
#[derive(Debug, Args)]
pub struct Arguments {
    /// Servers, each NAME or NAME@VERSION; if none is named, those that are linked in.
    subjects: Vec<String>,
    /// Names the sequences: the same seed makes the same ones.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Sequences a subject and cache.
    #[arg(long, default_value_t = 100, value_parser = clap::value_parser!(u64).range(1..=100_000))]
    cases: u64,
    /// One cache alone: nginx or varnish.
    #[arg(long, value_name = "NAME", value_parser = kind)]
    cache: Option<Kind>,
    #[command(flatten)]
    folder: FolderArguments,
    #[command(flatten)]
    limits: Limits,
}

/// Puts each cache that is installed in front of each subject.
///
/// # Errors
/// When a subject is unknown, or the folder of subjects cannot be read.
pub fn run(arguments: &Arguments) -> Result<Exit, CommandError> {
    let named = !arguments.subjects.is_empty();
    let mut entries = Registry::open(&arguments.folder)?.entries(&arguments.subjects)?;
    if !named {
        entries.retain(|(_, entry)| {
            entry.as_ref().is_ok_and(|entry| matches!(entry.place, Place::Embedded))
        });
    }
    let kinds = Kind::ALL.into_iter().filter(|kind| arguments.cache.is_none_or(|one| one == *kind));
    let (caches, missing): (Vec<_>, Vec<_>) = kinds.map(Cache::find).partition(Result::is_ok);
    missing.into_iter().filter_map(Result::err).for_each(|missing| println!("{missing}"));
    let caches: Vec<Cache> = caches.into_iter().flatten().collect();
    println!("seed {}, {} sequences a subject and cache", arguments.seed, arguments.cases);
    println!(
        "{:18} {:16} {:>9} {:>7} {:>7} {:>7} {:>9} {:>7} {:>11}",
        "subject",
        "cache",
        "sequences",
        "calls",
        "hits",
        "unsafe",
        "predicted",
        "agree",
        "not mounted"
    );
    let mut exit = None;
    for (name, entry) in entries {
        let outcome = match entry {
            Ok(entry) => ask(&entry, &caches, arguments, named),
            Err(error) => broken(&name, &error),
        };
        exit = exit.max(outcome);
    }
    if exit.is_none() {
        eprintln!("corsproof: nothing was judged");
    }
    Ok(exit.unwrap_or(Exit::Broken))
}

/// What a subject came to; `None`: nothing was judged, and nobody is to blame.
fn ask(entry: &Entry, caches: &[Cache], arguments: &Arguments, named: bool) -> Option<Exit> {
    if let Err(error) = entry.prepare() {
        return broken(&entry.name, &error);
    }
    if let Availability::NotAvailable { why, how } = entry.availability() {
        println!("{}: not available: {why}; to get it: {how}", entry.name);
        return named.then_some(Exit::Broken);
    }
    let mut running = match entry.start(arguments.limits) {
        Ok(running) => running,
        Err(error) => return broken(&entry.name, &error),
    };
    let mut exit = None;
    for cache in caches {
        let (known, seed, cases) = (&entry.known, arguments.seed, arguments.cases);
        let outcome = match &mut running {
            Running::Server(server) => caches::run(server.as_mut(), known, cache, seed, cases),
            Running::Program(server) => caches::run(server.as_mut(), known, cache, seed, cases),
            Running::UserAgent(..) => return broken(&entry.name, &"it is no server"),
        };
        exit = exit.max(show(&entry.name, cache, &outcome));
    }
    if let Some(complaint) = running.stop() {
        eprintln!("corsproof: {}: {complaint}", entry.name);
    }
    exit
}

fn show(name: &str, cache: &Cache, outcome: &Result<Tally, CacheError>) -> Option<Exit> {
    let tally = match outcome {
        Ok(tally) => tally,
        Err(error) => return broken(name, error),
    };
    println!(
        "{name:18} {:16} {:>9} {:>7} {:>7} {:>7} {:>9} {:>7} {:>11}",
        cache.to_string(),
        tally.sequences,
        tally.calls,
        tally.hits,
        tally.unsafe_really,
        tally.unsafe_predicted,
        tally.agree,
        tally.not_mounted,
    );
    if tally.unsafe_known > 0 {
        println!("  {} of the unsafe ones are in its known.toml", tally.unsafe_known);
    }
    tally.shown.iter().for_each(|words| println!("  {words}"));
    for (why, count) in &tally.known {
        println!("  the cache's own fault, documented: {why} ({count} calls)");
    }
    for (why, (count, first)) in &tally.disagreements {
        println!("  prediction differs: {why} ({count} sequences, the first: {first})");
    }
    if tally.hits == 0 {
        println!("  nothing was judged: the cache never answered from its store");
    }
    Some(tally.exit())
}

fn kind(name: &str) -> Result<Kind, String> {
    let found = Kind::ALL.into_iter().find(|kind| kind.name() == name);
    found.ok_or_else(|| format!("`{name}` is not one of nginx, varnish"))
}

fn broken(name: &str, error: &dyn std::fmt::Display) -> Option<Exit> {
    println!("{name}: broken: {error}");
    Some(Exit::Broken)
}
