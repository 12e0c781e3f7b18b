//! The socket: one listener for all mounts, each under a path segment of its own.

use std::collections::HashMap;
use std::io;
use std::net::{SocketAddr, TcpListener};
use std::sync::{Arc, PoisonError, RwLock};
use std::thread::{self, JoinHandle};

use axum::Router;
use axum::extract::{Request, State};
use axum::response::{IntoResponse, Response};
use axum::serve::ListenerExt;
use http::{StatusCode, Uri};
use tokio::sync::oneshot;
use tower::Service;

type Apps = Arc<RwLock<HashMap<String, Router>>>;

/// Apps that are served on a thread, until this is dropped.
pub(crate) struct Mounts {
    apps: Apps,
    address: SocketAddr,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Mounts {
    /// Listens, with nothing mounted.
    pub(crate) fn serve() -> io::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0")?;
        listener.set_nonblocking(true)?;
        let address = listener.local_addr()?;
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let apps = Apps::default();
        let router = Router::new().fallback(dispatch).with_state(Arc::clone(&apps));
        let (stop, stopped) = oneshot::channel();
        let serving = move || {
            runtime.block_on(async {
                let Ok(listener) = tokio::net::TcpListener::from_std(listener) else {
                    return;
                };
                let listener = listener.tap_io(|stream| {
                    // Without it answers are only slower.
                    let _ = stream.set_nodelay(true);
                });
                tokio::select! {
                    _ = axum::serve(listener, router) => {}
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

    pub(crate) fn insert(&self, id: String, app: Router) {
        let mut apps = self.apps.write().unwrap_or_else(PoisonError::into_inner);
        apps.insert(id, app);
    }

    pub(crate) fn remove(&self, id: &str) {
        let mut apps = self.apps.write().unwrap_or_else(PoisonError::into_inner);
        apps.remove(id);
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
/// path, as under a router that nests.
async fn dispatch(State(apps): State<Apps>, mut request: Request) -> Response {
    let below = split(request.uri()).and_then(|(id, below)| {
        let apps = apps.read().unwrap_or_else(PoisonError::into_inner);
        Some((apps.get(id)?.clone(), below))
    });
    let Some((mut app, below)) = below else {
        return (StatusCode::NOT_FOUND, "nothing is mounted here").into_response();
    };
    *request.uri_mut() = below;
    match app.call(request).await {
        Ok(response) => response,
        Err(never) => match never {},
    }
}

/// The first segment, and the target without it.
fn split(uri: &Uri) -> Option<(&str, Uri)> {
    let target = uri.path_and_query()?.as_str().strip_prefix('/')?;
    let (id, below) = target.split_at(target.find('/')?);
    Some((id, below.parse().ok()?))
}
