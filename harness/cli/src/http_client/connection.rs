//! A connection, what has been read of it but not used, and how it can fail.

use std::io::{self, ErrorKind, Read, Write};
use std::net::{TcpStream, ToSocketAddrs};
use std::time::{Duration, Instant};

/// The most that is read in one exchange: heads, body, chunk sizes and trailers together.
const MAX_RECEIVED: usize = 8 << 20;

/// How an exchange fails; whose and which one is added by the client.
#[derive(Debug, thiserror::Error)]
pub(super) enum Failure {
    /// Nobody listens.
    #[error("cannot connect to `{authority}`: {detail}")]
    Unreachable { authority: String, detail: String },
    /// The other end closed it too early.
    #[error("{detail} after {received} bytes")]
    Closed { received: usize, detail: String },
    /// The deadline has passed.
    #[error("no answer in time")]
    TimedOut,
    /// Not HTTP, or more than is read.
    #[error("{0}")]
    Garbled(String),
}

/// When an exchange must be over.
#[derive(Debug, Clone, Copy)]
pub(super) struct Deadline(Instant);

/// A connection.
pub(super) struct Connection {
    stream: TcpStream,
    scratch: Box<[u8]>,
    buffer: Vec<u8>,
    used: usize,
    received: usize,
}

impl Deadline {
    pub(super) fn after(limit: Duration) -> Self {
        Self(Instant::now() + limit)
    }

    /// Time left, never zero: that would mean forever to a socket.
    fn left(self) -> Result<Duration, Failure> {
        let left = self.0.saturating_duration_since(Instant::now());
        if left.is_zero() { Err(Failure::TimedOut) } else { Ok(left) }
    }
}

impl Connection {
    pub(super) fn open(authority: &str, deadline: Deadline) -> Result<Self, Failure> {
        let unreachable =
            |detail: String| Failure::Unreachable { authority: authority.to_owned(), detail };
        let mut last = unreachable("the name has no address".to_owned());
        let addresses = with_port(authority).to_socket_addrs();
        for address in addresses.map_err(|error| unreachable(error.to_string()))? {
            match TcpStream::connect_timeout(&address, deadline.left()?) {
                Ok(stream) => {
                    // Without it requests are only slower.
                    let _ = stream.set_nodelay(true);
                    return Ok(Self::over(stream));
                }
                Err(error) if error.kind() == ErrorKind::TimedOut => last = Failure::TimedOut,
                Err(error) => last = unreachable(error.to_string()),
            }
        }
        Err(last)
    }

    fn over(stream: TcpStream) -> Self {
        Self { stream, scratch: vec![0; 16 << 10].into(), buffer: Vec::new(), used: 0, received: 0 }
    }

    /// Starts an exchange: nothing is left over from the one before.
    pub(super) fn begin(&mut self) {
        self.buffer.clear();
        self.used = 0;
        self.received = 0;
    }

    pub(super) fn send(&mut self, bytes: &[u8], deadline: Deadline) -> Result<(), Failure> {
        let sent = self
            .stream
            .set_write_timeout(Some(deadline.left()?))
            .and_then(|()| self.stream.write_all(bytes));
        sent.map_err(|error| self.failure(&error))
    }

    /// What has been read and not used.
    pub(super) fn unused(&self) -> &[u8] {
        self.buffer.get(self.used..).unwrap_or_default()
    }

    /// Marks bytes as used.
    pub(super) fn consume(&mut self, n: usize) {
        self.used = (self.used + n).min(self.buffer.len());
    }

    /// Reads more; `false` at the end.
    pub(super) fn fill(&mut self, deadline: Deadline) -> Result<bool, Failure> {
        loop {
            let left = deadline.left()?;
            let read = self
                .stream
                .set_read_timeout(Some(left))
                .and_then(|()| self.stream.read(&mut self.scratch));
            match read {
                Ok(n) => {
                    self.received += n;
                    if self.received > MAX_RECEIVED {
                        return Err(Failure::Garbled(format!("more than {MAX_RECEIVED} bytes")));
                    }
                    self.buffer.extend_from_slice(self.scratch.get(..n).unwrap_or_default());
                    return Ok(n > 0);
                }
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(self.failure(&error)),
            }
        }
    }

    /// Reads more, where an end is too early.
    pub(super) fn fill_or_fail(&mut self, deadline: Deadline) -> Result<(), Failure> {
        if self.fill(deadline)? {
            return Ok(());
        }
        Err(Failure::Closed { received: self.received, detail: "end of the connection".to_owned() })
    }

    fn failure(&self, error: &io::Error) -> Failure {
        match error.kind() {
            ErrorKind::WouldBlock | ErrorKind::TimedOut => Failure::TimedOut,
            _ => Failure::Closed { received: self.received, detail: error.to_string() },
        }
    }
}

fn with_port(authority: &str) -> String {
    let port = authority.rsplit_once(':').map(|(_, port)| port);
    match port {
        Some(port) if !port.ends_with(']') => authority.to_owned(),
        _ => format!("{authority}:80"),
    }
}
