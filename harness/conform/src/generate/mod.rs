//! Generators: one grammar of cases, written once over a stream of choices, and its drivers.
//!
//! Case *i* of a campaign is a function of (generator version, seed, preset, capabilities, *i*)
//! alone. The same grammar is driven by proptest and by `arbitrary` through [`choices`].

mod calls;
pub mod choices;
pub mod origins;
pub mod policies;
pub mod preset;
pub mod responses;
mod sequences;
pub mod server;
pub mod shared_cache;
pub mod user_agent;

#[cfg(feature = "proptest")]
pub mod strategy;

/// Goes up whenever the same seed would make other cases than before.
pub const GENERATOR_VERSION: u32 = 3;
