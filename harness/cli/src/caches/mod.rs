//! Real shared caches in front of a server under test: found, started on loopback, asked, ended.
//!
//! What a sequence came to is judged in `corsproof_conform::judge::through_cache`.

mod campaign;
mod error;
mod front;
mod nginx;
mod program;
mod tally;
mod varnish;

pub use campaign::run;
pub use error::CacheError;
pub use front::Front;
pub use program::{Cache, CacheMissing, Kind};
pub use tally::Tally;
