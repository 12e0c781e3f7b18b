//! What goes wrong with a cache.

use corsproof_conform::subject::SubjectError;

/// Why a subject could not be judged through a cache.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CacheError {
    /// The system would not give what the cache needs.
    #[error("{cache} cannot be started: {source}")]
    Start {
        /// Which.
        cache: String,
        /// What the system said.
        source: std::io::Error,
    },
    /// It ended, or was not ready in time.
    #[error("{cache} is not ready: {detail}")]
    NotReady {
        /// Which.
        cache: String,
        /// How it ended and what it said last.
        detail: String,
    },
    /// A mount is nowhere that a cache could stand in front of.
    #[error("`{base}` is no loopback address with a port")]
    Base {
        /// As the subject gave it.
        base: String,
    },
    /// The subject broke.
    #[error(transparent)]
    Subject(#[from] SubjectError),
    /// The exchange through the cache failed.
    #[error("through {cache}: {source} (the cache's log: {log})")]
    Through {
        /// Which.
        cache: String,
        /// What the client saw.
        source: Box<SubjectError>,
        /// What the cache said last.
        log: String,
    },
}
