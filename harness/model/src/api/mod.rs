//! The ways by which script starts a fetch, and what they refuse.

mod construct;

pub mod init;
pub mod request;
pub mod web_socket;
pub mod xml_http_request;

pub use construct::{Threw, construct};
