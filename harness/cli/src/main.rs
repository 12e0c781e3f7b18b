//! The `corsproof` command.

use std::process::ExitCode;

use clap::{Parser, Subcommand};
use corsproof::commands::{bench, caches, explain, replay, rules, run, serve, subjects, vectors};
use corsproof::exit::Exit;

/// Holds CORS implementations, servers and browsers, against the Fetch Standard.
///
/// Exit codes: 0 everything judged conforms or is a known divergence; 1 a new divergence, a stale
/// entry or a surprise pass; 2 the harness, a subject or the input is broken, or nothing was
/// judged.
#[derive(Parser)]
#[command(name = "corsproof", version)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Generate cases, run them against subjects, judge, shrink and report.
    Run(Box<run::Arguments>),
    /// Run the same against a browser that you open: prints the page and the proxy setting it needs.
    Serve(serve::Arguments),
    /// Say what a browser does with a case, and at which step it decides.
    Explain(explain::Arguments),
    /// Run a saved vector again.
    Replay(replay::Arguments),
    /// List what servers are held against.
    Rules(rules::Arguments),
    /// List what can be tested on this machine, and why not what cannot; build it, prove it works.
    Subjects(subjects::Arguments),
    /// Make vectors of drafts, or compute those that are there again.
    Vectors(vectors::Arguments),
    /// Put caches that are installed in front of servers: are their answers safe to share?
    Caches(caches::Arguments),
    /// Measure, each rate against a baseline of the same run.
    Bench(bench::Arguments),
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let outcome = match arguments.command {
        Command::Run(arguments) => run::run(&arguments),
        Command::Serve(arguments) => serve::run(&arguments),
        Command::Explain(arguments) => explain::run(&arguments),
        Command::Replay(arguments) => replay::run(&arguments),
        Command::Rules(arguments) => rules::run(&arguments),
        Command::Subjects(arguments) => subjects::run(&arguments),
        Command::Vectors(arguments) => vectors::run(&arguments),
        Command::Caches(arguments) => caches::run(&arguments),
        Command::Bench(arguments) => bench::run(&arguments),
    };
    outcome
        .unwrap_or_else(|error| {
            eprintln!("corsproof: {error}");
            Exit::Broken
        })
        .into()
}
