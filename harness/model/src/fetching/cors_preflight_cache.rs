//! CORS-preflight cache (Fetch §4.9): entries, matching, expiry under the network's clock.

use std::sync::Arc;
use std::time::Duration;

use crate::http::requests::{CredentialsMode, Request};
use crate::http::safelist::is_cors_non_wildcard_request_header_name;
use crate::user_agent::UserAgent;

/// <https://fetch.spec.whatwg.org/#concept-cache>
#[derive(Debug, Clone, Default)]
pub struct PreflightCache {
    entries: Vec<Entry>,
}

/// <https://fetch.spec.whatwg.org/#cache-entry>
#[derive(Debug, Clone)]
struct Entry {
    key: Arc<Key>,
    stored_at: Duration,
    max_age: Duration,
    credentials: bool,
    what: What,
}

/// The part of an entry that all entries of one preflight share.
#[derive(Debug, PartialEq, Eq)]
struct Key {
    network_partition_key: String,
    byte_serialized_origin: Vec<u8>,
    url: String,
}

/// What an entry allows: a method or a header name; `*` is one of either.
#[derive(Debug, Clone, PartialEq, Eq)]
enum What {
    Method(Vec<u8>),
    HeaderName(Vec<u8>),
}

impl PreflightCache {
    /// How many entries there are, those included that have expired but nobody has looked for.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Removes what has been there for its max-age, to the second: what may stay five seconds is
    /// gone when five have passed, and what may stay none was never there.
    pub(crate) fn remove_expired(&mut self, now: Duration) {
        self.entries.retain(|entry| now.saturating_sub(entry.stored_at) < entry.max_age);
    }

    /// <https://fetch.spec.whatwg.org/#concept-cache-match-method>
    pub(crate) fn method_matches(
        &self,
        agent: &UserAgent,
        request: &Request,
        method: &[u8],
    ) -> bool {
        self.entries
            .iter()
            .any(|entry| entry.matches(agent, request) && entry.allows_method(agent, method))
    }

    /// <https://fetch.spec.whatwg.org/#concept-cache-match-header>
    pub(crate) fn header_name_matches(
        &self,
        agent: &UserAgent,
        request: &Request,
        name: &[u8],
    ) -> bool {
        self.entries
            .iter()
            .any(|entry| entry.matches(agent, request) && entry.allows_header_name(agent, name))
    }

    /// <https://fetch.spec.whatwg.org/#cors-preflight-fetch-0>, steps 7.12 to 7.15.
    pub(crate) fn store(
        &mut self,
        agent: &UserAgent,
        request: &Request,
        now: Duration,
        max_age: Duration,
        methods: &[&[u8]],
        header_names: &[&[u8]],
    ) {
        if agent.cache_replaces_entries {
            self.clear(agent, request);
        }
        let stamp = |entry: &mut Entry| {
            entry.max_age = max_age;
            if agent.cache_update_restarts_clock {
                entry.stored_at = now;
            }
        };
        // 7.12, 7.14. What allows a listed method or name already gets the new max-age.
        for entry in self.entries.iter_mut().filter(|entry| entry.matches(agent, request)) {
            if methods.iter().any(|method| entry.allows_method(agent, method))
                || header_names.iter().any(|name| entry.allows_header_name(agent, name))
            {
                stamp(entry);
            }
        }
        // 7.13, 7.15. What nothing allows yet gets an entry of its own.
        let mut key = None;
        for method in methods {
            if !self.method_matches(agent, request, method) {
                let key = key.get_or_insert_with(|| Arc::new(Key::of(request)));
                self.create(request, key, now, max_age, What::Method(method.to_vec()));
            }
        }
        for name in header_names {
            if !self.header_name_matches(agent, request, name) {
                let key = key.get_or_insert_with(|| Arc::new(Key::of(request)));
                self.create(request, key, now, max_age, What::HeaderName(name.to_vec()));
            }
        }
    }

    /// <https://fetch.spec.whatwg.org/#concept-cache-create-entry>
    fn create(
        &mut self,
        request: &Request,
        key: &Arc<Key>,
        now: Duration,
        max_age: Duration,
        what: What,
    ) {
        // 1. An entry of this request.
        let credentials = request.credentials_mode == CredentialsMode::Include;
        let entry = Entry { key: Arc::clone(key), stored_at: now, max_age, credentials, what };
        // 2. Into the cache.
        self.entries.push(entry);
    }

    /// <https://fetch.spec.whatwg.org/#concept-cache-clear>
    ///
    /// Gives whether there was anything to clear.
    pub(crate) fn clear(&mut self, agent: &UserAgent, request: &Request) -> bool {
        let before = self.entries.len();
        self.entries.retain(|entry| !entry.key.is_of(agent, request));
        self.entries.len() != before
    }
}

impl Key {
    fn of(request: &Request) -> Self {
        Self {
            network_partition_key: request.client.network_partition_key.clone(),
            byte_serialized_origin: request.byte_serialized_origin().to_vec(),
            url: request.current_url().as_str().to_owned(),
        }
    }

    /// The URL counts with its fragment: the Standard compares URLs, and leaves nothing out.
    fn is_of(&self, agent: &UserAgent, request: &Request) -> bool {
        let url = request.current_url().as_str();
        let same_url = self.url == url
            || (agent.cache_ignores_fragments
                && without_fragment(&self.url) == without_fragment(url));
        same_url
            && self.byte_serialized_origin == request.byte_serialized_origin()
            && self.network_partition_key == request.client.network_partition_key
    }
}

impl Entry {
    /// <https://fetch.spec.whatwg.org/#concept-cache-match>
    fn matches(&self, agent: &UserAgent, request: &Request) -> bool {
        let include = request.credentials_mode == CredentialsMode::Include;
        let serves = if agent.cache_separates_credentials {
            self.credentials == include
        } else {
            self.credentials || !include
        };
        serves && self.key.is_of(agent, request)
    }

    fn allows_method(&self, agent: &UserAgent, method: &[u8]) -> bool {
        match &self.what {
            What::Method(allowed) => allowed == method || self.is_wildcard(agent, allowed),
            What::HeaderName(_) => false,
        }
    }

    fn allows_header_name(&self, agent: &UserAgent, name: &[u8]) -> bool {
        match &self.what {
            What::Method(_) => false,
            What::HeaderName(allowed) => {
                allowed.eq_ignore_ascii_case(name)
                    || (self.is_wildcard(agent, allowed)
                        && (agent.cached_wildcard_covers_authorization
                            || !is_cors_non_wildcard_request_header_name(name)))
            }
        }
    }

    /// A star stands for everything, by the letter even if it was stored with credentials.
    fn is_wildcard(&self, agent: &UserAgent, allowed: &[u8]) -> bool {
        let literal = agent.cached_wildcard_is_literal
            || (agent.cached_wildcard_with_credentials_is_literal && self.credentials);
        allowed == b"*" && !literal
    }
}

fn without_fragment(url: &str) -> &str {
    url.split_once('#').map_or(url, |(url, _)| url)
}

#[cfg(test)]
mod tests;
