//! One life of one browser: started with a fresh profile, every host led to the origin server,
//! and its first tab on the control page.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::mpsc;
use std::time::Duration;

use corsproof_conform::subject::About;
use headless_chrome::{Browser, LaunchOptions};

use crate::browser::{Binary, BrowserError, Engine, Guard, NotAvailable, Session, Wanted};
use crate::origin_server::OriginServer;

/// Longest time for a browser to start and be told where to go.
const START: Duration = Duration::from_secs(60);

/// How long the DevTools connection of the launch is kept without news; the browser lives on.
const DEVTOOLS_IDLE: Duration = Duration::from_secs(60);

/// Debian's `/usr/bin/chromium` is a shell script that adds switches of its own, so it is not among
/// the places.
const WANTED: Wanted = Wanted {
    browser: "Chrome",
    overridden_by: "CORSPROOF_CHROME",
    places: &[
        "/usr/lib/chromium/chromium-headless-shell",
        "/usr/lib/chromium/chromium",
        "/usr/lib/chromium-browser/chromium-browser",
        "/opt/google/chrome/chrome",
        "/Applications/Chromium.app/Contents/MacOS/Chromium",
        "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    ],
    packages: "chromium-headless-shell",
};

/// Chrome or Chromium, as an engine.
#[derive(Debug, Clone)]
pub struct Chrome {
    binary: Binary,
}

impl Chrome {
    /// The one that is installed here.
    ///
    /// # Errors
    /// When there is none.
    pub fn find() -> Result<Self, NotAvailable> {
        let path = WANTED.path()?;
        let mut command = Command::new(&path);
        Ok(Self { binary: WANTED.ask(path, &mut command)? })
    }

    /// Its program.
    pub fn path(&self) -> &Path {
        &self.binary.path
    }
}

impl Engine for Chrome {
    type Session = ChromeSession;

    fn about(&self) -> About {
        let Binary { path, product, version } = &self.binary;
        let program = path.file_name().unwrap_or_default().to_string_lossy();
        About {
            name: "chromium".to_owned(),
            version: version.clone(),
            language: "C++".to_owned(),
            runtime: format!("{program}, {product} {version}"),
            homepage: "https://www.chromium.org/".to_owned(),
            issues: "https://issues.chromium.org/".to_owned(),
        }
    }

    fn launch(
        &self,
        server: &OriginServer,
        control_url: &str,
    ) -> Result<ChromeSession, BrowserError> {
        let path = &self.binary.path;
        let mut guard = Guard::start("chrome")?;
        let how = How {
            path: path.clone(),
            profile: guard.profile().to_owned(),
            mark: guard.mark(),
            switches: switches(server.address().port()),
            url: control_url.to_owned(),
        };
        let browser = within_bounds(path, move || launch(how))?;
        if let Some(pid) = browser.get_process_id() {
            guard.watch(pid)?;
        }
        Ok(ChromeSession { guard, browser })
    }
}

/// A running browser.
pub struct ChromeSession {
    guard: Guard,
    browser: Browser,
}

impl ChromeSession {
    /// A connection of its own to the browser's DevTools.
    pub(super) fn connect(&self) -> Result<Browser, BrowserError> {
        Browser::connect_with_timeout(self.browser.get_ws_url(), DEVTOOLS_IDLE).map_err(|error| {
            BrowserError::Driver { what: "connecting to DevTools", detail: format!("{error:#}") }
        })
    }
}

impl Session for ChromeSession {
    fn process_id(&self) -> Option<u32> {
        self.browser.get_process_id()
    }
}

impl Drop for ChromeSession {
    fn drop(&mut self) {
        // First, so that the driver's own farewell does not wait for a browser that hangs.
        self.guard.end();
    }
}

/// All that a launch needs.
struct How {
    path: PathBuf,
    profile: PathBuf,
    mark: (String, String),
    switches: Vec<OsString>,
    url: String,
}

/// Runs the launch on a thread: the driver waits without a bound for a browser that says nothing.
fn within_bounds(
    path: &Path,
    launch: impl FnOnce() -> Result<Browser, String> + Send + 'static,
) -> Result<Browser, BrowserError> {
    let failed = |detail| BrowserError::Launch { path: path.display().to_string(), detail };
    let (sender, receiver) = mpsc::channel();
    std::thread::spawn(move || {
        // Nobody waits any more: the browser is dropped, and its guard has ended it.
        let _ = sender.send(launch());
    });
    match receiver.recv_timeout(START) {
        Ok(launched) => launched.map_err(failed),
        Err(_) => Err(failed(format!("it said nothing for {} s", START.as_secs()))),
    }
}

fn launch(how: How) -> Result<Browser, String> {
    let options = LaunchOptions {
        path: Some(how.path),
        user_data_dir: Some(how.profile),
        process_envs: Some([how.mark].into()),
        port: Some(0),
        sandbox: false,
        disable_default_args: true,
        args: how.switches.iter().map(OsString::as_os_str).collect(),
        idle_browser_timeout: DEVTOOLS_IDLE,
        ..LaunchOptions::default()
    };
    let open = || {
        let browser = Browser::new(options)?;
        browser.new_tab()?.navigate_to(&how.url)?;
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
