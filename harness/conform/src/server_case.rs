//! The server case: a policy and a sequence of calls against the standard app behind it.
//!
//! Origins, methods and headers are stored by their relation to the policy, so that a case binds
//! to any other policy; [`ServerCase::bind`] gives the calls that a browser would make.

use serde::{Deserialize, Serialize};

use crate::byte_string::{ByteString, HeaderLine};
use crate::case::{Api, CaseRequest, Credentials, Mode, Redirect, ReferrerPolicy};
use crate::generate::origins::{OriginRecipe, RealizedOrigin};
use crate::policy::Policy;

/// The host by which the server under test is known to the page; the connection goes to loopback.
/// `https`, as behind a proxy that ends TLS: so pages of either scheme may reach it.
pub const SERVER_ORIGIN: &str = "https://api.example";

/// A policy and the calls that are made under it, in order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ServerCase {
    /// Names the case.
    pub id: String,
    /// What the server is told to allow.
    pub policy: Policy,
    /// What pages then ask for.
    pub calls: Vec<ServerCall>,
}

/// One call of script against the standard app.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ServerCall {
    /// Whose page.
    pub origin: OriginRecipe,
    /// A path of the standard app, with query.
    pub path: String,
    /// The method.
    pub method: MethodRecipe,
    /// The headers that script sets.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub headers: Vec<HeaderRecipe>,
    /// Credentials mode.
    pub credentials: Credentials,
}

/// A method, by its relation to a policy.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum MethodRecipe {
    /// The *n*-th that the policy names, modulo their number; `PUT` where it names all.
    Listed(usize),
    /// That one in the other case of letters.
    CaseFlipped(usize),
    /// One that the policy does not name and that needs a preflight.
    Unlisted,
    /// Exactly this.
    Literal(ByteString),
}

/// A request header, by its relation to a policy.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum HeaderRecipe {
    /// The *n*-th that the policy names, modulo their number; `x-any` where it names all.
    Listed(usize),
    /// That one in upper case.
    ListedUpper(usize),
    /// One that the policy does not name and that needs a preflight.
    Unlisted,
    /// Exactly this line.
    Literal(HeaderLine),
}

/// A call as it is made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BoundCall {
    /// The page's origin.
    pub origin: RealizedOrigin,
    /// What script asks for.
    pub request: CaseRequest,
}

/// Why a call means nothing under a policy.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("call {call}: `{field}` does not bind: {reason}")]
pub struct Unbound {
    /// Which call, from 0.
    pub call: usize,
    /// `origin`, `path`, `method` or `headers`.
    pub field: &'static str,
    /// Why.
    pub reason: &'static str,
}

impl ServerCase {
    /// The calls that a browser would make under this case's policy.
    ///
    /// # Errors
    /// The first call that means nothing under it, and why.
    pub fn bind(&self) -> Result<Vec<BoundCall>, Unbound> {
        self.calls.iter().enumerate().map(|(n, call)| call.bind(&self.policy, n)).collect()
    }
}

impl ServerCall {
    fn bind(&self, policy: &Policy, call: usize) -> Result<BoundCall, Unbound> {
        let unbound = |field, reason| Unbound { call, field, reason };
        if !self.path.starts_with('/') {
            return Err(unbound("path", "it does not start with `/`"));
        }
        let origin = self.origin.realize(policy).ok_or(unbound(
            "origin",
            "the policy names no origin that this recipe could start from",
        ))?;
        let policy = policy.at(path_of(&self.path));
        let method = self.method.realize(policy).ok_or(unbound(
            "method",
            "the policy names no method that this recipe could start from",
        ))?;
        let headers = self
            .headers
            .iter()
            .map(|header| header.realize(policy))
            .collect::<Option<Vec<_>>>()
            .ok_or(unbound(
                "headers",
                "the policy names no header that this recipe could start from",
            ))?;
        let request = CaseRequest {
            url: format!("{SERVER_ORIGIN}{}", self.path),
            method,
            headers,
            credentials: self.credentials,
            mode: Mode::Cors,
            redirect: Redirect::Follow,
            upload_listeners: false,
            stream_body: false,
            referrer_policy: ReferrerPolicy::default(),
            api: Api::Fetch,
            body: None,
        };
        Ok(BoundCall { origin, request })
    }
}

impl MethodRecipe {
    /// A short stable word for it, part of a finding's id.
    pub fn label(&self) -> &'static str {
        match self {
            Self::Listed(_) => "listed",
            Self::CaseFlipped(_) => "case-flipped",
            Self::Unlisted => "unlisted",
            Self::Literal(_) => "literal",
        }
    }

    /// The method that this recipe makes under a policy.
    pub fn realize(&self, policy: &Policy) -> Option<ByteString> {
        match self {
            Self::Listed(n) => nth(policy.methods(), *n, "PUT").map(Into::into),
            Self::CaseFlipped(n) => {
                let flipped = flip_case(&nth(policy.methods(), *n, "PATCH")?);
                flipped.map(Into::into)
            }
            Self::Unlisted => {
                let listed = policy.methods().unwrap_or_default();
                ["DELETE", "PUT", "PATCH", "CHICKEN"]
                    .into_iter()
                    .find(|m| !listed.iter().any(|l| l.eq_ignore_ascii_case(m)))
                    .map(Into::into)
            }
            Self::Literal(method) => Some(method.clone()),
        }
    }
}

impl HeaderRecipe {
    /// The header that this recipe makes under a policy.
    pub fn realize(&self, policy: &Policy) -> Option<HeaderLine> {
        let listed = policy.request_headers();
        let line = |name: String| (ByteString::from(name), ByteString::from("1"));
        match self {
            Self::Listed(n) => nth(listed, *n, "x-any").map(line),
            Self::ListedUpper(n) => {
                nth(listed, *n, "x-any").map(|name| line(name.to_ascii_uppercase()))
            }
            Self::Unlisted => ["x-unlisted", "x-other"]
                .into_iter()
                .find(|name| {
                    !listed.unwrap_or_default().iter().any(|l| l.eq_ignore_ascii_case(name))
                })
                .map(|name| line(name.to_owned())),
            Self::Literal(line) => Some(line.clone()),
        }
    }
}

/// The path of a path with query.
pub fn path_of(target: &str) -> &str {
    target.split_once('?').map_or(target, |(path, _)| path)
}

fn nth(listed: Option<&[String]>, n: usize, of_all: &str) -> Option<String> {
    match listed {
        None => Some(of_all.to_owned()),
        Some(list) => n.checked_rem(list.len()).and_then(|index| list.get(index).cloned()),
    }
}

fn flip_case(token: &str) -> Option<String> {
    let lower = token.to_ascii_lowercase();
    let flipped = if lower == token { token.to_ascii_uppercase() } else { lower };
    (flipped != token).then_some(flipped)
}
