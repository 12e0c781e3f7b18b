//! One module a subcommand.

mod attach;
pub mod bench;
pub mod caches;
pub mod explain;
mod fault_vectors;
mod plan;
pub mod replay;
pub mod replay_in_browser;
pub mod rules;
pub mod run;
pub mod serve;
pub mod subjects;
pub mod vectors;

/// What a command fails with; printed to standard error, exit code 2.
pub type CommandError = Box<dyn std::error::Error>;
