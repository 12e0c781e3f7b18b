//! The lives of a browser: one after the other, each with its own session at the desk.

use std::time::{Duration, Instant};

use super::engine::{Engine, Session};
use super::error::BrowserError;
use crate::origin_server::{OriginServer, Waited, control_url};

/// How often a browser is asked whether it is still there while it is waited for.
const GLANCE: Duration = Duration::from_millis(500);

/// Starts the browser and waits until its control page asks for work.
pub(super) fn begin<E: Engine>(
    engine: &E,
    server: &OriginServer,
) -> Result<E::Session, BrowserError> {
    let url = control_url(&server.desk().open_session());
    let mut session = engine.launch(server, &url)?;
    let failed = |detail| BrowserError::ControlPage { browser: engine.about().name, detail };
    let start = Instant::now();
    loop {
        // The desk counts from when it last heard anything, which is not after now.
        match server.desk().wait_for_page(start.elapsed() + GLANCE) {
            Waited::Ready => return Ok(session),
            Waited::Lost(detail) => return Err(failed(detail)),
            Waited::Stalled => {}
        }
        if let Some(how) = session.died() {
            return Err(failed(how));
        }
        if start.elapsed() > engine.patience() {
            return Err(failed(format!("not within {} s", engine.patience().as_secs())));
        }
    }
}
