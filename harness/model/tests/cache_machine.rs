//! The CORS-preflight cache against a naive list, over sequences of fetches: after each, both have
//! sent the same requests and preflights and come to the same verdict.
//!
//! It could hold for nothing if the cache were hardly ever used, so each way of using it is counted.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "the helpers of tests are tests, too"
)]
#![allow(unreachable_pub, reason = "modules of a test are its own")]

#[path = "cache_machine/entries.rs"]
mod entries;
#[path = "cache_machine/naive.rs"]
mod naive;
#[path = "cache_machine/operations.rs"]
mod operations;

use std::cell::RefCell;
use std::time::Duration;

use corsproof_model::{
    CredentialsMode, Environment, HeaderList, Network, NetworkError, NetworkRequest, Origin,
    PreflightCache, RequestInit, Response, ResponseType, UserAgent, construct, fetch,
};
use naive::{Allows, Counts, Listed, NaiveAgent, NaiveRequest, Sent, Stored, origin_of};
use operations::{Fetch, Operation, URLS, operations};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

/// How often what has to occur.
const LEAST: [(&str, u32); 13] = [
    ("hits", 1_000),
    ("hits after a redirect", 200),
    ("hits by wildcard", 400),
    ("hits with a tainted origin", 25),
    ("max-ages of zero", 60),
    ("max-ages over the limit", 500),
    ("misses", 2_500),
    ("misses by clearing", 250),
    ("misses by credentials", 125),
    ("misses by expiry", 350),
    ("misses by query or fragment", 500),
    ("misses without a cache", 250),
    ("updates", 50),
];

/// The servers of one fetch, as a network with a clock.
struct Wire<'a> {
    fetch: &'a Fetch,
    now: u64,
    sent: Vec<Sent>,
}

impl Network for Wire<'_> {
    fn fetch(&mut self, request: &NetworkRequest<'_>) -> Result<Response, NetworkError> {
        self.sent.push((request.url.to_string(), request.preflight));
        self.now += self.fetch.server.latency;
        let (grant, answer) = self.fetch.server.hops.get(request.hop).ok_or(NetworkError)?;
        let origin = request.headers.get(b"Origin");
        if !request.preflight {
            let answer = answer.as_ref().ok_or(NetworkError)?;
            let mut lines = cors_lines(answer.allows, answer.with_credentials, origin);
            let status = match answer.redirect {
                Some((status, location)) => {
                    lines.push(("Location", location.as_bytes().to_vec()));
                    status
                }
                None => 200,
            };
            return Ok(Response::new(status, HeaderList::from_lines(lines)));
        }
        let grant = grant.as_ref().ok_or(NetworkError)?;
        let mut lines = cors_lines(grant.allows, grant.with_credentials, origin);
        lines.extend(list_lines("Access-Control-Allow-Methods", &grant.methods));
        lines.extend(list_lines("Access-Control-Allow-Headers", &grant.headers));
        for value in self.fetch.max_age_lines[request.hop] {
            lines.push(("Access-Control-Max-Age", value.as_bytes().to_vec()));
        }
        let status = if grant.is_ok { 204 } else { 302 };
        Ok(Response::new(status, HeaderList::from_lines(lines)))
    }

    fn now(&self) -> Duration {
        Duration::from_millis(self.now)
    }
}

type Lines = Vec<(&'static str, Vec<u8>)>;

fn cors_lines(allows: Allows, with_credentials: bool, origin: Option<Vec<u8>>) -> Lines {
    let allowed = match allows {
        Allows::Echo => origin,
        Allows::Star => Some(b"*".to_vec()),
        Allows::Nobody => None,
    };
    let mut lines: Lines =
        allowed.map(|value| ("Access-Control-Allow-Origin", value)).into_iter().collect();
    if with_credentials {
        lines.push(("Access-Control-Allow-Credentials", b"true".to_vec()));
    }
    lines
}

/// The first on a line of its own.
fn list_lines(name: &'static str, listed: &Listed) -> Lines {
    match listed {
        Listed::Absent => Vec::new(),
        Listed::Broken => vec![(name, b"PUT, b@d".to_vec())],
        Listed::Of(items) => {
            let (first, rest) = items.split_at(usize::from(items.len() > 2));
            let mut lines: Lines =
                first.iter().map(|item| (name, item.as_bytes().to_vec())).collect();
            lines.push((name, rest.join(", ").into_bytes()));
            lines
        }
    }
}

/// The model with its cache and its clock.
struct Machine {
    agent: UserAgent,
    cache: PreflightCache,
    now: u64,
}

impl Machine {
    fn fetch(&mut self, fetch_: &Fetch) -> (bool, Vec<Sent>) {
        let mut init = RequestInit::get(URLS[fetch_.url].0);
        init.method = fetch_.method.as_bytes().to_vec();
        init.credentials_mode = fetch_.credentials_mode;
        init.upload_listeners = fetch_.flag;
        init.headers = fetch_
            .headers
            .iter()
            .map(|header| (header.name.as_bytes().to_vec(), header.value.as_bytes().to_vec()))
            .collect();
        let origin = Origin::parse_serialized(fetch_.page.origin).unwrap();
        let request = construct(&self.agent, &Environment::new(origin), &init).unwrap();
        let mut wire = Wire { fetch: fetch_, now: self.now, sent: Vec::new() };
        let fetched = fetch(&self.agent, &mut self.cache, &mut wire, request);
        self.now = wire.now;
        (fetched.response_type != ResponseType::Error, wire.sent)
    }
}

fn naive_request(fetch: &Fetch) -> NaiveRequest {
    NaiveRequest {
        page: fetch.page,
        urls: vec![URLS[fetch.url].1.to_owned()],
        method: fetch.method.to_owned(),
        headers: fetch.headers.clone(),
        include: fetch.credentials_mode == CredentialsMode::Include,
        flag: fetch.flag,
        tainting_is_cors: false,
    }
}

/// Runs both side by side.
fn run(agent: UserAgent, operations: &[Operation]) -> Result<Counts, TestCaseError> {
    let (cap, cache) = (agent.max_age_cap.map(|cap| cap.as_secs()), agent.preflight_cache);
    let mut machine = Machine { agent, cache: PreflightCache::default(), now: 0 };
    let mut naive = NaiveAgent::new(cap, !cache);
    for operation in operations {
        match operation {
            Operation::Pass(milliseconds) => {
                machine.now += milliseconds;
                naive.now += milliseconds;
            }
            Operation::Fetch(fetch) => {
                let (before, known) = (naive.now, naive.grants.clone());
                let expected = naive.fetch(naive_request(fetch), &fetch.server);
                let found = machine.fetch(fetch);
                prop_assert_eq!(&found, &expected, "at {}", before);
                prop_assert_eq!(machine.now, naive.now);
                prop_assert!(first_hop_is_covered(fetch, &found.1, before, &known));
                prop_assert!(cache || machine.cache.is_empty());
            }
        }
    }
    Ok(naive.counts)
}

/// Whatever list there is: a preflight is spared only while the max-age of some earlier one, for the
/// same partition, origin and URL, has not passed.
fn first_hop_is_covered(fetch: &Fetch, sent: &[Sent], now: u64, grants: &[Stored]) -> bool {
    let url = URLS[fetch.url].1;
    let asks = fetch.flag
        || !["GET", "HEAD", "POST"].contains(&fetch.method)
        || fetch.headers.iter().any(|header| header.is_unsafe);
    let spared = asks && fetch.page.origin != origin_of(url) && !sent[0].1;
    !spared
        || grants.iter().any(|stored| {
            stored.key == fetch.page.key
                && stored.origin == fetch.page.origin
                && stored.url == url
                && now - stored.at < stored.max_age.saturating_mul(1_000)
        })
}

#[test]
fn the_cache_spares_what_the_naive_list_spares() {
    let agents = prop_oneof![
        4 => Just((None, true)),
        4 => Just((Some(Duration::from_secs(8)), true)),
        1 => Just((None, false)),
    ];
    let total = RefCell::new(Counts::default());
    let mut runner =
        TestRunner::new(Config { cases: 800, failure_persistence: None, ..Config::default() });
    let result = runner.run(&(agents, operations()), |((cap, cache), operations)| {
        let agent = UserAgent { max_age_cap: cap, preflight_cache: cache, ..UserAgent::spec() };
        for (what, count) in run(agent, &operations)? {
            *total.borrow_mut().entry(what).or_default() += count;
        }
        Ok(())
    });
    result.unwrap_or_else(|error| panic!("{error}"));
    let counts = total.into_inner();
    for (what, least) in LEAST {
        assert!(counts[what] >= least, "{what}: {least} at least, of {counts:?}");
    }
    assert_eq!(counts.len(), LEAST.len());
}

#[test]
fn every_known_way_of_caching_otherwise_is_noticed() {
    let ways: [fn(&mut UserAgent); 10] = [
        |agent| agent.cache_replaces_entries = true,
        |agent| agent.cache_update_restarts_clock = true,
        |agent| agent.cache_survives_network_errors = true,
        |agent| agent.cache_separates_credentials = true,
        |agent| agent.cached_wildcard_is_literal = true,
        |agent| agent.cached_wildcard_with_credentials_is_literal = true,
        |agent| agent.cached_wildcard_covers_authorization = true,
        |agent| agent.negative_max_age_is_zero = true,
        |agent| agent.repeated_max_age_is_zero = true,
        |agent| agent.flagged_method_must_be_listed = true,
    ];
    for (index, change) in ways.into_iter().enumerate() {
        let mut agent = UserAgent::spec();
        change(&mut agent);
        let config = Config {
            cases: 3_000,
            failure_persistence: None,
            max_shrink_iters: 0,
            ..Config::default()
        };
        let result = TestRunner::new(config)
            .run(&operations(), |operations| run(agent.clone(), &operations).map(|_| ()));
        assert!(result.is_err(), "way {index}");
    }
}
