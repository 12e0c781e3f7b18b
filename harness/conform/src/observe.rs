//! What a user agent was seen to do, on the wire and in script; and what a verdict of the model
//! says in the same words.

use serde::{Deserialize, Serialize};

use crate::byte_string::{ByteString, HeaderLine};

/// What script and wire saw of one case.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Observation {
    /// Whether script got a response.
    pub outcome: Outcome,
    /// The response's type; `Error` where there was none.
    pub response_type: ResponseType,
    /// Names that script could read, lower-case and sorted; `None` when blocked.
    pub exposed_headers: Option<Vec<ByteString>>,
    /// Whether the API threw before anything was sent (as far as script can tell).
    pub threw: bool,
    /// What arrived on the wire, hop after hop; hops that sent nothing are absent.
    pub hops: Vec<WireHop>,
}

/// Whether script got a response.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// It did (an opaque one counts).
    Allow,
    /// It got an error.
    Block,
}

/// <https://fetch.spec.whatwg.org/#concept-response-type>
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ResponseType {
    /// Same origin.
    Basic,
    /// Cross origin, by CORS.
    Cors,
    /// `no-cors`.
    Opaque,
    /// `redirect: "manual"`.
    OpaqueRedirect,
    /// A network error, or an exception.
    Error,
}

/// What one hop sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WireHop {
    /// Serialized URL.
    pub url: String,
    /// The preflight, if one was sent.
    pub preflight: Option<WirePreflight>,
    /// The request itself, if it was sent.
    pub actual: Option<WireActual>,
}

/// A CORS-preflight request as it arrived.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WirePreflight {
    /// `Access-Control-Request-Method`.
    pub method: Option<ByteString>,
    /// `Access-Control-Request-Headers`.
    pub headers: Option<ByteString>,
    /// `Origin`.
    pub origin: Option<ByteString>,
}

/// A request as it arrived.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WireActual {
    /// Its method.
    pub method: ByteString,
    /// `Origin`.
    pub origin: Option<ByteString>,
}

/// A request to a server, as bytes.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WireRequest {
    /// Method.
    pub method: ByteString,
    /// Request target below the mount: path and query.
    pub target: ByteString,
    /// Field lines in wire order, `Host` among them.
    pub headers: Vec<HeaderLine>,
    /// Whether a (short, fixed) body goes with it.
    #[serde(default)]
    pub body: bool,
    /// Over HTTP/2, where `Host` becomes `:authority`.
    #[serde(default, skip_serializing_if = "is_false")]
    pub http2: bool,
}

/// A server's answer, as bytes.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WireResponse {
    /// Status code.
    pub status: u16,
    /// Field lines in wire order.
    pub headers: Vec<HeaderLine>,
}

/// A request and its answer.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Exchange {
    /// What was asked.
    pub request: WireRequest,
    /// What came back.
    pub response: WireResponse,
}

fn is_false(value: &bool) -> bool {
    !value
}
