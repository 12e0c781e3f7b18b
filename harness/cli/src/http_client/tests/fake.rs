//! A server that does what its script says, however wrong.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::thread::{self, JoinHandle};
use std::time::Duration;

/// What a fake server does on one connection.
pub(super) enum Step {
    /// Reads a request head, and this many bytes more.
    Read(usize),
    /// Writes this.
    Write(Vec<u8>),
    /// Writes this over and over until the client has gone.
    Forever(&'static [u8]),
    /// Writes this byte by byte, with a pause before each.
    Drip(&'static [u8], Duration),
    /// Does nothing for so long.
    Pause(Duration),
}

/// A server that takes these connections one after the other, each with its own script.
pub(super) struct Fake {
    pub(super) base: String,
    thread: JoinHandle<Vec<Vec<u8>>>,
}

impl Fake {
    pub(super) fn serving(connections: Vec<Vec<Step>>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let base = format!("http://{}/p0", listener.local_addr().unwrap());
        let thread = thread::spawn(move || {
            let mut requests = Vec::new();
            for script in connections {
                let (mut stream, _) = listener.accept().unwrap();
                for step in script {
                    if !play(&mut stream, step, &mut requests) {
                        break;
                    }
                }
            }
            requests
        });
        Self { base, thread }
    }

    pub(super) fn answering(response: &str) -> Self {
        Self::serving(vec![vec![Step::Read(0), write(response)]])
    }

    /// The requests that it has read.
    pub(super) fn requests(self) -> Vec<Vec<u8>> {
        self.thread.join().unwrap()
    }
}

/// Whether the client is still there.
fn play(stream: &mut TcpStream, step: Step, requests: &mut Vec<Vec<u8>>) -> bool {
    match step {
        Step::Read(more) => {
            let mut head = Vec::new();
            let mut byte = [0];
            while !head.ends_with(b"\r\n\r\n") {
                match stream.read(&mut byte) {
                    Ok(1) => head.push(byte[0]),
                    _ => return false,
                }
            }
            let mut body = vec![0; more];
            stream.read_exact(&mut body).unwrap();
            head.extend_from_slice(&body);
            requests.push(head);
            true
        }
        Step::Write(bytes) => stream.write_all(&bytes).is_ok(),
        Step::Forever(bytes) => {
            while stream.write_all(bytes).is_ok() {}
            false
        }
        Step::Drip(bytes, pause) => bytes.iter().all(|byte| {
            thread::sleep(pause);
            stream.write_all(&[*byte]).is_ok()
        }),
        Step::Pause(pause) => {
            thread::sleep(pause);
            true
        }
    }
}

pub(super) fn write(text: &str) -> Step {
    Step::Write(text.as_bytes().to_vec())
}
