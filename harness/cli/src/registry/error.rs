//! What is wrong with the table, or with a subject in it.

use std::path::{Path, PathBuf};

use corsproof_conform::subject::SubjectError;

use crate::browser::BrowserError;
use crate::build::BuildError;

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
    /// The folder of subjects cannot be read.
    #[error("the folder of subjects `{}`: {source}", .path.display())]
    Folder {
        /// Which.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// A file beside a subject is broken.
    #[error("subject `{subject}`: {}:{line}: {detail}", .file.display())]
    File {
        /// Which subject.
        subject: String,
        /// Its `subject.toml` or `known.toml`.
        file: PathBuf,
        /// The line, from 1.
        line: usize,
        /// What is wrong there.
        detail: String,
    },
    /// Another version of it cannot be run.
    #[error("subject `{subject}` cannot be run in version `{version}`: {why}")]
    Version {
        /// Which subject.
        subject: String,
        /// As it was given.
        version: String,
        /// Why.
        why: String,
    },
    /// It could not be started.
    #[error(transparent)]
    Start(#[from] SubjectError),
    /// The browser could not be started.
    #[error(transparent)]
    Browser(#[from] BrowserError),
    /// It could not be built.
    #[error(transparent)]
    Build(#[from] BuildError),
}

impl RegistryError {
    pub(super) fn at(subject: &str, file: &Path, line: usize, detail: String) -> Self {
        Self::File { subject: subject.to_owned(), file: file.to_owned(), line, detail }
    }
}
