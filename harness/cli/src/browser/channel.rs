//! A WebSocket on which commands are asked and answered in JSON: WebDriver BiDi and the DevTools
//! protocol agree that far.

use std::fmt::Display;
use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant};

use serde::Deserialize;
use serde_json::{Value, json};
use tungstenite::{Message, WebSocket};

/// Longest time for a command to be answered.
const ANSWER: Duration = Duration::from_secs(30);

/// A connection to a browser.
pub(crate) struct Channel {
    socket: WebSocket<TcpStream>,
    commands: u64,
}

/// What the browser sends: an answer, or an event, which has no `id`.
#[derive(Deserialize)]
struct Told {
    id: Option<u64>,
    result: Option<Value>,
    error: Option<Value>,
    message: Option<String>,
}

impl Channel {
    /// Connects to this address, and asks for this `ws:` URL there.
    pub(crate) fn open(address: SocketAddr, url: &str) -> Result<Self, String> {
        let stream = TcpStream::connect_timeout(&address, ANSWER).map_err(words)?;
        // So that no read is longer than the whole answer may take.
        stream.set_read_timeout(Some(ANSWER)).map_err(words)?;
        stream.set_write_timeout(Some(ANSWER)).map_err(words)?;
        let (socket, _) = tungstenite::client(url, stream).map_err(words)?;
        Ok(Self { socket, commands: 0 })
    }

    /// Asks a command of the browser.
    pub(crate) fn ask(&mut self, method: &str, parameters: &Value) -> Result<Value, String> {
        self.exchange(method, json!({"method": method, "params": parameters}))
    }

    /// Asks a command of a target that the DevTools protocol has attached to.
    pub(crate) fn ask_target(
        &mut self,
        target: &str,
        method: &str,
        parameters: &Value,
    ) -> Result<Value, String> {
        let command = json!({"method": method, "params": parameters, "sessionId": target});
        self.exchange(method, command)
    }

    fn exchange(&mut self, method: &str, mut command: Value) -> Result<Value, String> {
        self.commands += 1;
        let id = self.commands;
        if let Some(members) = command.as_object_mut() {
            members.insert("id".to_owned(), json!(id));
        }
        let failed = |error: &dyn Display| format!("`{method}`: {error}");
        self.socket.send(Message::text(command.to_string())).map_err(|e| failed(&e))?;
        let start = Instant::now();
        while start.elapsed() < ANSWER {
            let Message::Text(text) = self.socket.read().map_err(|e| failed(&e))? else {
                continue;
            };
            let told: Told = serde_json::from_str(&text).map_err(|e| failed(&e))?;
            if told.id == Some(id) {
                return told.result.ok_or_else(|| {
                    let error = told.error.unwrap_or_default();
                    failed(&format!("{error} {}", told.message.unwrap_or_default()))
                });
            }
        }
        Err(failed(&format!("no answer within {} s", ANSWER.as_secs())))
    }
}

fn words(error: impl Display) -> String {
    error.to_string()
}
