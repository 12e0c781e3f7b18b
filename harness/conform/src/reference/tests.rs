//! The right server's claims, and that no fault is without effect over a few policies and requests.

mod pairs;

use std::collections::{BTreeMap, HashSet};
use std::hash::{DefaultHasher, Hasher as _};

use super::lines::value;
use super::{Fault, ReferenceServer, StateFault};
use crate::observe::{WireRequest, WireResponse};
use crate::policy::Policy;
use crate::subject::{Mount, Server as _, ServerAdapter as _, Support};
use pairs::{ORIGINS, POLICIES, preflight, request, requests};

/// What a server answers, one request after the other and then two that overlap, under each of the
/// policies; a number for each answer.
fn transcript(fault: Option<Fault>) -> Vec<u64> {
    let all = requests();
    let mut transcript = Vec::new();
    for json in POLICIES {
        let (mut server, mount) = mounted(fault, json);
        for request in &all {
            let answer = server.exchange(&mount, request).unwrap();
            let executed = server.executed(&mount, "c").unwrap();
            transcript.push(number(&(answer, executed)));
        }
        let overlapping = ["https://app.example", "https://evil.test"]
            .map(|origin| request("GET", "/plain", &[("Origin", origin)]));
        transcript.push(number(&server.exchange_overlapping(&mount, &overlapping).unwrap()));
    }
    transcript
}

fn number(of: &impl std::hash::Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    of.hash(&mut hasher);
    hasher.finish()
}

fn mounted(fault: Option<Fault>, json: &str) -> (ReferenceServer, Mount) {
    let mut server = ReferenceServer::new(fault);
    let policy: Policy = serde_json::from_str(json).unwrap();
    let Support::Mounted(mount) = server.configure(&policy).unwrap() else {
        panic!("the reference server mounts every policy")
    };
    (server, mount)
}

/// What the right server answers under one of the policies.
fn right(policy: usize, request: &WireRequest) -> WireResponse {
    let (mut server, mount) = mounted(None, POLICIES[policy]);
    server.exchange(&mount, request).unwrap()
}

fn text(response: &WireResponse, name: &str) -> Option<String> {
    value(&response.headers, name).map(|bytes| String::from_utf8_lossy(bytes).into_owned())
}

#[test]
fn no_fault_is_without_effect_and_no_two_have_the_same() {
    let mut known = BTreeMap::from([(transcript(None), None)]);
    let mut alike = Vec::new();
    for fault in Fault::ALL {
        if let Some(other) = known.insert(transcript(Some(fault)), Some(fault)) {
            alike.push((fault, other));
        }
    }
    assert!(alike.is_empty(), "{alike:#?}");
}

#[test]
fn a_fault_is_listed_once_and_has_a_story() {
    let all: HashSet<Fault> = Fault::ALL.into_iter().collect();
    assert_eq!(all.len(), Fault::ALL.len());
    for fault in Fault::ALL {
        assert!(fault.story().ends_with('.') && fault.story().len() > 9, "{fault:?}");
        assert!(!fault.story().contains("  "), "{fault:?}");
    }
}

#[test]
fn the_right_server_remembers_nothing() {
    let all = requests();
    for (n, json) in POLICIES.iter().enumerate() {
        let (mut server, mount) = mounted(None, json);
        for request in &all {
            assert_eq!(server.exchange(&mount, request).unwrap(), right(n, request));
        }
    }
}

#[test]
fn overlapping_faults_need_requests_that_overlap() {
    for fault in [StateFault::OverlapSwaps, StateFault::OverlapTakesLast] {
        let (mut server, mount) = mounted(Some(fault.into()), POLICIES[0]);
        for request in requests() {
            assert_eq!(server.exchange(&mount, &request).unwrap(), right(0, &request));
        }
    }
}

#[test]
fn the_right_server_allows_exactly_what_is_listed() {
    let listed = ORIGINS.iter().filter(|origin| {
        let answer = right(0, &request("GET", "/plain", &[("Origin", origin)]));
        assert_eq!(text(&answer, "Vary").as_deref(), Some("Origin"));
        let allowed = text(&answer, "Access-Control-Allow-Origin");
        assert!(allowed.is_none() || allowed.as_deref() == Some(**origin));
        allowed.is_some()
    });
    let named = serde_json::from_str::<Policy>(POLICIES[0]).unwrap();
    let named = named.origins().unwrap().list.clone();
    assert!(listed.clone().all(|origin| named.contains(&(*origin).to_owned())));
    assert_eq!(listed.count(), named.len());
}

#[test]
fn options_that_is_no_preflight_reaches_the_handler() {
    for lines in [&[][..], &[("Origin", "https://app.example")]] {
        let (mut server, mount) = mounted(None, POLICIES[0]);
        let answer = server.exchange(&mount, &request("OPTIONS", "/plain", lines)).unwrap();
        assert_eq!(answer.status, 200);
        assert_eq!(server.executed(&mount, "c").unwrap(), Some(1));
    }
}

#[test]
fn a_preflight_runs_no_handler() {
    let (mut server, mount) = mounted(None, POLICIES[0]);
    let answer = server.exchange(&mount, &preflight("https://app.example", "PUT", &[])).unwrap();
    assert_eq!(answer.status, 204);
    assert_eq!(server.executed(&mount, "c").unwrap(), Some(0));
}

#[test]
fn names_on_several_lines_are_all_heard() {
    let name = "Access-Control-Request-Headers";
    let asks = preflight("https://app.example", "PUT", &[(name, "x-a, ,"), (name, "\tx-b ")]);
    let answer = right(1, &asks);
    assert_eq!(text(&answer, "Access-Control-Allow-Headers").as_deref(), Some("x-a, x-b"));
}

#[test]
fn all_origins_with_credentials_get_a_star_that_is_the_same_for_all() {
    for lines in [&[][..], &[("Origin", "https://evil.test")]] {
        let answer = right(1, &request("GET", "/plain", lines));
        assert_eq!(text(&answer, "Access-Control-Allow-Origin").as_deref(), Some("*"));
        assert_eq!(text(&answer, "Access-Control-Allow-Credentials"), None);
        assert_eq!(
            text(&answer, "Access-Control-Expose-Headers").as_deref(),
            Some("x-total, etag")
        );
        assert_eq!(text(&answer, "Vary"), None);
    }
}

#[test]
fn the_policy_has_the_last_word_over_a_handler_s_own_header() {
    for (origin, allowed) in [("https://app.example", true), ("https://own.example", false)] {
        let answer = right(0, &request("GET", "/own-cors", &[("Origin", origin)]));
        let value = text(&answer, "Access-Control-Allow-Origin");
        assert_eq!(value.as_deref(), allowed.then_some(origin));
    }
}

#[test]
fn a_redirect_goes_where_it_is_told_and_carries_the_same_headers() {
    let asks = request("GET", "/redirect?to=%2Fvary&case=c", &[("Origin", "https://app.example")]);
    let answer = right(0, &asks);
    assert_eq!(answer.status, 302);
    assert_eq!(text(&answer, "Location").as_deref(), Some("/vary"));
    assert!(text(&answer, "Access-Control-Allow-Origin").is_some());
    let smuggles = request("GET", "/redirect?to=%0d%0aevil:1", &[]);
    assert_eq!(right(0, &smuggles).status, 400);
}

#[test]
fn the_longest_prefix_of_the_literal_path_holds() {
    for (path, origin) in [
        ("/pub/x", "https://pub.example"),
        ("/publicity", "https://pub.example"),
        ("/pub/in/x", "https://in.example"),
        ("/PUB/x", "https://app.example"),
        ("/%70ub/x", "https://app.example"),
    ] {
        let answer = right(0, &request("GET", path, &[("Origin", origin)]));
        assert!(text(&answer, "Access-Control-Allow-Origin").is_some(), "{path}");
    }
}
