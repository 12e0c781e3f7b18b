//! Generation is not vacuous: both verdicts are common, and the model's steps are reached.

#![expect(clippy::unwrap_used, reason = "helpers of tests fail as tests do")]

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use corsproof_conform::drive::drive;
use corsproof_conform::explain::{Judged, explain, judge};
use corsproof_conform::generate::origins::change::MARKS;
use corsproof_conform::generate::origins::{
    Combination, OriginChange as C, OriginRecipe, PRODUCIBLE, RAW,
};
use corsproof_conform::generate::preset::Preset;
use corsproof_conform::generate::{server, user_agent};
use corsproof_conform::intent::Intent;
use corsproof_conform::observe::Outcome;
use corsproof_conform::page::Page;
use corsproof_conform::reference::ReferenceServer;
use corsproof_conform::server_case::{AskedForm, ServerCall, ServerCase, Wire};
use corsproof_conform::subject::{ServerAdapter as _, Support};
use corsproof_model::UserAgent;

const CASES: u64 = 20_000;

#[test]
fn user_agent_cases_are_allowed_and_blocked_in_fair_shares() {
    for preset in [Preset::WellFormed, Preset::NearMiss, Preset::Mixed] {
        let allowed = (0..CASES)
            .filter(|index| {
                explain(&user_agent::nth(1, preset, *index)).unwrap().outcome == Outcome::Allow
            })
            .count() as u64;
        let share = allowed * 100 / CASES;
        assert!((25..=75).contains(&share), "{}: {share} % are allowed", preset.name());
    }
}

#[test]
fn server_calls_are_granted_and_refused_in_fair_shares() {
    let mut reference = ReferenceServer::default();
    let capabilities = reference.capabilities().clone();
    let mut calls = 0;
    let mut readable = 0;
    for index in 0..2_000 {
        let case = server::nth(1, Preset::Mixed, &capabilities, index);
        let Ok(Support::Mounted(mount)) = reference.configure(&case.policy) else { continue };
        let observed = drive(&mut reference, &mount, &case.policy, &case.bind().unwrap()).unwrap();
        for exchanges in observed.calls {
            calls += 1;
            let granted = exchanges.last().is_some_and(|e| {
                e.request.method != *"OPTIONS"
                    && e.response
                        .headers
                        .iter()
                        .any(|(n, _)| n.eq_ignore_ascii_case(b"access-control-allow-origin"))
            });
            readable += u32::from(granted);
        }
    }
    let share = readable * 100 / calls;
    assert!((25..=75).contains(&share), "{share} % of the calls are readable");
}

/// Steps that a case of one hop cannot decide, or that need a stream, which is not generated yet.
const BEYOND_ONE_HOP: [&str; 4] = [
    "concept-http-redirect-fetch/too-many-redirects",
    "concept-http-redirect-fetch/location-credentials-after-cors",
    "concept-http-redirect-fetch/stream-cannot-be-sent-again",
    "dom-request/stream-without-cors",
];

/// Standards whose steps no generated case decides: no page opens a WebSocket yet, and no case says
/// what address a server has.
const NOT_GENERATED: [&str; 2] =
    ["https://websockets.spec.whatwg.org/", "https://wicg.github.io/local-network-access/"];

#[test]
fn every_decisive_step_of_one_hop_is_reached() {
    let mut reached: BTreeMap<String, u32> = BTreeMap::new();
    for index in 0..CASES * 4 {
        let case = user_agent::nth(2, Preset::Mixed, index);
        let judged = judge(&case, &UserAgent::spec()).unwrap();
        let step = judged.decided_by();
        *reached.entry(format!("{}/{}", step.algorithm, step.slug)).or_default() += 1;
        if let Judged::Fetched(fetched) = &judged {
            assert!(!fetched.trace.hops.is_empty());
        }
    }
    let missed: BTreeSet<String> = corsproof_model::steps()
        .iter()
        .filter(|step| !NOT_GENERATED.contains(&step.standard))
        .map(|step| format!("{}/{}", step.algorithm, step.slug))
        .filter(|step| !reached.contains_key(step))
        .filter(|step| !BEYOND_ONE_HOP.contains(&step.as_str()))
        .collect();
    assert!(missed.is_empty(), "not reached: {missed:#?}\nreached: {reached:#?}");
}

/// What is counted among generated server cases: each is there, and how often.
#[derive(Default)]
struct Seen {
    words: BTreeMap<String, u64>,
    calls: u64,
    single_plain: u64,
}

/// Counted once for all tests here.
static SEEN: LazyLock<Seen> = LazyLock::new(|| Seen::of(CASES));

impl Seen {
    fn of(cases: u64) -> Self {
        let capabilities = ReferenceServer::default().capabilities().clone();
        let mut seen = Self::default();
        for index in 0..cases {
            seen.note_case(&server::nth(1, Preset::Mixed, &capabilities, index));
        }
        seen
    }

    fn note(&mut self, word: impl Into<String>) {
        *self.words.entry(word.into()).or_default() += 1;
    }

    fn note_case(&mut self, case: &ServerCase) {
        let bound = case.bind().unwrap();
        let plain = |call: &ServerCall| call.wire.is_plain() && !call.overlaps;
        self.single_plain += u64::from(case.calls.len() == 1 && case.calls.iter().all(plain));
        self.note(format!("{} calls", case.calls.len()));
        if !case.policy.paths().is_empty() {
            self.note("paths");
        }
        for (call, bound) in case.calls.iter().zip(&bound) {
            self.calls += 1;
            self.note_call(call);
            let Some(page) = Page::of(bound) else {
                self.note("no page");
                continue;
            };
            self.note(match case.policy.intends_page(&page) {
                Intent::MustAllow => "must allow".to_owned(),
                Intent::MustBlock(reason) => format!("must block {}", reason.label()),
                Intent::May(flag) => format!("may {flag:?}"),
            });
        }
    }

    fn note_call(&mut self, call: &ServerCall) {
        let kind = match &call.origin {
            OriginRecipe::Changed { change, .. } => {
                // Numbers and characters are kept apart here.
                self.note(format!("change {change:?}"));
                "changed".to_owned()
            }
            OriginRecipe::Own(_) => "own".to_owned(),
            OriginRecipe::Combined { how, .. } => {
                self.note(format!("combined {how:?}"));
                "combined".to_owned()
            }
            other => other.label(),
        };
        self.note(format!("origin {kind}"));
        let Wire { host, http2, bare, asked, origin_twice, private_network, lines } = &call.wire;
        self.note(format!("asked {asked:?}"));
        for (is, word) in [
            (host.is_some(), "host"),
            (*http2, "http2"),
            (*bare, "bare"),
            (*origin_twice, "origin twice"),
            (*private_network, "private network"),
            (!lines.is_empty(), "lines"),
            (call.overlaps, "overlaps"),
            (call.headers.len() > 8, "many headers"),
            (call.path.contains("redirect"), "redirect"),
            (call.path.contains(".."), "dot segments"),
        ] {
            if is {
                self.note(word);
            }
        }
    }

    fn times(&self, word: &str) -> u64 {
        self.words.get(word).copied().unwrap_or_default()
    }
}

#[test]
fn every_kind_of_origin_and_wire_is_generated() {
    let seen = &*SEEN;
    let marks = MARKS.into_iter().flat_map(|m| [C::LabelBetween(m), C::MarkBehind(m)]);
    let changes = PRODUCIBLE.into_iter().chain(RAW).chain((0..3).map(C::DotReplaced)).chain(marks);
    let changes = changes.map(|change| format!("change {change:?}"));
    let combined = Combination::ALL.into_iter().map(|how| format!("combined {how:?}"));
    let kinds = ["listed", "changed", "combined", "own", "null", "unrelated", "absent", "literal"];
    let asked = [
        AskedForm::Spaced,
        AskedForm::EmptyMembers,
        AskedForm::SeveralLines,
        AskedForm::Repeated,
        AskedForm::UpperCase,
        AskedForm::Reversed,
    ];
    let asked = asked.into_iter().map(|form| format!("asked {form:?}"));
    let words = [
        "host",
        "http2",
        "bare",
        "origin twice",
        "private network",
        "lines",
        "overlaps",
        "many headers",
        "redirect",
        "dot segments",
        "paths",
    ];
    let wanted = changes
        .chain(combined)
        .chain(asked)
        .chain(kinds.map(|kind| format!("origin {kind}")))
        .chain((1..=6).map(|n| format!("{n} calls")))
        .chain(words.map(str::to_owned));
    let missed: Vec<String> = wanted.filter(|word| seen.times(word) == 0).collect();
    assert!(missed.is_empty(), "{missed:?}\nof {:#?}", seen.words);
}

#[test]
fn single_plain_calls_stay_common_and_specials_fair() {
    let seen = &*SEEN;
    let share = seen.single_plain * 100 / CASES;
    assert!((35..=60).contains(&share), "{share} % are a single plain call");
    for (word, least) in [
        ("origin absent", 150),
        ("bare", 50),
        ("overlaps", 100),
        ("host", 20),
        ("http2", 20),
        ("lines", 50),
        ("asked Spaced", 10),
        ("private network", 5),
    ] {
        let per_ten_thousand = seen.times(word) * 10_000 / seen.calls;
        assert!(per_ten_thousand >= least, "{word}: {per_ten_thousand} of 10,000 calls");
    }
}

/// Vacuous rules are those whose intent never comes up; each has a share of the calls.
#[test]
fn every_intent_has_a_fair_share() {
    let seen = &*SEEN;
    for (word, least) in [
        ("must allow", 1_500),
        ("must block unlisted-origin", 1_000),
        ("must block null-origin", 150),
        ("must block credentials", 500),
        ("must block unlisted-method", 200),
        ("must block unlisted-header", 200),
        ("may SafelistedMethod", 300),
        ("may AnyOriginWithCredentials", 50),
        ("may AuthorizationUnderWildcard", 10),
        ("no page", 150),
    ] {
        let per_ten_thousand = seen.times(word) * 10_000 / seen.calls;
        assert!(per_ten_thousand >= least, "{word}: {per_ten_thousand} of 10,000 calls");
    }
    // No recipe is the server's own origin: a page there is not the business of CORS.
    assert_eq!(seen.times("may SameOrigin"), 0);
}
