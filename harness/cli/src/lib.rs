//! The command line of the CORS conformance harness: drivers, campaigns, reports.

pub mod advice;
pub mod attached;
pub mod bench_baseline;
pub mod bench_replay;
pub mod browser;
pub mod build;
pub mod caches;
pub mod campaign;
pub mod chrome;
pub mod commands;
pub mod curl;
pub mod embedded;
pub mod exit;
pub mod firefox;
pub mod http_client;
pub mod origin_server;
pub mod process;
pub mod registry;
pub mod report;
pub mod sink;
pub mod smoke;

pub mod story;
pub mod webkitgtk;
