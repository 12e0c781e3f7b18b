//! A server of the judges' own tests, right or wrong, over a real socket.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use corsproof_conform::byte_string::HeaderLine;
use corsproof_conform::observe::{WireRequest, WireResponse};
use corsproof_conform::policy::Policy;
use corsproof_conform::subject::{
    About, Capabilities, Mount, Server, ServerAdapter, SubjectError, Support,
};

type Shared = Arc<Mutex<Box<dyn Server>>>;

/// Longest head of a request.
const MAX_HEAD: usize = 16 << 10;

/// The server, listening.
pub(crate) struct Loopback {
    inner: Shared,
    about: About,
    capabilities: Capabilities,
    address: SocketAddr,
}

impl Loopback {
    /// Serves this one; each of its answers carries these lines as well.
    pub(crate) fn serving(inner: Box<dyn Server>, more: Vec<HeaderLine>) -> Self {
        let (about, capabilities) = (inner.about().clone(), inner.capabilities().clone());
        let inner = Arc::new(Mutex::new(inner));
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let shared = Arc::clone(&inner);
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (shared, more) = (Arc::clone(&shared), more.clone());
                thread::spawn(move || while answer_one(&stream, &shared, &more).is_some() {});
            }
        });
        Self { inner, about, capabilities, address }
    }
}

impl ServerAdapter for Loopback {
    fn about(&self) -> &About {
        &self.about
    }

    fn capabilities(&self) -> &Capabilities {
        &self.capabilities
    }

    fn configure(&mut self, policy: &Policy) -> Result<Support, SubjectError> {
        let support = self.inner.lock().unwrap().configure(policy)?;
        let Support::Mounted(mount) = support else { return Ok(support) };
        let base = format!("http://{}/{}", self.address, mount.id);
        Ok(Support::Mounted(Mount { base, ..mount }))
    }

    fn release(&mut self, mount: &Mount) {
        self.inner.lock().unwrap().release(mount);
    }
}

/// `None`: the connection is over.
fn answer_one(mut stream: &TcpStream, shared: &Shared, more: &[HeaderLine]) -> Option<()> {
    stream.set_read_timeout(Some(Duration::from_secs(10))).ok()?;
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        let mut byte = [0];
        stream.read_exact(&mut byte).ok()?;
        head.extend(byte);
        assert!(head.len() < MAX_HEAD, "an endless head");
    }
    let (mount, request) = parse(&head);
    let mut response = shared.lock().unwrap().exchange(&mount, &request).unwrap();
    response.headers.extend(more.iter().cloned());
    stream.write_all(&serialize(&response)).ok()
}

/// The first segment of the path names the mount.
fn parse(head: &[u8]) -> (Mount, WireRequest) {
    let mut lines = [httparse::EMPTY_HEADER; 64];
    let mut parsed = httparse::Request::new(&mut lines);
    assert!(parsed.parse(head).unwrap().is_complete());
    let path = parsed.path.unwrap().strip_prefix('/').unwrap();
    let (id, target) = path.split_once('/').unwrap();
    let request = WireRequest {
        method: parsed.method.unwrap().into(),
        target: format!("/{target}").into(),
        headers: parsed.headers.iter().map(|h| (h.name.into(), h.value.to_vec().into())).collect(),
        body: false,
        http2: false,
    };
    (Mount { id: id.to_owned(), base: String::new() }, request)
}

fn serialize(response: &WireResponse) -> Vec<u8> {
    let mut bytes = format!("HTTP/1.1 {} Status\r\n", response.status).into_bytes();
    let framing = |name: &[u8]| name.eq_ignore_ascii_case(b"content-length");
    for (name, value) in response.headers.iter().filter(|(name, _)| !framing(name)) {
        for part in [&**name, b": ", value, b"\r\n"] {
            bytes.extend_from_slice(part);
        }
    }
    if !matches!(response.status, 204 | 304) {
        bytes.extend_from_slice(b"Content-Length: 0\r\n");
    }
    bytes.extend_from_slice(b"\r\n");
    bytes
}
