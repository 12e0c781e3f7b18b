//! Known divergences: the `known.toml` beside a subject.

use serde::{Deserialize, Serialize};

/// The file.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KnownFile {
    /// Its entries.
    #[serde(default)]
    pub known: Vec<Known>,
}

/// One divergence that is known, judged and explained.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Known {
    /// The id of its vector, or a glob (`*`) over the ids it covers.
    pub id: String,
    /// The vector that shows it; replayed to see whether the entry is stale. Without it, `id`
    /// must itself be the id of a vector.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub vector: Option<String>,
    /// Who is right, and why.
    pub reason: String,
    /// Where it is discussed.
    pub link: String,
    /// The versions it holds for, as globs.
    pub versions: Vec<String>,
    /// For a browser: the field of the `UserAgent` preset that says the same.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub preset_field: Option<String>,
}

impl KnownFile {
    /// Reads the file's text.
    ///
    /// # Errors
    /// The parser's message, with line and column.
    pub fn parse(text: &str) -> Result<Self, toml::de::Error> {
        toml::from_str(text)
    }

    /// The entry that covers a divergence with this id in this version.
    pub fn covering(&self, id: &str, version: &str) -> Option<&Known> {
        self.known.iter().find(|known| glob(&known.id, id) && known.holds_for(version))
    }

    /// The entry for this preset field in this version.
    pub fn for_field(&self, field: &str, version: &str) -> Option<&Known> {
        self.known
            .iter()
            .find(|known| known.preset_field.as_deref() == Some(field) && known.holds_for(version))
    }
}

impl Known {
    /// Whether it holds for this version.
    pub fn holds_for(&self, version: &str) -> bool {
        self.versions.iter().any(|pattern| glob(pattern, version))
    }

    /// The id of the vector whose replay shows whether the entry is stale.
    pub fn vector_id(&self) -> &str {
        self.vector.as_deref().unwrap_or(&self.id)
    }
}

/// Whether a text matches a pattern in which `*` stands for any characters.
pub fn glob(pattern: &str, text: &str) -> bool {
    let mut parts = pattern.split('*');
    let Some(mut rest) = parts.next().and_then(|first| text.strip_prefix(first)) else {
        return false;
    };
    let Some(last) = parts.next_back() else {
        return rest.is_empty();
    };
    for part in parts {
        match rest.find(part) {
            Some(at) => rest = rest.get(at + part.len()..).unwrap_or_default(),
            None => return false,
        }
    }
    rest.ends_with(last)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_star_stands_for_any_characters() {
        for (pattern, text) in [
            ("*", ""),
            ("a*", "abc"),
            ("*c", "abc"),
            ("a*c", "ac"),
            ("a*b*c", "a-b-b-c"),
            ("abc", "abc"),
        ] {
            assert!(glob(pattern, text), "{pattern} {text}");
        }
        for (pattern, text) in
            [("a*", "b"), ("a*c", "ab"), ("ab*b", "ab"), ("abc", "abcd"), ("", "a")]
        {
            assert!(!glob(pattern, text), "{pattern} {text}");
        }
    }

    #[test]
    fn an_unknown_key_is_refused() {
        assert!(KnownFile::parse("[[known]]\nid = \"a\"\nwhy = \"b\"\n").is_err());
    }
}
