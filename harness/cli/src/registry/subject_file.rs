//! A subject's `subject.toml` and `known.toml` (`vectors/schema/subject.schema.json`).

use std::path::Path;

use corsproof_conform::known::KnownFile;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::error::RegistryError;

/// A subject's `subject.toml`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SubjectFile {
    /// Its name.
    pub name: String,
    /// `server` or `user-agent`.
    pub role: Role,
    /// Its language.
    pub language: String,
    /// The package under test.
    pub package: String,
    /// The registry that it comes from.
    pub registry: String,
    /// Exact version; for a browser, the one that is installed is asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// How to build it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub build: Option<String>,
    /// What building it makes in its folder.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub produces: Vec<String>,
    /// How to run it; absent when it is linked into the command line.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub run: Option<String>,
    /// Its licence.
    pub licence: String,
    /// Its home page.
    pub homepage: String,
    /// Where its issues are reported.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub issues: Option<String>,
    /// Why it is kept; absent: because people use it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<Kind>,
    /// The public report of what is wrong with it, when it is kept for that.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub advisory: Option<String>,
}

/// Which half of the protocol a subject implements.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Role {
    /// Answers.
    Server,
    /// Asks.
    UserAgent,
}

/// Why a subject is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// It is known to be wrong, and has to be found out.
    KnownBad,
}

impl SubjectFile {
    /// Reads the file's text; `path` is for errors.
    ///
    /// # Errors
    /// When it does not parse, or contradicts itself.
    pub fn parse(subject: &str, path: &Path, text: &str) -> Result<Self, RegistryError> {
        let file: Self = toml_of(subject, path, text)?;
        match file.contradiction() {
            None => Ok(file),
            Some(detail) => Err(RegistryError::at(subject, path, 1, detail)),
        }
    }

    fn contradiction(&self) -> Option<String> {
        if self.kind.is_some() != self.advisory.is_some() {
            return Some("`kind` and `advisory` go together".to_owned());
        }
        if self.role == Role::Server && self.version.is_none() {
            return Some("a server has an exact `version`".to_owned());
        }
        let outside = |path: &String| {
            path.is_empty() || path.split('/').any(|part| matches!(part, "" | "." | ".."))
        };
        let stray = self.produces.iter().find(|path| outside(path))?;
        Some(format!("`produces`: `{stray}` is not a path inside of the folder"))
    }
}

/// Reads a `known.toml`.
///
/// # Errors
/// When it does not parse.
pub(super) fn known(subject: &str, path: &Path, text: &str) -> Result<KnownFile, RegistryError> {
    toml_of(subject, path, text)
}

fn toml_of<T: DeserializeOwned>(
    subject: &str,
    path: &Path,
    text: &str,
) -> Result<T, RegistryError> {
    toml::from_str(text).map_err(|error| {
        let start = error.span().map_or(0, |span| span.start);
        let line = text.bytes().take(start).filter(|byte| *byte == b'\n').count() + 1;
        RegistryError::at(subject, path, line, error.message().to_owned())
    })
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    /// Held by the schema alone: they hinder nothing here.
    const ONLY_BY_SCHEMA: [&str; 3] =
        ["invalid-name-with-space.json", "invalid-run-empty.json", "invalid-version-as-range.json"];

    #[test]
    fn it_is_read_as_the_schema_says() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../vectors/golden/subject");
        let mut read = Vec::new();
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_str().unwrap().to_owned();
            let golden: serde_json::Value =
                serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
            let text = toml::to_string(&golden).unwrap();
            let parsed = SubjectFile::parse("x", &path, &text);
            if name.starts_with("valid-") {
                let written = serde_json::to_value(parsed.unwrap()).unwrap();
                assert_eq!(written, golden, "{name}");
            } else if parsed.is_ok() {
                read.push(name);
            }
        }
        read.sort();
        assert_eq!(read, ONLY_BY_SCHEMA);
    }

    #[test]
    fn what_is_wrong_is_named_with_its_line() {
        let text = "name = \"x\"\nrole = \"server\"\nbuilt = 1\n";
        let error = SubjectFile::parse("x", Path::new("x/subject.toml"), text).unwrap_err();
        let message = error.to_string();
        assert!(message.contains("x/subject.toml:3") && message.contains("`built`"), "{message}");
    }
}
