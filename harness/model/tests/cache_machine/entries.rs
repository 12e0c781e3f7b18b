//! Cache entries, and which of them match.

use crate::naive::{NaiveRequest, is_safelisted};

/// One of the two kinds that an entry can be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Kind {
    Method(String),
    HeaderName(String),
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    pub key: &'static str,
    pub origin: String,
    pub url: String,
    pub max_age: u64,
    pub credentials: bool,
    pub kind: Kind,
    pub stored_at: u64,
}

/// The two conditions of HTTP fetch, 4.1.
pub fn lacks(entries: &[Entry], request: &NaiveRequest) -> bool {
    let has = |kind: &Kind| entries.iter().any(|e| e.matches(request) && e.kind.covers(kind));
    (!has(&Kind::Method(request.method.clone()))
        && (!is_safelisted(&request.method) || request.flag))
        || request.unsafe_names().into_iter().any(|name| !has(&Kind::HeaderName(name)))
}

fn is_authorization(name: &str) -> bool {
    name.eq_ignore_ascii_case("authorization")
}

impl Entry {
    pub fn is_of(&self, request: &NaiveRequest) -> bool {
        self.key == request.page.key && self.origin == request.origin()
    }

    /// Cache entry match.
    pub fn matches(&self, request: &NaiveRequest) -> bool {
        self.is_of(request) && self.url == request.url() && (self.credentials || !request.include)
    }
}

impl Kind {
    pub fn is_star(&self) -> bool {
        matches!(self, Self::Method(what) | Self::HeaderName(what) if what == "*")
    }

    /// The last conditions of method and header-name cache entry match.
    pub fn covers(&self, asked: &Self) -> bool {
        match (self, asked) {
            (Self::Method(entry), Self::Method(method)) => entry == method || entry == "*",
            (Self::HeaderName(entry), Self::HeaderName(name)) => {
                entry.eq_ignore_ascii_case(name) || (entry == "*" && !is_authorization(name))
            }
            _ => false,
        }
    }
}
