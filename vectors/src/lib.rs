//! CORS test vectors and the JSON Schemas of all formats of the harness, as data.
//!
//! What the fields mean is told by the schemas and by `README.md`; reading and judging is left to
//! whoever depends on this crate.

/// Every vector: its path below this crate's folder, with `/` between the parts, and its JSON.
/// Sorted by path.
pub fn all() -> &'static [(&'static str, &'static str)] {
    ALL
}

/// Every JSON Schema (2020-12): its name, which is its file's without `.schema.json`, and its
/// JSON. Each stands alone. Sorted by name.
pub fn schemas() -> &'static [(&'static str, &'static str)] {
    SCHEMAS
}

/// The dictionary of flags: JSON, by the schema `flags`.
pub fn flags() -> &'static str {
    include_str!("../flags.json")
}

include!(concat!(env!("OUT_DIR"), "/all.rs"));

macro_rules! schemas {
    ($($name:literal),* $(,)?) => {
        &[$(($name, include_str!(concat!("../schema/", $name, ".schema.json")))),*]
    };
}

const SCHEMAS: &[(&str, &str)] = schemas![
    "capabilities",
    "error-line",
    "flags",
    "known",
    "policy",
    "raw-policy",
    "result",
    "sequence",
    "sequence-verdict",
    "server-case",
    "subject",
    "subject-answer",
    "subject-request",
    "user-agent-case",
    "vector",
    "verdict",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn schemas_are_sorted_by_name() {
        assert!(schemas().is_sorted_by(|(a, _), (b, _)| a < b));
    }

    #[test]
    fn vectors_are_sorted_by_path_and_none_is_listed_twice() {
        assert!(all().is_sorted_by(|(a, _), (b, _)| a < b));
    }
}
