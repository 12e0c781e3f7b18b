//! One life of one browser: started with a fresh profile, every host led to the origin server,
//! and its first tab on the control page.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::sync::mpsc;
use std::time::Duration;

use headless_chrome::{Browser, LaunchOptions};

use super::error::ChromeError;
use super::guard::Guard;
use crate::origin_server::{OriginServer, Waited};

/// Longest time for a browser to start and open the control page.
const START: Duration = Duration::from_secs(60);

/// How long the DevTools connection of the launch is kept without news; the browser lives on.
const DEVTOOLS_IDLE: Duration = Duration::from_secs(60);

/// A running browser.
pub(super) struct Session {
    guard: Guard,
    browser: Browser,
}

impl Session {
    /// Starts the browser and waits until its control page asks for work.
    pub(super) fn start(path: &Path, server: &OriginServer) -> Result<Self, ChromeError> {
        let profile = tempfile::Builder::new()
            .prefix("corsproof-chrome-")
            .tempdir()
            .map_err(ChromeError::Profile)?
            .keep();
        let mut guard = Guard::start(&profile).map_err(ChromeError::Guard)?;
        let name = server.desk().open_session();
        let url = crate::origin_server::control_url(&name);
        let switches = switches(server.address().port());
        let browser = within_bounds(path, move |path| launch(path, profile, &switches, &url))?;
        if let Some(pid) = browser.get_process_id() {
            guard.watch(pid).map_err(ChromeError::Guard)?;
        }
        let session = Self { guard, browser };
        match server.desk().wait_for_page(START) {
            Waited::Ready => Ok(session),
            Waited::Lost(detail) => Err(ChromeError::ControlPage { detail }),
            Waited::Stalled => Err(ChromeError::ControlPage {
                detail: format!("not within {} s", START.as_secs()),
            }),
        }
    }

    /// Its process, as long as it lives.
    pub(super) fn process_id(&self) -> Option<u32> {
        self.browser.get_process_id()
    }

    /// A connection of its own to the browser's DevTools.
    pub(super) fn connect(&self) -> Result<Browser, ChromeError> {
        Browser::connect_with_timeout(self.browser.get_ws_url(), DEVTOOLS_IDLE).map_err(|error| {
            ChromeError::DevTools { what: "connecting", detail: format!("{error:#}") }
        })
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        // First, so that the driver's own farewell does not wait for a browser that hangs.
        self.guard.end();
    }
}

/// Runs the launch on a thread: the driver waits without a bound for a browser that says nothing.
fn within_bounds(
    path: &Path,
    launch: impl FnOnce(&Path) -> Result<Browser, String> + Send + 'static,
) -> Result<Browser, ChromeError> {
    let failed = |detail| ChromeError::Launch { path: path.display().to_string(), detail };
    let (sender, receiver) = mpsc::channel();
    let owned = path.to_owned();
    std::thread::spawn(move || {
        // Nobody waits any more: the browser is dropped, and its guard has ended it.
        let _ = sender.send(launch(&owned));
    });
    match receiver.recv_timeout(START) {
        Ok(launched) => launched.map_err(failed),
        Err(_) => Err(failed(format!("it said nothing for {} s", START.as_secs()))),
    }
}

fn launch(
    path: &Path,
    profile: PathBuf,
    switches: &[OsString],
    url: &str,
) -> Result<Browser, String> {
    let options = LaunchOptions {
        path: Some(path.to_owned()),
        user_data_dir: Some(profile),
        port: Some(0),
        sandbox: false,
        disable_default_args: true,
        args: switches.iter().map(OsString::as_os_str).collect(),
        idle_browser_timeout: DEVTOOLS_IDLE,
        ..LaunchOptions::default()
    };
    let open = || {
        let browser = Browser::new(options)?;
        browser.new_tab()?.navigate_to(url)?;
        Ok(browser)
    };
    open().map_err(|error: Box<dyn std::error::Error>| error.to_string())
}

fn switches(port: u16) -> Vec<OsString> {
    let rules = format!("--host-resolver-rules=MAP * 127.0.0.1:{port}");
    SWITCHES.into_iter().map(OsString::from).chain([rules.into()]).collect()
}

/// Quiet, no background work, and nothing between a page and the origin server. Certificates are
/// not checked: whatever host is asked for, this profile can only reach our own server.
const SWITCHES: [&str; 20] = [
    "--disable-features=LocalNetworkAccessChecks,HttpsUpgrades",
    "--disable-quic",
    "--no-proxy-server",
    "--no-default-browser-check",
    "--disable-background-networking",
    "--disable-background-timer-throttling",
    "--disable-backgrounding-occluded-windows",
    "--disable-breakpad",
    "--disable-client-side-phishing-detection",
    "--disable-component-update",
    "--disable-default-apps",
    "--disable-dev-shm-usage",
    "--disable-extensions",
    "--disable-hang-monitor",
    "--disable-ipc-flooding-protection",
    "--disable-popup-blocking",
    "--disable-renderer-backgrounding",
    "--disable-sync",
    "--metrics-recording-only",
    "--password-store=basic",
];
