//! Whether what is wrong is caught through a cache, and what is right is not.

use corsproof::caches::{self, Cache, Kind, Tally};
use corsproof::embedded;
use corsproof::exit::Exit;
use corsproof::http_client::SocketServer;
use corsproof_conform::known::KnownFile;
use corsproof_conform::miniature::{MINIATURES, MiniatureServer};
use corsproof_conform::reference::ReferenceServer;
use corsproof_conform::subject::Server;

use crate::loopback::Loopback;

const SEQUENCES: u64 = 48;

const KNOWN: &str = r#"
    [[known]]
    id = "vary-origin-missing*"
    reason = "a miniature"
    link = "https://fetch.spec.whatwg.org/#cors-protocol-and-http-caches"
    versions = ["*"]
"#;

fn judged(server: &mut dyn Server, known: &str, cache: &Cache) -> Tally {
    let known = KnownFile::parse(known).unwrap();
    let tally = caches::run(server, &known, cache, 7, SEQUENCES).unwrap();
    assert!(tally.sequences + tally.not_mounted == SEQUENCES && tally.sequences > 0, "{tally:?}");
    assert!(tally.hits > 0 && tally.flaky == 0 && tally.unexplained == 0, "{tally:?}");
    tally
}

/// A server that breaks this one rule.
fn catches(cache: &Cache, rule: &str) {
    let miniature = MINIATURES.iter().find(|miniature| miniature.rule == rule).unwrap();
    let wrong = Loopback::serving(Box::new(MiniatureServer::new(miniature)), Vec::new());
    let mut wrong = SocketServer::new(wrong);
    let tally = judged(&mut wrong, "", cache);
    assert!(tally.unsafe_really > 0 && !tally.shown.is_empty(), "{tally:?}");
    assert!(tally.unsafe_predicted > 0, "{tally:?}");
    assert_eq!(tally.exit(), Exit::Diverges);

    // The same once somebody has judged it.
    let known = judged(&mut wrong, KNOWN, cache);
    assert_eq!((known.unsafe_known, known.exit()), (tally.unsafe_really, Exit::Conforms));
}

pub(crate) fn catches_grants_without_vary(cache: &Cache) {
    catches(cache, "vary-origin-missing");
}

pub(crate) fn catches_refusals_without_vary(cache: &Cache) {
    catches(cache, "vary-origin-missing-on-denied");
}

pub(crate) fn catches_answers_without_origin(cache: &Cache) {
    catches(cache, "vary-origin-missing-without-origin");
}

pub(crate) fn finds_nothing_in_servers_that_vary(cache: &Cache) {
    let mut right = embedded::start("tower-http").unwrap();
    let tally = judged(right.as_mut(), "", cache);
    assert_eq!((tally.unsafe_really, tally.unsafe_predicted), (0, 0), "{tally:?}");
    assert_eq!(tally.exit(), Exit::Conforms);
    // Its own `Vary` and that of `/vary` stand on two lines, of which an old nginx heeds one.
    assert!(tally.known.is_empty() || cache.kind == Kind::Nginx, "{tally:?}");
}

/// The server says all that it has to, on two lines; an old nginx heeds the last one.
pub(crate) fn is_blamed_for_reuse_against_vary(cache: &Cache) {
    let more = vec![("Vary".into(), "Accept-Language".into())];
    let right = Loopback::serving(Box::new(ReferenceServer::default()), more);
    let tally = judged(&mut SocketServer::new(right), "", cache);
    assert_eq!((tally.unsafe_really, tally.unsafe_predicted), (0, 0), "{tally:?}");
    assert_eq!(tally.exit(), Exit::Conforms, "{tally:?}");
    let heeds_one = cache.kind == Kind::Nginx && cache.version.starts_with("1.22.");
    assert!(!heeds_one || !tally.known.is_empty(), "{tally:?}");
    assert_eq!(tally.known.is_empty(), tally.disagreements.is_empty(), "{tally:?}");
}
