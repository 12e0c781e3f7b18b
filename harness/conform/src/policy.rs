//! What a server is told to allow.
//!
//! A [`Policy`] cannot contradict itself: it is parsed from a [`RawPolicy`], which has the same
//! shape with unchecked strings and is what rules about unusable configuration are made of. What
//! a policy wants of one call is in [`crate::intent`].
//!
//! Longer than most files here: both types, the checks between them and their tests belong
//! together.

use std::sync::Arc;

use corsproof_model::Origin;
use regex::Regex;
use serde::{Deserialize, Serialize};

use crate::pattern;

/// A policy with unchecked strings.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RawPolicy {
    /// Which origins may read.
    pub origins: RawOrigins,
    /// Which methods they may use.
    #[serde(default = "Tokens::none")]
    pub methods: Tokens,
    /// Which request headers they may send.
    #[serde(default = "Tokens::none")]
    pub request_headers: Tokens,
    /// Which response headers they may read.
    #[serde(default = "Tokens::none")]
    pub expose_headers: Tokens,
    /// Whether with credentials.
    #[serde(default)]
    pub credentials: bool,
    /// How long a preflight may be cached, in seconds; `None`: not configured.
    #[serde(default)]
    pub max_age: Option<u64>,
    /// Whether a public site may reach into a private network.
    #[serde(default)]
    pub private_network: bool,
    /// Policies of their own for paths below a prefix.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub paths: Vec<RawPathPolicy>,
}

/// A prefix and its policy, unchecked.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RawPathPolicy {
    /// A path prefix, `/` first.
    pub prefix: String,
    /// What holds below it.
    pub policy: RawPolicy,
}

/// Which origins, unchecked.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(untagged)]
pub enum RawOrigins {
    /// `{"any": true}`
    Any(AnyMarker),
    /// `{"list": […], "subdomains_of": […], "patterns": […], "null": false}`
    Some(RawOriginSet),
}

/// Origins named one way or another, unchecked.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RawOriginSet {
    /// Serialized origins.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub list: Vec<String>,
    /// Serialized origins, all of whose hosts' subdomains are meant, but not themselves.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub subdomains_of: Vec<String>,
    /// Anchored regular expressions.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub patterns: Vec<String>,
    /// Whether opaque origins are meant.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub null: bool,
}

/// `{"any": true}`; nothing else can stand for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AnyMarker {
    any: True,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "bool", into = "bool")]
struct True;

/// Methods or header names: all, or a list.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Tokens {
    /// `{"any": true}`
    Any(AnyMarker),
    /// `{"list": […]}`
    List(TokenList),
}

/// `{"list": […]}`
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TokenList {
    /// The tokens.
    pub list: Vec<String>,
}

/// A policy that does not contradict itself. Copies share what it was compiled to: all cases of a
/// block have one.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(try_from = "RawPolicy", into = "RawPolicy")]
pub struct Policy(Arc<Compiled>);

#[derive(Debug)]
struct Compiled {
    raw: RawPolicy,
    patterns: Vec<Regex>,
    pattern_members: Vec<String>,
    paths: Vec<(String, Policy)>,
}

/// Why a [`RawPolicy`] is not a [`Policy`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PolicyError {
    /// Not as browsers serialize an origin.
    #[error(
        "`{field}`: `{value}` is not a serialized origin (scheme://host[:port], lower case, no default port, nothing behind)"
    )]
    NotAnOrigin {
        /// `origins.list` or `origins.subdomains_of`.
        field: &'static str,
        /// As it was given.
        value: String,
    },
    /// A host that has no subdomains.
    #[error("`origins.subdomains_of`: the host of `{0}` is an address and has no subdomains")]
    NoSubdomains(String),
    /// Not a regular expression.
    #[error("`origins.patterns`: `{pattern}`: {reason}")]
    BadPattern {
        /// As it was given.
        pattern: String,
        /// What is wrong with it.
        reason: String,
    },
    /// Could match inside a longer origin.
    #[error("`origins.patterns`: `{0}` is not anchored at both ends (`^…$`)")]
    Unanchored(String),
    /// Not a token of HTTP.
    #[error("`{field}`: `{value}` is not a token (RFC 9110, 5.6.2)")]
    NotAToken {
        /// Which list.
        field: &'static str,
        /// As it was given.
        value: String,
    },
    /// No script can use this method.
    #[error(
        "`methods`: `{0}` is forbidden to scripts (https://fetch.spec.whatwg.org/#forbidden-method)"
    )]
    ForbiddenMethod(String),
    /// Not a path prefix.
    #[error("`paths`: `{0}` does not start with `/`")]
    BadPrefix(String),
}

impl Policy {
    /// The same without the promise.
    pub fn raw(&self) -> &RawPolicy {
        &self.0.raw
    }

    /// The origins it names; `None`: all.
    pub fn origins(&self) -> Option<&RawOriginSet> {
        match &self.raw().origins {
            RawOrigins::Any(_) => None,
            RawOrigins::Some(set) => Some(set),
        }
    }

    /// The methods it names; `None`: all.
    pub fn methods(&self) -> Option<&[String]> {
        self.raw().methods.listed()
    }

    /// The request headers it names; `None`: all.
    pub fn request_headers(&self) -> Option<&[String]> {
        self.raw().request_headers.listed()
    }

    /// The response headers it exposes; `None`: all.
    pub fn expose_headers(&self) -> Option<&[String]> {
        self.raw().expose_headers.listed()
    }

    /// Whether credentials are allowed.
    pub fn credentials(&self) -> bool {
        self.raw().credentials
    }

    /// How long a preflight may be cached, in seconds.
    pub fn max_age(&self) -> Option<u64> {
        self.raw().max_age
    }

    /// Policies for paths below a prefix.
    pub fn paths(&self) -> &[(String, Policy)] {
        &self.0.paths
    }

    /// The policy that holds at this path: that of the longest prefix, or this one.
    pub fn at(&self, path: &str) -> &Policy {
        self.paths()
            .iter()
            .filter(|(prefix, _)| path.starts_with(prefix.as_str()))
            .max_by_key(|(prefix, _)| prefix.len())
            .map_or(self, |(_, policy)| policy)
    }

    /// An origin that each pattern matches, for the patterns whose syntax tells one.
    pub fn pattern_members(&self) -> &[String] {
        &self.0.pattern_members
    }

    /// Whether this origin is meant.
    pub fn names_origin(&self, origin: &Origin) -> bool {
        let Some(set) = self.origins() else {
            return true;
        };
        if origin.is_opaque() {
            return set.null;
        }
        let serialized = origin.serialize();
        set.list.contains(&serialized)
            || set.subdomains_of.iter().any(|parent| is_subdomain(origin, parent))
            || self.0.patterns.iter().any(|pattern| pattern.is_match(&serialized))
    }
}

impl TryFrom<RawPolicy> for Policy {
    type Error = PolicyError;

    fn try_from(raw: RawPolicy) -> Result<Self, PolicyError> {
        let patterns = match &raw.origins {
            RawOrigins::Any(_) => Vec::new(),
            RawOrigins::Some(set) => {
                check_origins("origins.list", &set.list)?;
                check_parents(&set.subdomains_of)?;
                set.patterns.iter().map(|p| parse_pattern(p)).collect::<Result<_, _>>()?
            }
        };
        check_methods(&raw.methods)?;
        check_tokens("request_headers", &raw.request_headers)?;
        check_tokens("expose_headers", &raw.expose_headers)?;
        let paths = raw.paths.iter().map(parse_path).collect::<Result<_, _>>()?;
        let pattern_members = members(&patterns);
        Ok(Self(Arc::new(Compiled { raw, patterns, pattern_members, paths })))
    }
}

impl From<Policy> for RawPolicy {
    fn from(policy: Policy) -> Self {
        policy.raw().clone()
    }
}

impl PartialEq for Policy {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0) || self.raw() == other.raw()
    }
}

impl Eq for Policy {}

impl RawOrigins {
    /// All origins.
    pub fn any() -> Self {
        Self::Any(AnyMarker { any: True })
    }

    /// These origins.
    pub fn list<S: Into<String>>(list: impl IntoIterator<Item = S>) -> Self {
        Self::Some(RawOriginSet {
            list: list.into_iter().map(Into::into).collect(),
            ..RawOriginSet::default()
        })
    }
}

impl Tokens {
    /// All of them.
    pub fn any() -> Self {
        Self::Any(AnyMarker { any: True })
    }

    /// None of them.
    pub fn none() -> Self {
        Self::List(TokenList::default())
    }

    /// These.
    pub fn list<S: Into<String>>(list: impl IntoIterator<Item = S>) -> Self {
        Self::List(TokenList { list: list.into_iter().map(Into::into).collect() })
    }

    /// The list; `None`: all.
    pub fn listed(&self) -> Option<&[String]> {
        match self {
            Self::Any(_) => None,
            Self::List(tokens) => Some(&tokens.list),
        }
    }
}

impl TryFrom<bool> for True {
    type Error = &'static str;

    fn try_from(value: bool) -> Result<Self, Self::Error> {
        if value { Ok(Self) } else { Err("`any` can only be true; leave it out instead") }
    }
}

impl From<True> for bool {
    fn from(_: True) -> Self {
        true
    }
}

fn check_origins(field: &'static str, list: &[String]) -> Result<(), PolicyError> {
    match list.iter().find(|value| parse_tuple_origin(value).is_none()) {
        Some(value) => Err(PolicyError::NotAnOrigin { field, value: value.clone() }),
        None => Ok(()),
    }
}

fn check_parents(list: &[String]) -> Result<(), PolicyError> {
    check_origins("origins.subdomains_of", list)?;
    match list.iter().find(|value| !has_domain_host(value)) {
        Some(value) => Err(PolicyError::NoSubdomains(value.clone())),
        None => Ok(()),
    }
}

fn parse_pattern(pattern: &str) -> Result<Regex, PolicyError> {
    if !pattern.starts_with('^') || !pattern.ends_with('$') || pattern.ends_with("\\$") {
        return Err(PolicyError::Unanchored(pattern.to_owned()));
    }
    // The group keeps an alternation inside the anchors.
    let inner = pattern.trim_start_matches('^');
    let inner = inner.strip_suffix('$').unwrap_or(inner);
    Regex::new(&format!("^(?:{inner})$")).map_err(|error| PolicyError::BadPattern {
        pattern: pattern.to_owned(),
        reason: error.to_string(),
    })
}

fn members(patterns: &[Regex]) -> Vec<String> {
    let origin = |member: &String| parse_tuple_origin(member).is_some();
    patterns.iter().filter_map(|p| pattern::member(p.as_str())).filter(origin).collect()
}

fn check_methods(methods: &Tokens) -> Result<(), PolicyError> {
    check_tokens("methods", methods)?;
    let forbidden =
        |m: &&String| ["CONNECT", "TRACE", "TRACK"].iter().any(|f| m.eq_ignore_ascii_case(f));
    match methods.listed().unwrap_or_default().iter().find(forbidden) {
        Some(method) => Err(PolicyError::ForbiddenMethod(method.clone())),
        None => Ok(()),
    }
}

fn check_tokens(field: &'static str, tokens: &Tokens) -> Result<(), PolicyError> {
    let not_a_token = |value: &&String| value.is_empty() || !value.bytes().all(is_tchar);
    match tokens.listed().unwrap_or_default().iter().find(not_a_token) {
        Some(value) => Err(PolicyError::NotAToken { field, value: value.clone() }),
        None => Ok(()),
    }
}

fn parse_path(raw: &RawPathPolicy) -> Result<(String, Policy), PolicyError> {
    if !raw.prefix.starts_with('/') {
        return Err(PolicyError::BadPrefix(raw.prefix.clone()));
    }
    Ok((raw.prefix.clone(), Policy::try_from(raw.policy.clone())?))
}

fn parse_tuple_origin(value: &str) -> Option<Origin> {
    Origin::parse_serialized(value).filter(|origin| !origin.is_opaque())
}

fn has_domain_host(serialized: &str) -> bool {
    match parse_tuple_origin(serialized) {
        Some(Origin::Tuple { host, .. }) => {
            !host.starts_with('[') && host.parse::<std::net::Ipv4Addr>().is_err()
        }
        _ => false,
    }
}

fn is_subdomain(origin: &Origin, parent: &str) -> bool {
    let (Origin::Tuple { scheme, host, port }, Some(Origin::Tuple { scheme: s, host: h, port: p })) =
        (origin, parse_tuple_origin(parent))
    else {
        return false;
    };
    *scheme == s
        && *port == p
        && host
            .strip_suffix(h.as_str())
            .is_some_and(|label| label.len() > 1 && label.ends_with('.'))
}

/// RFC 9110, 5.6.2.
fn is_tchar(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(json: &str) -> Result<Policy, serde_json::Error> {
        serde_json::from_str(json)
    }

    fn origin(serialized: &str) -> Origin {
        Origin::parse_serialized(serialized).unwrap()
    }

    #[test]
    fn the_contract_s_example_is_a_policy() {
        let policy = parse(
            r#"{"origins": {"any": true}, "methods": {"list": ["GET", "PUT"]},
                "request_headers": {"any": true}, "expose_headers": {"list": ["x-total"]},
                "credentials": false, "max_age": 600, "private_network": false}"#,
        )
        .unwrap();
        assert!(policy.origins().is_none());
        assert_eq!(policy.methods(), Some(["GET".to_owned(), "PUT".to_owned()].as_slice()));
        assert_eq!(policy.max_age(), Some(600));
    }

    #[test]
    fn a_policy_that_no_browser_could_match_is_refused_by_name() {
        for (json, message) in [
            (
                r#"{"origins": {"list": ["https://a.example/"]}}"#,
                "`https://a.example/` is not a serialized origin",
            ),
            (r#"{"origins": {"list": ["https://A.example"]}}"#, "is not a serialized origin"),
            (r#"{"origins": {"list": ["https://a.example:443"]}}"#, "is not a serialized origin"),
            (r#"{"origins": {"list": ["null"]}}"#, "is not a serialized origin"),
            (r#"{"origins": {"subdomains_of": ["http://[::1]"]}}"#, "has no subdomains"),
            (r#"{"origins": {"patterns": ["https://a"]}}"#, "not anchored"),
            (r#"{"origins": {"patterns": ["^(https$"]}}"#, "^(https$"),
            (r#"{"origins": {"any": true}, "methods": {"list": ["A B"]}}"#, "not a token"),
            (
                r#"{"origins": {"any": true}, "methods": {"list": ["connect"]}}"#,
                "forbidden to scripts",
            ),
        ] {
            let error = parse(json).unwrap_err().to_string();
            assert!(error.contains(message), "{json}: {error}");
        }
        for json in [r#"{"origins": {"any": false}}"#, r#"{"origins": {"any": true}, "maxage": 1}"#]
        {
            assert!(parse(json).is_err(), "{json}");
        }
    }

    #[test]
    fn subdomains_are_of_any_depth_but_not_the_host_itself() {
        let policy = parse(r#"{"origins": {"subdomains_of": ["https://b.example"]}}"#).unwrap();
        for named in ["https://a.b.example", "https://x.a.b.example"] {
            assert!(policy.names_origin(&origin(named)), "{named}");
        }
        for other in [
            "https://b.example",
            "https://ab.example",
            "http://a.b.example",
            "https://a.b.example:8443",
        ] {
            assert!(!policy.names_origin(&origin(other)), "{other}");
        }
    }

    #[test]
    fn an_alternation_stays_inside_the_anchors() {
        let policy =
            parse(r#"{"origins": {"patterns": ["^https://a\\.example|https://b\\.example$"]}}"#)
                .unwrap();
        assert!(policy.names_origin(&origin("https://b.example")));
        assert!(!policy.names_origin(&origin("https://a.example.evil.example")));
    }
}
