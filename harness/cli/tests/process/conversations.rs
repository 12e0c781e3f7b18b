//! What the adapter makes of programs that break the protocol.

use std::fs;
use std::net::TcpStream;
use std::thread::sleep;
use std::time::{Duration, Instant};

use corsproof::process::{Parting, ProcessAdapter};
use corsproof_conform::policy::Policy;
use corsproof_conform::subject::{ServerAdapter as _, SubjectError, Support};

use crate::fake::CHILD;
use crate::folder::{limits, program};

fn start(way: &str) -> Result<ProcessAdapter, SubjectError> {
    let folder = tempfile::tempdir().unwrap();
    ProcessAdapter::start(&program(folder.path(), way), limits(10))
}

fn refused(way: &str) -> SubjectError {
    match start(way) {
        Ok(_) => panic!("`{way}` was started"),
        Err(error) => error,
    }
}

fn policy() -> Policy {
    serde_json::from_str(r#"{"origins": {"list": ["https://app.example"]}}"#).unwrap()
}

#[track_caller]
fn is_breach(error: &SubjectError, request: &str, words: &str) {
    let SubjectError::Protocol { subject, request: asked, detail } = error else {
        panic!("{error:?}");
    };
    assert_eq!(subject, "fake");
    assert_eq!(asked, request);
    assert!(detail.contains(words), "{detail}");
}

pub(crate) fn a_good_one() {
    let mut adapter = start("good").unwrap();
    assert_eq!(adapter.about().version, "1.0.0");
    let mut ids = Vec::new();
    for _ in 0..2 {
        let Support::Mounted(mount) = adapter.configure(&policy()).unwrap() else {
            panic!("not mounted");
        };
        assert!(mount.base.ends_with(&mount.id));
        adapter.release(&mount);
        ids.push(mount.id);
    }
    assert_ne!(ids[0], ids[1]);
    assert_eq!(adapter.stop(), Parting { code: Some(0), left: 0 });
}

pub(crate) fn garbage_is_named_and_shown() {
    is_breach(&refused("garbage"), "start", "Listening on port 3000!");
}

pub(crate) fn silence_ends_at_the_deadline() {
    let folder = tempfile::tempdir().unwrap();
    let started = Instant::now();
    let error = ProcessAdapter::start(&program(folder.path(), "silence"), limits(1)).err().unwrap();
    is_breach(&error, "start", "no answer within 1 s");
    assert!(started.elapsed() < Duration::from_secs(8), "{:?}", started.elapsed());
}

pub(crate) fn gigabytes_are_given_up() {
    is_breach(&refused("gigabytes"), "start", "no end within 1048576 bytes");
}

pub(crate) fn another_seq_is_refused() {
    is_breach(&refused("other-seq"), "start", "answered request 1 instead of request 0");
}

pub(crate) fn out_of_order_is_refused() {
    let mut adapter = start("out-of-order").unwrap();
    let error = adapter.configure(&policy()).unwrap_err();
    is_breach(&error, "configure p1", "answered request 2 instead of request 1");
}

pub(crate) fn exiting_midway() {
    let mut adapter = start("exits-midway").unwrap();
    let error = adapter.configure(&policy()).unwrap_err();
    assert!(matches!(error, SubjectError::NotRunning { .. }), "{error:?}");
    let words = error.to_string();
    for part in ["`fake`", "configure p1", "exit status: 3", "out of luck"] {
        assert!(words.contains(part), "{words}");
    }
}

pub(crate) fn errored_is_an_error() {
    let mut adapter = start("errored").unwrap();
    let error = adapter.configure(&policy()).unwrap_err();
    assert!(matches!(error, SubjectError::Errored { .. }), "{error:?}");
    assert!(error.to_string().contains("no (not today)"), "{error}");
    // It is not broken by it: the next question is asked.
    let again = adapter.configure(&policy()).unwrap_err();
    assert!(matches!(again, SubjectError::Errored { .. }), "{again:?}");
}

pub(crate) fn unknown_fields_are_refused() {
    is_breach(&refused("unknown-field"), "start", "unknown field `mood`");
}

pub(crate) fn two_answers_are_refused() {
    is_breach(&refused("two-answers"), "start", "2 messages");
}

pub(crate) fn another_name_is_refused() {
    is_breach(&refused("other-name"), "start", "`somebody`");
}

pub(crate) fn another_version_is_refused() {
    is_breach(&refused("other-version"), "start", "version `9.9.9`, and `1.0.0`");
}

pub(crate) fn a_user_agent_is_no_server() {
    is_breach(&refused("user-agent"), "start", "role is not `server`");
}

pub(crate) fn a_base_elsewhere_is_refused() {
    let mut adapter = start("elsewhere").unwrap();
    is_breach(&adapter.configure(&policy()).unwrap_err(), "configure p1", "http://192.0.2.1:80/p");
}

pub(crate) fn children_are_ended() {
    let folder = tempfile::tempdir().unwrap();
    let adapter = ProcessAdapter::start(&program(folder.path(), "leaves-children"), limits(10));
    let port: u16 = fs::read_to_string(folder.path().join(CHILD)).unwrap().parse().unwrap();
    let lives = || TcpStream::connect(("127.0.0.1", port)).is_ok();
    assert!(lives(), "the child was never there");
    let parting = adapter.unwrap().stop();
    assert_eq!(parting, Parting { code: Some(0), left: 1 });
    assert!(parting.complaint().is_some_and(|words| words.contains("left a child behind")));
    let deadline = Instant::now() + Duration::from_secs(5);
    while lives() {
        assert!(Instant::now() < deadline, "the child lives on");
        sleep(Duration::from_millis(10));
    }
}

pub(crate) fn not_stopping_is_killed() {
    let adapter = start("never-stops").unwrap();
    let started = Instant::now();
    let parting = adapter.stop();
    assert_eq!(parting.code, None);
    assert!(parting.complaint().is_some());
    assert!(started.elapsed() < Duration::from_secs(8), "{:?}", started.elapsed());
}

pub(crate) fn after_a_breach() {
    let mut adapter = start("out-of-order").unwrap();
    adapter.configure(&policy()).unwrap_err();
    let error = adapter.configure(&policy()).unwrap_err();
    assert!(matches!(error, SubjectError::NotRunning { .. }), "{error:?}");
    assert!(error.to_string().contains("instead of request 1"), "{error}");
}
