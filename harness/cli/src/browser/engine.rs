//! The seam between what every browser has in common and how one of them is started.

use std::time::Duration;

use corsproof_conform::subject::About;

use super::error::BrowserError;
use crate::origin_server::OriginServer;

/// A browser that can be started.
pub trait Engine: Send {
    /// What it is like when it runs.
    type Session: Session;

    /// What it is.
    fn about(&self) -> About;

    /// Starts it with a fresh profile, leads every host and port to the server, and opens the
    /// control page. Need not wait for the page to ask for work.
    ///
    /// # Errors
    /// When it does not start; then nothing of it is left.
    fn launch(
        &self,
        server: &OriginServer,
        control_url: &str,
    ) -> Result<Self::Session, BrowserError>;

    /// Longest time for a browser that was launched to open the control page.
    fn patience(&self) -> Duration {
        Duration::from_secs(60)
    }
}

/// A browser that runs. Dropping it ends it, hung or not, and removes its profile.
pub trait Session: Send {
    /// Its process, if it is ours and as long as it lives.
    fn process_id(&self) -> Option<u32>;

    /// Its version, where only the running browser tells.
    fn version(&self) -> Option<String> {
        None
    }

    /// Why it is known to be down, if it is. What goes unnoticed here is noticed by the control
    /// page's connection.
    fn died(&mut self) -> Option<String> {
        None
    }
}
