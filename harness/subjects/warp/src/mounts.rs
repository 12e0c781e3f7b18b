//! The socket: one listener for all mounts, each under a path segment of its own.

use std::collections::HashMap;
use std::convert::Infallible;
use std::io;
use std::net::{SocketAddr, TcpListener};
use std::sync::{Arc, PoisonError, RwLock};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use http::{Request, StatusCode, Uri};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto;
use tokio::sync::oneshot;
use tower::Service;
use warp::reply::{Reply, Response, with_status};

use crate::app::App;
use crate::executions::Executions;

/// A pause when the system has no connection to give, so that the loop does not spin.
const BREATH: Duration = Duration::from_millis(10);

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
    mounted: RwLock<HashMap<String, (App, Executions)>>,
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
                let Ok(listener) = tokio::net::TcpListener::from_std(listener) else {
                    return;
                };
                tokio::select! {
                    () = accept(listener, served) => {}
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
        mounted.insert(id, (app, executions));
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

/// As `warp::serve` does it: hyper's server of HTTP/1 and, with prior knowledge, HTTP/2.
async fn accept(listener: tokio::net::TcpListener, apps: Arc<Apps>) {
    loop {
        let Ok((stream, _)) = listener.accept().await else {
            tokio::time::sleep(BREATH).await;
            continue;
        };
        // Without it answers are only slower.
        let _ = stream.set_nodelay(true);
        let apps = Arc::clone(&apps);
        tokio::spawn(async move {
            let service = service_fn(move |request| dispatch(Arc::clone(&apps), request));
            let connection = auto::Builder::new(TokioExecutor::new());
            // An error says how the client left.
            let _ = connection.serve_connection(TokioIo::new(stream), service).await;
        });
    }
}

/// Hands a request to the app that its first path segment names, which then sees the rest of the
/// path. Counters are outside of the middleware.
async fn dispatch(apps: Arc<Apps>, mut request: Request<Incoming>) -> Result<Response, Infallible> {
    if let Some(case) = request.uri().path().strip_prefix("/executed/") {
        return Ok(apps.everywhere.of(case).to_string().into_response());
    }
    let found = split(request.uri()).and_then(|(id, below)| {
        let mounted = apps.mounted.read().unwrap_or_else(PoisonError::into_inner);
        Some((mounted.get(id)?.clone(), below))
    });
    let Some(((app, executions), below)) = found else {
        let missing = with_status("nothing is mounted here", StatusCode::NOT_FOUND);
        return Ok(missing.into_response());
    };
    if let Some(case) = below.path().strip_prefix("/executed/") {
        return Ok(executions.of(case).to_string().into_response());
    }
    *request.uri_mut() = below;
    warp::service(app).call(request).await
}

/// The first segment, and the target without it.
fn split(uri: &Uri) -> Option<(&str, Uri)> {
    let target = uri.path_and_query()?.as_str().strip_prefix('/')?;
    let (id, below) = target.split_at(target.find('/')?);
    Some((id, below.parse().ok()?))
}
