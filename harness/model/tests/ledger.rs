//! The code against the step ledger (`spec/fetch.json`, made by `scripts/spec`), and against the list
//! of the other documents that it cites (`spec/sources.toml`).

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "the helpers of tests are tests, too"
)]

#[path = "ledger/check.rs"]
mod check;
#[path = "ledger/citations.rs"]
mod citations;
#[path = "ledger/comments.rs"]
mod comments;
#[path = "ledger/documents.rs"]
mod documents;

use std::fs;
use std::path::{Path, PathBuf};

use corsproof_model::{SPEC_COMMIT, Step, steps, waypoints};

use check::{Algorithm, Code, Ledger, LedgerStep, complaints};
use citations::{Kind, Sources};

fn directory(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(name)
}

/// Every file below, by its path from this package, without unit tests.
fn sources_below(name: &str) -> Sources {
    let mut files = Vec::new();
    let mut entries = vec![directory(name)];
    while let Some(path) = entries.pop() {
        if path.is_dir() {
            entries.extend(fs::read_dir(path).unwrap().map(|entry| entry.unwrap().path()));
        } else if path.extension().is_some_and(|extension| extension == "rs")
            && !path.ends_with("tests.rs")
        {
            let text = fs::read_to_string(&path).unwrap();
            let code = text.split("\nmod tests").next().unwrap().to_owned();
            let name = path.strip_prefix(directory(".")).unwrap().to_str().unwrap().to_owned();
            files.push((name, code));
        }
    }
    files.sort();
    Sources(files)
}

fn ledger() -> Ledger {
    let text = fs::read_to_string(directory("spec/fetch.json")).unwrap();
    serde_json::from_str(&text).unwrap()
}

fn all_steps() -> Vec<&'static Step> {
    steps().iter().chain(waypoints()).copied().collect()
}

#[test]
fn code_and_ledger_agree() {
    let all = all_steps();
    let code = Code { commit: SPEC_COMMIT, steps: &all };
    let complaints = complaints(&sources_below("src"), code, &ledger());
    assert!(complaints.is_empty(), "{} complaints\n{}", complaints.len(), complaints.join("\n"));
}

#[test]
fn the_check_looks_at_much() {
    let citations = sources_below("src").citations();
    let count = |kinds: &[Kind]| citations.iter().filter(|one| kinds.contains(&one.kind)).count();
    // When this was written there were 104, 236 and 45.
    assert!(count(&[Kind::Defines]) >= 95, "{}", count(&[Kind::Defines]));
    assert!(count(&[Kind::Cites]) >= 220, "{}", count(&[Kind::Cites]));
    assert!(count(&[Kind::NotModelled, Kind::Exception]) >= 40);
    let steps: usize = ledger().algorithms.values().map(|algorithm| algorithm.steps.len()).sum();
    assert!(steps >= 700, "{steps}");
}

/// What the check says of the real code and a ledger with this change, without line numbers.
fn complaints_after(change: impl FnOnce(&mut Ledger)) -> Vec<String> {
    let mut ledger = ledger();
    change(&mut ledger);
    let all = all_steps();
    let code = Code { commit: SPEC_COMMIT, steps: &all };
    let sources = sources_below("src");
    // What the ledger as it is would say is the business of another test.
    let before = complaints(&sources, code, &self::ledger());
    let after = complaints(&sources, code, &ledger);
    let new = after.iter().filter(|complaint| !before.contains(complaint));
    new.map(|complaint| without_lines(complaint)).collect()
}

fn without_lines(complaint: &str) -> String {
    let mut parts = complaint.split(".rs:");
    let first = parts.next().unwrap().to_owned();
    parts.fold(first, |text, part| {
        format!("{text}.rs{}", part.trim_start_matches(|c: char| c.is_ascii_digit()))
    })
}

fn algorithm<'a>(ledger: &'a mut Ledger, anchor: &str) -> &'a mut Algorithm {
    ledger.algorithms.get_mut(anchor).unwrap()
}

fn step<'a>(ledger: &'a mut Ledger, anchor: &str, number: &str) -> &'a mut LedgerStep {
    let mut steps = algorithm(ledger, anchor).steps.iter_mut();
    steps.find(|step| step.number == number).unwrap()
}

fn new_step(number: &str) -> LedgerStep {
    let hash = "0123456789ab".to_owned();
    let (number, reviewed) = (number.to_owned(), Some(hash.clone()));
    LedgerStep { number, hash, reviewed, slugs: Vec::new(), was: None }
}

const CHECK: &str = "concept-cors-check";
const IN_CHECK: &str = "`cors_check` in src/fetching/cors_check.rs";

#[test]
fn a_removed_step_is_missed_where_it_is_cited() {
    let complaints = complaints_after(|ledger| {
        algorithm(ledger, CHECK).steps.retain(|step| step.number != "6");
    });
    assert_eq!(
        complaints,
        [
            format!("{IN_CHECK} names #{CHECK} step 6, which is not there"),
            format!("the ledger of #{CHECK} lacks step 6"),
        ]
    );
}

#[test]
fn an_added_step_asks_for_a_citation() {
    let complaints = complaints_after(|ledger| algorithm(ledger, CHECK).steps.push(new_step("9")));
    assert_eq!(complaints, [format!("#{CHECK} step 9 is neither cited nor declared: {IN_CHECK}")]);
}

#[test]
fn a_changed_step_is_to_be_read_again_where_it_is_cited() {
    let complaints = complaints_after(|ledger| {
        step(ledger, "cors-preflight-fetch-0", "7.5").hash = "changed".to_owned();
    });
    let url = "https://fetch.spec.whatwg.org/#cors-preflight-fetch-0";
    let place = "`judge` in src/fetching/cors_preflight_fetch.rs";
    assert_eq!(complaints, [format!("read {url} step 7.5 again: {place}")]);
}

#[test]
fn a_changed_step_that_is_not_modelled_names_who_says_so() {
    let complaints = complaints_after(|ledger| {
        step(ledger, "concept-http-fetch", "3.5.7").reviewed = None;
    });
    let url = "https://fetch.spec.whatwg.org/#concept-http-fetch";
    let place = "`http_fetch` in src/fetching/http_fetch.rs";
    assert_eq!(complaints, [format!("read {url} step 3.5.7 again: {place}")]);
}

#[test]
fn a_changed_definition_is_to_be_read_again() {
    let complaints = complaints_after(|ledger| {
        algorithm(ledger, "cors-safelisted-method").reviewed = Some("other".to_owned());
    });
    let url = "https://fetch.spec.whatwg.org/#cors-safelisted-method";
    let place = "`is_cors_safelisted_method` in src/http/methods.rs";
    assert_eq!(complaints, [format!("read {url} again: {place}")]);
}

#[test]
fn a_renumbered_list_names_each_constant() {
    let complaints = complaints_after(|ledger| {
        let steps = &mut algorithm(ledger, CHECK).steps;
        steps.insert(0, new_step("0"));
        steps.iter_mut().zip(1..).for_each(|(step, number)| step.number = number.to_string());
    });
    let mut expected = vec![format!("#{CHECK} step 9 is neither cited nor declared: {IN_CHECK}")];
    for (constant, slug, number) in [
        ("ALLOW_ORIGIN_MISSING", "allow-origin-missing", 2),
        ("ANY_ORIGIN_WITHOUT_CREDENTIALS", "any-origin-without-credentials", 3),
        ("ALLOW_ORIGIN_MISMATCH", "allow-origin-mismatch", 4),
        ("GRANTED_WITHOUT_CREDENTIALS", "granted-without-credentials", 5),
        ("GRANTED_WITH_CREDENTIALS", "granted-with-credentials", 7),
        ("ALLOW_CREDENTIALS_NOT_TRUE", "allow-credentials-not-true", 8),
    ] {
        let place = format!("`{constant}` in src/fetching/cors_check.rs");
        let ledger = number + 1;
        expected.push(format!(
            "{place} puts `{slug}` at #{CHECK} step {number}, the ledger at {ledger}"
        ));
    }
    assert_eq!(complaints, expected);
}

#[test]
fn a_renumbered_step_waits_until_it_is_accepted() {
    let complaints = complaints_after(|ledger| {
        for (number, was) in [("5", "4"), ("5.1", "4.1"), ("5.2", "4.3")] {
            step(ledger, "cors-preflight-fetch-0", number).was = Some(was.to_owned());
        }
    });
    let places = "`store` in src/fetching/cors_preflight_cache.rs, \
                  `cors_preflight_fetch` in src/fetching/cors_preflight_fetch.rs";
    let moved = [("4", "5"), ("4.3", "5.2")].map(|(was, is)| {
        format!("#cors-preflight-fetch-0 step {was} is step {is} now; have the citations been adjusted? {places}")
    });
    assert_eq!(complaints, moved);
}

#[test]
fn a_step_that_decides_cannot_be_left_out_and_is_used_where_it_is_cited() {
    let changed = |from: &str, to: &str| {
        let Sources(mut files) = sources_below("src");
        let (_, text) =
            files.iter_mut().find(|(file, _)| file.ends_with("/http_redirect_fetch.rs")).unwrap();
        assert!(text.contains(from), "{from}");
        *text = text.replacen(from, to, 1);
        let all = all_steps();
        let code = Code { commit: SPEC_COMMIT, steps: &all };
        let found = complaints(&Sources(files), code, &ledger());
        found.iter().map(|complaint| without_lines(complaint)).collect::<Vec<_>>()
    };
    let left_out =
        changed("    // 9. With a", "    // NOT MODELLED 9 (userinfo): whatever. With a");
    assert!(
        left_out.iter().any(|c| c.contains("step 9 decides, as `location-credentials")),
        "{left_out:#?}"
    );
    let elsewhere = changed("    // 9. With a", "    // 8, 9. With a");
    assert_eq!(elsewhere, [""; 0]);
    let wrong = changed("    // 11. With a body", "    // 9. With a body");
    let place = "`STREAM_CANNOT_BE_SENT_AGAIN` in src/fetching/http_redirect_fetch.rs";
    assert!(
        wrong.iter().any(|c| c.starts_with(place) && c.contains("not about step 11")),
        "{wrong:#?}"
    );
}

#[test]
fn a_changed_slug_is_missed_on_both_sides() {
    let complaints = complaints_after(|ledger| {
        step(ledger, CHECK, "4").slugs = vec!["another".to_owned()];
    });
    let place = "`ALLOW_ORIGIN_MISMATCH` in src/fetching/cors_check.rs";
    let slug = "allow-origin-mismatch";
    assert_eq!(
        complaints,
        [
            format!("{place} puts `{slug}` at #{CHECK} step 4, the ledger nowhere"),
            format!("the ledger has `another` at #{CHECK}, no `Step` has"),
        ]
    );
}

#[test]
fn an_algorithm_has_to_be_on_both_sides() {
    let complaints = complaints_after(|ledger| {
        let moved = ledger.algorithms.remove("bad-port").unwrap();
        ledger.algorithms.insert("worse-port".to_owned(), moved);
    });
    let place = "`is_bad_port` in src/http/port_blocking.rs";
    assert_eq!(
        complaints,
        [
            format!("{place} names #bad-port, which the ledger does not have"),
            "nothing in the code is #worse-port, which the ledger has".to_owned(),
        ]
    );
}

#[test]
fn the_commit_has_to_be_the_same() {
    let complaints = complaints_after(|ledger| ledger.commit = "0".repeat(40));
    let other = "0".repeat(40);
    let expected =
        format!("`SPEC_COMMIT` in src/lib.rs is {SPEC_COMMIT}, the ledger's commit {other}");
    assert_eq!(complaints, [expected]);
}

/// What the check says of a function with these comments, of an algorithm with steps 1, 2, 2.1, 2.2, 3.
fn complaints_of(comments: &str) -> Vec<String> {
    let steps = ["1", "2", "2.1", "2.2", "3"].map(new_step).to_vec();
    let hash = "0123456789ab".to_owned();
    let entry = Algorithm { reviewed: Some(hash.clone()), hash, steps };
    let mut ledger = ledger();
    ledger.algorithms = [("an-algorithm".to_owned(), entry)].into();
    let text =
        format!("/// <https://fetch.spec.whatwg.org/#an-algorithm>\nfn f() {{\n{comments}\n}}\n");
    let sources = Sources(vec![("a.rs".to_owned(), text)]);
    complaints(&sources, Code { commit: SPEC_COMMIT, steps: &[] }, &ledger)
}

#[test]
fn citations_are_read_as_they_are_written() {
    for good in [
        "// 1. One.\n// 2. Both.\n// 2.1, 2.2. Parts.\n// 3. Three.",
        "// 1 to 3. All,\n// wrapped.\n// 2.1 and 2.2. Parts.",
        "    // an-algorithm 1, 2.1 to 2.2, 3. All.",
        "// 1, 3. Ends.\n// NOT MODELLED 2 (the middle): there\n// is none.",
        "// EXCEPTION 1: no.\n// EXCEPTION an-algorithm 2.1, 2.2 (so): no.\n// 3. Yes.",
    ] {
        assert_eq!(complaints_of(good), [""; 0], "{good}");
    }
    let uncovered = |number: &str| {
        format!("#an-algorithm step {number} is neither cited nor declared: `f` in a.rs:1")
    };
    for (bad, expected) in [
        ("// 1 to 3. A parent does not stand for its parts.", vec!["2.1", "2.2"]),
        ("// 1, 2.1, 3. Not both.", vec!["2.2"]),
        ("// 1, 2.1, 2.2. One is forgotten.", vec!["3"]),
        ("// 3 is no citation, nor is\n// 1: that.", vec!["1", "2.1", "2.2", "3"]),
    ] {
        let expected: Vec<String> = expected.into_iter().map(uncovered).collect();
        assert_eq!(complaints_of(bad), expected, "{bad}");
    }
}

#[test]
fn what_cannot_be_a_citation_is_told() {
    let all = "// 1, 2.1, 2.2, 3. All.\n";
    for (comment, expected) in [
        ("// NOT MODELLED 3", "the comment of `f` in a.rs:4 cannot be read"),
        ("// NOT MODELLED 3 (no reason):", "the comment of `f` in a.rs:4 cannot be read"),
        ("// NOT MODELLED the third: so", "the comment of `f` in a.rs:4 cannot be read"),
        ("// 4. More.", "`f` in a.rs:4 names #an-algorithm step 4, which is not there"),
        ("// 1 to 2.1. Across.", "`f` in a.rs:4 names a range of unlike steps, 1 to 2.1"),
        (
            "// other-one 1. Whose?",
            "`f` in a.rs:4 names #other-one, which the ledger does not have",
        ),
        (
            "// NOT MODELLED 2 (both): no.",
            "#an-algorithm step 2.1 is cited, `f` in a.rs:3, and not modelled, `f` in a.rs:4",
        ),
    ] {
        let complaints = complaints_of(&format!("{all}{comment}"));
        assert_eq!(complaints.first().map(String::as_str), Some(expected), "{comment}");
    }
}
