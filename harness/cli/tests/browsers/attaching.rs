//! Browsers that somebody else started: ours to ask, and not ours to end.

use std::io::{BufRead, BufReader, Read};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use corsproof::browser::Engine;
use corsproof::chrome::Chrome;
use corsproof::registry::KnownBrowser;
use tempfile::TempDir;

use crate::surviving::until;

const CASES: [&str; 4] = ["--seed", "1", "--cases", "60"];

/// Ends with the trial.
struct Ended(Child);

impl Drop for Ended {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn start(command: &mut Command) -> Ended {
    Ended(
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap(),
    )
}

fn chromium(profile: &TempDir) -> Command {
    let mut command = Command::new(Chrome::find().unwrap().path());
    command
        .args(["--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"])
        .arg(format!("--user-data-dir={}", profile.path().display()));
    command
}

fn corsproof(command: &str, out: &TempDir) -> Command {
    let mut corsproof = Command::new(env!("CARGO_BIN_EXE_corsproof"));
    corsproof.arg(command).args(CASES).arg("--out").arg(out.path());
    corsproof
}

/// What stands behind these words, up to the next white space.
fn said_behind(output: &mut impl BufRead, words: &str) -> String {
    for line in output.lines().map_while(Result::ok) {
        if let Some((_, rest)) = line.split_once(words) {
            return rest.split_whitespace().next().unwrap_or_default().to_owned();
        }
    }
    panic!("nothing was said behind `{words}`")
}

/// That cases were judged, against this browser.
fn all_were_judged(out: &TempDir, version: &str) {
    let results = std::fs::read_to_string(out.path().join("results.ndjson")).unwrap();
    let subject = results
        .lines()
        .map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap())
        .find_map(|line| line.get("subject").cloned())
        .unwrap();
    assert_eq!(subject["cases"], 60, "{subject}");
    assert_eq!(subject["version"], version, "{subject}");
    assert!(subject["broken"].is_null(), "{subject}");
    assert!(subject["allowed"].as_u64().unwrap() > 0 && subject["blocked"].as_u64().unwrap() > 0);
}

pub(crate) fn a_running_chromium_is_asked_and_left_as_it_was(_: KnownBrowser) {
    let (profile, out) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let mut chromium = start(chromium(&profile).args(["--remote-debugging-port=0", "about:blank"]));
    let socket = said_behind(
        &mut BufReader::new(chromium.0.stderr.take().unwrap()),
        "DevTools listening on ws://",
    );
    let port = socket.split('/').next().unwrap().to_owned();
    let url = format!("http://{port}");
    let ran = corsproof("run", &out).args(["chromium", "--cdp", &url]).output().unwrap();
    assert!(ran.status.code().is_some_and(|code| code < 2), "{ran:?}");
    all_were_judged(&out, &Chrome::find().unwrap().about().version);
    let again = corsproof("run", &out).args(["chromium", "--cdp", &url]).output().unwrap();
    assert!(again.status.code().is_some_and(|code| code < 2), "it cannot be asked a second time");
    assert!(chromium.0.try_wait().unwrap().is_none(), "it was ended");
}

pub(crate) fn a_browser_that_somebody_opens_is_asked(_: KnownBrowser) {
    let (profile, out) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let mut serve = start(corsproof("serve", &out).args(["chromium@999.0", "--wait", "60"]));
    let mut said = BufReader::new(serve.0.stdout.take().unwrap());
    let url = said_behind(&mut said, "  http://");
    let proxy = said_behind(&mut said, "--proxy-server=");
    let _browser = start(chromium(&profile).args([
        "--ignore-certificate-errors",
        "--disable-features=LocalNetworkAccessChecks,HttpsUpgrades",
        "--proxy-bypass-list=<-loopback>",
        &format!("--proxy-server={proxy}"),
        &format!("http://{url}"),
    ]));
    let mut rest = String::new();
    said.read_to_string(&mut rest).unwrap();
    let status = serve.0.wait().unwrap();
    assert!(status.code().is_some_and(|code| code < 2), "{rest}");
    all_were_judged(&out, "999.0");
}

pub(crate) fn a_browser_behind_a_webdriver_server_is_asked(_: KnownBrowser) {
    let (home, out) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let mut display = start(Command::new("Xvfb").args(["-displayfd", "1", "-nolisten", "tcp"]));
    let number = said_behind(&mut BufReader::new(display.0.stdout.take().unwrap()), "");
    // It does not take 0 for a port of the system's choice, and names none.
    let free = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = free.local_addr().unwrap();
    drop(free);
    let _driver = start(
        Command::new("WebKitWebDriver")
            .arg(format!("--port={}", address.port()))
            .env("DISPLAY", format!(":{number}"))
            .env("HOME", home.path()),
    );
    until("the driver listens", || TcpStream::connect(address).is_ok());
    // WebKitGTK does not lead `https:` to a SOCKS proxy of a session's capabilities.
    let capabilities = serde_json::json!({
        "proxy": null,
        "webkitgtk:browserOptions": {
            "binary": mini_browser(),
            "args": ["--automation", "--proxy=socks5://{address}"],
        },
    });
    let ran = corsproof("run", &out)
        .args(["webkitgtk", "--webdriver", &format!("http://{address}"), "--capabilities"])
        .arg(capabilities.to_string())
        .output()
        .unwrap();
    assert!(ran.status.code().is_some_and(|code| code < 2), "{ran:?}");
    all_were_judged(&out, &KnownBrowser::WebKitGtk.version().unwrap());
}

/// Why the trial of a WebDriver server cannot run here, if it cannot.
pub(crate) fn no_webdriver() -> Option<&'static str> {
    let there = Path::new("/usr/bin/WebKitWebDriver").is_file();
    (!there).then_some("WebKitWebDriver is not here; to get it: apt-get install webkit2gtk-driver")
}

fn mini_browser() -> String {
    corsproof::webkitgtk::WebKitGtk::find().unwrap().path().display().to_string()
}
