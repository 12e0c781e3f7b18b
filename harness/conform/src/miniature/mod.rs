//! Miniatures: for each rule a server that is right but for the one thing that the rule asks.

mod answer;
mod permissive;
mod restrictive;
mod server;
mod table;

pub use server::MiniatureServer;
pub use table::{MINIATURES, Miniature, of_rule};
