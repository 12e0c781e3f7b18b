//! How many exchanges a second a server gives to a loop that does nothing else: by hyper, as the
//! measure of what is possible, and by the harness's own client.

use std::thread;
use std::time::{Duration, Instant};

use corsproof_conform::observe::WireRequest;
use corsproof_conform::subject::SubjectError;
use http_body_util::{BodyExt, Empty};
use hyper::Request;
use hyper::body::Bytes;
use hyper::client::conn::http1::{self, SendRequest};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;

use crate::http_client::HttpClient;

const SUBJECT: &str = "baseline";
const HOST: &str = "api.example";
const ORIGIN: &str = "https://a.example";
const TARGET: &str = "/plain?case=bench";

/// Exchanges a second of this many bare hyper loops, each on a thread and a connection of its own.
///
/// # Errors
/// When an exchange fails.
pub fn hyper_loop(base: &str, time: Duration, threads: usize) -> Result<f64, SubjectError> {
    rate(time, threads, || {
        let runtime =
            tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(broken)?;
        runtime.block_on(async {
            let mut sender = connect(base).await?;
            let (_, path) = split(base)?;
            let until = Instant::now() + time;
            let mut count = 0;
            while Instant::now() < until {
                one(&mut sender, path).await?;
                count += 1;
            }
            Ok(count)
        })
    })
}

/// The same of the harness's own client.
///
/// # Errors
/// When an exchange fails.
pub fn client_loop(base: &str, time: Duration, threads: usize) -> Result<f64, SubjectError> {
    let request = WireRequest {
        method: "GET".into(),
        target: TARGET.into(),
        headers: vec![("Host".into(), HOST.into()), ("Origin".into(), ORIGIN.into())],
        body: false,
        http2: false,
    };
    rate(time, threads, || {
        let mut client = HttpClient::new(SUBJECT);
        let until = Instant::now() + time;
        let mut count = 0;
        while Instant::now() < until {
            client.exchange(base, &request)?;
            count += 1;
        }
        Ok(count)
    })
}

fn rate(
    time: Duration,
    threads: usize,
    count: impl Fn() -> Result<u64, SubjectError> + Sync,
) -> Result<f64, SubjectError> {
    let total = thread::scope(|scope| {
        let running: Vec<_> = (0..threads).map(|_| scope.spawn(&count)).collect();
        running
            .into_iter()
            .map(|thread| thread.join().map_err(|_| broken("a thread panicked"))?)
            .sum::<Result<u64, _>>()
    })?;
    #[expect(clippy::cast_precision_loss, reason = "counts are far below 2^52")]
    Ok(total as f64 / time.as_secs_f64())
}

async fn connect(base: &str) -> Result<SendRequest<Empty<Bytes>>, SubjectError> {
    let (authority, _) = split(base)?;
    let stream = TcpStream::connect(authority).await.map_err(broken)?;
    stream.set_nodelay(true).map_err(broken)?;
    let (sender, connection) = http1::handshake(TokioIo::new(stream)).await.map_err(broken)?;
    tokio::spawn(connection);
    Ok(sender)
}

async fn one(sender: &mut SendRequest<Empty<Bytes>>, path: &str) -> Result<(), SubjectError> {
    let request = Request::get(format!("{path}{TARGET}"))
        .header("Host", HOST)
        .header("Origin", ORIGIN)
        .body(Empty::new())
        .map_err(broken)?;
    let response = sender.send_request(request).await.map_err(broken)?;
    response.into_body().collect().await.map_err(broken)?;
    Ok(())
}

fn split(base: &str) -> Result<(&str, &str), SubjectError> {
    let rest =
        base.strip_prefix("http://").ok_or_else(|| broken("only `http://` bases are served"))?;
    Ok(rest.split_at(rest.find('/').unwrap_or(rest.len())))
}

fn broken(detail: impl ToString) -> SubjectError {
    SubjectError::NotRunning { subject: SUBJECT.to_owned(), detail: detail.to_string() }
}
