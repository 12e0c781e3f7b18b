//! `corsproof subjects`: what can be tested on this machine, and getting it there.

mod arguments;
mod build;
mod list;
mod outdated;
mod smoke;

pub use arguments::{Arguments, run};
