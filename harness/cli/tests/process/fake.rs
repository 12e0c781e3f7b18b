//! Programs that go wrong in one way each.

use std::io::{Write as _, stdin, stdout};
use std::net::TcpListener;
use std::process::{Command, ExitCode};
use std::thread::sleep;
use std::time::Duration;
use std::{env, fs};

use serde_json::{Value, json};

use crate::fake_server;

/// The first argument of this program when it is one of them.
pub(crate) const ROLE: &str = "fake-subject";

/// Where a child says on which port it can be seen to live.
pub(crate) const CHILD: &str = "child-port";

/// Longer than any test, shorter than a day: what a test forgets ends, too.
const LONG: Duration = Duration::from_secs(120);

/// Goes wrong in this way.
pub(crate) fn run(way: &str) -> ExitCode {
    match way {
        "silence" => sleep(LONG),
        "gigabytes" => pour(),
        "child" => be_child(),
        _ => return answer_all(way),
    }
    ExitCode::SUCCESS
}

fn answer_all(way: &str) -> ExitCode {
    let mut base = None;
    for line in stdin().lines() {
        let request: Value = serde_json::from_str(&line.unwrap()).unwrap();
        let seq = request["seq"].as_u64().unwrap();
        if request.get("start").is_some() {
            say(&start(way, seq));
        } else if let Some(configure) = request.get("configure") {
            if way == "exits-midway" {
                eprintln!("out of luck");
                return ExitCode::from(3);
            }
            let base = base.get_or_insert_with(|| fake_server::serve(way)).clone();
            let id = configure["policies"][0]["id"].as_str().unwrap();
            let base = format!("{base}/{id}");
            configured(way, seq, id, &base);
        } else if let Some(release) = request.get("release") {
            say(&json!({"seq": seq, "released": release["ids"]}));
        } else if way == "never-stops" {
            sleep(LONG);
        } else {
            say(&json!({"seq": seq, "stopped": {}}));
            break;
        }
    }
    ExitCode::SUCCESS
}

fn start(way: &str, seq: u64) -> Value {
    if way == "leaves-children" {
        let this = env::current_exe().unwrap();
        // A shell that ends leaves it to nobody, as programs that start services do.
        let line = format!("'{}' {ROLE} child </dev/null &", this.display());
        assert!(Command::new("sh").args(["-c", &line]).status().unwrap().success());
        while !fs::exists(CHILD).unwrap() {
            sleep(Duration::from_millis(5));
        }
    }
    let name = if way == "other-name" { "somebody" } else { "fake" };
    let version = if way == "other-version" { "9.9.9" } else { "1.0.0" };
    let mut started = json!({
        "name": name, "version": version, "language": "Rust", "runtime": "none", "role": "server",
        "homepage": "https://fake.example/", "issues": "https://fake.example/issues",
        "capabilities": {
            "origins": ["list"], "methods": ["list"], "request_headers": ["list"],
            "expose_headers": ["list"], "credentials": true, "max_age": true,
            "private_network": false, "paths": false, "dynamic": true, "http2": false,
        },
    });
    if way == "user-agent" {
        started["role"] = json!("user-agent");
        started.as_object_mut().unwrap().remove("capabilities");
    }
    if way == "unknown-field" {
        started["mood"] = json!("good");
    }
    match way {
        "garbage" => Value::from("Listening on port 3000!"),
        "other-seq" => json!({"seq": seq + 1, "started": started}),
        "two-answers" => json!({"seq": seq, "started": started, "stopped": {}}),
        _ => json!({"seq": seq, "started": started}),
    }
}

fn configured(way: &str, seq: u64, id: &str, base: &str) {
    let good = json!({"seq": seq, "configured": [{"id": id, "base": base}]});
    match way {
        "errored" => say(&json!({"seq": seq, "errored": {"message": "no", "detail": "not today"}})),
        "elsewhere" => {
            let elsewhere = json!({"id": id, "base": "http://192.0.2.1:80/p"});
            say(&json!({"seq": seq, "configured": [elsewhere]}));
        }
        // An answer that nobody has asked for comes first.
        "out-of-order" => {
            say(&json!({"seq": seq + 1, "released": [id]}));
            say(&good);
        }
        _ => say(&good),
    }
}

fn say(value: &Value) {
    let mut out = stdout();
    writeln!(out, "{value}").unwrap();
    out.flush().unwrap();
}

fn pour() {
    let chunk = vec![b'x'; 1 << 20];
    let mut out = stdout();
    // Far more than is read; who reads it all is seen by the time it takes.
    for _ in 0..8_000 {
        if out.write_all(&chunk).is_err() {
            return;
        }
    }
}

/// Lives on, and can be seen to live: its port is open.
fn be_child() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    fs::write("child-port.new", port.to_string()).unwrap();
    fs::rename("child-port.new", CHILD).unwrap();
    sleep(LONG);
}
