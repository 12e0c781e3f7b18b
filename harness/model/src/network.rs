//! The world behind the model: who answers, and what time it is.

use std::time::Duration;

use url::Url;

use crate::http::headers::HeaderList;
use crate::http::responses::Response;

/// Stands for [HTTP-network-or-cache
/// fetch](https://fetch.spec.whatwg.org/#concept-http-network-or-cache-fetch), and for the clock.
pub trait Network {
    /// Sends a request and waits for the head of the answer.
    ///
    /// # Errors
    /// When there is no answer.
    fn fetch(&mut self, request: &NetworkRequest<'_>) -> Result<Response, NetworkError>;

    /// Time since an origin that the network chooses. It never goes back.
    fn now(&self) -> Duration;
}

/// A request as it goes to the network.
#[derive(Debug)]
pub struct NetworkRequest<'a> {
    /// The current URL.
    pub url: &'a Url,
    /// The method.
    pub method: &'a [u8],
    /// The request's headers, `Origin` among them; what the network adds (`Host`, `User-Agent`,
    /// cookies) is left to it.
    pub headers: &'a HeaderList,
    /// Whether it has a body.
    pub body: bool,
    /// Whether it carries credentials.
    pub credentials: bool,
    /// Whether it is a CORS-preflight request.
    pub preflight: bool,
    /// How many redirects came before.
    pub hop: usize,
}

/// No answer came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NetworkError;
