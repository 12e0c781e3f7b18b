//! The command line.

pub mod bench_baseline;
pub mod embedded;
pub mod http_client;
