//! Time, ends that come too early, and which connections are kept.

use std::net::TcpListener;
use std::thread;
use std::time::{Duration, Instant};

use corsproof_conform::observe::WireRequest;
use corsproof_conform::subject::SubjectError;

use super::fake::{Fake, Step, write};
use super::{OK, body_of, client, get, request};

#[test]
fn a_deadline_holds_for_the_exchange_and_not_for_each_read() {
    let stall = |head| vec![Step::Read(0), write(head), Step::Pause(Duration::from_secs(2))];
    let drip = Step::Drip(OK.as_bytes(), Duration::from_millis(50));
    for script in [
        stall(""),
        stall("HTTP/1.1 200 O"),
        stall("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nok"),
        stall("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"),
        vec![Step::Read(0), drip],
    ] {
        let fake = Fake::serving(vec![script]);
        let start = Instant::now();
        let error = get(&fake).unwrap_err();
        assert!(matches!(error, SubjectError::TimedOut { .. }), "{error}");
        assert!(start.elapsed() < Duration::from_millis(1500), "{:?}", start.elapsed());
    }
}

#[test]
fn a_slow_server_is_waited_for() {
    let drip = Step::Drip(OK.as_bytes(), Duration::from_millis(2));
    assert_eq!(body_of(&Fake::serving(vec![vec![Step::Read(0), drip]])), "ok");
}

#[test]
fn an_end_before_the_answer_is_over_is_closed() {
    for response in [
        "",
        "HTTP/1.1 200 OK\r\nA: b",
        "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nok",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n",
        "HTTP/1.1 100 Continue\r\n\r\n",
    ] {
        let error = get(&Fake::answering(response)).unwrap_err();
        assert!(matches!(error, SubjectError::Closed { .. }), "{response}: {error}");
    }
}

#[test]
fn a_reset_is_closed_and_not_tried_again() {
    // What was sent and not read makes the closing of the socket a reset.
    let fake = Fake::serving(vec![vec![Step::Pause(Duration::from_millis(50))]]);
    let error = get(&fake).unwrap_err();
    assert!(matches!(error, SubjectError::Closed { .. }), "{error}");
    assert_eq!(fake.requests().len(), 0);
}

#[test]
fn nobody_listening_is_not_running() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    for base in [base.as_str(), "https://127.0.0.1:1", "http://[::1"] {
        let error = client().exchange(base, &request("GET")).unwrap_err();
        assert!(matches!(error, SubjectError::NotRunning { .. }), "{base}: {error}");
    }
}

#[test]
fn a_connection_serves_many_exchanges() {
    let fake = Fake::serving(vec![vec![
        Step::Read(0),
        write(OK),
        Step::Read(0),
        write(OK),
        Step::Read(0),
        write(OK),
    ]]);
    let mut client = client();
    for _ in 0..3 {
        assert_eq!(client.exchange(&fake.base, &request("GET")).unwrap().body, b"ok");
    }
    assert_eq!(fake.requests().len(), 3);
}

#[test]
fn a_connection_that_was_closed_while_kept_is_replaced_once() {
    let one = || vec![Step::Read(0), write(OK)];
    let fake = Fake::serving(vec![one(), one()]);
    let mut client = client();
    assert_eq!(client.exchange(&fake.base, &request("GET")).unwrap().body, b"ok");
    thread::sleep(Duration::from_millis(50));
    assert_eq!(client.exchange(&fake.base, &request("GET")).unwrap().body, b"ok");
    assert_eq!(fake.requests().len(), 2);
}

#[test]
fn a_request_of_which_an_answer_has_begun_is_never_repeated() {
    let fake = Fake::serving(vec![
        vec![Step::Read(0), write(OK), Step::Read(0), write("HTTP/1.1 200")],
        vec![Step::Read(0), write(OK)],
    ]);
    let mut client = client();
    client.exchange(&fake.base, &request("GET")).unwrap();
    let error = client.exchange(&fake.base, &request("GET")).unwrap_err();
    assert!(matches!(error, SubjectError::Closed { .. }), "{error}");
    assert_eq!(client.exchange(&fake.base, &request("GET")).unwrap().body, b"ok");
}

#[test]
fn a_connection_whose_next_answer_may_be_another_s_is_not_kept() {
    let smuggled = WireRequest {
        headers: vec![("Origin".into(), "x\r\n\r\nGET / HTTP/1.1\r\nHost: b".into())],
        ..request("GET")
    };
    let framed =
        WireRequest { headers: vec![("Content-Length".into(), "0".into())], ..request("GET") };
    let closing = "HTTP/1.1 200 OK\r\nConnection: x, Close\r\nContent-Length: 2\r\n\r\nok";
    for (first, response) in [
        (&smuggled, OK),
        (&framed, OK),
        (&request("GET"), closing),
        (&request("GET"), &format!("{OK}HTTP/1.1 200 OK\r\n")),
        (&request("GET"), "HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok"),
    ] {
        let wait = Step::Pause(Duration::from_millis(100));
        let fake = Fake::serving(vec![
            vec![Step::Read(0), write(response), wait],
            vec![Step::Read(0), write("HTTP/1.1 299 Fresh\r\nContent-Length: 0\r\n\r\n")],
        ]);
        let mut client = client();
        client.exchange(&fake.base, first).unwrap();
        let second = client.exchange(&fake.base, &request("GET")).unwrap();
        assert_eq!(second.response.status, 299, "{response}");
    }
}

#[test]
fn an_answer_that_came_before_the_request_was_read_counts() {
    let early = "HTTP/1.1 431 Too Large\r\nConnection: close\r\nContent-Length: 0\r\n\r\n";
    let wait = Step::Pause(Duration::from_millis(200));
    let fake = Fake::serving(vec![vec![write(early), wait]]);
    let large = WireRequest {
        headers: vec![("X".into(), "x".repeat(100 << 10).as_str().into())],
        ..request("GET")
    };
    assert_eq!(client().exchange(&fake.base, &large).unwrap().response.status, 431);
}
