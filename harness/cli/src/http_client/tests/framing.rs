//! What goes out, and where an answer ends.

use std::time::Duration;

use corsproof_conform::byte_string::ByteString;
use corsproof_conform::observe::WireRequest;
use corsproof_conform::subject::SubjectError;

use super::fake::{Fake, Step, write};
use super::{OK, body_of, client, get, request};
use crate::http_client::{BODY, HttpClient, MAX_BODY, MAX_HEAD};

#[test]
fn the_request_goes_out_byte_for_byte() {
    let fake = Fake::serving(vec![vec![Step::Read(BODY.len()), write(OK)]]);
    let odd = WireRequest {
        method: "pAtCh".into(),
        headers: vec![
            ("hOST".into(), "api.example".into()),
            ("Origin".into(), ByteString::from(b"https://\xff\x01 a".to_vec())),
            ("X y".into(), "".into()),
            ("Origin".into(), "null".into()),
        ],
        body: true,
        http2: false,
        ..request("")
    };
    client().exchange(&fake.base, &odd).unwrap();
    let expected = b"pAtCh /p0/plain?case=1 HTTP/1.1\r\nhOST: api.example\r\n\
        Origin: https://\xff\x01 a\r\nX y: \r\nOrigin: null\r\nContent-Length: 9\r\n\r\ncorsproof";
    assert_eq!(fake.requests(), [expected.to_vec()]);
}

#[test]
fn order_case_repeats_and_bytes_of_response_headers_are_kept() {
    let head = b"HTTP/1.1 404 Gone\r\nvaRy: b\r\nX: \xe9 \r\nVary:a\r\nContent-Length: 0\r\n\r\n";
    let fake = Fake::serving(vec![vec![Step::Read(0), Step::Write(head.to_vec())]]);
    let response = get(&fake).unwrap().response;
    let line = |name: &str, value: &[u8]| (ByteString::from(name), ByteString::from(value));
    assert_eq!(response.status, 404);
    let expected =
        [line("vaRy", b"b"), line("X", b"\xe9"), line("Vary", b"a"), line("Content-Length", b"0")];
    assert_eq!(response.headers, expected);
}

#[test]
fn bodies_end_where_their_framing_says() {
    for (response, body) in [
        ("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok and more", "ok"),
        ("HTTP/1.1 200 OK\r\nContent-Length: 2, 2\r\ncontent-length: 2\r\n\r\nok", "ok"),
        (
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1;x=y\r\no\r\n1\r\nk\r\n0\r\n\r\n",
            "ok",
        ),
        (
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: Chunked\r\n\r\n2\r\nok\r\n0\r\nA: b\r\nC: d\r\n\r\n",
            "ok",
        ),
        (
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Length: 1\r\n\r\n2\r\nok\r\n0\r\n\r\n",
            "ok",
        ),
        ("HTTP/1.1 200 OK\r\n\r\nok", "ok"),
        ("HTTP/1.0 200 OK\r\n\r\nok", "ok"),
        ("HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\nok", "ok"),
    ] {
        assert_eq!(body_of(&Fake::answering(response)), body, "{response}");
    }
}

#[test]
fn a_response_that_has_no_body_is_not_waited_for() {
    for (method, response) in [
        ("HEAD", "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n"),
        ("HEAD", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"),
        ("GET", "HTTP/1.1 204 No Content\r\n\r\n"),
        ("GET", "HTTP/1.1 304 Not Modified\r\nContent-Length: 100\r\n\r\n"),
    ] {
        let script = vec![Step::Read(0), write(response), Step::Pause(Duration::from_millis(600))];
        let fake = Fake::serving(vec![script]);
        let answer = client().exchange(&fake.base, &request(method)).unwrap();
        assert_eq!(answer.body, b"", "{method} {response}");
    }
}

#[test]
fn interim_responses_are_skipped_up_to_a_bound() {
    let some = "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n";
    assert_eq!(body_of(&Fake::answering(&format!("{some}{OK}"))), "ok");
    let error = get(&Fake::answering(&format!("{}{OK}", some.repeat(9)))).unwrap_err();
    assert!(matches!(error, SubjectError::Garbled { .. }), "{error}");
}

#[test]
fn what_is_not_http_is_garbled_and_says_whose_and_which() {
    let endless = "0".repeat(MAX_HEAD + 10);
    for response in [
        "SSH-2.0-OpenSSH\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nok",
        "HTTP/1.1 200 OK\r\nContent-Length: +2\r\n\r\nok",
        "HTTP/1.1 200 OK\r\nA b: c\r\n\r\n",
        "HTTP/1.1 200 OK\r\nA: b\0\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nokk\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nffffffff\r\n",
        &format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n", MAX_BODY + 1),
        &format!("HTTP/1.1 200 OK\r\nA: {endless}\r\n\r\n"),
    ] {
        let shown = &response[..response.len().min(80)];
        let script = vec![Step::Read(0), write(response), Step::Pause(Duration::from_millis(100))];
        let error = get(&Fake::serving(vec![script])).unwrap_err();
        assert!(matches!(error, SubjectError::Garbled { .. }), "{shown}: {error}");
        let text = error.to_string();
        assert!(text.contains("`fake`") && text.contains("`GET /plain?case=1`"), "{text}");
    }
}

#[test]
fn whatever_never_ends_is_cut_off() {
    for (head, forever) in [
        ("HTTP/1.1 200 OK\r\n", "A: b\r\n"),
        ("", "HTTP/1.1 100 Continue\r\n\r\n"),
        ("HTTP/1.1 200 OK\r\n\r\n", "data"),
        (
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
            "1;a=bcdefghijklmnopqrstuvwx\r\nx\r\n",
        ),
        ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n", "A: b\r\n"),
        ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", "0"),
    ] {
        let script = vec![Step::Read(0), write(head), Step::Forever(forever.as_bytes())];
        let fake = Fake::serving(vec![script]);
        let mut patient = HttpClient::new("fake").with_deadline(Duration::from_secs(20));
        let error = patient.exchange(&fake.base, &request("GET")).unwrap_err();
        assert!(matches!(error, SubjectError::Garbled { .. }), "{head}{forever}…: {error}");
    }
}
