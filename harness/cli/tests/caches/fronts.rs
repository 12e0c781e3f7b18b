//! What a cache does that runs in front of a server, and how it ends.

use std::fs;
use std::net::TcpStream;
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use corsproof::caches::{Cache, CacheError, Front};
use corsproof::http_client::SocketServer;
use corsproof_conform::judge::through_cache::MARK;
use corsproof_conform::observe::{WireRequest, WireResponse};
use corsproof_conform::policy::Policy;
use corsproof_conform::reference::ReferenceServer;
use corsproof_conform::subject::{Mount, Server as _, ServerAdapter as _, Support};

use crate::loopback::Loopback;

const POLICY: &str = r#"{"origins": {"list": ["https://app.example", "https://www.example"]},
    "methods": {"list": []}, "request_headers": {"list": []}, "expose_headers": {"list": []},
    "credentials": false, "max_age": null, "private_network": false}"#;

const ONE: &str = "https://app.example";
const OTHER: &str = "https://www.example";

/// A server that sends these lines with each answer, and its mount.
fn server(more: &[(&str, &str)]) -> (SocketServer<Loopback>, Mount) {
    let more = more.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect();
    let inner = Box::new(ReferenceServer::default());
    let mut server = SocketServer::new(Loopback::serving(inner, more));
    let policy: Policy = serde_json::from_str(POLICY).unwrap();
    let Support::Mounted(mount) = server.configure(&policy).unwrap() else { panic!("no mount") };
    (server, mount)
}

fn get(path: &str, origin: &str) -> WireRequest {
    let line = |name: &str, value: &str| (name.into(), value.into());
    WireRequest {
        method: "GET".into(),
        target: path.into(),
        headers: vec![
            line("Host", "api.example"),
            line("Origin", origin),
            line("Cookie", "session=1"),
        ],
        body: false,
        http2: false,
    }
}

fn field(response: &WireResponse, name: &str) -> String {
    let named = response.headers.iter().filter(|(n, _)| n.eq_ignore_ascii_case(name.as_bytes()));
    named.map(|(_, value)| value.to_string()).collect::<Vec<_>>().join(", ")
}

/// Its mark and whom it grants, request after request of one URL.
fn asked(cache: &Cache, more: &[(&str, &str)], path: &str, origins: &[&str]) -> Vec<String> {
    let (mut server, mount) = server(more);
    let front = Front::start(cache, &mount).unwrap();
    let through = front.mount(&mount).unwrap();
    let mut ask = |origin: &&str| {
        let response = server.exchange(&through, &get(path, origin)).unwrap();
        let (mark, granted) =
            (field(&response, MARK), field(&response, "Access-Control-Allow-Origin"));
        format!("{} {mark} {granted}", response.status)
    };
    origins.iter().map(&mut ask).collect()
}

pub(crate) fn answers_from_its_store(cache: &Cache) {
    let met = asked(cache, &[], "/plain", &[ONE, OTHER, ONE, OTHER]);
    let line = |mark, origin| format!("200 {mark} {origin}");
    let expected = [line("MISS", ONE), line("MISS", OTHER), line("HIT", ONE), line("HIT", OTHER)];
    assert_eq!(met, expected, "cookies stand in the way, or `Vary` is not heeded");
    for status in [404, 405, 501] {
        let met = asked(cache, &[], &format!("/status/{status}"), &[ONE, ONE]);
        assert_eq!(met.last(), Some(&format!("{status} HIT {ONE}")));
    }
}

pub(crate) fn keeps_nothing_that_is_private(cache: &Cache) {
    for directive in ["no-store", "private"] {
        let met = asked(cache, &[("Cache-Control", directive)], "/plain", &[ONE, ONE, ONE]);
        assert_eq!(met, vec![format!("200 MISS {ONE}"); 3], "{directive}");
    }
    let met = asked(cache, &[], "/status/500", &[ONE, ONE]);
    assert_eq!(met, vec![format!("500 MISS {ONE}"); 2], "a status that is not kept by default");
}

pub(crate) fn ends_with_its_folder(cache: &Cache) {
    let (_server, mount) = server(&[]);
    let mut front = Front::start(cache, &mount).unwrap();
    let through = front.mount(&mount).unwrap();
    let authority = through.base.strip_prefix("http://").unwrap().split('/').next().unwrap();
    let folder = fs::read_link(format!("/proc/{}/cwd", front.id())).unwrap();
    assert!(TcpStream::connect(authority).is_ok() && folder.is_dir());
    drop(front);
    within("it still runs", || named(&folder).is_empty());
    within("it still listens", || TcpStream::connect(authority).is_err());
    within("its folder is still there", || !folder.exists());
}

pub(crate) fn ends_when_we_are_killed(cache: &Cache) {
    let folder = tempfile::tempdir().unwrap();
    let mut doomed = Command::new(env!("CARGO_BIN_EXE_corsproof"))
        .args(["caches", "--cases", "100000", "--cache", cache.kind.name(), "tower-http"])
        .env("TMPDIR", folder.path())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    within("it never started", || !named(folder.path()).is_empty());
    doomed.kill().unwrap();
    doomed.wait().unwrap();
    within("it outlived us", || named(folder.path()).is_empty());
}

pub(crate) fn that_cannot_start_says_why(cache: &Cache) {
    let (_server, mount) = server(&[]);
    let wrong = Cache { path: "/bin/false".into(), ..cache.clone() };
    let started = Instant::now();
    match Front::start(&wrong, &mount) {
        Err(CacheError::NotReady { detail, .. }) => {
            assert!(detail.contains("has ended"), "{detail}")
        }
        Err(other) => panic!("{other}"),
        Ok(_) => panic!("it started"),
    }
    assert!(started.elapsed() < Duration::from_secs(10));
}

/// The processes whose command line names this folder.
fn named(folder: &Path) -> Vec<u32> {
    let folder = folder.to_str().unwrap();
    let entries = fs::read_dir("/proc").unwrap().flatten();
    let ids = entries.filter_map(|entry| entry.file_name().to_str()?.parse().ok());
    ids.filter(|id: &u32| {
        fs::read(format!("/proc/{id}/cmdline"))
            .is_ok_and(|line| String::from_utf8_lossy(&line).contains(folder))
    })
    .collect()
}

fn within(complaint: &str, mut done: impl FnMut() -> bool) {
    let deadline = Instant::now() + Duration::from_secs(20);
    while !done() {
        assert!(Instant::now() < deadline, "{complaint}");
        sleep(Duration::from_millis(20));
    }
}
