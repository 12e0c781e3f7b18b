//! An old tower-http under the standard app on hyper 0.14: a release that is known to be wrong, as a
//! subject of the harness. JSON lines on stdin and stdout, HTTP on a loopback port.
//!
//! What a policy becomes is in `policy`, what else a release spells in its own way in `release`, the
//! app in `app`, what is mounted where in `dispatch`, the protocol in `answer`.

mod policy;
mod release;

use std::collections::{HashMap, VecDeque};
use std::convert::Infallible;
use std::io::{BufRead, Write};
use std::net::{SocketAddr, TcpListener};
use std::panic::{self, AssertUnwindSafe};
use std::sync::{Arc, Mutex, PoisonError};

use hyper::header::{self, HeaderValue};
use hyper::service::{make_service_fn, service_fn};
use hyper::{Body, Request, Response, Server, StatusCode, Uri};
use serde_json::{json, Value};
use tower::util::BoxCloneService;
use tower::{Layer, ServiceExt};

use policy::{layer, Policy};

const MOST_CASES: usize = 10_000;

type App = BoxCloneService<Request<Body>, Response<Body>, Infallible>;

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

#[derive(Default)]
struct Subject {
    apps: Mutex<HashMap<String, App>>,
    counts: Mutex<Counts>,
}

fn query(uri: &Uri, name: &str) -> Option<String> {
    let pairs = form_urlencoded::parse(uri.query()?.as_bytes());
    pairs.into_owned().find(|(key, _)| key == name).map(|(_, value)| value)
}

/// The standard app. A path that it has is a handler that runs.
async fn app(
    subject: Arc<Subject>,
    id: String,
    request: Request<Body>,
) -> Result<Response<Body>, Infallible> {
    let path = request.uri().path();
    let mut response = Response::new(Body::from(request.method().to_string()));
    let headers = response.headers_mut();
    match path {
        "/plain" => {
            headers.insert("x-total", HeaderValue::from_static("7"));
            headers.insert(header::ETAG, HeaderValue::from_static("\"7\""));
        }
        "/vary" => drop(headers.insert(header::VARY, HeaderValue::from_static("Accept-Language"))),
        "/own-cors" => {
            let own = HeaderValue::from_static("https://own.example");
            headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, own);
        }
        "/throw" => *response.status_mut() = StatusCode::INTERNAL_SERVER_ERROR,
        "/redirect" => {
            let to = query(request.uri(), "to").and_then(|to| HeaderValue::from_str(&to).ok());
            match to.map(|to| headers.insert(header::LOCATION, to)) {
                Some(_) => *response.status_mut() = StatusCode::FOUND,
                None => *response.status_mut() = StatusCode::BAD_REQUEST,
            }
        }
        _ => match path.strip_prefix("/status/") {
            // A final status; there is no answering with an interim one.
            Some(n) => {
                let status = StatusCode::from_bytes(n.as_bytes()).ok();
                let status = status.filter(|status| !status.is_informational());
                response = Response::default();
                *response.status_mut() = status.unwrap_or(StatusCode::BAD_REQUEST);
            }
            None => return Ok(missing()),
        },
    }
    if let Some(case) = query(request.uri(), "case") {
        let mut counts = subject.counts.lock().unwrap_or_else(PoisonError::into_inner);
        counts.count(format!("/{id}/executed/{case}"));
        counts.count(format!("/executed/{case}"));
    }
    Ok(response)
}

fn missing() -> Response<Body> {
    let mut missing = Response::new(Body::from("nothing is here"));
    *missing.status_mut() = StatusCode::NOT_FOUND;
    missing
}

/// Hands a request to the app that its first path segment names, which then sees the rest of the
/// path. Counters are outside of the layer.
async fn dispatch(
    subject: Arc<Subject>,
    mut request: Request<Body>,
) -> Result<Response<Body>, Infallible> {
    let target = request.uri().path_and_query().map_or("/", |target| target.as_str()).to_owned();
    if target.starts_with("/executed/") || target.split('/').nth(2) == Some("executed") {
        let counts = subject.counts.lock().unwrap_or_else(PoisonError::into_inner);
        let count = counts.by_path.get(request.uri().path()).copied().unwrap_or_default();
        return Ok(Response::new(Body::from(count.to_string())));
    }
    let found =
        target.strip_prefix('/').and_then(|rest| rest.split_once('/')).and_then(|(id, below)| {
            let apps = subject.apps.lock().unwrap_or_else(PoisonError::into_inner);
            Some((apps.get(id)?.clone(), format!("/{below}").parse().ok()?))
        });
    let Some((app, below)) = found else {
        return Ok(missing());
    };
    *request.uri_mut() = below;
    app.oneshot(request).await
}

/// Mounts a policy, or says why not. The layer may refuse by a panic.
fn mount(
    subject: &Arc<Subject>,
    address: SocketAddr,
    id: &str,
    policy: Value,
) -> Result<Value, serde_json::Error> {
    let policy: Policy = serde_json::from_value(policy)?;
    let built = layer(&policy).and_then(|layer| {
        let (own, name) = (Arc::clone(subject), id.to_owned());
        let app = tower::service_fn(move |request| app(Arc::clone(&own), name.clone(), request));
        panic::catch_unwind(AssertUnwindSafe(|| BoxCloneService::new(layer.layer(app)))).map_err(
            |words| {
                let text = words.downcast_ref::<&str>().copied();
                let text = text.or(words.downcast_ref::<String>().map(String::as_str));
                let words = text.unwrap_or("a panic without words");
                json!({"rejected": {"message": words}})
            },
        )
    });
    let mut outcome = match built {
        Ok(app) => {
            subject.apps.lock().unwrap_or_else(PoisonError::into_inner).insert(id.to_owned(), app);
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
    let (_, below) = lock.split_once("name = \"tower-http\"\nversion = \"")?;
    below.split('"').next()
}

fn about() -> Value {
    json!({
        "name": release::NAME, "version": version(), "language": "Rust",
        "runtime": "hyper 0.14", "homepage": "https://github.com/tower-rs/tower-http",
        "issues": "https://github.com/tower-rs/tower-http/issues", "role": "server",
        "capabilities": {
            "origins": ["any", "list", "null"], "methods": ["any", "list"],
            "request_headers": ["any", "list"], "expose_headers": ["any", "list"],
            "credentials": true, "max_age": true, "private_network": false,
            "paths": false, "dynamic": true, "http2": true
        }
    })
}

fn answer(subject: &Arc<Subject>, address: SocketAddr, line: &str) -> Value {
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

fn said(subject: &Arc<Subject>, address: SocketAddr, message: &mut Value) -> Result<Value, String> {
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
        let mut apps = subject.apps.lock().unwrap_or_else(PoisonError::into_inner);
        ids.iter().filter_map(Value::as_str).for_each(|id| drop(apps.remove(id)));
        return Ok(json!({"released": ids}));
    }
    match message.get("stop") {
        Some(_) => Ok(json!({"stopped": {}})),
        None => Err("a message of protocol 1 is expected".to_owned()),
    }
}

fn serve(subject: Arc<Subject>, listener: TcpListener) -> Result<(), Box<dyn std::error::Error>> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let connection = make_service_fn(move |_| {
            let subject = Arc::clone(&subject);
            let service = service_fn(move |request| dispatch(Arc::clone(&subject), request));
            async move { Ok::<_, Infallible>(service) }
        });
        Ok(Server::from_tcp(listener)?.tcp_nodelay(true).serve(connection).await?)
    })
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    listener.set_nonblocking(true)?;
    let address = listener.local_addr()?;
    let subject = Arc::new(Subject::default());
    let served = Arc::clone(&subject);
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
