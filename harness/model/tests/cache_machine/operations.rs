//! What happens to the cache: time passes, pages fetch, servers answer.

use corsproof_model::CredentialsMode;
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::{select, subsequence};

use crate::naive::{Allows, Answer, Grant, Listed, Page, RequestHeader, Server};

/// Two origins of one site, which share a partition, and an opaque one.
const PAGES: [Page; 3] = [
    Page { origin: "https://a.example", key: "https://a.example" },
    Page { origin: "https://www.a.example", key: "https://a.example" },
    Page { origin: "null", key: "null" },
];

/// As written, and as serialized.
pub const URLS: [(&str, &str); 7] = [
    ("https://b.example/x", "https://b.example/x"),
    ("https://B.example:443/y/../x", "https://b.example/x"),
    ("https://b.example/x?", "https://b.example/x?"),
    ("https://b.example/x?q", "https://b.example/x?q"),
    ("https://b.example/x#f", "https://b.example/x#f"),
    ("https://c.example/", "https://c.example/"),
    ("https://a.example/own", "https://a.example/own"),
];

const HEADERS: [RequestHeader; 5] = [
    RequestHeader { name: "X-A", value: "1", is_unsafe: true },
    RequestHeader { name: "x-b", value: "", is_unsafe: true },
    RequestHeader { name: "Authorization", value: "x", is_unsafe: true },
    RequestHeader { name: "Content-Type", value: "application/json", is_unsafe: true },
    RequestHeader { name: "Accept", value: "text/plain", is_unsafe: false },
];

/// What `Access-Control-Max-Age` says, line by line, and what that means.
const MAX_AGES: [(&[&str], Option<u64>); 12] = [
    (&[], None),
    (&["0"], Some(0)),
    (&["3"], Some(3)),
    (&["10"], Some(10)),
    (&["010 "], Some(10)),
    (&["100000"], Some(100_000)),
    (&["99999999999999999999999"], Some(u64::MAX)),
    (&["-1"], None),
    (&[""], None),
    (&["9, 9"], None),
    (&["9", "9"], None),
    (&["x"], None),
];

/// One fetch.
#[derive(Debug, Clone)]
pub struct Fetch {
    pub page: Page,
    pub url: usize,
    pub method: &'static str,
    pub headers: Vec<RequestHeader>,
    pub credentials_mode: CredentialsMode,
    pub flag: bool,
    pub server: Server,
    pub max_age_lines: Vec<&'static [&'static str]>,
}

#[derive(Debug, Clone)]
pub enum Operation {
    /// So many milliseconds.
    Pass(u64),
    Fetch(Box<Fetch>),
}

fn allows() -> impl Strategy<Value = Allows> {
    prop_oneof![30 => Just(Allows::Echo), 5 => Just(Allows::Star), 1 => Just(Allows::Nobody)]
}

/// Mostly much of it, in order.
fn listed(all: &'static [&'static str]) -> impl Strategy<Value = Listed> {
    let most = all.len();
    prop_oneof![
        6 => subsequence(all, 0..=most).prop_map(Listed::Of),
        10 => Just(Listed::Of(all.iter().copied().filter(|item| *item != "*").collect())),
        15 => Just(Listed::Of(all.to_vec())),
        5 => Just(Listed::Of(vec!["*"])),
        1 => Just(Listed::Absent),
        1 => Just(Listed::Broken),
    ]
}

fn grant() -> impl Strategy<Value = (Grant, &'static [&'static str])> {
    let all = (
        allows(),
        prop::bool::weighted(0.9),
        prop::bool::weighted(0.97),
        listed(&["PUT", "*", "PATCH", "PUT"]),
        listed(&["x-a", "*", "X-B", "authorization", "content-type", "X-A"]),
        prop_oneof![1 => select(&MAX_AGES[..]), 1 => select(&MAX_AGES[3..7])],
    );
    all.prop_map(|(allows, with_credentials, is_ok, methods, headers, (lines, max_age))| {
        (Grant { allows, with_credentials, is_ok, methods, headers, max_age }, lines)
    })
}

fn answer() -> impl Strategy<Value = Answer> {
    let redirect = (select(vec![307_u16, 307, 303]), select(vec![0, 1, 2, 3, 4, 5, 5, 5, 5, 6]));
    let redirect =
        option::weighted(0.4, redirect.prop_map(|(status, url): (_, usize)| (status, URLS[url].1)));
    (allows(), prop::bool::weighted(0.95), redirect).prop_map(
        |(allows, with_credentials, redirect)| Answer { allows, with_credentials, redirect },
    )
}

fn a_fetch() -> impl Strategy<Value = Fetch> {
    use CredentialsMode::{Include, Omit, SameOrigin};
    let hop = (option::weighted(0.97, grant()), option::weighted(0.97, answer()));
    let request = (
        select(vec![PAGES[0], PAGES[0], PAGES[0], PAGES[0], PAGES[1], PAGES[2]]),
        select(vec![0_usize, 0, 0, 0, 0, 1, 2, 3, 4, 5, 6]),
        select(vec!["PUT", "PUT", "PUT", "PUT", "PATCH", "PATCH", "GET", "POST", "*"]),
        prop_oneof![2 => Just(Vec::new()), 3 => subsequence(&HEADERS[..], 0..=2)],
        select(vec![SameOrigin, SameOrigin, Include, Omit]),
        prop::bool::weighted(0.15),
    );
    let latency = select(vec![0_u64, 0, 0, 0, 0, 500, 2_000]);
    (request, vec(hop, 1..4), latency).prop_map(|(request, hops, latency)| {
        let (page, url, method, headers, credentials_mode, flag) = request;
        let (mut lines, mut answers) = (Vec::new(), Vec::new());
        for (grant, answer) in hops {
            lines.push(grant.as_ref().map_or(&[][..], |(_, lines)| *lines));
            answers.push((grant.map(|(grant, _)| grant), answer));
        }
        let server = Server { hops: answers, latency };
        Fetch { page, url, method, headers, credentials_mode, flag, server, max_age_lines: lines }
    })
}

pub fn operations() -> impl Strategy<Value = Vec<Operation>> {
    let pass = select(vec![1_u64, 500, 1_000, 2_999, 3_000, 5_000, 10_000, 50_000]);
    let operation = prop_oneof![
        1 => pass.prop_map(Operation::Pass),
        5 => a_fetch().prop_map(|fetch| Operation::Fetch(Box::new(fetch))),
    ];
    vec(operation, 1..40)
}
