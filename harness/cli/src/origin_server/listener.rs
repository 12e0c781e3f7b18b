//! The listening socket, and the thread behind it.

use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::Runtime;
use tokio::sync::Semaphore;
use tokio::time::timeout;
use tokio_rustls::TlsAcceptor;

use super::certificate::{self, CertificateError};
use super::connection;
use super::desk::Desk;
use super::socks;

/// Most connections at a time; the next one waits in the kernel's queue.
const MAX_CONNECTIONS: usize = 2048;

/// Longest time for a peer's first byte, and for its SOCKS or TLS handshake.
const HANDSHAKE: Duration = Duration::from_secs(60);

/// First byte of a TLS connection: a handshake record.
const TLS_HANDSHAKE: u8 = 0x16;

/// Why the origin server does not run.
#[derive(Debug, thiserror::Error)]
pub enum OriginServerError {
    /// Its thread could not be started.
    #[error("origin server: its thread could not be started")]
    Runtime(#[source] io::Error),
    /// Its socket could not be opened.
    #[error("origin server: no port could be opened")]
    Bind(#[source] io::Error),
    /// Its certificate could not be made.
    #[error(transparent)]
    Certificate(#[from] CertificateError),
}

/// A running origin server; it ends when dropped.
#[derive(Debug)]
pub struct OriginServer {
    address: SocketAddr,
    desk: Arc<Desk>,
    runtime: Option<Runtime>,
}

impl OriginServer {
    /// Opens a loopback port of the system's choice and serves it on a thread of its own.
    ///
    /// # Errors
    /// When there is no thread, port or certificate to be had.
    pub fn start() -> Result<Self, OriginServerError> {
        Self::start_at(Ipv4Addr::LOCALHOST.into())
    }

    /// The same at another address of this machine, for a browser that is elsewhere.
    ///
    /// # Errors
    /// As said.
    pub fn start_at(address: IpAddr) -> Result<Self, OriginServerError> {
        let acceptor = certificate::acceptor()?;
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .thread_name("origin-server")
            .enable_all()
            .build()
            .map_err(OriginServerError::Runtime)?;
        let listener =
            runtime.block_on(TcpListener::bind((address, 0))).map_err(OriginServerError::Bind)?;
        let address = listener.local_addr().map_err(OriginServerError::Bind)?;
        let desk = Arc::new(Desk::new());
        runtime.spawn(accept(listener, acceptor, Arc::clone(&desk)));
        Ok(Self { address, desk, runtime: Some(runtime) })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Where its cases are handed out.
    pub fn desk(&self) -> &Arc<Desk> {
        &self.desk
    }
}

impl Drop for OriginServer {
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

async fn accept(listener: TcpListener, acceptor: TlsAcceptor, desk: Arc<Desk>) {
    let places = Arc::new(Semaphore::new(MAX_CONNECTIONS));
    loop {
        let Ok(place) = Arc::clone(&places).acquire_owned().await else {
            return;
        };
        // An error here is a peer that is gone already, or a shortage that passes.
        let Ok((stream, _)) = listener.accept().await else {
            tokio::task::yield_now().await;
            continue;
        };
        let acceptor = acceptor.clone();
        let desk = Arc::clone(&desk);
        tokio::spawn(async move {
            serve(stream, &acceptor, &desk).await;
            drop(place);
        });
    }
}

async fn serve(mut stream: TcpStream, acceptor: &TlsAcceptor, desk: &Desk) {
    // Answers are written whole, so waiting for more only costs time.
    let _ = stream.set_nodelay(true);
    let mut first = first_byte(&stream).await;
    if first == Some(socks::VERSION) {
        let Ok(Ok(())) = timeout(HANDSHAKE, socks::grant(&mut stream)).await else { return };
        first = first_byte(&stream).await;
    }
    match first {
        Some(TLS_HANDSHAKE) => {
            if let Ok(Ok(stream)) = timeout(HANDSHAKE, acceptor.accept(stream)).await {
                connection::serve(stream, "https", desk).await;
            }
        }
        Some(_) => connection::serve(stream, "http", desk).await,
        None => {}
    }
}

/// The first byte of what comes next, which stays to be read.
async fn first_byte(stream: &TcpStream) -> Option<u8> {
    let mut first = [0];
    match timeout(HANDSHAKE, stream.peek(&mut first)).await {
        Ok(Ok(1)) => first.first().copied(),
        _ => None,
    }
}
