//! The embedded subjects over HTTP/2 with prior knowledge, on the port that also speaks HTTP/1.

#![expect(clippy::unwrap_used, clippy::panic, reason = "what the tests share may fail as they may")]

use std::time::Duration;

use corsproof::embedded;
use corsproof_conform::subject::{Mount, Server, Support};
use http_body_util::{BodyExt, Empty};
use hyper::body::Bytes;
use hyper::client::conn::http2;
use hyper::{Method, Request, Response, Uri, Version};
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::net::TcpStream;
use tokio::time::timeout;

const LISTED: &str = "https://a.example";
const PATIENCE: Duration = Duration::from_secs(5);

fn mount(server: &mut dyn Server) -> Mount {
    let policy = r#"{"origins": {"list": ["https://a.example", "https://c.example"]},
        "methods": {"list": ["PUT"]}, "request_headers": {"list": ["x-token"]}}"#;
    match server.configure(&serde_json::from_str(policy).unwrap()).unwrap() {
        Support::Mounted(mount) => mount,
        other => panic!("{}: {other:?}", server.about().name),
    }
}

/// One exchange on a connection of its own, with the body that came.
fn exchange(method: Method, uri: &str, headers: &[(&str, &str)]) -> Response<Bytes> {
    let mut request = Request::builder().method(method).uri(uri);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let request = request.body(Empty::<Bytes>::new()).unwrap();
    let uri: Uri = uri.parse().unwrap();
    let exchanged = async {
        let stream = TcpStream::connect(uri.authority().unwrap().as_str()).await.unwrap();
        let io = TokioIo::new(stream);
        let (mut sender, connection) = http2::handshake(TokioExecutor::new(), io).await.unwrap();
        tokio::spawn(connection);
        let (head, body) = sender.send_request(request).await.unwrap().into_parts();
        Response::from_parts(head, body.collect().await.unwrap().to_bytes())
    };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async { timeout(PATIENCE, exchanged).await.unwrap() })
}

#[test]
fn a_subject_that_says_so_answers_over_http_2_as_over_http_1() {
    let mut answered = 0;
    for name in embedded::names() {
        let mut server = embedded::start(name).unwrap();
        if !server.capabilities().http2 {
            continue;
        }
        let mount = mount(&mut *server);
        let plain = format!("{}/plain?case=c", mount.base);
        let asked = [
            ("origin", LISTED),
            ("access-control-request-method", "PUT"),
            ("access-control-request-headers", "x-token"),
        ];
        for response in [
            exchange(Method::OPTIONS, &plain, &asked),
            exchange(Method::PUT, &plain, &[("origin", LISTED), ("x-token", "t")]),
        ] {
            assert_eq!(response.version(), Version::HTTP_2, "{name}");
            assert_eq!(response.status(), 200, "{name}");
            let granted = &response.headers()["access-control-allow-origin"];
            assert_eq!(granted, LISTED, "{name}");
        }
        let count = exchange(Method::GET, &format!("{}/executed/c", mount.base), &[]);
        assert_eq!(count.body().as_ref(), b"1", "{name}");
        answered += 1;
    }
    assert_eq!(answered, 4, "all of the embedded subjects do");
}
