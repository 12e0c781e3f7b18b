//! The user-agent case: one fetch by script, and what the servers on its way answer.
//!
//! The JSON form is the one that `corsproof explain` reads; what a case means is decided in
//! [`crate::encode`].

use serde::{Deserialize, Deserializer, Serialize};

use crate::byte_string::{ByteString, HeaderLine};

/// A fetch from a page, and the script of the servers that answer it.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UserAgentCase {
    /// Names the case in answers and errors.
    #[serde(deserialize_with = "isomorphic")]
    pub id: String,
    /// Serialized origin of the initiating environment; `null` is opaque.
    pub page_origin: String,
    /// What script asks for.
    pub request: CaseRequest,
    /// What the servers answer, hop after hop.
    pub hops: Vec<Hop>,
    /// Whose deviations the model takes on.
    #[serde(default, skip_serializing_if = "is_default")]
    pub user_agent: AgentName,
}

/// What script passes to `fetch()` or sets on an `XMLHttpRequest`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CaseRequest {
    /// The URL as script writes it.
    #[serde(deserialize_with = "isomorphic")]
    pub url: String,
    /// The method as script writes it, before normalisation.
    pub method: ByteString,
    /// The headers as script passes them, before normalisation.
    pub headers: Vec<HeaderLine>,
    /// Credentials mode.
    pub credentials: Credentials,
    /// Request mode.
    pub mode: Mode,
    /// Redirect mode.
    #[serde(default, skip_serializing_if = "is_default")]
    pub redirect: Redirect,
    /// Whether listeners are registered on the upload object.
    #[serde(default, skip_serializing_if = "is_default")]
    pub upload_listeners: bool,
    /// Whether the body is a stream.
    #[serde(default, skip_serializing_if = "is_default")]
    pub stream_body: bool,
    /// Referrer policy.
    #[serde(default, skip_serializing_if = "is_default")]
    pub referrer_policy: ReferrerPolicy,
    /// The API that script uses.
    #[serde(default, skip_serializing_if = "is_default")]
    pub api: Api,
    /// The body that script passes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub body: Option<Body>,
}

/// What the server of one hop answers.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Hop {
    /// To a preflight; `None`: it does not answer one.
    pub preflight_response: Option<ScriptedResponse>,
    /// To the request itself; `None`: never reached, or no answer.
    pub response: Option<ScriptedResponse>,
}

/// A response head as it goes over the wire.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ScriptedResponse {
    /// Status code.
    pub status: u16,
    /// Field lines: order, case and repeats kept.
    pub headers: Vec<HeaderLine>,
}

/// Credentials mode (<https://fetch.spec.whatwg.org/#concept-request-credentials-mode>).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Credentials {
    /// Never.
    Omit,
    /// To the page's own origin only.
    SameOrigin,
    /// Always.
    Include,
}

/// Request mode (<https://fetch.spec.whatwg.org/#concept-request-mode>).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Mode {
    /// With CORS.
    Cors,
    /// Opaque answers.
    NoCors,
    /// Own origin only.
    SameOrigin,
}

/// Redirect mode (<https://fetch.spec.whatwg.org/#concept-request-redirect-mode>).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Redirect {
    /// Follow them.
    #[default]
    Follow,
    /// Hand them out as opaque redirects.
    Manual,
    /// Fail on them.
    Error,
}

/// Referrer policy (<https://w3c.github.io/webappsec-referrer-policy/#referrer-policies>).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ReferrerPolicy {
    /// The empty string.
    #[serde(rename = "")]
    Empty,
    /// `no-referrer`.
    NoReferrer,
    /// `no-referrer-when-downgrade`.
    NoReferrerWhenDowngrade,
    /// `same-origin`.
    SameOrigin,
    /// `origin`.
    Origin,
    /// `strict-origin`.
    StrictOrigin,
    /// `origin-when-cross-origin`.
    OriginWhenCrossOrigin,
    /// `strict-origin-when-cross-origin`, the platform's default.
    #[default]
    StrictOriginWhenCrossOrigin,
    /// `unsafe-url`.
    UnsafeUrl,
}

/// The API that script uses.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Api {
    /// `fetch()`.
    #[default]
    Fetch,
    /// `XMLHttpRequest`.
    Xhr,
    /// `WebSocket`; of the request only the URL counts.
    Websocket,
}

/// The body that script passes, as far as CORS sees it.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Body {
    /// A string.
    Text(#[serde(deserialize_with = "isomorphic")] String),
    /// `URLSearchParams` (`"urlencoded"`) or `FormData` (`"multipart"`).
    Form(FormEncoding),
    /// A `Blob` of this type; empty: without a type.
    BlobType(#[serde(deserialize_with = "isomorphic")] String),
}

/// How a form body is encoded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FormEncoding {
    /// `application/x-www-form-urlencoded`.
    Urlencoded,
    /// `multipart/form-data`.
    Multipart,
}

/// A preset of the model's `UserAgent`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AgentName {
    /// The Standard.
    #[default]
    Spec,
    /// Chromium as measured.
    Chromium,
    /// Firefox as measured.
    Firefox,
    /// WebKitGTK as measured.
    Webkitgtk,
}

/// Several fetches over one preflight cache.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sequence {
    /// Names the sequence.
    #[serde(deserialize_with = "isomorphic")]
    pub id: String,
    /// The fetches, in order.
    pub steps: Vec<SequenceStep>,
    /// The user agent's limit on `Access-Control-Max-Age`, in seconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_age_cap: Option<u64>,
}

/// One fetch of a [`Sequence`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SequenceStep {
    /// Seconds since the start.
    pub t: u64,
    /// As in [`UserAgentCase`].
    pub page_origin: String,
    /// As in [`UserAgentCase`].
    pub request: CaseRequest,
    /// As in [`UserAgentCase`].
    pub hops: Vec<Hop>,
    /// As in [`UserAgentCase`].
    #[serde(default, skip_serializing_if = "is_default")]
    pub user_agent: AgentName,
}

/// A string of which each code point stands for a byte.
fn isomorphic<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    let bytes = ByteString::deserialize(deserializer)?;
    Ok(bytes.isomorphic_decode())
}

fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}
