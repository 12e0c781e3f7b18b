//! The command line.

pub mod embedded;
pub mod http_client;
