//! One life of one Firefox.

use std::fs;
use std::net::{Ipv4Addr, SocketAddr};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use corsproof_conform::subject::About;

use super::bidi::BidiSession;
use super::preferences::user_js;
use crate::browser::{Binary, BrowserError, Engine, Guard, NotAvailable, Session, Wanted, line_of};
use crate::origin_server::OriginServer;

/// Longest time for a browser to start.
const START: Duration = Duration::from_secs(60);

/// What it says on standard error once it can be spoken to.
const LISTENING: &str = "WebDriver BiDi listening on ws://";

const WANTED: Wanted = Wanted {
    browser: "Firefox",
    overridden_by: "CORSPROOF_FIREFOX",
    places: &[
        "/usr/lib/firefox-esr/firefox-esr",
        "/usr/lib/firefox/firefox",
        "/usr/lib64/firefox/firefox",
        "/opt/firefox/firefox",
        "/Applications/Firefox.app/Contents/MacOS/firefox",
    ],
    packages: "firefox-esr",
};

/// Firefox, as an engine.
#[derive(Debug, Clone)]
pub struct Firefox {
    binary: Binary,
}

/// A running Firefox.
pub struct FirefoxSession {
    guard: Guard,
    process: Child,
    /// The session ends with its connection.
    _connection: BidiSession,
}

impl Firefox {
    /// The one that is installed here.
    ///
    /// # Errors
    /// When there is none, or none that is new enough.
    pub fn find() -> Result<Self, NotAvailable> {
        let path = WANTED.path()?;
        let mut command = Command::new(&path);
        let binary = WANTED.ask(path, command.arg("--headless"))?;
        Ok(Self { binary: WANTED.measured(binary, corsproof_model::Engine::Firefox)? })
    }

    fn failed(&self, detail: String) -> BrowserError {
        BrowserError::Launch { path: self.binary.path.display().to_string(), detail }
    }
}

impl Engine for Firefox {
    type Session = FirefoxSession;

    fn about(&self) -> About {
        let Binary { product, version, .. } = &self.binary;
        About {
            name: "firefox".to_owned(),
            version: version.clone(),
            language: "C++".to_owned(),
            runtime: format!("{product} {version}, headless"),
            homepage: "https://www.firefox.com/".to_owned(),
            issues: "https://bugzilla.mozilla.org/".to_owned(),
        }
    }

    fn launch(
        &self,
        server: &OriginServer,
        control_url: &str,
    ) -> Result<FirefoxSession, BrowserError> {
        let mut guard = Guard::start("firefox")?;
        let profile = guard.profile();
        fs::write(profile.join("user.js"), user_js(server.address().port()))
            .map_err(BrowserError::Profile)?;
        let mut process = Command::new(&self.binary.path)
            .args(["--headless", "--no-remote", "--remote-debugging-port", "0", "--profile"])
            .arg(profile)
            .envs([guard.mark()])
            .env("HOME", profile)
            .env("DBUS_SESSION_BUS_ADDRESS", "disabled:")
            .env("MOZ_CRASHREPORTER_DISABLE", "1")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .map_err(|error| self.failed(error.to_string()))?;
        guard.watch(process.id())?;
        let said = process.stderr.take();
        let port = said.and_then(|said| line_of(said, START, port)).ok_or_else(|| {
            self.failed("it did not say where it listens for WebDriver BiDi".to_owned())
        })?;
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
        let mut connection = BidiSession::open(address).map_err(|detail| self.failed(detail))?;
        connection.navigate(control_url).map_err(|detail| self.failed(detail))?;
        Ok(FirefoxSession { guard, process, _connection: connection })
    }
}

impl Session for FirefoxSession {
    fn process_id(&self) -> Option<u32> {
        Some(self.process.id())
    }

    fn died(&mut self) -> Option<String> {
        let status = self.process.try_wait().ok()??;
        Some(format!("the browser ended: {status}"))
    }
}

impl Drop for FirefoxSession {
    fn drop(&mut self) {
        self.guard.end();
        // It is dead by now; this buries it.
        let _ = self.process.wait();
    }
}

/// `WebDriver BiDi listening on ws://127.0.0.1:4711`
fn port(line: &str) -> Option<u16> {
    let (_, address) = line.split_once(LISTENING)?;
    address.trim().rsplit(':').next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_port_is_read_from_what_it_says() {
        assert_eq!(port("WebDriver BiDi listening on ws://localhost:35377\n"), Some(35377));
        assert_eq!(port("*** You are running in headless mode.\n"), None);
    }
}
