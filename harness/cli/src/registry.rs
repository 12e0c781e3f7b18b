//! The subjects that this build knows, and which of them can run on this machine.

use corsproof_conform::case::AgentName;
use corsproof_conform::known::KnownFile;
use corsproof_conform::subject::{Server, SubjectError, UserAgent};
use serde::{Deserialize, Serialize};

use crate::chrome::{Binary, Chrome, ChromeError, ChromeOptions};
use crate::embedded;

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

/// A subject in the table.
#[derive(Debug, Clone)]
pub struct Entry {
    /// Its name on the command line.
    pub name: &'static str,
    /// Its `subject.toml`.
    pub file: SubjectFile,
    /// Its `known.toml`.
    pub known: KnownFile,
}

/// Whether a subject can run here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Availability {
    /// It can, in this version.
    Available {
        /// Exact version.
        version: String,
    },
    /// It cannot.
    NotAvailable {
        /// Why.
        why: String,
        /// How to get it.
        how: String,
    },
}

/// A subject that is running.
pub enum Running {
    /// A server.
    Server(Box<dyn Server>),
    /// A user agent, and the model's preset for it.
    UserAgent(Box<dyn UserAgent>, AgentName),
}

/// What is wrong with the table or with a name.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RegistryError {
    /// No such subject.
    #[error("no subject is called `{name}`; there are {known}")]
    Unknown {
        /// As it was given.
        name: String,
        /// What there is.
        known: String,
    },
    /// A file beside a subject does not parse.
    #[error("`{file}` of subject `{subject}`: {source}")]
    File {
        /// Which subject.
        subject: &'static str,
        /// `subject.toml` or `known.toml`.
        file: &'static str,
        /// What the parser says.
        source: toml::de::Error,
    },
    /// It could not be started.
    #[error(transparent)]
    Start(#[from] SubjectError),
    /// The browser could not be started.
    #[error(transparent)]
    Browser(#[from] ChromeError),
}

/// The name of the browser in the table.
pub const CHROMIUM: &str = "chromium";

const CHROMIUM_SUBJECT: &str = include_str!("../../subjects/chromium/subject.toml");
const CHROMIUM_KNOWN: &str = include_str!("../../subjects/chromium/known.toml");

/// The names of all subjects, in the order of the table.
pub fn names() -> Vec<&'static str> {
    embedded::names().iter().copied().chain([CHROMIUM]).collect()
}

/// The subject of this name.
///
/// # Errors
/// When there is none, or a file of its folder does not parse.
pub fn entry(name: &str) -> Result<Entry, RegistryError> {
    let unknown = || RegistryError::Unknown { name: name.to_owned(), known: names().join(", ") };
    let name = names().into_iter().find(|known| *known == name).ok_or_else(unknown)?;
    let (subject, known) = if name == CHROMIUM {
        (CHROMIUM_SUBJECT, CHROMIUM_KNOWN)
    } else {
        embedded::files(name).ok_or_else(unknown)?
    };
    let file = |file| move |source| RegistryError::File { subject: name, file, source };
    Ok(Entry {
        name,
        file: toml::from_str(subject).map_err(file("subject.toml"))?,
        known: KnownFile::parse(known).map_err(file("known.toml"))?,
    })
}

impl Entry {
    /// Whether it can run on this machine.
    pub fn availability(&self) -> Availability {
        if self.name != CHROMIUM {
            let version = self.file.version.clone().unwrap_or_default();
            return Availability::Available { version };
        }
        match Binary::find() {
            Ok(found) => Availability::Available { version: found.version },
            Err(missing) => Availability::NotAvailable {
                why: missing.why,
                how:
                    "apt-get install chromium-headless-shell, or set CORSPROOF_CHROME to the path \
                      of a Chrome or Chromium program"
                        .to_owned(),
            },
        }
    }

    /// Starts it.
    ///
    /// # Errors
    /// When it does not start.
    pub fn start(&self) -> Result<Running, RegistryError> {
        if self.name == CHROMIUM {
            let chrome = Chrome::launch(ChromeOptions::default())?;
            return Ok(Running::UserAgent(Box::new(chrome), AgentName::Chromium));
        }
        Ok(Running::Server(embedded::start(self.name)?))
    }
}
