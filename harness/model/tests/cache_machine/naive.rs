//! The CORS-preflight cache as a list, and what fetching does with it, written down from the
//! Standard's text alone: nothing here calls the model, and what the Standard computes from strings
//! (names that are unsafe, lists, seconds) comes in as what it is.
//!
//! Two things the text leaves open are read as the model reads them, so that the two can be compared:
//! the steps of one preflight happen at one moment, in which nothing expires; and where several entries
//! match, 7.12 and 7.14 are about each of them. It is long as it is all of fetching that has a say in
//! what the cache holds.

use std::collections::BTreeMap;

use crate::entries::{Entry, Kind, lacks};

/// A header of a request, and whether it is a CORS-unsafe one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RequestHeader {
    pub name: &'static str,
    pub value: &'static str,
    pub is_unsafe: bool,
}

/// A request, as its page makes it.
#[derive(Debug, Clone)]
pub struct NaiveRequest {
    pub page: Page,
    pub urls: Vec<String>,
    pub method: String,
    pub headers: Vec<RequestHeader>,
    pub include: bool,
    pub flag: bool,
    pub tainting_is_cors: bool,
}

/// A page: its origin, serialized, and its network partition key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Page {
    pub origin: &'static str,
    pub key: &'static str,
}

/// Whom `Access-Control-Allow-Origin` allows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Allows {
    /// Whoever asks.
    Echo,
    /// `*`
    Star,
    /// No such header.
    Nobody,
}

/// A list in an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Listed {
    /// No such header.
    Absent,
    /// One that breaks its grammar.
    Broken,
    /// These.
    Of(Vec<&'static str>),
}

/// An answer to a preflight.
#[derive(Debug, Clone)]
pub struct Grant {
    pub allows: Allows,
    pub with_credentials: bool,
    pub is_ok: bool,
    pub methods: Listed,
    pub headers: Listed,
    /// What `Access-Control-Max-Age` says; `None`: nothing, or nothing sensible.
    pub max_age: Option<u64>,
}

/// An answer to a request.
#[derive(Debug, Clone)]
pub struct Answer {
    pub allows: Allows,
    pub with_credentials: bool,
    /// Status and location.
    pub redirect: Option<(u16, &'static str)>,
}

/// A preflight whose answer was stored.
#[derive(Debug, Clone)]
pub struct Stored {
    pub key: &'static str,
    pub origin: String,
    pub url: String,
    pub at: u64,
    pub max_age: u64,
}

/// How often what happened.
pub type Counts = BTreeMap<&'static str, u32>;

/// What is sent: where to, and whether it is a preflight.
pub type Sent = (String, bool);

/// The user agent. Time is in milliseconds.
#[derive(Debug, Clone, Default)]
pub struct NaiveAgent {
    cap: Option<u64>,
    provides_no_cache: bool,
    pub now: u64,
    pub counts: Counts,
    pub grants: Vec<Stored>,
    entries: Vec<Entry>,
    expired: Vec<Entry>,
    cleared: Vec<Entry>,
    sent: Vec<Sent>,
}

/// The answers to one fetch, by hop: to the preflight, to the request, and how long each takes.
#[derive(Debug, Clone)]
pub struct Server {
    pub hops: Vec<(Option<Grant>, Option<Answer>)>,
    pub latency: u64,
}

impl NaiveRequest {
    pub fn url(&self) -> &str {
        self.urls.last().unwrap()
    }

    /// Byte-serializing a request origin, over redirect-taint: of the two kinds of taint nobody here
    /// asks which.
    pub fn origin(&self) -> &str {
        let tainted = self.urls.windows(2).any(|urls| {
            let [last, url] = urls else { return false };
            origin_of(url) != origin_of(last) && self.page.origin != origin_of(last)
        });
        if tainted { "null" } else { self.page.origin }
    }

    pub fn unsafe_names(&self) -> Vec<String> {
        self.headers.iter().filter(|h| h.is_unsafe).map(|h| h.name.to_ascii_lowercase()).collect()
    }
}

/// The origin of an HTTP URL, serialized.
pub fn origin_of(url: &str) -> &str {
    let host = url.find("://").unwrap() + 3;
    url[host..].find('/').map_or(url, |slash| &url[..host + slash])
}

pub fn is_safelisted(method: &str) -> bool {
    method == "GET" || method == "HEAD" || method == "POST"
}

impl NaiveAgent {
    /// A user agent whose cache, if it has one, keeps entries no longer than so many seconds.
    pub fn new(cap: Option<u64>, provides_no_cache: bool) -> Self {
        Self { cap, provides_no_cache, ..Self::default() }
    }

    fn count(&mut self, what: &'static str, happened: bool) {
        *self.counts.entry(what).or_default() += u32::from(happened);
    }

    /// A fetch; gives whether it is allowed, and what was sent.
    pub fn fetch(&mut self, mut request: NaiveRequest, server: &Server) -> (bool, Vec<Sent>) {
        self.sent.clear();
        let allowed = self.main_fetch(&mut request, server, 0).is_some();
        (allowed, std::mem::take(&mut self.sent))
    }

    /// Main fetch, step 12. `None` is a network error.
    fn main_fetch(
        &mut self,
        request: &mut NaiveRequest,
        server: &Server,
        hop: usize,
    ) -> Option<()> {
        if !request.tainting_is_cors && request.page.origin == origin_of(request.url()) {
            return self.http_fetch(request, server, hop, false);
        }
        request.tainting_is_cors = true;
        if request.flag || !is_safelisted(&request.method) || !request.unsafe_names().is_empty() {
            let result = self.http_fetch(request, server, hop, true);
            if result.is_none() {
                self.clear_cache_entries(request);
            }
            return result;
        }
        self.http_fetch(request, server, hop, false)
    }

    /// HTTP fetch.
    fn http_fetch(
        &mut self,
        request: &mut NaiveRequest,
        server: &Server,
        hop: usize,
        make_cors_preflight: bool,
    ) -> Option<()> {
        if make_cors_preflight {
            self.remove_expired();
            if self.needs_preflight(request, hop) {
                self.cors_preflight_fetch(request, server, hop)?;
            }
        }
        // 4.3. The request itself.
        self.sent.push((request.url().to_owned(), false));
        self.now += server.latency;
        let answer = server.hops.get(hop)?.1.clone()?;
        // 4.4. The check.
        if request.tainting_is_cors {
            cors_check(request, answer.allows, answer.with_credentials)?;
        }
        // 6. Redirects.
        let Some((status, location)) = answer.redirect else { return Some(()) };
        self.http_redirect_fetch(request, server, hop, status, location)
    }

    /// HTTP-redirect fetch; the locations here are absolute, and do not end in an empty fragment.
    fn http_redirect_fetch(
        &mut self,
        request: &mut NaiveRequest,
        server: &Server,
        hop: usize,
        status: u16,
        location: &str,
    ) -> Option<()> {
        let mut url = location.to_owned();
        if let (None, Some((_, fragment))) = (url.find('#'), request.url().split_once('#')) {
            url = format!("{url}#{fragment}");
        }
        if status == 303 && request.method != "GET" && request.method != "HEAD" {
            request.method = "GET".to_owned();
            request.headers.retain(|header| header.name != "Content-Type");
        }
        if origin_of(request.url()) != origin_of(&url) {
            request.headers.retain(|header| header.name != "Authorization");
        }
        request.urls.push(url);
        self.main_fetch(request, server, hop + 1)
    }

    /// CORS-preflight fetch, steps 6 to 8.
    fn cors_preflight_fetch(
        &mut self,
        request: &NaiveRequest,
        server: &Server,
        hop: usize,
    ) -> Option<()> {
        self.sent.push((request.url().to_owned(), true));
        self.now += server.latency;
        // 7. The check, and an ok status.
        let grant = server.hops.get(hop)?.0.clone()?;
        cors_check(request, grant.allows, grant.with_credentials)?;
        if !grant.is_ok {
            return None;
        }
        // 7.1, 7.2, 7.3, 7.4. The lists.
        let methods = match grant.methods {
            Listed::Broken => return None,
            Listed::Absent if request.flag => vec![request.method.clone()],
            Listed::Absent => Vec::new(),
            Listed::Of(methods) => methods.into_iter().map(str::to_owned).collect(),
        };
        let names = match grant.headers {
            Listed::Broken => return None,
            Listed::Absent => Vec::new(),
            Listed::Of(names) => names,
        };
        // 7.5. The method.
        if !methods.contains(&request.method)
            && !is_safelisted(&request.method)
            && (request.include || !methods.iter().any(|method| method == "*"))
        {
            return None;
        }
        let is_listed = |name: &str| names.iter().any(|listed| listed.eq_ignore_ascii_case(name));
        // 7.6. Authorization.
        if request.headers.iter().any(|h| h.name == "Authorization" && !is_listed(h.name)) {
            return None;
        }
        // 7.7. The unsafe names.
        for name in request.unsafe_names() {
            if !is_listed(&name) && (request.include || !names.contains(&"*")) {
                return None;
            }
        }
        // 7.8, 7.9, 7.10. For how long.
        let mut max_age = grant.max_age.unwrap_or(5);
        if let Some(cap) = self.cap
            && max_age > cap
        {
            max_age = cap;
            self.count("max-ages over the limit", true);
        }
        // 7.11. Without a cache that is all.
        if self.provides_no_cache {
            return Some(());
        }
        self.remove_expired();
        let mut kinds: Vec<Kind> = methods.into_iter().map(Kind::Method).collect();
        kinds.extend(names.into_iter().map(|name| Kind::HeaderName(name.to_owned())));
        // 7.12, 7.13 for the methods, 7.14, 7.15 for the names.
        for wants_method in [true, false] {
            let of_kind = |kind: &&Kind| matches!(kind, Kind::Method(_)) == wants_method;
            for kind in kinds.iter().filter(of_kind) {
                for entry in &mut self.entries {
                    if entry.matches(request) && entry.kind.covers(kind) {
                        *self.counts.entry("updates").or_default() +=
                            u32::from(entry.max_age != max_age);
                        entry.max_age = max_age;
                    }
                }
            }
            for kind in kinds.iter().filter(of_kind) {
                if !self.entries.iter().any(|e| e.matches(request) && e.kind.covers(kind)) {
                    self.create(request, max_age, kind.clone());
                }
            }
        }
        self.count("max-ages of zero", max_age == 0 && !kinds.is_empty());
        self.grants.push(Stored {
            key: request.page.key,
            origin: request.origin().to_owned(),
            url: request.url().to_owned(),
            at: self.now,
            max_age,
        });
        Some(())
    }

    fn create(&mut self, request: &NaiveRequest, max_age: u64, kind: Kind) {
        self.entries.push(Entry {
            key: request.page.key,
            origin: request.origin().to_owned(),
            url: request.url().to_owned(),
            max_age,
            credentials: request.include,
            kind,
            stored_at: self.now,
        });
    }

    fn clear_cache_entries(&mut self, request: &NaiveRequest) {
        let (cleared, kept) = std::mem::take(&mut self.entries)
            .into_iter()
            .partition(|entry| entry.is_of(request) && entry.url == request.url());
        self.entries = kept;
        self.cleared.extend::<Vec<_>>(cleared);
    }

    /// "Cache entries must be removed after the seconds specified in their max-age field have passed
    /// since storing the entry."
    fn remove_expired(&mut self) {
        let now = self.now;
        let (kept, expired) = std::mem::take(&mut self.entries)
            .into_iter()
            .partition(|entry| now - entry.stored_at < entry.max_age.saturating_mul(1_000));
        self.entries = kept;
        self.expired.extend::<Vec<_>>(expired);
    }

    /// HTTP fetch, 4.1, and why not.
    fn needs_preflight(&mut self, request: &NaiveRequest, hop: usize) -> bool {
        let needs = lacks(&self.entries, request);
        if !needs {
            let literal: Vec<Entry> =
                self.entries.iter().filter(|e| !e.kind.is_star()).cloned().collect();
            self.count("hits", true);
            self.count("hits after a redirect", hop > 0);
            self.count("hits with a tainted origin", request.origin() != request.page.origin);
            self.count("hits by wildcard", lacks(&literal, request));
            return false;
        }
        let would_do = |more: &[Entry]| !lacks(&[&self.entries, more].concat(), request);
        let (expired, cleared) = (would_do(&self.expired), would_do(&self.cleared));
        let without = NaiveRequest { include: false, ..request.clone() };
        let base = |url: &str| url.split(['?', '#']).next().map(str::to_owned);
        let moved = self.entries.iter().filter(|entry| base(&entry.url) == base(request.url()));
        let moved: Vec<Entry> =
            moved.map(|entry| Entry { url: request.url().to_owned(), ..entry.clone() }).collect();
        self.count("misses", true);
        self.count("misses without a cache", self.provides_no_cache);
        self.count("misses by expiry", expired);
        self.count("misses by clearing", cleared);
        self.count("misses by credentials", !lacks(&self.entries, &without));
        self.count("misses by query or fragment", !lacks(&moved, request));
        true
    }
}

/// CORS check; who echoes allows whatever origin the request says.
fn cors_check(request: &NaiveRequest, allows: Allows, with_credentials: bool) -> Option<()> {
    match allows {
        Allows::Nobody => None,
        Allows::Star => (!request.include).then_some(()),
        Allows::Echo => (!request.include || with_credentials).then_some(()),
    }
}
