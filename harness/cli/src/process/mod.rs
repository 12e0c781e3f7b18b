//! Subjects that are programs: started, spoken to over the subject protocol, and ended with all
//! that they have started.
//!
//! Everything is bounded: the time of each answer, its length, what is kept of a log.

mod adapter;
mod conversation;
mod group;
mod limits;
mod lines;
mod protocol;
mod tail;

pub use adapter::{ProcessAdapter, Program};
pub use conversation::Parting;
pub use group::Group;
pub use limits::Limits;
pub use lines::MAX_LINE;
pub use tail::{MAX_TAIL, Tail};
