//! The socket: one listener for all mounts, each under a path segment of its own.

use std::collections::HashMap;
use std::io;
use std::net::{SocketAddr, TcpListener};
use std::sync::{Arc, PoisonError, RwLock};
use std::thread::{self, JoinHandle};

use poem::http::{StatusCode, Uri};
use poem::listener::TcpAcceptor;
use poem::{Endpoint, IntoResponse, Request, Response, Result, Server};
use tokio::sync::oneshot;

use crate::app::App;
use crate::executions::Executions;

/// Apps that are served on a thread, until this is dropped.
pub(crate) struct Mounts {
    apps: Arc<Apps>,
    address: SocketAddr,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

/// What is mounted, and the counter over all that was.
#[derive(Default)]
struct Apps {
    mounted: RwLock<HashMap<String, Arc<(App, Executions)>>>,
    everywhere: Executions,
}

impl Mounts {
    /// Listens, with nothing mounted.
    pub(crate) fn serve() -> io::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0")?;
        listener.set_nonblocking(true)?;
        let address = listener.local_addr()?;
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let apps = Arc::new(Apps::default());
        let served = Arc::clone(&apps);
        let (stop, stopped) = oneshot::channel();
        let serving = move || {
            runtime.block_on(async {
                let Ok(acceptor) = TcpAcceptor::from_std(listener) else {
                    return;
                };
                tokio::select! {
                    _ = Server::new_with_acceptor(acceptor).run(Dispatch(served)) => {}
                    _ = stopped => {}
                }
            });
        };
        let thread = thread::Builder::new().name(crate::NAME.to_owned()).spawn(serving)?;
        Ok(Self { apps, address, stop: Some(stop), thread: Some(thread) })
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    pub(crate) fn are_served(&self) -> bool {
        self.thread.as_ref().is_some_and(|thread| !thread.is_finished())
    }

    pub(crate) fn everywhere(&self) -> Executions {
        self.apps.everywhere.clone()
    }

    pub(crate) fn insert(&self, id: String, app: App, executions: Executions) {
        let mut mounted = self.apps.mounted.write().unwrap_or_else(PoisonError::into_inner);
        mounted.insert(id, Arc::new((app, executions)));
    }

    pub(crate) fn remove(&self, id: &str) {
        let mut mounted = self.apps.mounted.write().unwrap_or_else(PoisonError::into_inner);
        mounted.remove(id);
    }
}

impl Drop for Mounts {
    fn drop(&mut self) {
        if let Some(stop) = self.stop.take() {
            // An error says that the thread has ended already.
            let _ = stop.send(());
        }
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// Hands a request to the app that its first path segment names, which then sees the rest of the
/// path. Counters are outside of the middleware.
struct Dispatch(Arc<Apps>);

impl Endpoint for Dispatch {
    type Output = Response;

    async fn call(&self, mut request: Request) -> Result<Response> {
        if let Some(case) = request.uri().path().strip_prefix("/executed/") {
            return Ok(self.0.everywhere.of(case).to_string().into_response());
        }
        let found = split(request.uri()).and_then(|(id, below)| {
            let mounted = self.0.mounted.read().unwrap_or_else(PoisonError::into_inner);
            Some((Arc::clone(mounted.get(id)?), below))
        });
        let Some((mounted, below)) = found else {
            return Ok("nothing is mounted here"
                .with_status(StatusCode::NOT_FOUND)
                .into_response());
        };
        let (app, executions) = &*mounted;
        if let Some(case) = below.path().strip_prefix("/executed/") {
            return Ok(executions.of(case).to_string().into_response());
        }
        *request.uri_mut() = below;
        app.call(request).await
    }
}

/// The first segment, and the target without it.
fn split(uri: &Uri) -> Option<(&str, Uri)> {
    let target = uri.path_and_query()?.as_str().strip_prefix('/')?;
    let (id, below) = target.split_at(target.find('/')?);
    Some((id, below.parse().ok()?))
}
