//! A blocking HTTP/1.1 client that sends the bytes it is told to send and hands out the bytes it
//! got: no library in between that refuses, normalises or folds what CORS compares. HTTP/2, where
//! names are lower-case by definition, is left to hyper.
//!
//! Everything is bounded: the head, the body, interim responses and the time of an exchange.

mod client;
mod connection;
mod http2;
mod request;
mod response;
mod socket_server;
#[cfg(test)]
mod tests;

pub use client::{Answer, HttpClient};
pub use request::BODY;
pub use response::{MAX_BODY, MAX_HEAD};
pub use socket_server::{SocketServer, count_request};
