//! A browser that is killed or hangs loses no case; a harness that is killed leaves no browser.

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::process::{Command, ExitCode, Stdio};
use std::time::{Duration, Instant};

use corsproof::browser::Options;
use corsproof::registry::KnownBrowser;

use crate::asking::{all_are_observed, launch};

/// Names the browser of the process that is killed by [`a_dead_parent_leaves_no_browser`].
pub(crate) const DOOMED: &str = "CORSPROOF_TEST_DOOMED";

pub(crate) fn a_killed_browser_loses_nothing(which: KnownBrowser) {
    let mut browser = launch(which, Options::default());
    let pid = browser.process_id().unwrap();
    let desk = browser.desk();
    let killer = std::thread::spawn(move || {
        desk.wait_until_settled(100, Duration::from_secs(20));
        signal("KILL", pid);
    });
    all_are_observed(browser.as_mut(), 600);
    killer.join().unwrap();
    assert_ne!(browser.process_id(), Some(pid));
}

pub(crate) fn a_hung_browser_loses_nothing(which: KnownBrowser) {
    let options = Options { case_timeout: Duration::from_secs(5), ..Options::default() };
    let mut browser = launch(which, options);
    let pid = browser.process_id().unwrap();
    let desk = browser.desk();
    let stopper = std::thread::spawn(move || {
        desk.wait_until_settled(100, Duration::from_secs(20));
        let family = family(pid);
        for pid in &family {
            signal("STOP", *pid);
        }
        family
    });
    all_are_observed(browser.as_mut(), 600);
    for pid in stopper.join().unwrap() {
        wait_until_gone(pid);
    }
}

pub(crate) fn a_dead_parent_leaves_no_browser(which: KnownBrowser) {
    let mut parent = Command::new(std::env::current_exe().unwrap())
        .env(DOOMED, which.name())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut line = String::new();
    BufReader::new(parent.stdout.as_mut().unwrap()).read_line(&mut line).unwrap();
    let family = family(line.trim().parse().unwrap());
    assert!(family.len() > 1, "{family:?}");
    let profile = profile_of(family[0]);
    let profile = profile.as_str();
    assert!(fs::exists(profile).unwrap());
    parent.kill().unwrap();
    parent.wait().unwrap();
    for pid in family {
        wait_until_gone(pid);
    }
    until("the profile is removed", || !fs::exists(profile).unwrap());
}

/// Launches a browser, says which, and waits to be killed.
pub(crate) fn be_doomed(which: &str) -> ExitCode {
    let browser = launch(KnownBrowser::named(which).unwrap(), Options::default());
    println!("{}", browser.process_id().unwrap());
    std::io::stdout().flush().unwrap();
    // Ends at once if the parent is gone.
    let _ = std::io::stdin().read(&mut [0]);
    ExitCode::SUCCESS
}

fn signal(name: &str, pid: u32) {
    let kill = format!("kill -{name} {pid}");
    assert!(Command::new("/bin/sh").args(["-c", &kill]).status().unwrap().success());
}

/// By the mark that the guard goes by.
fn profile_of(pid: u32) -> String {
    let environment = fs::read_to_string(format!("/proc/{pid}/environ")).unwrap();
    let profile =
        environment.split('\0').find_map(|line| line.strip_prefix("CORSPROOF_PROFILE=")).unwrap();
    profile.to_owned()
}

/// The process and all below it.
fn family(pid: u32) -> Vec<u32> {
    let tasks = fs::read_dir(format!("/proc/{pid}/task")).into_iter().flatten().flatten();
    let children: String =
        tasks.filter_map(|task| fs::read_to_string(task.path().join("children")).ok()).collect();
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
pub(crate) fn until(what: &str, holds: impl Fn() -> bool) {
    let start = Instant::now();
    while !holds() {
        assert!(start.elapsed() < Duration::from_secs(10), "not within 10 s: {what}");
        std::thread::sleep(Duration::from_millis(20));
    }
}
