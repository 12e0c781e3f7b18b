//! Metamorphic rules of the decision, over generated cases: a change that must not matter does
//! not. Each says how it could hold for nothing, and shows that it does not.

use std::cell::Cell;

use corsproof_conform::byte_string::ByteString;
use corsproof_conform::case::{Api, Credentials, Mode, UserAgentCase};
use corsproof_conform::explain::explain;
use corsproof_conform::generate::preset::Preset;
use corsproof_conform::generate::strategy::user_agent_cases;
use corsproof_conform::observe::Outcome;
use proptest::prelude::TestCaseError;
use proptest::test_runner::{Config, TestRunner};

const CASES: u32 = 4_000;

/// Checks a rule over generated cases. Where `change` gives nothing the rule does not apply; it
/// has to apply to a fair number of cases that are allowed, and of those that are blocked if it
/// speaks of them.
fn holds(
    change: impl Fn(&UserAgentCase) -> Option<UserAgentCase>,
    rule: impl Fn(Outcome, Outcome) -> bool,
) {
    let (allowed, blocked) = (Cell::new(0), Cell::new(0));
    let config = Config { cases: CASES, failure_persistence: None, ..Config::default() };
    let result = TestRunner::new(config).run(&user_agent_cases(Preset::Mixed), |case| {
        let Some(changed) = change(&case) else { return Ok(()) };
        let (before, after) = (decide(&case)?, decide(&changed)?);
        let count = if before == Outcome::Allow { &allowed } else { &blocked };
        count.set(count.get() + 1);
        if rule(before, after) {
            Ok(())
        } else {
            Err(TestCaseError::fail(format!("{before:?} became {after:?}")))
        }
    });
    assert!(result.is_ok(), "{}", result.err().map(|e| e.to_string()).unwrap_or_default());
    assert!(allowed.get() >= 50 && blocked.get() >= 50, "{allowed:?} allowed, {blocked:?} blocked");
}

fn decide(case: &UserAgentCase) -> Result<Outcome, TestCaseError> {
    explain(case).map(|verdict| verdict.outcome).map_err(|e| TestCaseError::fail(e.to_string()))
}

fn same(before: Outcome, after: Outcome) -> bool {
    before == after
}

fn never_worse(before: Outcome, after: Outcome) -> bool {
    before == Outcome::Block || after == Outcome::Allow
}

/// Vacuous if cases had fewer than two headers; XHR and `no-cors` join values, where order counts.
#[test]
fn the_order_of_request_headers_does_not_matter() {
    holds(
        |case| {
            let request = &case.request;
            let applies = request.headers.len() > 1
                && request.api == Api::Fetch
                && request.mode != Mode::NoCors;
            let mut changed = case.clone();
            changed.request.headers.reverse();
            applies.then_some(changed)
        },
        same,
    );
}

/// Vacuous if cases had no headers.
#[test]
fn the_case_of_header_names_does_not_matter() {
    let flip = |name: &ByteString| -> ByteString {
        let flipped = |byte: &u8| {
            if byte.is_ascii_lowercase() {
                byte.to_ascii_uppercase()
            } else {
                byte.to_ascii_lowercase()
            }
        };
        name.iter().map(flipped).collect::<Vec<u8>>().into()
    };
    holds(
        |case| {
            let mut changed = case.clone();
            let answers = changed.hops.iter_mut().flat_map(|hop| {
                [&mut hop.preflight_response, &mut hop.response].into_iter().flatten()
            });
            let lines = answers.flat_map(|answer| &mut answer.headers);
            for (name, _) in lines.chain(&mut changed.request.headers) {
                *name = flip(name);
            }
            (!case.request.headers.is_empty()).then_some(changed)
        },
        same,
    );
}

/// Vacuous if no case had credentials.
#[test]
fn dropping_credentials_never_blocks() {
    holds(
        |case| {
            let mut changed = case.clone();
            changed.request.credentials = Credentials::Omit;
            (case.request.credentials == Credentials::Include).then_some(changed)
        },
        never_worse,
    );
}

/// Vacuous if no answer listed methods. Where none does, the request's own method may be implied,
/// and a list takes that away.
#[test]
fn listing_one_more_method_never_blocks() {
    let name = b"access-control-allow-methods";
    holds(
        |case| {
            let mut changed = case.clone();
            let answer = changed.hops.first_mut()?.preflight_response.as_mut()?;
            let listed = answer.headers.iter().any(|(n, _)| n.eq_ignore_ascii_case(name));
            answer.headers.push(("Access-Control-Allow-Methods".into(), "ONE-MORE".into()));
            listed.then_some(changed)
        },
        never_worse,
    );
}

/// Vacuous if no answer had the header.
#[test]
fn taking_allow_origin_away_never_allows() {
    let name = b"access-control-allow-origin";
    holds(
        |case| {
            let mut changed = case.clone();
            let answer = changed.hops.first_mut()?.response.as_mut()?;
            let before = answer.headers.len();
            answer.headers.retain(|(n, _)| !n.eq_ignore_ascii_case(name));
            let taken = answer.headers.len() < before;
            taken.then_some(changed)
        },
        |before, after| before == Outcome::Allow || after == Outcome::Block,
    );
}
