//! A browser at the seam: a user agent that runs batches of cases.

use std::time::Duration;

use corsproof_conform::case::UserAgentCase;
use corsproof_conform::subject::{About, Asked, SubjectError, UserAgent};

use super::engine::{Engine, Session};
use super::error::BrowserError;
use super::lives;
use super::run::Run;
use crate::origin_server::{OriginServer, Pace, Waited};

/// How a browser is run.
#[derive(Debug, Clone)]
pub struct Options {
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

impl Default for Options {
    fn default() -> Self {
        Self {
            concurrency: 64,
            frames: 96,
            batch: 500,
            case_timeout: Duration::from_secs(8),
            max_restarts: 10,
        }
    }
}

/// A browser that runs, and the origin server that all its hosts lead to.
pub struct Browser<E: Engine> {
    pub(crate) server: OriginServer,
    pub(crate) options: Options,
    engine: E,
    about: About,
    session: Option<E::Session>,
}

impl<E: Engine> Browser<E> {
    /// Starts an origin server and the browser.
    ///
    /// # Errors
    /// When either does not start.
    pub fn launch(engine: E, options: Options) -> Result<Self, BrowserError> {
        Self::launch_on(OriginServer::start()?, engine, options)
    }

    /// Starts the browser, led to this server.
    ///
    /// # Errors
    /// When it does not start.
    pub fn launch_on(
        server: OriginServer,
        engine: E,
        options: Options,
    ) -> Result<Self, BrowserError> {
        let session = lives::begin(&engine, &server)?;
        let mut about = engine.about();
        if let Some(version) = session.version() {
            about.version = version;
        }
        Ok(Self { server, options, engine, about, session: Some(session) })
    }

    /// The server behind every host that the browser asks for.
    pub fn origin_server(&self) -> &OriginServer {
        &self.server
    }

    /// The browser's process, as long as there is one that is ours.
    pub fn process_id(&self) -> Option<u32> {
        self.session.as_ref().and_then(Session::process_id)
    }

    /// The browser, started again if it is down.
    pub(crate) fn session(&mut self) -> Result<&E::Session, BrowserError> {
        let session = match self.session.take() {
            Some(session) => session,
            None => lives::begin(&self.engine, &self.server)?,
        };
        Ok(self.session.insert(session))
    }

    fn run(&mut self, run: &mut Run) -> Result<(), BrowserError> {
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

impl<E: Engine> UserAgent for Browser<E> {
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
