//! Requests: <https://fetch.spec.whatwg.org/#requests>

use url::Url;

use crate::http::headers::HeaderList;
use crate::origin::Origin;

/// A [request](https://fetch.spec.whatwg.org/#concept-request), as far as CORS looks at it.
#[derive(Debug, Clone)]
pub struct Request {
    pub(crate) method: Vec<u8>,
    pub(crate) url_list: Vec<Url>,
    pub(crate) headers: HeaderList,
    pub(crate) unsafe_request: bool,
    pub(crate) body: RequestBody,
    pub(crate) origin: Origin,
    pub(crate) mode: Mode,
    pub(crate) credentials_mode: CredentialsMode,
    pub(crate) redirect_mode: RedirectMode,
    pub(crate) referrer_policy: ReferrerPolicy,
    pub(crate) use_cors_preflight: bool,
    pub(crate) response_tainting: ResponseTainting,
    pub(crate) redirect_count: usize,
}

/// A request's [body](https://fetch.spec.whatwg.org/#concept-request-body): whether there is one,
/// and whether it can be sent again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum RequestBody {
    /// Null.
    Null,
    /// With a source.
    Source,
    /// A stream: its source is null.
    NullSource,
}

/// <https://fetch.spec.whatwg.org/#concept-request-mode>
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Mode {
    /// `cors`
    Cors,
    /// `no-cors`
    NoCors,
    /// `same-origin`
    SameOrigin,
}

/// <https://fetch.spec.whatwg.org/#concept-request-credentials-mode>
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum CredentialsMode {
    /// `omit`
    Omit,
    /// `same-origin`
    SameOrigin,
    /// `include`
    Include,
}

/// <https://fetch.spec.whatwg.org/#concept-request-redirect-mode>
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum RedirectMode {
    /// `follow`
    Follow,
    /// `manual`
    Manual,
    /// `error`
    Error,
}

/// <https://w3c.github.io/webappsec-referrer-policy/#referrer-policies>
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ReferrerPolicy {
    /// The empty string: the environment's default, `strict-origin-when-cross-origin`.
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

/// <https://fetch.spec.whatwg.org/#concept-request-response-tainting>
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ResponseTainting {
    Basic,
    Cors,
    Opaque,
}

impl Request {
    /// The method, normalized.
    pub fn method(&self) -> &[u8] {
        &self.method
    }

    /// The header list, as the API left it.
    pub fn headers(&self) -> &HeaderList {
        &self.headers
    }

    /// The URL that was asked for.
    pub fn url(&self) -> Option<&Url> {
        self.url_list.first()
    }

    /// Whether credentials are included in every hop.
    pub(crate) fn includes(&self) -> bool {
        self.credentials_mode == CredentialsMode::Include
    }

    /// Whether a URL has the request's origin.
    pub(crate) fn is_same_origin_with(&self, url: &Url) -> bool {
        self.origin.is_of(url)
    }

    /// [Serializes the request's
    /// origin](https://fetch.spec.whatwg.org/#serializing-a-request-origin), as bytes.
    pub(crate) fn byte_serialized_origin(&self) -> Vec<u8> {
        // 2 a tainted chain hides it.
        if self.is_redirect_tainted() {
            return b"null".to_vec();
        }
        // 3
        self.origin.serialize().into_bytes()
    }

    /// Whether the [redirect-taint](https://fetch.spec.whatwg.org/#concept-request-tainted-origin)
    /// is other than "same-origin".
    fn is_redirect_tainted(&self) -> bool {
        // 4 each URL with the one before. 4.2 and 4.3 tell "cross-site" from "same-site" apart,
        // which no algorithm of this model does: both are not "same-origin".
        self.url_list.windows(2).any(|pair| match pair {
            [last, url] => {
                let last_origin = Origin::of_url(last);
                !last_origin.is_of(url) && !last_origin.same_origin(&self.origin)
            }
            _ => false,
        })
    }
}
