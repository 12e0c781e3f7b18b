//! Header lines that are put together and then spoilt.

use crate::byte_string::HeaderLine;

pub(super) const ALLOW_ORIGIN: &str = "Access-Control-Allow-Origin";
pub(super) const ALLOW_CREDENTIALS: &str = "Access-Control-Allow-Credentials";
pub(super) const ALLOW_METHODS: &str = "Access-Control-Allow-Methods";
pub(super) const ALLOW_HEADERS: &str = "Access-Control-Allow-Headers";
pub(super) const ALLOW_PRIVATE_NETWORK: &str = "Access-Control-Allow-Private-Network";
pub(super) const EXPOSE_HEADERS: &str = "Access-Control-Expose-Headers";
pub(super) const MAX_AGE: &str = "Access-Control-Max-Age";
pub(super) const VARY: &str = "Vary";

/// Header lines in wire order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Lines(Vec<HeaderLine>);

impl Lines {
    pub(super) fn add(&mut self, name: &str, value: impl Into<Vec<u8>>) {
        self.0.push(line(name, value));
    }

    /// Instead of all lines of this name.
    pub(super) fn set(&mut self, name: &str, value: impl Into<Vec<u8>>) {
        self.remove(name);
        self.add(name, value);
    }

    /// As [`Lines::set`], or as [`Lines::remove`] without a value.
    pub(super) fn put(&mut self, name: &str, value: Option<impl Into<Vec<u8>>>) {
        match value {
            Some(value) => self.set(name, value),
            None => self.remove(name),
        }
    }

    pub(super) fn remove(&mut self, name: &str) {
        self.0.retain(|(n, _)| !n.eq_ignore_ascii_case(name.as_bytes()));
    }

    pub(super) fn value(&self, name: &str) -> Option<&[u8]> {
        value(&self.0, name)
    }

    pub(super) fn has(&self, name: &str) -> bool {
        self.value(name).is_some()
    }

    /// The value under another name, if it is there.
    pub(super) fn rename(&mut self, from: &str, to: &str) {
        if let Some(value) = self.value(from).map(<[u8]>::to_vec) {
            self.remove(from);
            self.set(to, value);
        }
    }

    /// The value changed, if it is there.
    pub(super) fn change(&mut self, name: &str, change: impl FnOnce(&[u8]) -> Vec<u8>) {
        if let Some(value) = self.value(name).map(change) {
            self.set(name, value);
        }
    }

    /// Without the lines that speak of CORS, and without `Vary`.
    pub(super) fn strip(&mut self) {
        self.0.retain(|(name, _)| !is_of_cors(name));
        self.remove(VARY);
    }

    pub(super) fn extend(&mut self, lines: impl IntoIterator<Item = HeaderLine>) {
        self.0.extend(lines);
    }

    pub(super) fn iter(&self) -> std::slice::Iter<'_, HeaderLine> {
        self.0.iter()
    }

    pub(super) fn into_vec(self) -> Vec<HeaderLine> {
        self.0
    }
}

impl From<Vec<HeaderLine>> for Lines {
    fn from(lines: Vec<HeaderLine>) -> Self {
        Self(lines)
    }
}

pub(super) fn line(name: &str, value: impl Into<Vec<u8>>) -> HeaderLine {
    (name.into(), value.into().into())
}

pub(super) fn values<'a>(lines: &'a [HeaderLine], name: &'a str) -> impl Iterator<Item = &'a [u8]> {
    let is_named = move |(n, _): &&HeaderLine| n.eq_ignore_ascii_case(name.as_bytes());
    lines.iter().filter(is_named).map(|(_, value)| value.as_ref())
}

pub(super) fn value<'a>(lines: &'a [HeaderLine], name: &str) -> Option<&'a [u8]> {
    let is_named = |(n, _): &&HeaderLine| n.eq_ignore_ascii_case(name.as_bytes());
    lines.iter().find(is_named).map(|(_, value)| value.as_ref())
}

pub(super) fn is_of_cors(name: &[u8]) -> bool {
    name.to_ascii_lowercase().starts_with(b"access-control-")
}
