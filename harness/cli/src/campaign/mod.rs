//! Campaigns: generated cases against one subject, judged, confirmed, shrunk and saved.

pub mod compare;
pub mod confirm;
pub mod plan;
pub mod probes;
pub mod server;
pub mod tally;
pub mod user_agent;
