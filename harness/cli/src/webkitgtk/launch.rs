//! One life of one MiniBrowser.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use corsproof_conform::subject::About;

use super::display::{self, Display};
use crate::browser::{Binary, BrowserError, Engine, Guard, NotAvailable, Session, Wanted};
use crate::origin_server::OriginServer;

const WANTED: Wanted = Wanted {
    browser: "WebKitGTK",
    overridden_by: "CORSPROOF_WEBKITGTK",
    places: &[
        "/usr/lib/x86_64-linux-gnu/webkit2gtk-4.1/MiniBrowser",
        "/usr/lib/x86_64-linux-gnu/webkitgtk-6.0/MiniBrowser",
        "/usr/lib/aarch64-linux-gnu/webkit2gtk-4.1/MiniBrowser",
        "/usr/lib/aarch64-linux-gnu/webkitgtk-6.0/MiniBrowser",
        "/usr/libexec/webkit2gtk-4.1/MiniBrowser",
        "/usr/libexec/webkitgtk-6.0/MiniBrowser",
        "/usr/lib/webkit2gtk-4.1/MiniBrowser",
        "/usr/lib/webkitgtk-6.0/MiniBrowser",
    ],
    packages: "libwebkit2gtk-4.1-0 xvfb",
};

/// WebKitGTK, as an engine.
#[derive(Debug, Clone)]
pub struct WebKitGtk {
    binary: Binary,
    display: PathBuf,
}

/// A running MiniBrowser, and its display.
pub struct WebKitGtkSession {
    guard: Guard,
    process: Child,
    display: Display,
}

impl WebKitGtk {
    /// The one that is installed here.
    ///
    /// # Errors
    /// When there is none, none that is new enough, or no X server for it.
    pub fn find() -> Result<Self, NotAvailable> {
        let path = WANTED.path()?;
        let xvfb = display::program()
            .ok_or_else(|| WANTED.missing("the X server `Xvfb` is not here".to_owned()))?;
        // It does not tell its version without a display.
        let guard = Guard::start("webkitgtk").map_err(|error| WANTED.missing(error.to_string()))?;
        let shown = Display::start(&xvfb, guard.mark())
            .map_err(|error| WANTED.missing(format!("`Xvfb` does not start: {error}")))?;
        let mut command = Command::new(&path);
        let binary = WANTED.ask(path, on(&shown, &guard, &mut command))?;
        let binary = WANTED.measured(binary, corsproof_model::Engine::WebKitGtk)?;
        Ok(Self { binary, display: xvfb })
    }

    /// Its program.
    pub fn path(&self) -> &Path {
        &self.binary.path
    }

    fn failed(&self, detail: String) -> BrowserError {
        BrowserError::Launch { path: self.binary.path.display().to_string(), detail }
    }
}

impl Engine for WebKitGtk {
    type Session = WebKitGtkSession;

    fn about(&self) -> About {
        let Binary { product, version, .. } = &self.binary;
        About {
            name: "webkitgtk".to_owned(),
            version: version.clone(),
            language: "C++".to_owned(),
            runtime: format!("MiniBrowser, {product} {version}"),
            homepage: "https://webkitgtk.org/".to_owned(),
            issues: "https://bugs.webkit.org/".to_owned(),
        }
    }

    fn launch(
        &self,
        server: &OriginServer,
        control_url: &str,
    ) -> Result<WebKitGtkSession, BrowserError> {
        let mut guard = Guard::start("webkitgtk")?;
        let display = Display::start(&self.display, guard.mark())
            .map_err(|error| self.failed(format!("`Xvfb` does not start: {error}")))?;
        guard.watch(display.process_id())?;
        let process = on(&display, &guard, &mut Command::new(&self.binary.path))
            .args(["--private", "--ignore-tls-errors"])
            .arg(format!("--proxy=socks5://{}", server.address()))
            .arg(control_url)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .map_err(|error| self.failed(error.to_string()))?;
        guard.watch(process.id())?;
        Ok(WebKitGtkSession { guard, process, display })
    }
}

impl Session for WebKitGtkSession {
    fn process_id(&self) -> Option<u32> {
        Some(self.process.id())
    }

    fn died(&mut self) -> Option<String> {
        if let Some(status) = self.display.ended() {
            return Some(format!("its display ended: {status}"));
        }
        let status = self.process.try_wait().ok()??;
        Some(format!("the browser ended: {status}"))
    }
}

impl Drop for WebKitGtkSession {
    fn drop(&mut self) {
        self.display.end();
        self.guard.end();
        // It is dead by now; this buries it.
        let _ = self.process.wait();
    }
}

/// Where it writes, all of it into the profile.
const HOMES: [&str; 6] = [
    "HOME",
    "XDG_CACHE_HOME",
    "XDG_CONFIG_HOME",
    "XDG_DATA_HOME",
    "XDG_RUNTIME_DIR",
    "XDG_STATE_HOME",
];

/// On this display and no other, without a graphics card, and without a bus to start services on.
fn on<'a>(display: &Display, guard: &Guard, command: &'a mut Command) -> &'a mut Command {
    command
        .envs([guard.mark()])
        .envs(HOMES.map(|home| (home, guard.profile())))
        .env("DISPLAY", display.name())
        .env("GDK_BACKEND", "x11")
        .env("WEBKIT_DISABLE_COMPOSITING_MODE", "1")
        .env("LIBGL_ALWAYS_SOFTWARE", "1")
        .env("NO_AT_BRIDGE", "1")
        .env("GSETTINGS_BACKEND", "memory")
        .env("DBUS_SESSION_BUS_ADDRESS", "disabled:")
        .env_remove("WAYLAND_DISPLAY")
}
