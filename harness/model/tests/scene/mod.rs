//! A fetch in a few words, for tests: a page, a request, servers by script, a cache and a clock.

#![allow(dead_code, unreachable_pub, reason = "each test crate uses a part of it")]

use std::net::IpAddr;
use std::time::Duration;

use corsproof_model::{
    AddressSpace, Api, Body, CredentialsMode, Environment, Fetched, HeaderList,
    LocalNetworkPermissions, Mode, Network, NetworkError, NetworkRequest, Origin, PreflightCache,
    RedirectMode, ReferrerPolicy, Request, RequestInit, Response, Threw, UserAgent, construct,
    fetch,
};
use url::Url;

/// The page of most scenes.
pub const PAGE: &str = "https://a.example";
/// Allows the page of most scenes.
pub const OWN: (&str, &str) = ("Access-Control-Allow-Origin", PAGE);
/// Allows any page.
pub const ANY: (&str, &str) = ("Access-Control-Allow-Origin", "*");
/// Allows pages of opaque or tainted origin.
pub const NULL: (&str, &str) = ("Access-Control-Allow-Origin", "null");
/// Allows credentials.
pub const WITH: (&str, &str) = ("Access-Control-Allow-Credentials", "true");

/// `Access-Control-Allow-Methods`.
pub fn methods(value: &str) -> (&str, &str) {
    ("Access-Control-Allow-Methods", value)
}

/// `Access-Control-Allow-Headers`.
pub fn headers(value: &str) -> (&str, &str) {
    ("Access-Control-Allow-Headers", value)
}

/// `Access-Control-Max-Age`.
pub fn max_age(value: &str) -> (&str, &str) {
    ("Access-Control-Max-Age", value)
}

/// `Location`.
pub fn to(value: &str) -> (&str, &str) {
    ("Location", value)
}

/// A page that fetches.
#[derive(Debug, Clone)]
pub struct Scene {
    pub agent: UserAgent,
    pub page: String,
    pub init: RequestInit,
    pub hops: Vec<(Option<Response>, Option<Response>)>,
    pub cache: PreflightCache,
    pub now: u64,
    /// Where every server is.
    pub address: Option<IpAddr>,
    /// Where the page came from.
    pub address_space: AddressSpace,
    pub permissions: LocalNetworkPermissions,
}

/// What the network saw of one request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sent {
    pub url: String,
    pub method: String,
    pub headers: HeaderList,
    pub body: bool,
    pub credentials: bool,
    pub preflight: bool,
    pub hop: usize,
}

struct Script<'a> {
    hops: &'a [(Option<Response>, Option<Response>)],
    now: u64,
    address: Option<IpAddr>,
    sent: Vec<Sent>,
}

impl Network for Script<'_> {
    fn fetch(&mut self, request: &NetworkRequest<'_>) -> Result<Response, NetworkError> {
        self.sent.push(Sent {
            url: request.url.to_string(),
            method: String::from_utf8(request.method.to_vec()).unwrap(),
            headers: request.headers.clone(),
            body: request.body,
            credentials: request.credentials,
            preflight: request.preflight,
            hop: request.hop,
        });
        let (preflight, actual) = self.hops.get(request.hop).ok_or(NetworkError)?;
        let answer = if request.preflight { preflight } else { actual };
        answer.clone().ok_or(NetworkError)
    }

    fn address(&self, _: &Url) -> Option<IpAddr> {
        self.address
    }

    fn now(&self) -> Duration {
        Duration::from_secs(self.now)
    }
}

impl Scene {
    /// `fetch(url)` from the usual page.
    pub fn get(url: &str) -> Self {
        Self {
            agent: UserAgent::spec(),
            page: PAGE.to_owned(),
            init: RequestInit::get(url),
            hops: Vec::new(),
            cache: PreflightCache::default(),
            now: 0,
            address: None,
            address_space: AddressSpace::Public,
            permissions: LocalNetworkPermissions::default(),
        }
    }

    /// The same with another method.
    pub fn send(method: &str, url: &str) -> Self {
        let mut scene = Self::get(url);
        scene.init.method = method.as_bytes().to_vec();
        scene
    }

    pub fn page(mut self, page: &str) -> Self {
        self.page = page.to_owned();
        self
    }

    pub fn agent(mut self, agent: UserAgent) -> Self {
        self.agent = agent;
        self
    }

    pub fn xhr(mut self) -> Self {
        self.init.api = Api::Xhr;
        self
    }

    pub fn web_socket(mut self) -> Self {
        self.init.api = Api::WebSocket;
        self
    }

    pub fn with(mut self, name: &str, value: &str) -> Self {
        self.init.headers.push((name.as_bytes().to_vec(), value.as_bytes().to_vec()));
        self
    }

    pub fn body(mut self, body: Body) -> Self {
        self.init.body = Some(body);
        self
    }

    pub fn text(self) -> Self {
        self.body(Body::Text(b"x".to_vec()))
    }

    pub fn mode(mut self, mode: Mode) -> Self {
        self.init.mode = mode;
        self
    }

    pub fn credentials(mut self, credentials_mode: CredentialsMode) -> Self {
        self.init.credentials_mode = credentials_mode;
        self
    }

    pub fn include(self) -> Self {
        self.credentials(CredentialsMode::Include)
    }

    pub fn redirect(mut self, redirect_mode: RedirectMode) -> Self {
        self.init.redirect_mode = redirect_mode;
        self
    }

    pub fn policy(mut self, referrer_policy: ReferrerPolicy) -> Self {
        self.init.referrer_policy = referrer_policy;
        self
    }

    pub fn listeners(mut self) -> Self {
        self.init.upload_listeners = true;
        self
    }

    /// A hop whose server answers the request only.
    pub fn answer(mut self, status: u16, lines: &[(&str, &str)]) -> Self {
        self.hops.push((None, Some(response(status, lines))));
        self
    }

    /// A hop whose server answers the preflight so, and the request with whatever grants most.
    pub fn preflight(mut self, status: u16, lines: &[(&str, &str)]) -> Self {
        let granting = if self.init.credentials_mode == CredentialsMode::Include {
            response(200, &[OWN, WITH])
        } else {
            response(200, &[ANY])
        };
        self.hops.push((Some(response(status, lines)), Some(granting)));
        self
    }

    /// A hop whose server answers both.
    pub fn both(
        mut self,
        preflight: (u16, &[(&str, &str)]),
        actual: (u16, &[(&str, &str)]),
    ) -> Self {
        let preflight = response(preflight.0, preflight.1);
        self.hops.push((Some(preflight), Some(response(actual.0, actual.1))));
        self
    }

    /// Forgets the servers of this scene.
    pub fn without_hops(mut self) -> Self {
        self.hops.clear();
        self
    }

    pub fn at(mut self, now: u64) -> Self {
        self.now = now;
        self
    }

    pub fn environment(&self) -> Environment {
        Environment {
            origin: Origin::parse_serialized(&self.page).unwrap(),
            address_space: self.address_space,
            local_network_permissions: self.permissions,
        }
    }

    pub fn construct(&self) -> Result<Request, Threw> {
        construct(&self.agent, &self.environment(), &self.init)
    }

    /// Fetches, and gives what the network saw, too.
    pub fn watch(&mut self) -> (Fetched, Vec<Sent>) {
        let request = self.construct().unwrap();
        let mut network =
            Script { hops: &self.hops, now: self.now, address: self.address, sent: Vec::new() };
        let fetched = fetch(&self.agent, &mut self.cache, &mut network, request);
        (fetched, network.sent)
    }

    /// Fetches.
    pub fn run(&mut self) -> Fetched {
        self.watch().0
    }

    /// Fetches and tells which step decided.
    pub fn decided(mut self) -> &'static str {
        match self.construct() {
            Ok(_) => self.run().trace.decided_by.slug,
            Err(threw) => threw.step.slug,
        }
    }

    /// Fetches and tells the names that script sees.
    pub fn exposed(mut self) -> Option<Vec<String>> {
        let names = self.run().exposed_headers?;
        Some(names.into_iter().map(|name| String::from_utf8(name).unwrap()).collect())
    }

    /// Fetches and tells `Origin` of each request sent, preflights included; `-` is none.
    pub fn origins(mut self) -> Vec<String> {
        let (_, sent) = self.watch();
        sent.iter().map(|sent| text(sent.headers.get(b"Origin"))).collect()
    }

    /// Fetches and tells which hops had a preflight, and what it listed; `-` is nothing.
    pub fn preflights(mut self) -> Vec<(usize, String)> {
        let fetched = self.run();
        let hops = fetched.trace.hops.into_iter().enumerate();
        hops.filter_map(|(index, hop)| Some((index, text(hop.preflight?.headers)))).collect()
    }
}

/// A response head.
pub fn response(status: u16, lines: &[(&str, &str)]) -> Response {
    Response::new(status, HeaderList::from_lines(lines.iter().copied()))
}

/// A value as text; `-` is none.
pub fn text(value: Option<Vec<u8>>) -> String {
    value.map_or_else(|| "-".to_owned(), |value| String::from_utf8(value).unwrap())
}
