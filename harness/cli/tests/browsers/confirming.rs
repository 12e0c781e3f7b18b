//! Vectors for servers in the browser: its own calls, to a server that is linked in.

use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;

use corsproof::browser::{Browser, Options};
use corsproof::campaign::compare::CallVerdict;
use corsproof::campaign::confirm::{Confirmation, confirm};
use corsproof::chrome::Chrome;
use corsproof::commands::replay;
use corsproof::embedded;
use corsproof::registry::KnownBrowser;
use corsproof_conform::observe::{Outcome, WireRequest, WireResponse};
use corsproof_conform::policy::Policy;
use corsproof_conform::subject::{
    About, Asked, Capabilities, Mount, Server, ServerAdapter, SubjectError, Support, UserAgent,
};
use serde_json::json;

use crate::asking::{get, observed};

/// A page of a listed origin asks for a path that is not there; warp then forgets what it allows.
const MISSING: &str = "allowed-call-blocked.allow-origin-missing.missing.47bf6ddd";

/// A browser of its own: it gets a cookie, and its server another to stand before.
fn chrome() -> Browser<Chrome> {
    Browser::launch(Chrome::find().unwrap(), Options::default()).unwrap()
}

fn confirmed(server: &mut dyn Server, id: &str) -> Confirmation {
    let vector = replay::load(id, None).unwrap();
    confirm(server, &mut chrome(), &vector).unwrap()
}

/// What the browser did in the only call.
fn seen(confirmation: &Confirmation) -> &str {
    match confirmation.calls.as_slice() {
        [call] => match &call.verdict {
            CallVerdict::Agrees { words } => &words.browser,
            verdict => panic!("{verdict:?}"),
        },
        calls => panic!("{calls:?}"),
    }
}

pub(crate) fn a_call_that_a_live_server_lets_nobody_read_is_blocked(_: KnownBrowser) {
    let mut warp = embedded::start("warp").unwrap();
    let confirmation = confirmed(&mut *warp, MISSING);
    assert!(confirmation.is_shown);
    assert_eq!(seen(&confirmation), "block after GET");
}

pub(crate) fn a_call_that_a_live_server_allows_is_allowed(_: KnownBrowser) {
    let mut tower = embedded::start("tower-http").unwrap();
    let confirmation = confirmed(&mut *tower, MISSING);
    assert!(!confirmation.is_shown);
    assert!(seen(&confirmation).starts_with("allow"), "{confirmation:?}");
}

pub(crate) fn a_preflighted_call_reaches_the_live_server(_: KnownBrowser) {
    let mut warp = embedded::start("warp").unwrap();
    let confirmation =
        confirmed(&mut *warp, "allowed-call-blocked.allow-origin-missing.plain.abcef076");
    assert_eq!(seen(&confirmation), "block after preflight, OPTIONS");
}

pub(crate) fn a_call_without_origin_is_no_browser_s(_: KnownBrowser) {
    let mut warp = embedded::start("warp").unwrap();
    let id = "vary-origin-missing-without-origin.blocked.absent-then-listed.17faf0d4";
    let verdicts: Vec<_> =
        confirmed(&mut *warp, id).calls.into_iter().map(|call| call.verdict).collect();
    assert!(
        matches!(&verdicts[..], [CallVerdict::NotAskable(_), CallVerdict::Agrees { .. }]),
        "{verdicts:?}"
    );
}

pub(crate) fn a_server_that_treats_the_browser_otherwise_is_noticed(_: KnownBrowser) {
    let server = embedded::start("tower-http").unwrap();
    let mut two_faced = TwoFaced { server, configured: 0 };
    let confirmation = confirmed(&mut two_faced, MISSING);
    let verdict = &confirmation.calls[0].verdict;
    let CallVerdict::Differs { difference, .. } = verdict else { panic!("{verdict:?}") };
    assert!(difference.starts_with("allowed-response-blocked"), "{difference}");
}

pub(crate) fn a_live_server_gets_what_the_browser_sends(_: KnownBrowser) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let base = format!("http://{}/p7", listener.local_addr().unwrap());
    let server = std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let lines = BufReader::new(stream.try_clone().unwrap()).lines().map(Result::unwrap);
        let head: Vec<String> = lines.take_while(|line| !line.is_empty()).collect();
        let lines = "HTTP/1.1 299 Odd\r\nAccess-Control-Allow-Origin: https://app.example\r\n\
                     Access-Control-Allow-Credentials: true\r\nTransfer-Encoding: chunked\r\n\r\n\
                     3\r\nabc\r\n0\r\n\r\n";
        stream.write_all(lines.as_bytes()).unwrap();
        head
    });
    // What the script says is not what is answered, as long as a live server stands there.
    let mut case = get("https://app.example", "https://api.example/x?y=1", &[]);
    case["request"]["credentials"] = json!("include");
    let mut chrome = chrome();
    chrome.stand_before(&Mount { id: "p7".to_owned(), base }).unwrap();
    let cases = [serde_json::from_value(case).unwrap()];
    let ask =
        |chrome: &mut Browser<Chrome>| -> Asked { chrome.fetch_all(&cases).unwrap().remove(0) };
    let before = observed(ask(&mut chrome));
    let head = server.join().unwrap();
    chrome.stand_alone();
    let alone = observed(ask(&mut chrome));
    assert_eq!((before.outcome, alone.outcome), (Outcome::Allow, Outcome::Block));
    assert!(head[0].starts_with("GET /p7/x?y=1&case="), "{head:?}");
    for line in ["Host: api.example", "Origin: https://app.example", "Cookie: session=1"] {
        assert!(head.iter().any(|sent| sent == line), "`{line}` is not in {head:?}");
    }
}

/// Has another policy from the second time on that it is configured.
struct TwoFaced {
    server: Box<dyn Server>,
    configured: u32,
}

impl ServerAdapter for TwoFaced {
    fn about(&self) -> &About {
        self.server.about()
    }

    fn capabilities(&self) -> &Capabilities {
        self.server.capabilities()
    }

    fn configure(&mut self, policy: &Policy) -> Result<Support, SubjectError> {
        self.configured += 1;
        if self.configured == 1 {
            return self.server.configure(policy);
        }
        let other = json!({
            "origins": {"list": ["https://other.example"]}, "methods": {"any": true},
            "request_headers": {"any": true}, "expose_headers": {"list": []},
            "credentials": false, "max_age": null, "private_network": false,
        });
        self.server.configure(&serde_json::from_value(other).unwrap())
    }

    fn release(&mut self, mount: &Mount) {
        self.server.release(mount);
    }
}

impl Server for TwoFaced {
    fn exchange(
        &mut self,
        mount: &Mount,
        request: &WireRequest,
    ) -> Result<WireResponse, SubjectError> {
        self.server.exchange(mount, request)
    }
}
