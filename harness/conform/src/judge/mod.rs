//! Judges: pure functions of a case and what was observed. No subject, socket or clock.

pub mod cost;
pub mod finding;
pub mod record;
pub mod rule;
pub mod rules;
pub mod server;
pub mod through_cache;
pub mod unusable;
pub mod user_agent;
