//! What can go wrong with a browser.

use std::io;

use corsproof_conform::subject::SubjectError;

use crate::origin_server::OriginServerError;

/// There is no such browser here, or none that is new enough.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{browser} is not available: {why}; to get it: {how}")]
pub struct NotAvailable {
    /// Which.
    pub browser: &'static str,
    /// What was looked for.
    pub why: String,
    /// What to do about it.
    pub how: String,
}

/// The browser or what it needs broke.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BrowserError {
    /// There is none.
    #[error(transparent)]
    Missing(#[from] NotAvailable),
    /// The server that it talks to does not run.
    #[error(transparent)]
    OriginServer(#[from] OriginServerError),
    /// It got no profile directory.
    #[error("browser: no profile directory could be made")]
    Profile(#[source] io::Error),
    /// The process that ends it with us could not be started.
    #[error("browser: its guard (`/bin/sh`) could not be started")]
    Guard(#[source] io::Error),
    /// It did not start.
    #[error("browser: `{path}` did not start: {detail}")]
    Launch {
        /// The binary.
        path: String,
        /// In the words of the driver.
        detail: String,
    },
    /// It started but never asked for its first batch.
    #[error("{browser}: the control page did not open: {detail}")]
    ControlPage {
        /// Which.
        browser: String,
        /// What was waited for.
        detail: String,
    },
    /// A case could not be written as JSON.
    #[error("browser: a case could not be handed out")]
    Json(#[from] serde_json::Error),
    /// It did not do what it was asked by the protocol that steers it.
    #[error("browser: {what} failed: {detail}")]
    Driver {
        /// What it was asked.
        what: &'static str,
        /// In the words of the driver.
        detail: String,
    },
    /// A file that it was to show is not there.
    #[error("browser: `{path}` cannot be shown")]
    File {
        /// The file.
        path: String,
        /// Why.
        #[source]
        source: io::Error,
    },
}

impl BrowserError {
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
