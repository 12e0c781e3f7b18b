//! The rules that servers are judged by, one function each.

mod blocked;
mod granted;
mod headers;
mod history;
mod options;
mod robust;
mod shared_cache;
mod vary;

pub(in crate::judge) use shared_cache::reuses;
pub use table::{RULES, rule};

mod table;
