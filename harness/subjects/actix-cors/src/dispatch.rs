//! What the server serves: a whole app for each policy, under a path segment of its own.
//!
//! An `App` cannot change once it is built, and a server for each policy would cost threads. So
//! the one worker keeps a map of apps, each with its own middleware around it, and hands each
//! request to the app that the first segment names.

use std::cell::RefCell;
use std::collections::HashMap;
use std::future::{Future, Ready, ready};
use std::pin::Pin;
use std::rc::Rc;
use std::sync::{Arc, Mutex, PoisonError, mpsc};
use std::task::{Context, Poll};

use actix_http::{Request, Response, StatusCode};
use actix_web::Error;
use actix_web::body::BoxBody;
use actix_web::dev::{AppConfig, Service, ServiceFactory};
use actix_web::http::Uri;
use corsproof_conform::policy::Policy;
use corsproof_conform::subject::Support;
use tokio::sync::mpsc::UnboundedReceiver;

use crate::app::{App, Executions, counted};

/// What the worker is told to do.
pub(crate) enum Order {
    /// Mount an app, and say what came of it.
    Mount { id: String, policy: Box<Policy>, reply: mpsc::SyncSender<Result<(), Support>> },
    /// Let go of one, and say when it is gone.
    Release { id: String, reply: mpsc::SyncSender<()> },
}

/// Makes the worker's [`Dispatch`], once: a worker that actix starts again has nothing mounted
/// and gets no orders.
#[derive(Clone)]
pub(crate) struct DispatchFactory {
    orders: Arc<Mutex<Option<UnboundedReceiver<Order>>>>,
}

/// The apps of the worker.
#[derive(Clone, Default)]
pub(crate) struct Dispatch {
    mounted: Rc<RefCell<HashMap<String, Rc<Mounted>>>>,
}

struct Mounted {
    app: App,
    executions: Executions,
}

impl DispatchFactory {
    pub(crate) fn new(orders: UnboundedReceiver<Order>) -> Self {
        Self { orders: Arc::new(Mutex::new(Some(orders))) }
    }
}

impl ServiceFactory<Request> for DispatchFactory {
    type Response = Response<BoxBody>;
    type Error = Error;
    type Config = AppConfig;
    type Service = Dispatch;
    type InitError = ();
    type Future = Ready<Result<Dispatch, ()>>;

    fn new_service(&self, _: AppConfig) -> Self::Future {
        let dispatch = Dispatch::default();
        let mut orders = self.orders.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(orders) = orders.take() {
            actix_web::rt::spawn(dispatch.clone().follow(orders));
        }
        ready(Ok(dispatch))
    }
}

impl Dispatch {
    async fn follow(self, mut orders: UnboundedReceiver<Order>) {
        while let Some(order) = orders.recv().await {
            match order {
                Order::Mount { id, policy, reply } => {
                    // An error says that nobody waits any more.
                    let _ = reply.send(self.mount(id, &policy).await);
                }
                Order::Release { id, reply } => {
                    self.mounted.borrow_mut().remove(&id);
                    let _ = reply.send(());
                }
            }
        }
    }

    async fn mount(&self, id: String, policy: &Policy) -> Result<(), Support> {
        let executions = Executions::default();
        let app = counted(policy, executions.clone()).await?;
        let mounted = Rc::new(Mounted { app, executions });
        self.mounted.borrow_mut().insert(id, mounted);
        Ok(())
    }
}

impl Service<Request> for Dispatch {
    type Response = Response<BoxBody>;
    type Error = Error;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Error>>>>;

    fn poll_ready(&self, _: &mut Context<'_>) -> Poll<Result<(), Error>> {
        Poll::Ready(Ok(()))
    }

    fn call(&self, mut request: Request) -> Self::Future {
        let below = split(&request.head().uri).and_then(|(id, below)| {
            let mounted = self.mounted.borrow().get(id).cloned();
            Some((mounted?, below))
        });
        let Some((mounted, below)) = below else {
            let missing = Response::with_body(StatusCode::NOT_FOUND, "nothing is mounted here");
            return Box::pin(ready(Ok(missing.map_into_boxed_body())));
        };
        // Outside of the middleware, which is around the whole app.
        if let Some(case) = below.path().strip_prefix("/executed/") {
            let count = mounted.executions.of(case).to_string();
            let counted = Response::with_body(StatusCode::OK, count).map_into_boxed_body();
            return Box::pin(ready(Ok(counted)));
        }
        request.head_mut().uri = below;
        let answered = mounted.app.call(request);
        Box::pin(async move { answered.await.map(Into::into) })
    }
}

/// The first segment, and the target without it.
fn split(uri: &Uri) -> Option<(&str, Uri)> {
    let target = uri.path_and_query()?.as_str().strip_prefix('/')?;
    let (id, below) = target.split_at(target.find('/')?);
    Some((id, below.parse().ok()?))
}
