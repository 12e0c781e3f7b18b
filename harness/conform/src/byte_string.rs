//! Byte sequences that travel as isomorphic JSON strings: one code point, one byte.

use std::borrow::Borrow;
use std::fmt;
use std::ops::Deref;

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A byte sequence; in JSON a string whose code points U+0000 to U+00FF stand for the bytes
/// (<https://infra.spec.whatwg.org/#isomorphic-encode>).
#[derive(Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ByteString(Vec<u8>);

/// A header field line as it stands on the wire: name and value.
pub type HeaderLine = (ByteString, ByteString);

/// A code point above U+00FF, which stands for no byte.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("code point U+{:04X} is above U+00FF and stands for no byte", u32::from(*.0))]
pub struct NotIsomorphic(pub char);

impl ByteString {
    /// Isomorphic encode: each code point becomes the byte of its value.
    ///
    /// # Errors
    /// The first code point above U+00FF.
    pub fn isomorphic_encode(text: &str) -> Result<Self, NotIsomorphic> {
        text.chars()
            .map(|c| u8::try_from(u32::from(c)).map_err(|_| NotIsomorphic(c)))
            .collect::<Result<Vec<_>, _>>()
            .map(Self)
    }

    /// Isomorphic decode: each byte becomes the code point of its value.
    pub fn isomorphic_decode(&self) -> String {
        self.0.iter().map(|&byte| char::from(byte)).collect()
    }

    /// The bytes, by value.
    pub fn into_bytes(self) -> Vec<u8> {
        self.0
    }
}

impl From<&str> for ByteString {
    /// The UTF-8 bytes of a literal; for ASCII the same as isomorphic encoding.
    fn from(text: &str) -> Self {
        Self(text.as_bytes().to_vec())
    }
}

impl From<String> for ByteString {
    fn from(text: String) -> Self {
        Self(text.into_bytes())
    }
}

impl From<Vec<u8>> for ByteString {
    fn from(bytes: Vec<u8>) -> Self {
        Self(bytes)
    }
}

impl From<&[u8]> for ByteString {
    fn from(bytes: &[u8]) -> Self {
        Self(bytes.to_vec())
    }
}

impl From<ByteString> for Vec<u8> {
    fn from(bytes: ByteString) -> Self {
        bytes.0
    }
}

impl Deref for ByteString {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.0
    }
}

impl AsRef<[u8]> for ByteString {
    fn as_ref(&self) -> &[u8] {
        &self.0
    }
}

impl Borrow<[u8]> for ByteString {
    fn borrow(&self) -> &[u8] {
        &self.0
    }
}

impl PartialEq<str> for ByteString {
    fn eq(&self, other: &str) -> bool {
        self.0 == other.as_bytes()
    }
}

impl fmt::Debug for ByteString {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "\"{}\"", self.0.escape_ascii())
    }
}

impl fmt::Display for ByteString {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0.escape_ascii())
    }
}

impl Serialize for ByteString {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.isomorphic_decode())
    }
}

impl<'de> Deserialize<'de> for ByteString {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::isomorphic_encode(&text).map_err(D::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_byte_survives_the_journey_through_json() {
        let all: ByteString = (0..=255u8).collect::<Vec<_>>().into();
        let json = serde_json::to_string(&all).unwrap();
        assert_eq!(serde_json::from_str::<ByteString>(&json).unwrap(), all);
    }

    #[test]
    fn a_code_point_above_ff_is_refused() {
        let refused = serde_json::from_str::<ByteString>("\"\u{100}\"").unwrap_err();
        assert!(refused.to_string().contains("U+0100"));
    }
}
