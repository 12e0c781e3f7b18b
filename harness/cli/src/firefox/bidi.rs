//! WebDriver BiDi, as much of it as opens a page.

use std::net::SocketAddr;

use serde_json::json;

use crate::browser::Channel;

/// A session; it ends with its connection.
pub(super) struct BidiSession(Channel);

impl BidiSession {
    /// Starts a session that takes any certificate: this browser can reach nobody but us.
    pub(super) fn open(address: SocketAddr) -> Result<Self, String> {
        let mut channel = Channel::open(address, &format!("ws://{address}/session"))?;
        let wishes = json!({"capabilities": {"alwaysMatch": {"acceptInsecureCerts": true}}});
        channel.ask("session.new", &wishes)?;
        Ok(Self(channel))
    }

    /// Opens a page in the first tab, and does not wait for it.
    pub(super) fn navigate(&mut self, url: &str) -> Result<(), String> {
        let tree = self.0.ask("browsingContext.getTree", &json!({"maxDepth": 0}))?;
        let tab = tree.pointer("/contexts/0/context").ok_or("the browser has no tab")?;
        let page = json!({"context": tab, "url": url, "wait": "none"});
        self.0.ask("browsingContext.navigate", &page).map(drop)
    }
}
