//! The command line.

pub mod chrome;
pub mod origin_server;
