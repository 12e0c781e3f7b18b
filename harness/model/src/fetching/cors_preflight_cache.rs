//! The CORS-preflight cache: <https://fetch.spec.whatwg.org/#cors-preflight-cache>

use std::time::Duration;

use url::Url;

use crate::http::requests::Request;
use crate::http::safelist::is_cors_non_wildcard_request_header_name;
use crate::user_agent::UserAgent;

/// A [CORS-preflight cache](https://fetch.spec.whatwg.org/#cors-preflight-cache).
#[derive(Debug, Clone, Default)]
pub struct PreflightCache {
    entries: Vec<CacheEntry>,
}

/// A [cache entry](https://fetch.spec.whatwg.org/#concept-cache).
#[derive(Debug, Clone)]
struct CacheEntry {
    key: PartitionKey,
    origin: Vec<u8>,
    url: Url,
    max_age: Duration,
    credentials: bool,
    granted: Granted,
    stored_at: Duration,
}

/// The entry's method or header name: just one of them is not null.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Granted {
    Method(Vec<u8>),
    HeaderName(Vec<u8>),
}

/// The [network partition
/// key](https://fetch.spec.whatwg.org/#determine-the-network-partition-key): the page is top-level
/// here, so its own origin stands for its site.
type PartitionKey = String;

impl PreflightCache {
    /// Whether nothing is cached.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Whether there is a [method cache entry
    /// match](https://fetch.spec.whatwg.org/#concept-cache-match-method).
    pub(crate) fn matches_method(&self, agent: &UserAgent, request: &Request, now: Duration) -> bool {
        self.matching(agent, request, now).any(|entry| match &entry.granted {
            Granted::Method(method) if method == b"*" && request.method != b"*" => {
                !agent.ignores_cached_wildcard
                    && !(entry.credentials && agent.credentialed_cached_wildcard_is_literal)
            }
            Granted::Method(method) => *method == request.method,
            Granted::HeaderName(_) => false,
        })
    }

    /// Whether there is a [header-name cache entry
    /// match](https://fetch.spec.whatwg.org/#concept-cache-match-header).
    pub(crate) fn matches_header_name(
        &self,
        agent: &UserAgent,
        request: &Request,
        name: &[u8],
        now: Duration,
    ) -> bool {
        self.matching(agent, request, now).any(|entry| match &entry.granted {
            Granted::HeaderName(cached) if cached.eq_ignore_ascii_case(name) => true,
            Granted::HeaderName(cached) => {
                cached == b"*"
                    && !is_cors_non_wildcard_request_header_name(name)
                    && !agent.ignores_cached_wildcard
                    && !(entry.credentials && agent.credentialed_cached_wildcard_is_literal)
            }
            Granted::Method(_) => false,
        })
    }

    /// Steps 7.12 to 7.15 of CORS-preflight fetch: entries that are there get the new max-age,
    /// the others are made.
    pub(crate) fn store(
        &mut self,
        agent: &UserAgent,
        request: &Request,
        methods: Vec<Vec<u8>>,
        header_names: Vec<Vec<u8>>,
        max_age: Duration,
        now: Duration,
    ) {
        self.remove_expired(now);
        if agent.replaces_cache_entries {
            self.clear(request);
        }
        let granted = methods
            .into_iter()
            .map(Granted::Method)
            .chain(header_names.into_iter().map(Granted::HeaderName));
        for granted in granted {
            self.update_or_create(agent, request, granted, max_age, now);
        }
    }

    /// [Clears cache entries](https://fetch.spec.whatwg.org/#concept-cache-clear) of a request.
    pub(crate) fn clear(&mut self, request: &Request) {
        let Some(url) = request.url_list.last() else { return };
        if self.entries.is_empty() {
            return;
        }
        let key = partition_key(request);
        let origin = request.byte_serialized_origin();
        self.entries.retain(|entry| !(entry.key == key && entry.origin == origin && entry.url == *url));
    }

    fn update_or_create(
        &mut self,
        agent: &UserAgent,
        request: &Request,
        granted: Granted,
        max_age: Duration,
        now: Duration,
    ) {
        let Some(url) = request.url_list.last() else { return };
        let key = partition_key(request);
        let origin = request.byte_serialized_origin();
        let mut updated = false;
        for entry in &mut self.entries {
            let matches = entry.key == key
                && entry.origin == origin
                && entry.url == *url
                && serves(agent, entry.credentials, request)
                && grants(&entry.granted, &granted);
            if matches {
                // 7.12, 7.14 the time of storing stays what it was.
                entry.max_age = max_age;
                updated = true;
            }
        }
        if !updated {
            // 7.13, 7.15
            let credentials = request.includes();
            self.entries.push(CacheEntry {
                key,
                origin,
                url: url.clone(),
                max_age,
                credentials,
                granted,
                stored_at: now,
            });
        }
    }

    /// Entries whose seconds have passed are removed.
    fn remove_expired(&mut self, now: Duration) {
        self.entries.retain(|entry| is_fresh(entry, now));
    }

    /// Every [cache entry match](https://fetch.spec.whatwg.org/#concept-cache-match).
    fn matching<'a>(
        &'a self,
        agent: &'a UserAgent,
        request: &'a Request,
        now: Duration,
    ) -> impl Iterator<Item = &'a CacheEntry> {
        let known = (!self.entries.is_empty())
            .then(|| (partition_key(request), request.byte_serialized_origin()));
        self.entries.iter().filter(move |entry| {
            known.as_ref().is_some_and(|(key, origin)| entry.key == *key && entry.origin == *origin)
                && request.url_list.last() == Some(&entry.url)
                && serves(agent, entry.credentials, request)
                && is_fresh(entry, now)
        })
    }
}

fn partition_key(request: &Request) -> PartitionKey {
    request.origin.serialize()
}

fn is_fresh(entry: &CacheEntry, now: Duration) -> bool {
    now.saturating_sub(entry.stored_at) < entry.max_age
}

/// Whether an entry made with or without credentials serves this request.
fn serves(agent: &UserAgent, entry_credentials: bool, request: &Request) -> bool {
    if agent.separates_cache_by_credentials {
        return entry_credentials == request.includes();
    }
    entry_credentials || !request.includes()
}

/// Whether a cached grant is a match for a new one.
fn grants(cached: &Granted, new: &Granted) -> bool {
    match (cached, new) {
        (Granted::Method(cached), Granted::Method(new)) => cached == new || cached == b"*",
        (Granted::HeaderName(cached), Granted::HeaderName(new)) => {
            cached.eq_ignore_ascii_case(new)
                || (cached == b"*" && !is_cors_non_wildcard_request_header_name(new))
        }
        _ => false,
    }
}
