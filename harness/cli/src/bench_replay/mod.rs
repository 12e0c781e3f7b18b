//! What judged cases put on the wire, sent again by a client that does nothing but send and read:
//! hyper, bare. The difference is what judging costs.
//!
//! It is the same wire work: the same requests under the same policies, in the same rounds (those
//! of calls that overlap at once), over the same kinds of connection, and the reading of counters
//! too. A loop over one simple request would be no measure for that: judged cases open
//! connections of their own where calls overlap or where a server closes after odd bytes, speak
//! HTTP/2, and carry up to a hundred headers.

mod bare;
mod tape;

pub use bare::{BareClient, Load};
pub use tape::Tape;

#[cfg(test)]
mod tests;
