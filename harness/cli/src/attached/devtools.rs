//! A Chromium that runs with a DevTools port.
//!
//! It gets a browser context of its own, whose proxy is the origin server and which goes when we do;
//! the tabs that somebody has open stay as they are.

use std::net::SocketAddr;

use corsproof_conform::subject::About;
use serde_json::{Value, json};
use url::Url;

use super::http;
use crate::browser::{BrowserError, Channel, Engine, Session};
use crate::origin_server::OriginServer;

/// A browser's DevTools port.
#[derive(Debug, Clone)]
pub struct DevTools {
    port: Url,
    about: About,
}

/// A context in that browser.
pub struct DevToolsSession {
    /// The context goes with it.
    _channel: Channel,
    version: Option<String>,
}

impl DevTools {
    /// The port at this URL (`http://127.0.0.1:9222`).
    pub fn new(port: Url, about: About) -> Self {
        Self { port, about }
    }

    /// A connection to the browser, and its version.
    fn connect(&self) -> Result<(Channel, Option<String>), String> {
        let mut url = self.port.clone();
        url.set_path("/json/version");
        let (_, told) = http::ask("GET", &url, None)?;
        let part = |name| told.get(name).and_then(Value::as_str);
        let socket = part("webSocketDebuggerUrl").ok_or("it names no WebSocket")?;
        let version = part("Browser").and_then(|product| product.split('/').nth(1));
        let channel = Channel::open(address(&self.port)?, socket)?;
        Ok((channel, version.map(str::to_owned)))
    }
}

impl Engine for DevTools {
    type Session = DevToolsSession;

    fn about(&self) -> About {
        self.about.clone()
    }

    fn launch(
        &self,
        server: &OriginServer,
        control_url: &str,
    ) -> Result<DevToolsSession, BrowserError> {
        let failed = |what, detail| BrowserError::Driver { what, detail };
        let (mut channel, version) =
            self.connect().map_err(|detail| failed("connecting to DevTools", detail))?;
        open(&mut channel, server.address(), control_url)
            .map_err(|detail| failed("opening the control page", detail))?;
        Ok(DevToolsSession { _channel: channel, version })
    }
}

impl Session for DevToolsSession {
    fn process_id(&self) -> Option<u32> {
        None
    }

    fn version(&self) -> Option<String> {
        self.version.clone()
    }
}

fn open(channel: &mut Channel, proxy: SocketAddr, url: &str) -> Result<(), String> {
    let context = channel.ask(
        "Target.createBrowserContext",
        &json!({
            "disposeOnDetach": true,
            "proxyServer": format!("socks5://{proxy}"),
            // What is on loopback, too.
            "proxyBypassList": "<-loopback>",
        }),
    )?;
    let tab = channel.ask(
        "Target.createTarget",
        &json!({"url": "about:blank", "browserContextId": context.get("browserContextId")}),
    )?;
    let attached = channel
        .ask("Target.attachToTarget", &json!({"targetId": tab.get("targetId"), "flatten": true}))?;
    let target = attached.get("sessionId").and_then(Value::as_str).ok_or("no session")?;
    channel.ask_target(target, "Security.setIgnoreCertificateErrors", &json!({"ignore": true}))?;
    channel.ask_target(target, "Page.navigate", &json!({"url": url})).map(drop)
}

fn address(url: &Url) -> Result<SocketAddr, String> {
    http::connect(url)?.peer_addr().map_err(|error| error.to_string())
}
