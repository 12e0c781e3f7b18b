//! actix-cors 0.5.0 under the standard app on actix-web 3: a release that is known to be wrong, as a
//! subject of the harness. JSON lines on stdin and stdout, HTTP on a loopback port.
//!
//! What a policy becomes is in `policy`, the app in `app`, what is mounted where in `Dispatch`, the
//! protocol in `answer`.

mod policy;

use std::cell::RefCell;
use std::collections::{HashMap, VecDeque};
use std::future::Future;
use std::io::{BufRead, Write};
use std::net::{SocketAddr, TcpListener};
use std::pin::Pin;
use std::rc::Rc;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};

use actix_http::Request;
use actix_service::boxed::{self, BoxService};
use actix_service::{fn_factory_with_config, IntoServiceFactory, Service, ServiceFactory};
use actix_web::dev::{AppConfig, ServiceResponse};
use actix_web::http::{header, StatusCode, Uri};
use actix_web::rt::System;
use actix_web::{error, web, App, Error, HttpRequest, HttpResponse, HttpServer};
use serde_json::{json, Value};

use policy::{check, cors, Policy};

const MOST_CASES: usize = 10_000;

/// How often handlers ran, by the path where that is read; the oldest goes first.
#[derive(Default)]
struct Counts {
    by_path: HashMap<String, u64>,
    oldest: VecDeque<String>,
}

impl Counts {
    fn count(&mut self, path: String) {
        if let Some(count) = self.by_path.get_mut(&path) {
            *count += 1;
            return;
        }
        self.by_path.insert(path.clone(), 1);
        self.oldest.push_back(path);
        if self.oldest.len() > MOST_CASES {
            self.oldest.pop_front().map(|oldest| self.by_path.remove(&oldest));
        }
    }
}

#[derive(Clone, Default)]
struct Subject {
    policies: Arc<Mutex<HashMap<String, Arc<Policy>>>>,
    counts: Arc<Mutex<Counts>>,
}

type Query = web::Query<HashMap<String, String>>;

/// Says that a handler runs.
struct Executions {
    id: String,
    counts: Arc<Mutex<Counts>>,
}

impl Executions {
    fn count(&self, query: &Query) {
        if let Some(case) = query.get("case") {
            let mut counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
            counts.count(format!("/{}/executed/{case}", self.id));
            counts.count(format!("/executed/{case}"));
        }
    }
}

type Built = BoxService<Request, ServiceResponse, Error>;

/// The standard app behind the middleware.
async fn app(policy: &Policy, id: &str, counts: Arc<Mutex<Counts>>) -> Result<Built, ()> {
    fn at(
        path: &str,
        answer: fn(&HttpRequest, &Query) -> Result<HttpResponse, Error>,
    ) -> actix_web::Resource {
        web::resource(path).to(
            move |request: HttpRequest, query: Query, executed: web::Data<Executions>| {
                executed.count(&query);
                let answered = answer(&request, &query);
                async move { answered }
            },
        )
    }
    let app = App::new()
        .data(Executions { id: id.to_owned(), counts })
        .wrap(cors(policy))
        .service(at("/plain", |request, _| {
            let mut response = HttpResponse::Ok();
            response.header("x-total", "7").header(header::ETAG, "\"7\"");
            Ok(response.body(request.method().to_string()))
        }))
        .service(at("/vary", |request, _| {
            let vary = (header::VARY, "Accept-Language");
            Ok(HttpResponse::Ok().header(vary.0, vary.1).body(request.method().to_string()))
        }))
        .service(at("/own-cors", |request, _| {
            let own = (header::ACCESS_CONTROL_ALLOW_ORIGIN, "https://own.example");
            Ok(HttpResponse::Ok().header(own.0, own.1).body(request.method().to_string()))
        }))
        .service(at("/status/{n}", |request, _| {
            // A final status; there is no answering with an interim one.
            let status = StatusCode::from_bytes(request.match_info().query("n").as_bytes()).ok();
            let status = status.filter(|status| !status.is_informational());
            Ok(HttpResponse::new(status.unwrap_or(StatusCode::BAD_REQUEST)))
        }))
        .service(at("/throw", |_, _| Err(error::ErrorInternalServerError("the handler failed"))))
        .service(at("/redirect", |_, query| {
            let to = query.get("to").ok_or_else(|| error::ErrorBadRequest("to where?"))?;
            Ok(HttpResponse::Found().header(header::LOCATION, to.as_str()).finish())
        }));
    Ok(boxed::service(app.into_factory().new_service(AppConfig::default()).await?))
}

/// Hands a request to the app that its first path segment names, which then sees the rest of the
/// path. The worker builds an app when it is asked for the first time; counters are outside of it.
#[derive(Clone, Default)]
struct Dispatch {
    subject: Subject,
    built: Rc<RefCell<HashMap<String, (Arc<Policy>, Rc<RefCell<Built>>)>>>,
}

impl Dispatch {
    async fn built(&self, id: &str) -> Option<Rc<RefCell<Built>>> {
        let policies = self.subject.policies.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let policy = policies.get(id)?;
        let known = self.built.borrow().get(id).cloned();
        if let Some((_, app)) = known.filter(|(of, _)| Arc::ptr_eq(of, policy)) {
            return Some(app);
        }
        let counts = Arc::clone(&self.subject.counts);
        let app = Rc::new(RefCell::new(app(policy, id, counts).await.ok()?));
        let mut built = self.built.borrow_mut();
        built.retain(|id, _| policies.contains_key(id));
        built.insert(id.to_owned(), (Arc::clone(policy), Rc::clone(&app)));
        Some(app)
    }

    async fn answer(self, mut request: Request) -> Result<HttpResponse, Error> {
        let target =
            request.uri().path_and_query().map_or("/", |target| target.as_str()).to_owned();
        if target.starts_with("/executed/") || target.split('/').nth(2) == Some("executed") {
            let counts = self.subject.counts.lock().unwrap_or_else(PoisonError::into_inner);
            let count = counts.by_path.get(request.path()).copied().unwrap_or_default();
            return Ok(HttpResponse::Ok().body(count.to_string()));
        }
        let split = target.strip_prefix('/').and_then(|rest| rest.split_once('/'));
        if let Some((id, below)) = split {
            let below = format!("/{below}").parse::<Uri>();
            if let (Some(app), Ok(below)) = (self.built(id).await, below) {
                request.head_mut().uri = below;
                let answered = app.borrow_mut().call(request);
                return answered.await.map(Into::into);
            }
        }
        Ok(HttpResponse::NotFound().body("nothing is mounted here"))
    }
}

impl Service for Dispatch {
    type Request = Request;
    type Response = HttpResponse;
    type Error = Error;
    type Future = Pin<Box<dyn Future<Output = Result<HttpResponse, Error>>>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Error>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request) -> Self::Future {
        Box::pin(self.clone().answer(request))
    }
}

/// Mounts a policy, or says why not. The middleware refuses as an app is built, so one is.
fn mount(
    subject: &Subject,
    address: SocketAddr,
    id: &str,
    policy: Value,
) -> Result<Value, serde_json::Error> {
    let policy = Arc::new(serde_json::from_value::<Policy>(policy)?);
    let refused = || json!({"rejected": {"message": "the app does not start; why is in its log"}});
    let tried = check(&policy).and_then(|()| {
        let policy = Arc::clone(&policy);
        let trial = async move { app(&policy, "trial", Arc::default()).await.map(drop) };
        System::new("trial").block_on(trial).map_err(|()| refused())
    });
    let mut outcome = match tried {
        Ok(()) => {
            let mut policies = subject.policies.lock().unwrap_or_else(PoisonError::into_inner);
            policies.insert(id.to_owned(), policy);
            json!({"base": format!("http://{address}/{id}")})
        }
        Err(outcome) => outcome,
    };
    outcome["id"] = json!(id);
    Ok(outcome)
}

/// The release that is locked, which is the one that runs.
fn version() -> Option<&'static str> {
    let lock = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.lock"));
    let (_, below) = lock.split_once("name = \"actix-cors\"\nversion = \"")?;
    below.split('"').next()
}

fn about() -> Value {
    json!({
        "name": "actix-cors-0.5.0", "version": version(), "language": "Rust",
        "runtime": "actix-web 3", "homepage": "https://github.com/actix/actix-extras/tree/master/actix-cors",
        "issues": "https://github.com/actix/actix-extras/issues", "role": "server",
        "capabilities": {
            "origins": ["any", "list", "null"], "methods": ["any", "list"],
            "request_headers": ["any", "list"], "expose_headers": ["any", "list"],
            "credentials": true, "max_age": true, "private_network": false,
            "paths": false, "dynamic": true, "http2": false
        }
    })
}

fn answer(subject: &Subject, address: SocketAddr, line: &str) -> Value {
    let mut message: Value = serde_json::from_str(line).unwrap_or_default();
    let seq = message["seq"].as_u64();
    let answered = match (seq, message.as_object().map_or(0, |fields| fields.len())) {
        (Some(_), 2) => said(subject, address, &mut message),
        _ => Err("a number and one message are expected".to_owned()),
    };
    let mut answer = answered.unwrap_or_else(|why| json!({"errored": {"message": why}}));
    answer["seq"] = json!(seq.unwrap_or_default());
    answer
}

fn said(subject: &Subject, address: SocketAddr, message: &mut Value) -> Result<Value, String> {
    if message["start"]["protocol"] == 1 {
        return Ok(json!({"started": about()}));
    }
    if let Some(policies) = message["configure"]["policies"].as_array_mut() {
        let mount = |named: &mut Value| {
            let policy = named["policy"].take();
            let id = named["id"].as_str().ok_or("a policy has an id")?;
            mount(subject, address, id, policy).map_err(|error| error.to_string())
        };
        let outcomes = policies.iter_mut().map(mount).collect::<Result<Vec<_>, String>>()?;
        return Ok(json!({"configured": outcomes}));
    }
    if let Some(ids) = message["release"]["ids"].as_array() {
        let mut policies = subject.policies.lock().unwrap_or_else(PoisonError::into_inner);
        ids.iter().filter_map(Value::as_str).for_each(|id| drop(policies.remove(id)));
        return Ok(json!({"released": ids}));
    }
    match message.get("stop") {
        Some(_) => Ok(json!({"stopped": {}})),
        None => Err("a message of protocol 1 is expected".to_owned()),
    }
}

fn serve(subject: Subject, listener: TcpListener) -> std::io::Result<()> {
    System::new("subject").block_on(async move {
        let factory = move || {
            let subject = subject.clone();
            fn_factory_with_config(move |_: AppConfig| {
                let dispatch = Dispatch { subject: subject.clone(), ..Dispatch::default() };
                async move { Ok::<_, ()>(dispatch) }
            })
        };
        HttpServer::new(factory).workers(1).disable_signals().listen(listener)?.run().await
    })
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let address = listener.local_addr()?;
    let subject = Subject::default();
    let served = subject.clone();
    std::thread::spawn(move || {
        if let Err(error) = serve(served, listener) {
            eprintln!("the server ends: {error}");
            std::process::exit(1);
        }
    });
    let mut out = std::io::stdout();
    for line in std::io::stdin().lock().lines() {
        let answer = answer(&subject, address, &line?);
        writeln!(out, "{answer}")?;
        out.flush()?;
        if answer.get("stopped").is_some() {
            break;
        }
    }
    Ok(())
}
