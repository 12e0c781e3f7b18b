//! A browser that is killed or hangs loses no case; a harness that is killed leaves no browser.

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::process::{Command, ExitCode, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use corsproof::browser::{Browser, Options};
use corsproof::chrome::Chrome;

use crate::asking::all_are_observed;

/// Set for the process that is killed by [`a_dead_parent_leaves_no_browser`].
pub(crate) const DOOMED: &str = "CORSPROOF_TEST_DOOMED";

pub(crate) fn a_killed_browser_loses_nothing() {
    let mut chrome = Browser::launch(Chrome::find().unwrap(), Options::default()).unwrap();
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

pub(crate) fn a_hung_browser_loses_nothing() {
    let options = Options { case_timeout: Duration::from_secs(2), ..Options::default() };
    let mut chrome = Browser::launch(Chrome::find().unwrap(), options).unwrap();
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

pub(crate) fn a_dead_parent_leaves_no_browser() {
    let mut parent = Command::new(std::env::current_exe().unwrap())
        .env(DOOMED, "1")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut line = String::new();
    BufReader::new(parent.stdout.as_mut().unwrap()).read_line(&mut line).unwrap();
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

/// Launches a browser, says which, and waits to be killed.
pub(crate) fn be_doomed() -> ExitCode {
    let chrome = Browser::launch(Chrome::find().unwrap(), Options::default()).unwrap();
    println!("{}", chrome.process_id().unwrap());
    std::io::stdout().flush().unwrap();
    // Ends at once if the parent is gone.
    let _ = std::io::stdin().read(&mut [0]);
    ExitCode::SUCCESS
}

fn signal(name: &str, pid: u32) {
    let kill = format!("kill -{name} {pid}");
    assert!(Command::new("/bin/sh").args(["-c", &kill]).status().unwrap().success());
}

/// The process and all below it.
fn family(pid: u32) -> Vec<u32> {
    let children =
        fs::read_to_string(format!("/proc/{pid}/task/{pid}/children")).unwrap_or_default();
    let below = children.split_whitespace().flat_map(|child| family(child.parse().unwrap()));
    [pid].into_iter().chain(below).collect()
}

fn wait_until_gone(pid: u32) {
    until("the process is gone", || {
        match fs::read_to_string(format!("/proc/{pid}/stat")) {
            // Dead, but whoever should bury it has not done so yet.
            Ok(stat) => stat.rsplit(") ").next().is_some_and(|rest| rest.starts_with('Z')),
            Err(_) => true,
        }
    });
}

/// There is nothing to wait on for a process that is not our child.
fn until(what: &str, holds: impl Fn() -> bool) {
    let start = Instant::now();
    while !holds() {
        assert!(start.elapsed() < Duration::from_secs(10), "not within 10 s: {what}");
        std::thread::sleep(Duration::from_millis(20));
    }
}
