//! A real Chrome against the origin server: what it is asked, what is seen, and that nothing is
//! lost or left behind when it, or we, go down. Without a browser the trials are not available.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::process::{Command, ExitCode, Stdio};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock};
use std::time::{Duration, Instant};

use corsproof::chrome::{Binary, Chrome, ChromeOptions};
use corsproof_conform::case::UserAgentCase;
use corsproof_conform::observe::{Observation, Outcome, ResponseType};
use corsproof_conform::subject::{Asked, UserAgent};
use libtest_mimic::{Arguments, Trial};
use serde_json::{Value, json};

/// Set for the process that is killed by [`a_dead_parent_leaves_no_browser`].
const DOOMED: &str = "CORSPROOF_TEST_DOOMED";

type Test = fn();

const TESTS: [(&str, Test); 20] = [
    ("a_simple_get_is_allowed", a_simple_get_is_allowed),
    (
        "a_simple_get_without_permission_is_blocked",
        a_simple_get_without_permission_is_blocked,
    ),
    (
        "a_preflight_is_recorded_as_sent",
        a_preflight_is_recorded_as_sent,
    ),
    (
        "a_refused_preflight_sends_nothing_more",
        a_refused_preflight_sends_nothing_more,
    ),
    (
        "exposed_names_are_those_script_can_read",
        exposed_names_are_those_script_can_read,
    ),
    (
        "an_http_page_and_target_work_too",
        an_http_page_and_target_work_too,
    ),
    ("an_opaque_page_sends_null", an_opaque_page_sends_null),
    ("odd_statuses_arrive", odd_statuses_arrive),
    (
        "two_allow_origin_lines_stay_two",
        two_allow_origin_lines_stay_two,
    ),
    ("xhr_is_asked_as_xhr", xhr_is_asked_as_xhr),
    (
        "upload_listeners_cause_a_preflight",
        upload_listeners_cause_a_preflight,
    ),
    (
        "bodies_carry_their_content_type",
        bodies_carry_their_content_type,
    ),
    (
        "a_redirect_is_followed_hop_by_hop",
        a_redirect_is_followed_hop_by_hop,
    ),
    (
        "a_server_that_hangs_up_blocks",
        a_server_that_hangs_up_blocks,
    ),
    (
        "an_api_that_throws_sends_nothing",
        an_api_that_throws_sends_nothing,
    ),
    (
        "more_page_origins_than_frames_are_served",
        more_page_origins_than_frames_are_served,
    ),
    (
        "a_killed_browser_loses_nothing",
        a_killed_browser_loses_nothing,
    ),
    ("a_hung_browser_loses_nothing", a_hung_browser_loses_nothing),
    (
        "a_dead_parent_leaves_no_browser",
        a_dead_parent_leaves_no_browser,
    ),
    (
        "a_local_file_can_be_read_and_pictured",
        a_local_file_can_be_read_and_pictured,
    ),
];

fn main() -> ExitCode {
    if std::env::var_os(DOOMED).is_some() {
        return be_doomed();
    }
    let arguments = Arguments::from_args();
    if let Err(missing) = Binary::find() {
        for (name, _) in TESTS {
            println!("test {name} ... not available: {missing}");
        }
        return ExitCode::SUCCESS;
    }
    let trial = |(name, test): (&'static str, Test)| {
        Trial::test(name, move || {
            test();
            Ok(())
        })
    };
    let conclusion = libtest_mimic::run(&arguments, TESTS.into_iter().map(trial).collect());
    // Nothing drops a static: without this the guard would still end it, but later.
    drop(shared().take());
    conclusion.exit_code()
}

fn a_simple_get_is_allowed() {
    let seen = observe(get(
        "https://app.example",
        "https://api.example/x?y=1",
        &[ANY_ORIGIN],
    ));
    assert_eq!(seen.outcome, Outcome::Allow);
    assert_eq!(seen.response_type, ResponseType::Cors);
    assert_eq!(seen.hops.len(), 1);
    assert_eq!(seen.hops[0].url, "https://api.example/x?y=1");
    assert!(seen.hops[0].preflight.is_none());
    let actual = seen.hops[0].actual.as_ref().unwrap();
    assert_eq!(*actual.method, *b"GET");
    assert_eq!(actual.origin.as_deref(), Some(&b"https://app.example"[..]));
}

fn a_simple_get_without_permission_is_blocked() {
    let seen = observe(get("https://app.example", "https://api.example/", &[]));
    assert_eq!(seen.outcome, Outcome::Block);
    assert_eq!(seen.response_type, ResponseType::Error);
    assert_eq!(seen.exposed_headers, None);
    assert!(seen.hops[0].actual.is_some());
}

fn a_preflight_is_recorded_as_sent() {
    let mut case = preflighted("https://app.example", "https://api.example/", 204);
    case["request"]["headers"] = json!([["X-B", "1"], ["x-a", "2"], ["Accept", "text/plain"]]);
    let seen = observe(case);
    assert_eq!(seen.outcome, Outcome::Allow);
    let preflight = seen.hops[0].preflight.as_ref().unwrap();
    assert_eq!(preflight.method.as_deref(), Some(&b"PUT"[..]));
    assert_eq!(preflight.headers.as_deref(), Some(&b"x-a,x-b"[..]));
    assert_eq!(
        preflight.origin.as_deref(),
        Some(&b"https://app.example"[..])
    );
    assert_eq!(*seen.hops[0].actual.as_ref().unwrap().method, *b"PUT");
}

fn a_refused_preflight_sends_nothing_more() {
    let seen = observe(preflighted(
        "https://app.example",
        "https://api.example/",
        404,
    ));
    assert_eq!(seen.outcome, Outcome::Block);
    assert!(seen.hops[0].preflight.is_some());
    assert!(seen.hops[0].actual.is_none());
}

fn exposed_names_are_those_script_can_read() {
    let lines = [
        ANY_ORIGIN,
        ("Access-Control-Expose-Headers", "X-B, x-a"),
        ("x-A", "1"),
        ("X-b", "2"),
        ("X-C", "3"),
    ];
    let seen = observe(get("https://app.example", "https://api.example/", &lines));
    assert_eq!(names(&seen), ["x-a", "x-b"]);
    let lines = [ANY_ORIGIN, ("Content-Length", "3")];
    let seen = observe(get("https://app.example", "https://api.example/", &lines));
    assert_eq!(names(&seen), ["content-length"]);
}

fn an_http_page_and_target_work_too() {
    for (page, url) in [
        ("http://app.example:8080", "http://api.example:81/"),
        ("http://[2001:db8::1]:8080", "https://localhost/"),
        ("http://10.1.2.3", "http://127.0.0.1:9000/"),
    ] {
        let seen = observe(get(page, url, &[ANY_ORIGIN]));
        assert_eq!(seen.outcome, Outcome::Allow, "{page} {url}");
        let origin = seen.hops[0]
            .actual
            .as_ref()
            .unwrap()
            .origin
            .clone()
            .unwrap();
        assert_eq!(*origin, *page.as_bytes());
        assert_eq!(seen.hops[0].url, url);
    }
}

fn an_opaque_page_sends_null() {
    let lines = [("Access-Control-Allow-Origin", "null")];
    let seen = observe(get("null", "https://api.example/", &lines));
    assert_eq!(seen.outcome, Outcome::Allow);
    let origin = seen.hops[0]
        .actual
        .as_ref()
        .unwrap()
        .origin
        .clone()
        .unwrap();
    assert_eq!(*origin, *b"null");
}

fn odd_statuses_arrive() {
    let seen = observe(preflighted(
        "https://app.example",
        "https://api.example/",
        299,
    ));
    assert_eq!(seen.outcome, Outcome::Allow);
    let mut case = get("https://app.example", "https://api.example/", &[ANY_ORIGIN]);
    case["hops"][0]["response"]["status"] = json!(680);
    assert_eq!(observe(case).outcome, Outcome::Allow);
}

fn two_allow_origin_lines_stay_two() {
    let seen = observe(get(
        "https://app.example",
        "https://api.example/",
        &[ANY_ORIGIN, ANY_ORIGIN],
    ));
    assert_eq!(seen.outcome, Outcome::Block);
}

fn xhr_is_asked_as_xhr() {
    let lines = [
        ANY_ORIGIN,
        ("Access-Control-Expose-Headers", "x-a"),
        ("X-A", "1"),
    ];
    let mut case = get("https://app.example", "https://api.example/", &lines);
    case["request"]["api"] = json!("xhr");
    case["request"]["credentials"] = json!("same-origin");
    let seen = observe(case.clone());
    assert_eq!(
        (seen.outcome, seen.response_type),
        (Outcome::Allow, ResponseType::Cors)
    );
    assert_eq!(names(&seen), ["x-a"]);
    case["request"]["url"] = json!("https://app.example/own");
    assert_eq!(observe(case.clone()).response_type, ResponseType::Basic);
    case["request"]["method"] = json!("TRACE");
    assert!(observe(case).threw);
}

fn upload_listeners_cause_a_preflight() {
    let mut case = preflighted("https://app.example", "https://api.example/", 204);
    case["request"]["api"] = json!("xhr");
    case["request"]["credentials"] = json!("same-origin");
    case["request"]["method"] = json!("POST");
    case["request"]["body"] = json!({"text": "hello"});
    assert!(observe(case.clone()).hops[0].preflight.is_none());
    case["request"]["upload_listeners"] = json!(true);
    let seen = observe(case);
    assert_eq!(seen.outcome, Outcome::Allow);
    let preflight = seen.hops[0].preflight.as_ref().unwrap();
    assert_eq!(preflight.method.as_deref(), Some(&b"POST"[..]));
    assert_eq!(preflight.headers, None);
}

fn bodies_carry_their_content_type() {
    for (body, asks) in [
        (json!({"text": "hello"}), None),
        (json!({"form": "urlencoded"}), None),
        (json!({"form": "multipart"}), None),
        (json!({"blob_type": ""}), None),
        (
            json!({"blob_type": "application/json"}),
            Some(&b"content-type"[..]),
        ),
    ] {
        let mut case = preflighted("https://app.example", "https://api.example/", 204);
        case["request"]["method"] = json!("POST");
        case["request"]["body"] = body.clone();
        let seen = observe(case);
        let asked = seen.hops[0]
            .preflight
            .as_ref()
            .and_then(|p| p.headers.as_deref());
        assert_eq!(asked, asks, "{body}");
    }
}

fn a_redirect_is_followed_hop_by_hop() {
    let mut case = preflighted("https://app.example", "https://one.example/a?b", 204);
    let hop = case["hops"][0].clone();
    case["hops"] = json!([hop, hop, hop]);
    for (index, location) in [(0, "https://two.example/c?d#e"), (1, "/f")] {
        let response = &mut case["hops"][index]["response"];
        response["status"] = json!(307);
        response["headers"]
            .as_array_mut()
            .unwrap()
            .push(json!(["Location", location]));
    }
    let seen = observe(case);
    assert_eq!(seen.outcome, Outcome::Allow, "{seen:?}");
    let urls: Vec<_> = seen.hops.iter().map(|hop| hop.url.as_str()).collect();
    assert_eq!(
        urls,
        [
            "https://one.example/a?b",
            "https://two.example/c?d",
            "https://two.example/f"
        ]
    );
    let origins: Vec<_> = seen
        .hops
        .iter()
        .map(|hop| {
            hop.actual
                .as_ref()
                .unwrap()
                .origin
                .as_ref()
                .unwrap()
                .isomorphic_decode()
        })
        .collect();
    assert_eq!(origins, ["https://app.example", "null", "null"]);
    assert!(seen.hops.iter().all(|hop| hop.preflight.is_some()));
}

fn a_server_that_hangs_up_blocks() {
    for field in ["preflight_response", "response"] {
        let mut case = preflighted("https://app.example", "https://api.example/", 204);
        case["hops"][0][field] = Value::Null;
        let seen = observe(case);
        assert_eq!(seen.outcome, Outcome::Block);
        assert_eq!(seen.hops.len(), 1);
        assert_eq!(seen.hops[0].actual.is_some(), field == "response");
    }
}

fn an_api_that_throws_sends_nothing() {
    let mut case = get("https://app.example", "https://api.example/", &[ANY_ORIGIN]);
    case["request"]["headers"] = json!([["no token", "1"]]);
    let seen = observe(case);
    assert!(seen.threw);
    assert_eq!(seen.outcome, Outcome::Block);
    assert!(seen.hops.is_empty());
}

fn more_page_origins_than_frames_are_served() {
    let options = ChromeOptions {
        frames: 3,
        batch: 10,
        ..ChromeOptions::default()
    };
    let mut chrome = Chrome::launch(options).unwrap();
    let cases: Vec<_> = (0..40)
        .map(|i| {
            get(
                &format!("http://p{}.example", i % 8),
                "http://api.example/",
                &[ANY_ORIGIN],
            )
        })
        .collect();
    for (case, asked) in cases.iter().zip(ask(&mut chrome, &cases)) {
        let seen = observed(asked);
        let origin = seen.hops[0]
            .actual
            .as_ref()
            .unwrap()
            .origin
            .clone()
            .unwrap();
        assert_eq!(origin.isomorphic_decode(), case["page_origin"]);
    }
}

fn a_killed_browser_loses_nothing() {
    let mut chrome = Chrome::launch(ChromeOptions::default()).unwrap();
    let pid = chrome.process_id().unwrap();
    let desk = Arc::clone(chrome.origin_server().desk());
    let killer = std::thread::spawn(move || {
        desk.wait_until_settled(100, Duration::from_secs(20));
        signal("KILL", pid);
    });
    all_are_observed(&mut chrome, 600);
    killer.join().unwrap();
    assert_ne!(chrome.process_id(), Some(pid));
}

fn a_hung_browser_loses_nothing() {
    let options = ChromeOptions {
        case_timeout: Duration::from_secs(2),
        ..ChromeOptions::default()
    };
    let mut chrome = Chrome::launch(options).unwrap();
    let pid = chrome.process_id().unwrap();
    let desk = Arc::clone(chrome.origin_server().desk());
    let stopper = std::thread::spawn(move || {
        desk.wait_until_settled(100, Duration::from_secs(20));
        let family = family(pid);
        for pid in &family {
            signal("STOP", *pid);
        }
        family
    });
    all_are_observed(&mut chrome, 600);
    for pid in stopper.join().unwrap() {
        wait_until_gone(pid);
    }
}

fn a_dead_parent_leaves_no_browser() {
    let mut parent = Command::new(std::env::current_exe().unwrap())
        .env(DOOMED, "1")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut line = String::new();
    BufReader::new(parent.stdout.as_mut().unwrap())
        .read_line(&mut line)
        .unwrap();
    let family = family(line.trim().parse().unwrap());
    assert!(family.len() > 1, "{family:?}");
    let command_line = fs::read_to_string(format!("/proc/{}/cmdline", family[0])).unwrap();
    let profile = command_line
        .split('\0')
        .find_map(|argument| argument.strip_prefix("--user-data-dir="))
        .unwrap();
    assert!(fs::exists(profile).unwrap());
    parent.kill().unwrap();
    parent.wait().unwrap();
    for pid in family {
        wait_until_gone(pid);
    }
    until("the profile is removed", || !fs::exists(profile).unwrap());
}

fn a_local_file_can_be_read_and_pictured() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("report.html");
    let page = "<!doctype html><title>t</title><p id=p></p><script>p.textContent = 'sum ' + (1 + 2)</script>";
    fs::write(&path, page).unwrap();
    let mut chrome = chrome();
    let chrome = chrome.as_mut().unwrap();
    assert_eq!(chrome.page_text(&path).unwrap().trim(), "sum 3");
    assert!(chrome.screenshot(&path).unwrap().starts_with(b"\x89PNG"));
}

const ANY_ORIGIN: (&str, &str) = ("Access-Control-Allow-Origin", "*");

fn get(page_origin: &str, url: &str, lines: &[(&str, &str)]) -> Value {
    json!({
        "id": "c", "page_origin": page_origin,
        "request": {"url": url, "method": "GET", "headers": [], "credentials": "omit", "mode": "cors"},
        "hops": [{"preflight_response": null, "response": {"status": 200, "headers": lines}}],
    })
}

fn preflighted(page_origin: &str, url: &str, status: u16) -> Value {
    let permission = json!([
        ["Access-Control-Allow-Origin", "*"],
        ["Access-Control-Allow-Methods", "PUT"],
        ["Access-Control-Allow-Headers", "x-a, X-B, content-type"],
    ]);
    let mut case = get(page_origin, url, &[ANY_ORIGIN]);
    case["request"]["method"] = json!("PUT");
    case["hops"][0]["preflight_response"] = json!({"status": status, "headers": permission});
    case
}

fn observe(case: Value) -> Observation {
    let mut chrome = chrome();
    observed(ask(chrome.as_mut().unwrap(), &[case]).remove(0))
}

fn ask(chrome: &mut Chrome, cases: &[Value]) -> Vec<Asked> {
    let cases: Vec<UserAgentCase> = cases
        .iter()
        .map(|case| serde_json::from_value(case.clone()).unwrap())
        .collect();
    chrome.fetch_all(&cases).unwrap()
}

fn observed(asked: Asked) -> Observation {
    match asked {
        Asked::Observed(observation) => observation,
        Asked::Inconclusive { reason } => panic!("inconclusive: {reason}"),
    }
}

fn all_are_observed(chrome: &mut Chrome, count: usize) {
    let cases: Vec<_> = (0..count)
        .map(|i| {
            preflighted(
                "https://app.example",
                &format!("https://t{}.example/", i % 8),
                204,
            )
        })
        .collect();
    for asked in ask(chrome, &cases) {
        let seen = observed(asked);
        assert_eq!(seen.outcome, Outcome::Allow);
        assert!(seen.hops[0].preflight.is_some() && seen.hops[0].actual.is_some());
    }
}

fn names(seen: &Observation) -> Vec<String> {
    let exposed = seen.exposed_headers.as_ref().unwrap();
    exposed
        .iter()
        .map(|name| name.isomorphic_decode())
        .collect()
}

fn shared() -> MutexGuard<'static, Option<Chrome>> {
    static SHARED: OnceLock<Mutex<Option<Chrome>>> = OnceLock::new();
    SHARED
        .get_or_init(|| Mutex::new(None))
        .lock()
        .unwrap_or_else(std::sync::PoisonError::into_inner)
}

/// One browser for the trials that leave it as it was.
fn chrome() -> MutexGuard<'static, Option<Chrome>> {
    let mut shared = shared();
    shared.get_or_insert_with(|| Chrome::launch(ChromeOptions::default()).unwrap());
    shared
}

/// Launches a browser, says which, and waits to be killed.
fn be_doomed() -> ExitCode {
    let chrome = Chrome::launch(ChromeOptions::default()).unwrap();
    println!("{}", chrome.process_id().unwrap());
    std::io::stdout().flush().unwrap();
    // Ends at once if the parent is gone.
    let _ = std::io::stdin().read(&mut [0]);
    ExitCode::SUCCESS
}

fn signal(name: &str, pid: u32) {
    let kill = format!("kill -{name} {pid}");
    assert!(
        Command::new("/bin/sh")
            .args(["-c", &kill])
            .status()
            .unwrap()
            .success()
    );
}

/// The process and all below it.
fn family(pid: u32) -> Vec<u32> {
    let children =
        fs::read_to_string(format!("/proc/{pid}/task/{pid}/children")).unwrap_or_default();
    let below = children
        .split_whitespace()
        .flat_map(|child| family(child.parse().unwrap()));
    [pid].into_iter().chain(below).collect()
}

fn wait_until_gone(pid: u32) {
    until("the process is gone", || {
        match fs::read_to_string(format!("/proc/{pid}/stat")) {
            // Dead, but whoever should bury it has not done so yet.
            Ok(stat) => stat
                .rsplit(") ")
                .next()
                .is_some_and(|rest| rest.starts_with('Z')),
            Err(_) => true,
        }
    });
}

/// There is nothing to wait on for a process that is not our child.
fn until(what: &str, holds: impl Fn() -> bool) {
    let start = Instant::now();
    while !holds() {
        assert!(
            start.elapsed() < Duration::from_secs(10),
            "not within 10 s: {what}"
        );
        std::thread::sleep(Duration::from_millis(20));
    }
}
