//! JSON over HTTP/1.1, one exchange a connection, for servers that steer browsers.

use std::fmt::Display;
use std::io::{Read, Write};
use std::net::{TcpStream, ToSocketAddrs};
use std::time::Duration;

use serde_json::Value;
use url::Url;

/// Longest time without news: a WebDriver server starts a browser before it answers.
const SILENCE: Duration = Duration::from_secs(120);

/// Longest time to connect.
const CONNECT: Duration = Duration::from_secs(10);

/// Longest answer.
const MAX_ANSWER: usize = 4 * 1024 * 1024;

/// Asks, and reads the JSON that is answered, with its status.
pub(super) fn ask(method: &str, url: &Url, body: Option<&Value>) -> Result<(u16, Value), String> {
    let failed = |error: &dyn Display| format!("`{method} {url}`: {error}");
    let mut stream = connect(url).map_err(|e| failed(&e))?;
    stream.write_all(request(method, url, body).as_bytes()).map_err(|e| failed(&e))?;
    // Read as far as it is whole: not every server ends its connection.
    let mut answer = Vec::new();
    let mut part = vec![0; 64 * 1024];
    while answer.len() < MAX_ANSWER {
        let count = stream.read(&mut part).map_err(|e| failed(&e))?;
        answer.extend_from_slice(part.get(..count).unwrap_or_default());
        match parse(&answer) {
            Some(parsed) => return Ok(parsed),
            None if count == 0 => break,
            None => {}
        }
    }
    Err(failed(&"what it answered is not JSON over HTTP"))
}

pub(super) fn connect(url: &Url) -> Result<TcpStream, String> {
    let host = url.host_str().ok_or("the URL has no host")?;
    let port = url.port_or_known_default().ok_or("the URL has no port")?;
    if !matches!(url.scheme(), "http" | "ws") {
        return Err(format!("`{}` is not spoken here, only `http`", url.scheme()));
    }
    let host = host.trim_matches(['[', ']']);
    let mut last = "the host has no address".to_owned();
    for address in (host, port).to_socket_addrs().map_err(|e| e.to_string())? {
        match TcpStream::connect_timeout(&address, CONNECT) {
            Ok(stream) => {
                stream.set_read_timeout(Some(SILENCE)).map_err(|e| e.to_string())?;
                stream.set_write_timeout(Some(SILENCE)).map_err(|e| e.to_string())?;
                return Ok(stream);
            }
            Err(error) => last = error.to_string(),
        }
    }
    Err(last)
}

fn request(method: &str, url: &Url, body: Option<&Value>) -> String {
    let body = body.map(Value::to_string).unwrap_or_default();
    let path = &url[url::Position::BeforePath..url::Position::AfterQuery];
    let authority = &url[url::Position::BeforeHost..url::Position::AfterPort];
    format!(
        "{method} {path} HTTP/1.1\r\nHost: {authority}\r\nConnection: close\r\n\
         Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    )
}

/// An answer, if it is whole.
fn parse(answer: &[u8]) -> Option<(u16, Value)> {
    let mut lines = [httparse::EMPTY_HEADER; 64];
    let mut head = httparse::Response::new(&mut lines);
    let httparse::Status::Complete(length) = head.parse(answer).ok()? else { return None };
    let body = answer.get(length..)?;
    let chunked = head.headers.iter().any(|line| {
        line.name.eq_ignore_ascii_case("transfer-encoding")
            && line.value.eq_ignore_ascii_case(b"chunked")
    });
    let body = if chunked { joined(body)? } else { body.to_vec() };
    Some((head.code?, serde_json::from_slice(&body).ok()?))
}

fn joined(mut chunks: &[u8]) -> Option<Vec<u8>> {
    let mut body = Vec::new();
    loop {
        let httparse::Status::Complete((start, size)) = httparse::parse_chunk_size(chunks).ok()?
        else {
            return None;
        };
        let end = start.checked_add(usize::try_from(size).ok()?)?;
        body.extend_from_slice(chunks.get(start..end)?);
        if size == 0 {
            return Some(body);
        }
        chunks = chunks.get(end.checked_add(2)?..)?;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_read_whole_and_in_chunks() {
        for answer in [
            &b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{\"a\": 12}"[..],
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\n{\"a\"\r\n5\r\n: 12}\r\n0\r\n\r\n",
        ] {
            assert_eq!(parse(answer), Some((200, serde_json::json!({"a": 12}))));
            assert_eq!(parse(&answer[..answer.len() - 7]), None);
        }
    }

    #[test]
    fn a_request_names_path_and_authority() {
        let url = Url::parse("http://127.0.0.1:4444/wd/hub/session?x").unwrap();
        let text = request("POST", &url, Some(&serde_json::json!({})));
        assert!(text.starts_with("POST /wd/hub/session?x HTTP/1.1\r\nHost: 127.0.0.1:4444\r\n"));
        assert!(text.ends_with("Content-Length: 2\r\n\r\n{}"));
    }

    #[test]
    fn a_scheme_that_is_not_spoken_is_refused() {
        let url = Url::parse("https://127.0.0.1:1/").unwrap();
        assert!(ask("GET", &url, None).unwrap_err().contains("only `http`"));
    }
}
