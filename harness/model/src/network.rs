//! The seam to the rest of the world: what answers requests, and what time it is.
//!
//! It stands for what HTTP-network-or-cache fetch does once a request is final. Connections,
//! cookies, the HTTP cache, authentication prompts and interim responses are behind it.

use std::net::IpAddr;
use std::time::Duration;

use url::Url;

use crate::http::headers::HeaderList;
use crate::http::responses::Response;

/// Whatever answers requests.
pub trait Network {
    /// Answers one request.
    ///
    /// # Errors
    /// When nobody answers.
    fn fetch(&mut self, request: &NetworkRequest<'_>) -> Result<Response, NetworkError>;

    /// The address that a connection for this URL has, for Local Network Access. `None`, which is
    /// what this gives if it is not implemented: nobody knows, and nothing is checked.
    fn address(&self, _url: &Url) -> Option<IpAddr> {
        None
    }

    /// The time since some fixed moment. It never goes back.
    fn now(&self) -> Duration;
}

/// A request as it is sent.
#[derive(Debug, Clone, Copy)]
pub struct NetworkRequest<'a> {
    /// Where to; with its fragment, which is not sent.
    pub url: &'a Url,
    /// The method.
    pub method: &'a [u8],
    /// Script's headers and those that the model adds: `Accept`, `Accept-Language`, `Origin`,
    /// `Access-Control-Request-Method` and `-Headers`.
    pub headers: &'a HeaderList,
    /// Whether there is a body.
    pub body: bool,
    /// Whether cookies and the like are to go with it.
    pub credentials: bool,
    /// Whether it is a preflight.
    pub preflight: bool,
    /// Which hop of the fetch it belongs to, from 0.
    pub hop: usize,
}

/// Nobody answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct NetworkError;

impl std::fmt::Display for NetworkError {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("the network does not answer")
    }
}

impl std::error::Error for NetworkError {}
