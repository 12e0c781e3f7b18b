//! The server case: a policy and a sequence of calls against the standard app behind it.
//!
//! Origins, methods and headers are stored by their relation to the policy, so that a case binds
//! to any other policy; [`ServerCase::bind`] gives the calls that a browser would make.

use serde::{Deserialize, Serialize};

use crate::byte_string::{ByteString, HeaderLine};
use crate::case::{AgentName, Api, CaseRequest, Credentials, Mode, Redirect, ReferrerPolicy};
use crate::generate::origins::{OriginRecipe, RealizedOrigin};
use crate::policy::Policy;

/// The host by which the server under test is known to the page; the connection goes to loopback.
/// `https`, as behind a proxy that ends TLS: so pages of either scheme may reach it.
pub const SERVER_ORIGIN: &str = "https://api.example";

/// The origin that the handler of `/own-cors` grants on its own account.
pub const OWN_CORS_ORIGIN: &str = "https://own.example";

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
    /// What on the wire differs from what a browser sends.
    #[serde(default, skip_serializing_if = "Wire::is_plain")]
    pub wire: Wire,
    /// Whether it starts before the call before it has been answered.
    #[serde(default, skip_serializing_if = "is_false")]
    pub overlaps: bool,
}

/// What on the wire differs from what a browser sends to this server over HTTP/1.1.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Wire {
    /// `Host` (over HTTP/2, `:authority`); absent: the name by which the page knows the server.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub host: Option<ByteString>,
    /// Over HTTP/2, with prior knowledge.
    #[serde(default, skip_serializing_if = "is_false")]
    pub http2: bool,
    /// As it stands, with no preflight before it: as programs send it that are no browsers.
    #[serde(default, skip_serializing_if = "is_false")]
    pub bare: bool,
    /// How `Access-Control-Request-Headers` is written.
    #[serde(default, skip_serializing_if = "AskedForm::is_as_browsers_do")]
    pub asked: AskedForm,
    /// `Origin` stands on two lines.
    #[serde(default, skip_serializing_if = "is_false")]
    pub origin_twice: bool,
    /// The preflight says that it crosses into a private network.
    #[serde(default, skip_serializing_if = "is_false")]
    pub private_network: bool,
    /// Further field lines.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub lines: Vec<HeaderLine>,
}

/// How `Access-Control-Request-Headers` is written: forms of one list, which intermediaries may
/// turn into each other (RFC 9110, 5.3 and 5.6.1).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AskedForm {
    /// Sorted, lower-case, commas alone.
    #[default]
    AsBrowsersDo,
    /// White space around the commas.
    Spaced,
    /// Empty members.
    EmptyMembers,
    /// Each name on a line of its own.
    SeveralLines,
    /// Each name twice.
    Repeated,
    /// Upper case.
    UpperCase,
    /// In reverse order.
    Reversed,
}

/// A method, by its relation to a policy.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum MethodRecipe {
    /// The *n*-th that the policy names, modulo their number; `PUT` where it names all.
    Listed(usize),
    /// That one in the other case of letters.
    CaseFlipped(usize),
    /// That one without its first letter.
    Cut(usize),
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
    /// That one without its first letter.
    Cut(usize),
    /// That one with letters behind.
    Glued(usize),
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
    /// What on the wire differs from what a browser sends.
    pub wire: Wire,
    /// Whether it starts before the call before it has been answered.
    pub overlaps: bool,
}

/// Why a call means nothing under a policy.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("call {call}: `{field}` does not bind: {reason}")]
pub struct Unbound {
    /// Which call, from 0.
    pub call: usize,
    /// `origin`, `path`, `method`, `headers`, `credentials` or `wire`.
    pub field: &'static str,
    /// Why.
    pub reason: &'static str,
    /// Whose fault it is.
    pub lack: Lack,
}

/// Whose fault it is that a call does not bind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Lack {
    /// Nobody's: the policy has none of what the call is about.
    Inapplicable,
    /// The recipe's: the policy has it, but the recipe makes nothing of it.
    NotMade,
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

impl BoundCall {
    /// The browsers that can make this call from a page of this origin.
    pub fn producible_by(&self) -> Vec<AgentName> {
        if self.wire.is_a_browser_s() { self.origin.producible_by() } else { Vec::new() }
    }
}

impl ServerCall {
    /// The call that a browser would make under this policy; `call` is its number in errors.
    ///
    /// # Errors
    /// When it means nothing under it, and why.
    pub fn bind(&self, policy: &Policy, call: usize) -> Result<BoundCall, Unbound> {
        let unbound = |field, reason| Unbound { call, field, reason, lack: Lack::NotMade };
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
        Ok(BoundCall { origin, request, wire: self.wire.clone(), overlaps: self.overlaps })
    }
}

impl Wire {
    /// Whether nothing differs.
    pub fn is_plain(&self) -> bool {
        *self == Self::default()
    }

    /// Short stable words for what differs, part of a finding's id.
    pub fn label(&self) -> String {
        let asked = match self.asked {
            AskedForm::AsBrowsersDo => None,
            AskedForm::Spaced => Some("asked-spaced"),
            AskedForm::EmptyMembers => Some("asked-empty-members"),
            AskedForm::SeveralLines => Some("asked-several-lines"),
            AskedForm::Repeated => Some("asked-repeated"),
            AskedForm::UpperCase => Some("asked-upper-case"),
            AskedForm::Reversed => Some("asked-reversed"),
        };
        let words = [
            self.host.as_ref().map(|_| "host"),
            self.http2.then_some("http2"),
            self.bare.then_some("bare"),
            asked,
            self.origin_twice.then_some("origin-twice"),
            self.private_network.then_some("private-network"),
            (!self.lines.is_empty()).then_some("lines"),
        ];
        words.into_iter().flatten().collect::<Vec<_>>().join("-")
    }

    /// Whether a browser could have sent it, perhaps through an intermediary that speaks another
    /// version of HTTP.
    pub fn is_a_browser_s(&self) -> bool {
        *self
            == Self { http2: self.http2, private_network: self.private_network, ..Self::default() }
    }
}

impl AskedForm {
    fn is_as_browsers_do(&self) -> bool {
        *self == Self::AsBrowsersDo
    }

    /// The list in this form: the values of one line or several.
    pub fn write(self, names: &[u8]) -> Vec<Vec<u8>> {
        let mut members: Vec<Vec<u8>> = names.split(|b| *b == b',').map(<[u8]>::to_vec).collect();
        match self {
            Self::AsBrowsersDo => vec![names.to_vec()],
            Self::Spaced => vec![members.join(&b" , "[..])],
            Self::EmptyMembers => vec![[b",".as_slice(), &members.join(&b",,"[..]), b","].concat()],
            Self::SeveralLines => members,
            Self::Repeated => vec![[names, b",", names].concat()],
            Self::UpperCase => vec![names.to_ascii_uppercase()],
            Self::Reversed => {
                members.reverse();
                vec![members.join(&b","[..])]
            }
        }
    }
}

impl MethodRecipe {
    /// A short stable word for it, part of a finding's id.
    pub fn label(&self) -> &'static str {
        match self {
            Self::Listed(_) => "listed",
            Self::CaseFlipped(_) => "case-flipped",
            Self::Cut(_) => "cut",
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
            Self::Cut(n) => {
                let listed = policy.methods()?;
                cut(&nth(Some(listed), *n, "")?, listed).map(Into::into)
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
    /// A short stable word for it, part of a finding's id.
    pub fn label(&self) -> &'static str {
        match self {
            Self::Listed(_) => "listed",
            Self::ListedUpper(_) => "listed-upper",
            Self::Cut(_) => "cut",
            Self::Glued(_) => "glued",
            Self::Unlisted => "unlisted",
            Self::Literal(_) => "literal",
        }
    }

    /// The header that this recipe makes under a policy.
    pub fn realize(&self, policy: &Policy) -> Option<HeaderLine> {
        let listed = policy.request_headers();
        let line = |name: String| (ByteString::from(name), ByteString::from("1"));
        match self {
            Self::Listed(n) => nth(listed, *n, "x-any").map(line),
            Self::ListedUpper(n) => {
                nth(listed, *n, "x-any").map(|name| line(name.to_ascii_uppercase()))
            }
            Self::Cut(n) => cut(&nth(Some(listed?), *n, "")?, listed?).map(line),
            Self::Glued(n) => {
                unlisted(format!("{}bc", nth(Some(listed?), *n, "")?), listed?).map(line)
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

fn is_false(value: &bool) -> bool {
    !value
}

fn nth(listed: Option<&[String]>, n: usize, of_all: &str) -> Option<String> {
    match listed {
        None => Some(of_all.to_owned()),
        Some(list) => n.checked_rem(list.len()).and_then(|index| list.get(index).cloned()),
    }
}

/// A token without its first letter, unless that is listed, too.
fn cut(token: &str, listed: &[String]) -> Option<String> {
    unlisted(token.get(1..)?.to_owned(), listed).filter(|rest| !rest.is_empty())
}

fn unlisted(token: String, listed: &[String]) -> Option<String> {
    (!listed.iter().any(|other| other.eq_ignore_ascii_case(&token))).then_some(token)
}

fn flip_case(token: &str) -> Option<String> {
    let lower = token.to_ascii_lowercase();
    let flipped = if lower == token { token.to_ascii_uppercase() } else { lower };
    (flipped != token).then_some(flipped)
}
