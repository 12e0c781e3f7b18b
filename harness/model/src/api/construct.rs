//! From what script says to a request, or to what the API throws; what both APIs share.

use std::fmt;
use std::sync::Arc;

use url::{ParseError, Url};

use crate::api::init::{Api, Body, Environment, RequestInit};
use crate::api::{request, xml_http_request};
use crate::http::headers::HeaderList;
use crate::http::requests::{
    Client, CredentialsMode, Mode, RedirectMode, ReferrerPolicy, Request, RequestBody,
    ResponseTainting, UrlList,
};
use crate::trace::Step;
use crate::user_agent::UserAgent;

/// The API threw; nothing was sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Threw {
    /// The step that threw.
    pub step: &'static Step,
    /// What it threw, and why.
    pub message: String,
}

impl Threw {
    pub(crate) fn new(exception: &str, step: &'static Step, what: &[u8]) -> Self {
        let what = what.escape_ascii();
        Self { step, message: format!("{exception}: {}: `{what}`", step.slug) }
    }
}

impl fmt::Display for Threw {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.message)
    }
}

impl std::error::Error for Threw {}

/// Makes the request that this API makes of this.
///
/// # Errors
/// When the API throws.
pub fn construct(
    agent: &UserAgent,
    environment: &Environment,
    init: &RequestInit,
) -> Result<Request, Threw> {
    match init.api {
        Api::Fetch => request::new_request(agent, environment, init),
        Api::Xhr => xml_http_request::open_and_send(environment, init),
    }
}

/// <https://url.spec.whatwg.org/#concept-url-parser>, with the root of the page's origin for a base.
pub(crate) fn parse_url(environment: &Environment, url: &str) -> Result<Url, ParseError> {
    match Url::parse(&environment.origin.serialize()) {
        Ok(base) => base.join(url),
        Err(_) => Url::parse(url),
    }
}

/// A request of script, with what every one of them starts with.
pub(crate) fn new_request(environment: &Environment, url: Url, method: Vec<u8>) -> Request {
    Request {
        method,
        url_list: UrlList::new(url),
        headers: HeaderList::new(),
        client: Arc::new(Client::new(&environment.origin)),
        body: RequestBody::Null,
        mode: Mode::Cors,
        credentials_mode: CredentialsMode::SameOrigin,
        redirect_mode: RedirectMode::Follow,
        referrer_policy: ReferrerPolicy::Empty,
        use_cors_preflight: false,
        response_tainting: ResponseTainting::Basic,
        redirect_count: 0,
    }
}

/// <https://fetch.spec.whatwg.org/#concept-bodyinit-extract>: whether the body has a source, and its
/// type.
pub(crate) fn extract(body: &Body) -> (RequestBody, Option<Vec<u8>>) {
    let r#type = match body {
        Body::Blob { ty } => blob_type(ty),
        Body::FormData => Some(b"multipart/form-data; boundary=----formdata-corsproof".to_vec()),
        Body::UrlSearchParams => Some(b"application/x-www-form-urlencoded;charset=UTF-8".to_vec()),
        Body::Text(_) => Some(b"text/plain;charset=UTF-8".to_vec()),
        Body::Stream => return (RequestBody::Stream, None),
    };
    (RequestBody::WithSource, r#type)
}

/// <https://w3c.github.io/FileAPI/#constructorBlob>: a type with bytes beyond printable ASCII is none,
/// and any other is in lower case.
fn blob_type(ty: &[u8]) -> Option<Vec<u8>> {
    let usable = !ty.is_empty() && ty.iter().all(|byte| matches!(byte, 0x20..=0x7E));
    usable.then(|| ty.to_ascii_lowercase())
}
