//! What can go wrong with a browser.

use std::io;

use corsproof_conform::subject::SubjectError;

use super::binary::ChromeMissing;
use crate::origin_server::OriginServerError;

/// The browser or what it needs broke.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ChromeError {
    /// There is none.
    #[error(transparent)]
    Missing(#[from] ChromeMissing),
    /// The server that it talks to does not run.
    #[error(transparent)]
    OriginServer(#[from] OriginServerError),
    /// It got no profile directory.
    #[error("chrome: no profile directory could be made")]
    Profile(#[source] io::Error),
    /// The process that ends it with us could not be started.
    #[error("chrome: its guard (`/bin/sh`) could not be started")]
    Guard(#[source] io::Error),
    /// It did not start.
    #[error("chrome: `{path}` did not start: {detail}")]
    Launch {
        /// The binary.
        path: String,
        /// In the words of the driver.
        detail: String,
    },
    /// It started but never asked for its first batch.
    #[error("chrome: the control page did not open: {detail}")]
    ControlPage {
        /// What was waited for.
        detail: String,
    },
    /// A case could not be written as JSON.
    #[error("chrome: a case could not be handed out")]
    Json(#[from] serde_json::Error),
    /// It did not do what the DevTools protocol asked.
    #[error("chrome: {what} failed: {detail}")]
    DevTools {
        /// What it was asked.
        what: &'static str,
        /// In the words of the driver.
        detail: String,
    },
    /// A file that it was to show is not there.
    #[error("chrome: `{path}` cannot be shown")]
    File {
        /// The file.
        path: String,
        /// Why.
        #[source]
        source: io::Error,
    },
}

impl ChromeError {
    /// The same, at the seam.
    pub fn into_subject_error(self, subject: &str) -> SubjectError {
        let mut detail = self.to_string();
        let mut source = std::error::Error::source(&self);
        while let Some(cause) = source {
            detail = format!("{detail}: {cause}");
            source = cause.source();
        }
        SubjectError::NotRunning { subject: subject.to_owned(), detail }
    }
}
