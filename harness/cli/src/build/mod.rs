//! Building subjects that are programs, each by its own package manager: once, unless its sources
//! change; in the version of its folder, or as a copy in another one.

mod command;
mod error;
mod recipe;
mod repin;
mod sources;
mod tools;

pub use command::{answer_of, run_logged};
pub use error::BuildError;
pub use recipe::{Built, Recipe};
pub use repin::{Repin, is_version};
pub use tools::{Missing, is_on_path, missing_tool};
