//! From the JSON form of a case to the model's types, and a scripted network that answers it.

use std::time::Duration;

use corsproof_model::{
    Body as ModelBody, CredentialsMode, Environment, HeaderList, Mode as ModelMode, Network,
    NetworkError, NetworkRequest, Origin, RedirectMode, ReferrerPolicy as ModelReferrerPolicy,
    RequestInit, Response, UserAgent,
};

use corsproof_model::http::headers::is_header_name;

use crate::byte_string::HeaderLine;
use crate::case::{
    AgentName, Api, Body, CaseRequest, Credentials, FormEncoding, Hop, Mode, Redirect,
    ReferrerPolicy, ScriptedResponse,
};

/// Why a case cannot be given to the model; names the field.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CaseError {
    /// Not a serialized origin, nor `null`.
    #[error("`page_origin`: `{0}` is neither a serialized origin nor `null`")]
    PageOrigin(String),
    /// No HTTP status has this number.
    #[error("`{field}`: {status} is not a status code (100 to 999)")]
    Status {
        /// Where it stands.
        field: String,
        /// The number.
        status: u16,
    },
    /// No message can carry this field line.
    #[error("`{field}`: {reason}")]
    Header {
        /// Where it stands.
        field: String,
        /// What is wrong with it.
        reason: &'static str,
    },
    /// A step before the one before it.
    #[error("`steps[{0}].t`: it is before the step before it")]
    BackInTime(usize),
    /// More than the harness reads.
    #[error("`{field}`: {count} entries are more than the limit of {limit}")]
    TooMany {
        /// Where they stand.
        field: String,
        /// How many.
        count: usize,
        /// How many may be.
        limit: usize,
    },
}

/// Most field lines that a request or a response of a case may have.
pub const MAX_LINES: usize = 10_000;

/// Most hops that a case may have; the fetch ends after twenty redirects whatever follows.
pub const MAX_HOPS: usize = 64;

/// The environment settings object of the page.
///
/// # Errors
/// When the origin is not serialized as browsers do.
pub fn environment(page_origin: &str) -> Result<Environment, CaseError> {
    Origin::parse_serialized(page_origin)
        .map(Environment::new)
        .ok_or_else(|| CaseError::PageOrigin(page_origin.to_owned()))
}

/// What script hands to the API.
///
/// # Errors
/// When there are more headers than the harness reads.
pub fn request_init(request: &CaseRequest) -> Result<RequestInit, CaseError> {
    check_count("request.headers", request.headers.len(), MAX_LINES)?;
    Ok(RequestInit {
        api: match request.api {
            Api::Fetch => corsproof_model::Api::Fetch,
            Api::Xhr => corsproof_model::Api::Xhr,
            Api::Websocket => corsproof_model::Api::WebSocket,
        },
        url: request.url.clone(),
        method: request.method.to_vec(),
        headers: request
            .headers
            .iter()
            .map(|(name, value)| (name.to_vec(), value.to_vec()))
            .collect(),
        body: body(request),
        mode: match request.mode {
            Mode::Cors => ModelMode::Cors,
            Mode::NoCors => ModelMode::NoCors,
            Mode::SameOrigin => ModelMode::SameOrigin,
        },
        credentials_mode: credentials_mode(request.credentials),
        redirect_mode: match request.redirect {
            Redirect::Follow => RedirectMode::Follow,
            Redirect::Manual => RedirectMode::Manual,
            Redirect::Error => RedirectMode::Error,
        },
        referrer_policy: referrer_policy(request.referrer_policy),
        upload_listeners: request.upload_listeners,
        stream_body: request.stream_body,
        target_address_space: None,
    })
}

/// The preset of this name.
pub fn user_agent(name: AgentName) -> UserAgent {
    match name {
        AgentName::Spec => UserAgent::spec(),
        AgentName::Chromium => UserAgent::chromium(),
        AgentName::Firefox => UserAgent::firefox(),
        AgentName::Webkitgtk => UserAgent::webkitgtk(),
    }
}

/// Checks what the scripted servers answer.
///
/// # Errors
/// Names the first field that no server could send, or that is too large.
pub fn check_hops(hops: &[Hop]) -> Result<(), CaseError> {
    check_count("hops", hops.len(), MAX_HOPS)?;
    for (index, hop) in hops.iter().enumerate() {
        check_response(index, "preflight_response", hop.preflight_response.as_ref())?;
        check_response(index, "response", hop.response.as_ref())?;
    }
    Ok(())
}

/// A network whose servers answer by script; hops beyond the script do not answer.
pub struct ScriptedNetwork<'a> {
    hops: &'a [Hop],
    now: Duration,
}

impl<'a> ScriptedNetwork<'a> {
    /// The network of these hops at this moment.
    pub fn new(hops: &'a [Hop], now: Duration) -> Self {
        Self { hops, now }
    }
}

impl Network for ScriptedNetwork<'_> {
    fn fetch(&mut self, request: &NetworkRequest<'_>) -> Result<Response, NetworkError> {
        let hop = self.hops.get(request.hop).ok_or(NetworkError)?;
        let scripted = if request.preflight { &hop.preflight_response } else { &hop.response };
        scripted.as_ref().map(|s| response(s.status, &s.headers)).ok_or(NetworkError)
    }

    fn now(&self) -> Duration {
        self.now
    }
}

/// A response head as the model sees it.
pub fn response(status: u16, headers: &[HeaderLine]) -> Response {
    let lines = headers.iter().map(|(name, value)| (name.to_vec(), value.to_vec()));
    Response::new(status, HeaderList::from_lines(lines))
}

fn check_count(field: &str, count: usize, limit: usize) -> Result<(), CaseError> {
    if count > limit {
        return Err(CaseError::TooMany { field: field.to_owned(), count, limit });
    }
    Ok(())
}

fn check_response(
    hop: usize,
    field: &str,
    response: Option<&ScriptedResponse>,
) -> Result<(), CaseError> {
    let Some(response) = response else {
        return Ok(());
    };
    if !(100..=999).contains(&response.status) {
        return Err(CaseError::Status {
            field: format!("hops[{hop}].{field}.status"),
            status: response.status,
        });
    }
    check_count(&format!("hops[{hop}].{field}.headers"), response.headers.len(), MAX_LINES)?;
    for (line, (name, value)) in response.headers.iter().enumerate() {
        let reason = if !is_header_name(name) {
            "the name is not a token"
        } else if value.iter().any(|byte| matches!(byte, b'\r' | b'\n')) {
            "the value has a line end inside"
        } else {
            continue;
        };
        let field = format!("hops[{hop}].{field}.headers[{line}]");
        return Err(CaseError::Header { field, reason });
    }
    Ok(())
}

fn body(request: &CaseRequest) -> Option<ModelBody> {
    match &request.body {
        None if request.stream_body => Some(ModelBody::Stream),
        None => None,
        Some(Body::Text(text)) => Some(ModelBody::Text(text.clone().into_bytes())),
        Some(Body::Form(FormEncoding::Urlencoded)) => Some(ModelBody::UrlSearchParams),
        Some(Body::Form(FormEncoding::Multipart)) => Some(ModelBody::FormData),
        Some(Body::BlobType(ty)) => Some(ModelBody::Blob { ty: blob_type(ty) }),
    }
}

/// As the `Blob` constructor takes a type (<https://w3c.github.io/FileAPI/#constructorBlob>): in
/// lower case, and none at all when a character is not printable ASCII.
fn blob_type(ty: &str) -> Vec<u8> {
    if ty.bytes().all(|byte| (0x20..=0x7e).contains(&byte)) {
        ty.to_ascii_lowercase().into_bytes()
    } else {
        Vec::new()
    }
}

fn credentials_mode(credentials: Credentials) -> CredentialsMode {
    match credentials {
        Credentials::Omit => CredentialsMode::Omit,
        Credentials::SameOrigin => CredentialsMode::SameOrigin,
        Credentials::Include => CredentialsMode::Include,
    }
}

fn referrer_policy(policy: ReferrerPolicy) -> ModelReferrerPolicy {
    match policy {
        ReferrerPolicy::Empty => ModelReferrerPolicy::Empty,
        ReferrerPolicy::NoReferrer => ModelReferrerPolicy::NoReferrer,
        ReferrerPolicy::NoReferrerWhenDowngrade => ModelReferrerPolicy::NoReferrerWhenDowngrade,
        ReferrerPolicy::SameOrigin => ModelReferrerPolicy::SameOrigin,
        ReferrerPolicy::Origin => ModelReferrerPolicy::Origin,
        ReferrerPolicy::StrictOrigin => ModelReferrerPolicy::StrictOrigin,
        ReferrerPolicy::OriginWhenCrossOrigin => ModelReferrerPolicy::OriginWhenCrossOrigin,
        ReferrerPolicy::StrictOriginWhenCrossOrigin => {
            ModelReferrerPolicy::StrictOriginWhenCrossOrigin
        }
        ReferrerPolicy::UnsafeUrl => ModelReferrerPolicy::UnsafeUrl,
    }
}
