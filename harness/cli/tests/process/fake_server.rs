//! The HTTP side of the fakes: each way to go wrong on the wire, and one that is only no app.

use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::thread;
use std::time::Duration;

/// Listens on a port that the system chose; the way decides what is answered.
pub(crate) fn serve(way: &str) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    let way = way.to_owned();
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let way = way.clone();
            thread::spawn(move || answer(&way, stream));
        }
    });
    base
}

fn answer(way: &str, mut stream: TcpStream) {
    let mut request = [0; 4096];
    // Unread bytes make the system reset the connection when it is closed.
    let read = if way == "resets" { 1 } else { request.len() };
    if stream.read(&mut request[..read]).is_err() {
        return;
    }
    let sent = match way {
        "resets" => return,
        "stalls" => {
            let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Le");
            thread::sleep(Duration::from_secs(60));
            return;
        }
        "endless-headers" => {
            let line = [b"X-More: ".as_slice(), &[b'x'; 1000], b"\r\n"].concat();
            let _ = stream.write_all(b"HTTP/1.1 200 OK\r\n");
            while stream.write_all(&line).is_ok() {}
            return;
        }
        "not-http" => stream.write_all(b"220 mail.example ESMTP\r\n\r\n"),
        _ => stream.write_all(
            b"HTTP/1.1 200 OK\r\nAccess-Control-Allow-Origin: *\r\nContent-Length: 2\r\n\
              Connection: close\r\n\r\nok",
        ),
    };
    let _ = sent;
}
