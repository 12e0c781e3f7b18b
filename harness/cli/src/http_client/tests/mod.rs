//! The client against servers that misbehave on purpose.

mod connections;
mod fake;
mod framing;

use std::time::Duration;

use corsproof_conform::observe::WireRequest;
use corsproof_conform::subject::SubjectError;

use super::{Answer, HttpClient};
use fake::Fake;

fn request(method: &str) -> WireRequest {
    WireRequest {
        method: method.into(),
        target: "/plain?case=1".into(),
        headers: vec![("Host".into(), "api.example".into())],
        body: false,
        http2: false,
    }
}

fn client() -> HttpClient {
    HttpClient::new("fake").with_deadline(Duration::from_millis(400))
}

fn get(fake: &Fake) -> Result<Answer, SubjectError> {
    client().exchange(&fake.base, &request("GET"))
}

fn body_of(fake: &Fake) -> String {
    String::from_utf8(get(fake).unwrap().body).unwrap()
}

const OK: &str = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
