//! What a policy wants of one call: must allow, must block, or may do either, and then by which
//! flag. The protocol cannot express every policy, so "may" is part of the truth; it is never
//! unexplained.

use std::sync::LazyLock;

use corsproof_model::{
    Origin, UserAgent, cors_unsafe_request_header_names, is_cors_safelisted_method,
};
use serde::{Deserialize, Serialize};

use crate::case::Credentials;
use crate::page::Page;
use crate::policy::Policy;
use crate::server_case::SERVER_ORIGIN;

/// What a policy wants of one call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Intent {
    /// Script must get the response.
    MustAllow,
    /// Script must not get it.
    MustBlock(BlockReason),
    /// Either is right.
    May(Flag),
}

/// Why a policy wants a call blocked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BlockReason {
    /// The page's origin is not named.
    UnlistedOrigin,
    /// The page's origin is opaque, and `null` is not named.
    NullOrigin,
    /// The call carries credentials, which the policy does not allow.
    Credentials,
    /// The method needs a preflight and is not named.
    UnlistedMethod,
    /// A request header needs a preflight and is not named.
    UnlistedHeader,
}

impl BlockReason {
    /// A short stable word for it, part of a finding's id.
    pub fn label(self) -> &'static str {
        match self {
            Self::UnlistedOrigin => "unlisted-origin",
            Self::NullOrigin => "null-origin",
            Self::Credentials => "credentials",
            Self::UnlistedMethod => "unlisted-method",
            Self::UnlistedHeader => "unlisted-header",
        }
    }
}

/// Why a policy leaves a call open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Flag {
    /// The page and the server share an origin, so CORS has no say.
    SameOrigin,
    /// The page has the server's name over the other scheme. A server behind a proxy that ends TLS
    /// cannot tell that from its own origin, and need not answer as to a page from elsewhere.
    SameHost,
    /// The preflight says that it crosses into a private network, which the policy does not allow:
    /// browsers of today go on without the permission, and servers may refuse the preflight.
    PrivateNetwork,
    /// The path is written in a way that is one path to some routers and two to others, and the
    /// policies of the two differ. What has to hold where a handler answers is a rule of its own.
    PathSpelling,
    /// GET, HEAD and POST cannot be refused by `Access-Control-Allow-Methods`
    /// (<https://fetch.spec.whatwg.org/#cors-preflight-fetch-0>).
    SafelistedMethod,
    /// All origins with credentials: refusing the policy, a literal `*` and reflection are three
    /// different answers, and packages document all three. That script can read with credentials is
    /// told at the level of recommendations.
    AnyOriginWithCredentials,
    /// All request headers without naming `Authorization`, which `*` does not cover
    /// (<https://fetch.spec.whatwg.org/#cors-non-wildcard-request-header-name>).
    AuthorizationUnderWildcard,
}

/// A call as the policy sees it: normalised by the fetch API, before anything is sent.
#[derive(Debug)]
pub struct Call<'a> {
    /// The page's origin.
    pub origin: &'a Origin,
    /// The server's origin.
    pub server: &'a Origin,
    /// The path that the policy is looked up by.
    pub path: &'a str,
    /// The request as the API constructed it.
    pub request: &'a corsproof_model::Request,
    /// Its credentials mode.
    pub credentials: Credentials,
}

/// Whether two origins differ in nothing but the scheme.
fn is_own_name(origin: &Origin, server: &Origin) -> bool {
    match (origin, server) {
        (Origin::Tuple { host, port, .. }, Origin::Tuple { host: own, port: at, .. }) => {
            host == own && port == at
        }
        _ => false,
    }
}

/// The origin by which pages know the server.
pub fn server_origin() -> &'static Origin {
    static ORIGIN: LazyLock<Origin> =
        LazyLock::new(|| Origin::parse_serialized(SERVER_ORIGIN).unwrap_or(Origin::Opaque));
    &ORIGIN
}

impl Policy {
    /// What this policy wants of the call that a page makes.
    pub fn intends_page(&self, page: &Page) -> Intent {
        self.intends_page_at(page, page.request.current_url().path())
    }

    /// The same if this were the path that it goes to.
    pub fn intends_page_at(&self, page: &Page, path: &str) -> Intent {
        self.intends(&Call {
            origin: &page.origin,
            server: server_origin(),
            path,
            request: &page.request,
            credentials: page.credentials,
        })
    }

    /// What this policy wants of a call.
    pub fn intends(&self, call: &Call<'_>) -> Intent {
        let policy = self.at(call.path);
        if call.origin.same_origin(call.server) {
            return Intent::May(Flag::SameOrigin);
        }
        if !policy.names_origin(call.origin) {
            return Intent::MustBlock(if call.origin.is_opaque() {
                BlockReason::NullOrigin
            } else {
                BlockReason::UnlistedOrigin
            });
        }
        let credentialed = call.credentials == Credentials::Include;
        if credentialed && !policy.credentials() {
            return Intent::MustBlock(BlockReason::Credentials);
        }
        let intent = policy.intends_request(call.request);
        if intent == Intent::MustAllow && is_own_name(call.origin, call.server) {
            return Intent::May(Flag::SameHost);
        }
        match intent {
            Intent::MustAllow | Intent::May(_) if credentialed && policy.origins().is_none() => {
                Intent::May(Flag::AnyOriginWithCredentials)
            }
            intent => intent,
        }
    }

    /// What it wants of method and headers, the origin being named.
    fn intends_request(&self, request: &corsproof_model::Request) -> Intent {
        let method = request.method();
        let listed_method = |list: &[String]| list.iter().any(|m| m.as_bytes() == method);
        let method_named = self.methods().is_none_or(listed_method);
        if !method_named && !is_cors_safelisted_method(method) {
            return Intent::MustBlock(BlockReason::UnlistedMethod);
        }
        let unsafe_names = cors_unsafe_request_header_names(&UserAgent::spec(), request.headers());
        match self.request_headers() {
            Some(list) => {
                let named = |name: &Vec<u8>| {
                    list.iter().any(|listed| listed.as_bytes().eq_ignore_ascii_case(name))
                };
                if !unsafe_names.iter().all(named) {
                    return Intent::MustBlock(BlockReason::UnlistedHeader);
                }
            }
            None if unsafe_names.iter().any(|name| name == b"authorization") => {
                return Intent::May(Flag::AuthorizationUnderWildcard);
            }
            None => {}
        }
        if method_named { Intent::MustAllow } else { Intent::May(Flag::SafelistedMethod) }
    }
}
