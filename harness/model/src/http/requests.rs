//! Requests (Fetch §2.2.5), as far as CORS asks about them.

use std::sync::Arc;

use url::Url;

use crate::api::init::Environment;
use crate::fetching::local_network_access::{AddressSpace, LocalNetworkPermissions};
use crate::http::headers::HeaderList;
use crate::origin::{Origin, urls_have_same_origin};

/// <https://fetch.spec.whatwg.org/#concept-request-mode>
///
/// NOT MODELLED (`navigate`, `webtransport`): neither is under the CORS protocol, nor asked for here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Mode {
    /// With the CORS protocol.
    Cors,
    /// With what an HTML form could send, and an opaque response.
    NoCors,
    /// To the own origin only.
    SameOrigin,
    /// The opening handshake of a WebSocket.
    WebSocket,
}

/// <https://fetch.spec.whatwg.org/#concept-request-credentials-mode>
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum CredentialsMode {
    /// Never.
    Omit,
    /// To the own origin only.
    SameOrigin,
    /// Always.
    Include,
}

/// <https://fetch.spec.whatwg.org/#concept-request-redirect-mode>
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum RedirectMode {
    /// Follow redirects.
    Follow,
    /// Hand a redirect out as an opaque-redirect filtered response.
    Manual,
    /// Fail on a redirect.
    Error,
}

/// <https://w3c.github.io/webappsec-referrer-policy/#referrer-policies>
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ReferrerPolicy {
    /// The empty string: that of the environment, here the default one.
    Empty,
    /// `no-referrer`
    NoReferrer,
    /// `no-referrer-when-downgrade`
    NoReferrerWhenDowngrade,
    /// `same-origin`
    SameOrigin,
    /// `origin`
    Origin,
    /// `strict-origin`
    StrictOrigin,
    /// `origin-when-cross-origin`
    OriginWhenCrossOrigin,
    /// `strict-origin-when-cross-origin`
    StrictOriginWhenCrossOrigin,
    /// `unsafe-url`
    UnsafeUrl,
}

impl ReferrerPolicy {
    /// The policy of this name, but for the empty string.
    pub fn of_token(token: &[u8]) -> Option<Self> {
        Some(match token {
            b"no-referrer" => Self::NoReferrer,
            b"no-referrer-when-downgrade" => Self::NoReferrerWhenDowngrade,
            b"same-origin" => Self::SameOrigin,
            b"origin" => Self::Origin,
            b"strict-origin" => Self::StrictOrigin,
            b"origin-when-cross-origin" => Self::OriginWhenCrossOrigin,
            b"strict-origin-when-cross-origin" => Self::StrictOriginWhenCrossOrigin,
            b"unsafe-url" => Self::UnsafeUrl,
            _ => return None,
        })
    }
}

/// <https://fetch.spec.whatwg.org/#concept-request-response-tainting>
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ResponseTainting {
    /// Nothing foreign so far.
    Basic,
    /// The CORS protocol decides.
    Cors,
    /// Script may not look.
    Opaque,
}

/// <https://fetch.spec.whatwg.org/#concept-request-body>, by its source.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum RequestBody {
    /// No body.
    Null,
    /// A body that can be sent again.
    WithSource,
    /// A stream: its source is null.
    Stream,
}

/// <https://fetch.spec.whatwg.org/#concept-request-tainted-origin>
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum RedirectTaint {
    /// Every hop away came from the page's own origin.
    SameOrigin,
    /// Another origin of the same site redirected away.
    SameSite,
    /// Another site redirected away.
    CrossSite,
}

/// <https://fetch.spec.whatwg.org/#concept-request>
///
/// Only [`crate::construct`] makes one; a fetch uses it up, so clone it to fetch again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    pub(crate) method: Vec<u8>,
    /// Never empty.
    pub(crate) url_list: UrlList,
    pub(crate) headers: HeaderList,
    pub(crate) client: Arc<Client>,
    pub(crate) body: RequestBody,
    pub(crate) mode: Mode,
    pub(crate) credentials_mode: CredentialsMode,
    pub(crate) redirect_mode: RedirectMode,
    pub(crate) referrer_policy: ReferrerPolicy,
    pub(crate) use_cors_preflight: bool,
    pub(crate) response_tainting: ResponseTainting,
    pub(crate) redirect_count: u8,
    /// <https://wicg.github.io/local-network-access/#request-target-ip-address-space>
    pub(crate) target_address_space: Option<AddressSpace>,
}

/// What a request takes from its client, the environment settings object.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Client {
    pub(crate) origin: Origin,
    pub(crate) serialized_origin: Vec<u8>,
    /// <https://fetch.spec.whatwg.org/#network-partition-key>: the site of the page, which is taken
    /// to be the top-level one. All pages of opaque origin share one.
    pub(crate) network_partition_key: String,
    pub(crate) address_space: AddressSpace,
    pub(crate) local_network_permissions: LocalNetworkPermissions,
}

/// <https://fetch.spec.whatwg.org/#concept-request-url-list>
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct UrlList {
    /// All but the last.
    pub(crate) before: Vec<Url>,
    pub(crate) current: Url,
}

impl Client {
    pub(crate) fn new(environment: &Environment) -> Self {
        let origin = &environment.origin;
        let network_partition_key = match origin {
            Origin::Opaque => "null".to_owned(),
            Origin::Tuple { scheme, host, .. } => {
                let site = crate::origin::registrable_domain(host).unwrap_or(host);
                format!("{scheme}://{site}")
            }
        };
        Self {
            origin: origin.clone(),
            serialized_origin: origin.serialize().into_bytes(),
            network_partition_key,
            address_space: environment.address_space,
            local_network_permissions: environment.local_network_permissions,
        }
    }
}

impl UrlList {
    pub(crate) fn new(url: Url) -> Self {
        Self { before: Vec::new(), current: url }
    }

    pub(crate) fn append(&mut self, url: Url) {
        let before = std::mem::replace(&mut self.current, url);
        self.before.push(before);
    }

    fn iter(&self) -> impl Iterator<Item = &Url> {
        self.before.iter().chain(std::iter::once(&self.current))
    }
}

impl Request {
    /// <https://fetch.spec.whatwg.org/#concept-request-method>
    pub fn method(&self) -> &[u8] {
        &self.method
    }

    /// <https://fetch.spec.whatwg.org/#concept-request-current-url>
    pub fn current_url(&self) -> &Url {
        &self.url_list.current
    }

    /// <https://fetch.spec.whatwg.org/#concept-request-header-list>: script's, and the
    /// `Content-Type` of a body.
    pub fn headers(&self) -> &HeaderList {
        &self.headers
    }

    /// <https://fetch.spec.whatwg.org/#concept-request-origin>
    pub fn origin(&self) -> &Origin {
        &self.client.origin
    }

    /// <https://fetch.spec.whatwg.org/#concept-request-body>
    pub fn body(&self) -> RequestBody {
        self.body
    }

    /// <https://fetch.spec.whatwg.org/#concept-request-mode>
    pub fn mode(&self) -> Mode {
        self.mode
    }

    /// <https://fetch.spec.whatwg.org/#concept-request-credentials-mode>
    pub fn credentials_mode(&self) -> CredentialsMode {
        self.credentials_mode
    }

    /// <https://fetch.spec.whatwg.org/#use-cors-preflight-flag>
    pub fn uses_cors_preflight(&self) -> bool {
        self.use_cors_preflight
    }

    /// <https://fetch.spec.whatwg.org/#concept-request-tainted-origin>
    pub fn redirect_taint(&self) -> RedirectTaint {
        // 1. The origin is one.
        // 2, 3. No URL so far, no taint so far.
        let mut taint = RedirectTaint::SameOrigin;
        let mut last_url: Option<&Url> = None;
        // 4. From each URL to the next.
        for url in self.url_list.iter() {
            // 4.1. The first has none before it.
            if let Some(last_url) = last_url
                && !urls_have_same_origin(url, last_url)
                && !self.origin().is_same_origin_with_url(last_url)
            {
                // 4.2. Away from another site: there is nothing worse.
                let last_origin = Origin::of_url(last_url);
                if !Origin::of_url(url).same_site(&last_origin)
                    && !self.origin().same_site(&last_origin)
                {
                    return RedirectTaint::CrossSite;
                }
                // 4.3. Away from another origin.
                taint = RedirectTaint::SameSite;
            }
            // 4.4. Go on from here.
            last_url = Some(url);
        }
        // 5. The worst so far.
        taint
    }

    /// <https://fetch.spec.whatwg.org/#serializing-a-request-origin>
    /// <https://fetch.spec.whatwg.org/#byte-serializing-a-request-origin>
    pub fn byte_serialized_origin(&self) -> &[u8] {
        // 1. The origin is one.
        // 2. A tainted one is null.
        if !self.url_list.before.is_empty() && self.redirect_taint() != RedirectTaint::SameOrigin {
            return b"null";
        }
        // 3. Any other is itself.
        &self.client.serialized_origin
    }
}

#[cfg(test)]
mod tests;
