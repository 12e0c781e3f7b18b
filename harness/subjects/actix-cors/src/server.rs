//! The socket: actix-web's own server with one worker, and the line to it.

use std::io;
use std::net::{SocketAddr, TcpListener};
use std::sync::mpsc;
use std::thread::{self, JoinHandle};
use std::time::Duration;

use actix_web::HttpServer;
use actix_web::dev::ServerHandle;
use actix_web::rt::System;
use corsproof_conform::policy::Policy;
use corsproof_conform::subject::Support;
use tokio::sync::mpsc::{UnboundedSender, unbounded_channel};

use crate::dispatch::{DispatchFactory, Order};

const PATIENCE: Duration = Duration::from_secs(5);

/// A server that runs until this is dropped.
pub(crate) struct Server {
    address: SocketAddr,
    orders: UnboundedSender<Order>,
    handle: ServerHandle,
    thread: Option<JoinHandle<io::Result<()>>>,
}

impl Server {
    /// Listens, with nothing mounted.
    pub(crate) fn start() -> io::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let address = listener.local_addr()?;
        let (orders, received) = unbounded_channel();
        let (started, starting) = mpsc::sync_channel(1);
        let serving = move || {
            let factory = DispatchFactory::new(received);
            System::new().block_on(async move {
                let server = HttpServer::new(move || factory.clone())
                    .workers(1)
                    .disable_signals()
                    .tcp_nodelay(true)
                    .shutdown_timeout(0)
                    .listen_auto_h2c(listener)?
                    .run();
                // An error says that nobody waits any more.
                let _ = started.send(server.handle());
                server.await
            })
        };
        let thread = thread::Builder::new().name(crate::NAME.to_owned()).spawn(serving)?;
        let handle = starting
            .recv_timeout(PATIENCE)
            .map_err(|_| io::Error::other("the server has not started"))?;
        Ok(Self { address, orders, handle, thread: Some(thread) })
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// What came of mounting a policy; `None` when the worker is gone.
    pub(crate) fn mount(&self, id: &str, policy: &Policy) -> Option<Result<(), Support>> {
        let (reply, replied) = mpsc::sync_channel(1);
        let order = Order::Mount { id: id.to_owned(), policy: Box::new(policy.clone()), reply };
        self.orders.send(order).ok()?;
        replied.recv_timeout(PATIENCE).ok()
    }

    /// Waits until it is gone. A worker that does not answer has nothing mounted either.
    pub(crate) fn release(&self, id: &str) {
        let (reply, replied) = mpsc::sync_channel(1);
        let id = id.to_owned();
        if self.orders.send(Order::Release { id, reply }).is_ok() {
            let _ = replied.recv_timeout(PATIENCE);
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // The order is given by the call; what it returns only waits.
        drop(self.handle.stop(false));
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}
