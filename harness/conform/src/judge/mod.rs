//! Judges: pure functions of a case and what was observed. No subject, socket or clock.

pub mod cache;
pub mod finding;
pub mod server;
pub mod user_agent;
