//! WebDriver BiDi, as much of it as opens a page: commands and their answers, one after the other.

use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant};

use serde::Deserialize;
use serde_json::{Value, json};
use tungstenite::{Message, WebSocket};

/// Longest time for a command to be answered.
const ANSWER: Duration = Duration::from_secs(30);

/// A connection.
pub(super) struct Connection {
    socket: WebSocket<TcpStream>,
    commands: u64,
}

/// What the browser sends: an answer, or an event, which has no `id`.
#[derive(Deserialize)]
struct Told {
    id: Option<u64>,
    result: Option<Value>,
    error: Option<String>,
    message: Option<String>,
}

impl Connection {
    /// Connects and starts a session that takes any certificate: this browser can reach nobody but
    /// us.
    pub(super) fn open(address: SocketAddr) -> Result<Self, String> {
        let stream = TcpStream::connect_timeout(&address, ANSWER).map_err(|e| e.to_string())?;
        // So that no read is longer than the whole answer may take.
        stream.set_read_timeout(Some(ANSWER)).map_err(|e| e.to_string())?;
        stream.set_write_timeout(Some(ANSWER)).map_err(|e| e.to_string())?;
        let url = format!("ws://{address}/session");
        let (socket, _) = tungstenite::client(url, stream).map_err(|e| e.to_string())?;
        let mut connection = Self { socket, commands: 0 };
        let wishes = json!({"capabilities": {"alwaysMatch": {"acceptInsecureCerts": true}}});
        connection.ask("session.new", &wishes)?;
        Ok(connection)
    }

    /// Opens a page in the first tab, and does not wait for it.
    pub(super) fn navigate(&mut self, url: &str) -> Result<(), String> {
        let tree = self.ask("browsingContext.getTree", &json!({"maxDepth": 0}))?;
        let tab = tree.pointer("/contexts/0/context").ok_or("the browser has no tab")?;
        let page = json!({"context": tab, "url": url, "wait": "none"});
        self.ask("browsingContext.navigate", &page).map(drop)
    }

    fn ask(&mut self, method: &str, parameters: &Value) -> Result<Value, String> {
        self.commands += 1;
        let id = self.commands;
        let command = json!({"id": id, "method": method, "params": parameters});
        let failed = |error: &dyn std::fmt::Display| format!("`{method}`: {error}");
        self.socket.send(Message::text(command.to_string())).map_err(|e| failed(&e))?;
        let start = Instant::now();
        while start.elapsed() < ANSWER {
            let Message::Text(text) = self.socket.read().map_err(|e| failed(&e))? else {
                continue;
            };
            let told: Told = serde_json::from_str(&text).map_err(|e| failed(&e))?;
            if told.id == Some(id) {
                return told.result.ok_or_else(|| {
                    let error = told.error.unwrap_or_else(|| "no result".to_owned());
                    failed(&format!("{error}: {}", told.message.unwrap_or_default()))
                });
            }
        }
        Err(failed(&format!("no answer within {} s", ANSWER.as_secs())))
    }
}
