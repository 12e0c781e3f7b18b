//! What the embedded subjects cost: nothing that stays, and how fast they answer. In a process of
//! its own, whose threads and files are theirs alone.

#![expect(clippy::unwrap_used, clippy::panic, reason = "what the tests share may fail as they may")]

use std::fs;
use std::thread;
use std::time::{Duration, Instant};

use corsproof::bench_baseline::{client_loop, hyper_loop};
use corsproof::embedded;
use corsproof_conform::observe::WireRequest;
use corsproof_conform::policy::Policy;
use corsproof_conform::subject::{Mount, OriginForm, Server, SubjectError, Support};

const POLICIES: usize = 2_000;

/// With a predicate where there is one.
fn usual(server: &dyn Server) -> Policy {
    let capabilities = server.capabilities();
    let predicate = capabilities.origins.contains(&OriginForm::SubdomainsOf);
    let (listed, origins, request_headers) = if predicate {
        ("", r#""subdomains_of": ["https://b.example"]"#, r#""any": true"#)
    } else {
        (r#", "https://x.b.example""#, r#""null": false"#, r#""list": ["x-token"]"#)
    };
    let policy = format!(
        r#"{{"origins": {{"list": ["https://a.example"{listed}], {origins}}},
            "methods": {{"list": ["GET", "PUT"]}}, "request_headers": {{{request_headers}}},
            "credentials": true, "max_age": 600}}"#
    );
    serde_json::from_str(&policy).unwrap()
}

fn mount(server: &mut dyn Server, policy: &Policy) -> Mount {
    match server.configure(policy).unwrap() {
        Support::Mounted(mount) => mount,
        other => panic!("{other:?}"),
    }
}

/// Mounts, asks and releases.
fn rounds(server: &mut dyn Server, policies: usize) {
    let policy = usual(server);
    let request = WireRequest {
        method: "GET".into(),
        target: "/plain?case=c".into(),
        headers: vec![
            ("Host".into(), "api.example".into()),
            ("Origin".into(), "https://x.b.example".into()),
        ],
        body: false,
        http2: false,
    };
    for _ in 0..policies {
        let mount = mount(server, &policy);
        assert_eq!(server.exchange(&mount, &request).unwrap().status, 200);
        server.release(&mount);
        assert_eq!(server.exchange(&mount, &request).unwrap().status, 404);
    }
}

#[derive(Debug, Clone, Copy)]
struct Usage {
    threads: usize,
    files: usize,
    resident_kib: usize,
}

fn usage() -> Usage {
    let count = |path| fs::read_dir(path).unwrap().count();
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let resident = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
    Usage {
        threads: count("/proc/self/task"),
        files: count("/proc/self/fd"),
        resident_kib: resident.split_whitespace().next().unwrap().parse().unwrap(),
    }
}

#[test]
fn policies_leave_nothing_behind() {
    // What a runtime makes once for the process (the pipe of its signals) is not counted.
    for name in embedded::names() {
        drop(embedded::start(name).unwrap());
    }
    thread::sleep(Duration::from_millis(200));
    let empty = usage();
    for name in embedded::names() {
        let mut server = embedded::start(name).unwrap();
        rounds(&mut *server, POLICIES / 2);
        let before = usage();
        rounds(&mut *server, POLICIES);
        let after = usage();
        assert_eq!((after.threads, after.files), (before.threads, before.files), "{name}");
        // An app and its middleware take some 10 KiB: had they stayed, this would be 20 MiB.
        let grown = after.resident_kib.saturating_sub(before.resident_kib);
        assert!(grown < 4 << 10, "{name}: {before:?} {after:?}");
    }
    // Neither do subjects that are dropped.
    for name in embedded::names() {
        rounds(&mut *embedded::start(name).unwrap(), 10);
    }
    let gone = settled(empty);
    assert_eq!((gone.threads, gone.files), (empty.threads, empty.files));
}

/// The usage as soon as it is this one, or after a while: threads and sockets that are told to
/// end may take a moment.
fn settled(expected: Usage) -> Usage {
    let until = Instant::now() + Duration::from_secs(2);
    loop {
        let now = usage();
        let reached = (now.threads, now.files) == (expected.threads, expected.files);
        if reached || Instant::now() > until {
            return now;
        }
        thread::sleep(Duration::from_millis(20));
    }
}

type Loop = fn(&str, Duration, usize) -> Result<f64, SubjectError>;

/// Both ends run in this process, so processor time is that of both; unlike the rate, it says
/// something on a busy machine too.
///
/// `cargo test --release --test embedded_servers_cost -- --ignored --nocapture`
#[test]
#[ignore = "measures"]
fn rates() {
    let time = Duration::from_secs(3);
    for name in embedded::names() {
        let mut server = embedded::start(name).unwrap();
        let policy = usual(&*server);
        let before = processor_seconds();
        let mounts: Vec<Mount> = (0..POLICIES).map(|_| mount(&mut *server, &policy)).collect();
        let each = (processor_seconds() - before) * 1e6 / 2_000.0;
        println!("{name}: {each:.0} µs of processor a policy");
        let base = &mounts[POLICIES / 2].base;
        let loops: [(_, Loop); 2] = [("client", client_loop), ("bare hyper", hyper_loop)];
        for threads in [1, 2] {
            for (what, run) in loops {
                let before = processor_seconds();
                let rate = run(base, time, threads).unwrap();
                let spent = processor_seconds() - before;
                let each = spent * 1e6 / (rate * time.as_secs_f64());
                println!("{name}, {threads} x {what}: {rate:.0}/s, {each:.1} µs of processor each");
            }
        }
    }
}

/// User and system time of this process, at the usual 100 ticks a second.
fn processor_seconds() -> f64 {
    let stat = fs::read_to_string("/proc/self/stat").unwrap();
    let (_, fields) = stat.rsplit_once(')').unwrap();
    let ticks = fields.split_whitespace().skip(11).take(2);
    ticks.map(|field| field.parse::<f64>().unwrap()).sum::<f64>() / 100.0
}
