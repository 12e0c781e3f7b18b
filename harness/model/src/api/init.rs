//! What script hands to `fetch()` or sets on an `XMLHttpRequest`, before anybody looked at it.

use crate::fetching::local_network_access::{AddressSpace, LocalNetworkPermissions};
use crate::http::requests::{CredentialsMode, Mode, RedirectMode, ReferrerPolicy};
use crate::origin::Origin;

/// The API that script uses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Api {
    /// `fetch()`
    Fetch,
    /// `XMLHttpRequest`, which knows no mode, redirect mode or referrer policy, and of credentials
    /// modes only the two that `withCredentials` chooses from.
    Xhr,
    /// `new WebSocket()`, which takes a URL and nothing else that is modelled.
    WebSocket,
}

/// <https://fetch.spec.whatwg.org/#bodyinit>, as far as CORS sees it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Body {
    /// A string.
    Text(Vec<u8>),
    /// A `URLSearchParams`.
    UrlSearchParams,
    /// A `FormData`.
    FormData,
    /// A `Blob`.
    Blob {
        /// Its type; empty: none.
        ty: Vec<u8>,
    },
    /// A `ReadableStream`.
    Stream,
}

/// <https://html.spec.whatwg.org/#environment-settings-object>: the page, taken to be a top-level one.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Environment {
    /// Its origin.
    pub origin: Origin,
    /// The address space of the address that it came from.
    pub address_space: AddressSpace,
    /// What its user allows it to reach.
    pub local_network_permissions: LocalNetworkPermissions,
}

impl Environment {
    /// A page of this origin from a public address, without permissions.
    pub fn new(origin: Origin) -> Self {
        Self {
            origin,
            address_space: AddressSpace::Public,
            local_network_permissions: LocalNetworkPermissions::default(),
        }
    }
}

/// <https://fetch.spec.whatwg.org/#requestinit>, with the URL, and what else an API takes.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct RequestInit {
    /// The API.
    pub api: Api,
    /// The URL; a relative one is relative to the root of the page's origin.
    pub url: String,
    /// The method.
    pub method: Vec<u8>,
    /// The headers, one entry for each `append` or `setRequestHeader`.
    pub headers: Vec<(Vec<u8>, Vec<u8>)>,
    /// The body.
    pub body: Option<Body>,
    /// The mode.
    pub mode: Mode,
    /// The credentials mode.
    pub credentials_mode: CredentialsMode,
    /// The redirect mode.
    pub redirect_mode: RedirectMode,
    /// The referrer policy.
    pub referrer_policy: ReferrerPolicy,
    /// Whether there are listeners on the `upload` object. Only `XMLHttpRequest` has one; with
    /// `fetch()` it sets the use-CORS-preflight flag all the same, so that the flag can be had alone.
    pub upload_listeners: bool,
    /// Whether the body, whatever it is, comes as a stream.
    pub stream_body: bool,
    /// The address space that script says the URL is in; only `fetch()` takes it
    /// (<https://wicg.github.io/local-network-access/#targetaddressspace>).
    pub target_address_space: Option<AddressSpace>,
}

impl RequestInit {
    /// What `fetch(url)` takes if nothing else is said.
    pub fn get(url: &str) -> Self {
        Self {
            api: Api::Fetch,
            url: url.to_owned(),
            method: b"GET".to_vec(),
            headers: Vec::new(),
            body: None,
            mode: Mode::Cors,
            credentials_mode: CredentialsMode::SameOrigin,
            redirect_mode: RedirectMode::Follow,
            referrer_policy: ReferrerPolicy::Empty,
            upload_listeners: false,
            stream_body: false,
            target_address_space: None,
        }
    }
}
