//! Why a subject could not be built.

use std::path::PathBuf;

/// Why a subject could not be built.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BuildError {
    /// A command failed.
    #[error("`{command}` {outcome}: {last} (all of it: `{}`)", .log.display())]
    Failed {
        /// The command line.
        command: String,
        /// How it ended.
        outcome: String,
        /// The last lines that it wrote.
        last: String,
        /// Where all of them are.
        log: PathBuf,
    },
    /// It built, and something that it should have made is not there.
    #[error("`{command}` ended well but made no `{product}`")]
    NothingMade {
        /// The command line.
        command: String,
        /// What is missing.
        product: String,
    },
    /// Its version is not where it would be changed.
    #[error("subject `{subject}`: no `{pin}` in `{}` that could become `{version}`", .file.display())]
    NoPin {
        /// Which subject.
        subject: String,
        /// What was looked for.
        pin: String,
        /// Where.
        file: PathBuf,
        /// The version that was asked for.
        version: String,
    },
    /// A folder holds more than sources should.
    #[error("`{}` holds more than {most} as sources of a subject", .path.display())]
    TooMuch {
        /// Which.
        path: PathBuf,
        /// The limit that it breaks.
        most: String,
    },
    /// A file could not be read or written.
    #[error("`{}`: {source}", .path.display())]
    Io {
        /// Which.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
}

impl BuildError {
    pub(super) fn io(path: impl Into<PathBuf>) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.into();
        move |source| Self::Io { path, source }
    }
}
