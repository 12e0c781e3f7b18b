//! A browser behind a WebDriver server, such as a Selenium Grid.

use serde_json::{Map, Value, json};
use url::Url;

use corsproof_conform::subject::About;

use super::http::ask;
use crate::browser::{BrowserError, Engine, Session};
use crate::origin_server::OriginServer;

/// Stands, in capabilities that a user gives, for where the origin server listens.
const ADDRESS: &str = "{address}";

/// A WebDriver server, and what to ask it for.
#[derive(Debug, Clone)]
pub struct WebDriver {
    server: Url,
    capabilities: Map<String, Value>,
    about: About,
}

/// A session of a WebDriver server; dropping it ends it.
pub struct WebDriverSession {
    session: Url,
    version: Option<String>,
}

impl WebDriver {
    /// The server at this URL. Capabilities are added to ours, which take any certificate and a
    /// SOCKS proxy; null takes one of ours away, and `{address}` in a string is where the origin
    /// server listens.
    pub fn new(server: Url, capabilities: Map<String, Value>, about: About) -> Self {
        Self { server, capabilities, about }
    }

    fn capabilities(&self, server: &OriginServer) -> Value {
        let address = server.address().to_string();
        let mut capabilities = Map::new();
        capabilities.insert("acceptInsecureCerts".to_owned(), json!(true));
        capabilities.insert(
            "proxy".to_owned(),
            json!({"proxyType": "manual", "socksProxy": address, "socksVersion": 5}),
        );
        for (name, value) in &self.capabilities {
            match value {
                Value::Null => capabilities.remove(name),
                value => capabilities.insert(name.clone(), bound(value, &address)),
            };
        }
        json!({"capabilities": {"alwaysMatch": capabilities}})
    }
}

impl Engine for WebDriver {
    type Session = WebDriverSession;

    fn about(&self) -> About {
        self.about.clone()
    }

    fn launch(
        &self,
        server: &OriginServer,
        control_url: &str,
    ) -> Result<WebDriverSession, BrowserError> {
        let failed = |what, detail| BrowserError::Driver { what, detail };
        let sessions = below(&self.server, &["session"]);
        let opened = command("POST", &sessions, Some(&self.capabilities(server)))
            .map_err(|detail| failed("opening a WebDriver session", detail))?;
        let id = opened.pointer("/sessionId").and_then(Value::as_str).unwrap_or_default();
        let version = opened.pointer("/capabilities/browserVersion").and_then(Value::as_str);
        let session = WebDriverSession {
            session: below(&sessions, &[id]),
            version: version.map(str::to_owned),
        };
        let page = json!({"url": control_url});
        command("POST", &below(&session.session, &["url"]), Some(&page))
            .map_err(|detail| failed("opening the control page", detail))?;
        Ok(session)
    }
}

impl Session for WebDriverSession {
    fn process_id(&self) -> Option<u32> {
        None
    }

    fn version(&self) -> Option<String> {
        self.version.clone()
    }
}

impl Drop for WebDriverSession {
    fn drop(&mut self) {
        // A server that is gone has no session either.
        let _ = command("DELETE", &self.session, None);
    }
}

/// The `value` of an answer, or what is wrong.
fn command(method: &str, url: &Url, body: Option<&Value>) -> Result<Value, String> {
    let (status, mut answer) = ask(method, url, body)?;
    let value = answer.get_mut("value").map(Value::take).unwrap_or_default();
    if status == 200 {
        return Ok(value);
    }
    let part = |name| value.get(name).and_then(Value::as_str).unwrap_or_default();
    Err(format!("{status}: {}: {}", part("error"), part("message")))
}

fn below(url: &Url, segments: &[&str]) -> Url {
    let mut url = url.clone();
    if let Ok(mut path) = url.path_segments_mut() {
        path.pop_if_empty().extend(segments);
    }
    url
}

/// The value, with the address where it is asked for.
fn bound(value: &Value, address: &str) -> Value {
    match value {
        Value::String(text) => Value::String(text.replace(ADDRESS, address)),
        Value::Array(items) => items.iter().map(|item| bound(item, address)).collect(),
        Value::Object(members) => {
            members.iter().map(|(name, item)| (name.clone(), bound(item, address))).collect()
        }
        other => other.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn capabilities_are_told_the_address_at_any_depth() {
        let given = json!({"a": ["--proxy=socks5://{address}", 1], "b": {"c": "{address}"}});
        let expected = json!({"a": ["--proxy=socks5://127.0.0.1:7", 1], "b": {"c": "127.0.0.1:7"}});
        assert_eq!(bound(&given, "127.0.0.1:7"), expected);
    }

    #[test]
    fn commands_are_below_the_server_s_path() {
        for (server, expected) in [
            ("http://127.0.0.1:4444", "http://127.0.0.1:4444/session/x"),
            ("http://127.0.0.1:4444/wd/hub/", "http://127.0.0.1:4444/wd/hub/session/x"),
        ] {
            let server = Url::parse(server).unwrap();
            assert_eq!(below(&server, &["session", "x"]).as_str(), expected);
        }
    }
}
