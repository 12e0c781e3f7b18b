//! Chrome at the seam: a user agent that runs batches of cases.

use std::time::Duration;

use corsproof_conform::case::UserAgentCase;
use corsproof_conform::subject::{About, Asked, SubjectError, UserAgent};

use super::binary::Binary;
use super::error::ChromeError;
use super::launch::Session;
use super::run::Run;
use crate::origin_server::{OriginServer, Pace, Waited};

/// How Chrome is run.
#[derive(Debug, Clone)]
pub struct ChromeOptions {
    /// Which browser; `None`: the one that [`Binary::find`] finds.
    pub binary: Option<Binary>,
    /// Most fetches under way at a time.
    pub concurrency: usize,
    /// Most frames, one per page origin, kept at a time.
    pub frames: usize,
    /// Cases handed to the page at a time.
    pub batch: usize,
    /// When a case or a frame counts as stuck.
    pub case_timeout: Duration,
    /// How often the browser may go down in one call of `fetch_all`.
    pub max_restarts: u32,
}

impl Default for ChromeOptions {
    fn default() -> Self {
        Self {
            binary: None,
            concurrency: 64,
            frames: 96,
            batch: 500,
            case_timeout: Duration::from_secs(8),
            max_restarts: 10,
        }
    }
}

/// A headless Chrome, and the origin server that all its hosts lead to.
pub struct Chrome {
    pub(super) server: OriginServer,
    pub(super) options: ChromeOptions,
    binary: Binary,
    about: About,
    session: Option<Session>,
}

impl Chrome {
    /// Starts an origin server and a browser.
    ///
    /// # Errors
    /// [`ChromeError::Missing`] when there is no browser; others when it does not start.
    pub fn launch(options: ChromeOptions) -> Result<Self, ChromeError> {
        let binary = match &options.binary {
            Some(binary) => binary.clone(),
            None => Binary::find()?,
        };
        let server = OriginServer::start()?;
        let session = Session::start(&binary.path, &server)?;
        let about = about(&binary);
        Ok(Self { server, options, binary, about, session: Some(session) })
    }

    /// The server behind every host that the browser asks for.
    pub fn origin_server(&self) -> &OriginServer {
        &self.server
    }

    /// The browser's process, as long as there is one.
    pub fn process_id(&self) -> Option<u32> {
        self.session.as_ref().and_then(Session::process_id)
    }

    /// The browser, started again if it is down.
    pub(super) fn session(&mut self) -> Result<&Session, ChromeError> {
        let session = match self.session.take() {
            Some(session) => session,
            None => Session::start(&self.binary.path, &self.server)?,
        };
        Ok(self.session.insert(session))
    }

    fn run(&mut self, run: &mut Run) -> Result<(), ChromeError> {
        let pace = Pace {
            concurrency: self.options.concurrency,
            frames: self.options.frames,
            case_timeout_ms: u64::try_from(self.options.case_timeout.as_millis())
                .unwrap_or(u64::MAX),
        };
        let patience = self.options.case_timeout + Duration::from_secs(3);
        while !run.is_done() {
            self.session()?;
            let desk = self.server.desk();
            let left = run.hand_out(desk, pace, self.options.batch)?;
            let how = match desk.wait_until_unsettled(left, patience) {
                Waited::Ready => {
                    run.harvest(desk);
                    continue;
                }
                Waited::Lost(how) => how,
                Waited::Stalled => format!("nothing happened for {} s", patience.as_secs()),
            };
            run.lose(desk, &how);
            self.session = None;
            if run.losses() > self.options.max_restarts {
                run.abandon(&format!("the browser went down {} times: {how}", run.losses()));
            }
        }
        Ok(())
    }
}

impl UserAgent for Chrome {
    fn about(&self) -> &About {
        &self.about
    }

    fn fetch_all(&mut self, cases: &[UserAgentCase]) -> Result<Vec<Asked>, SubjectError> {
        let mut run = Run::new(cases);
        match self.run(&mut run) {
            Ok(()) => Ok(run.into_answers()),
            Err(error) => Err(error.into_subject_error(&self.about.name)),
        }
    }
}

fn about(binary: &Binary) -> About {
    let program = binary.path.file_name().unwrap_or_default().to_string_lossy();
    About {
        name: "chromium".to_owned(),
        version: binary.version.clone(),
        language: "C++".to_owned(),
        runtime: format!("{program}, {} {}", binary.product, binary.version),
        homepage: "https://www.chromium.org/".to_owned(),
        issues: "https://issues.chromium.org/".to_owned(),
    }
}
