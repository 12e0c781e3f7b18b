//! Each rule against the reference server, which keeps it, and its miniature, which breaks it.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on panics")]

use std::collections::{BTreeMap, BTreeSet};

use corsproof_conform::drive::{drive, play};
use corsproof_conform::generate::preset::Preset;
use corsproof_conform::generate::server::nth;
use corsproof_conform::judge::finding::Finding;
use corsproof_conform::judge::rules::{RULES, rule};
use corsproof_conform::judge::server::{judge, judge_played};
use corsproof_conform::miniature::{MINIATURES, Miniature, MiniatureServer, of_rule};
use corsproof_conform::reference::ReferenceServer;
use corsproof_conform::server_case::ServerCase;
use corsproof_conform::subject::{Server, ServerAdapter as _, Support};

const LEAST_CASES: u64 = 300;
const MOST_CASES: u64 = 10_000;

fn findings(server: &mut dyn Server, case: &ServerCase) -> Vec<Finding> {
    let Ok(Support::Mounted(mount)) = server.configure(&case.policy) else { return Vec::new() };
    let Ok(calls) = case.bind() else { return Vec::new() };
    let observed = drive(server, &mount, &case.policy, &calls).unwrap();
    judge(case, &observed).unwrap()
}

fn broken(findings: &[Finding]) -> BTreeSet<&str> {
    findings.iter().map(|finding| finding.rule.as_str()).collect()
}

fn strangers<'f>(miniature: &Miniature, findings: &'f [Finding]) -> Vec<&'f Finding> {
    let own = |f: &&Finding| f.rule != miniature.rule && !miniature.implies.contains(&&*f.rule);
    findings.iter().filter(own).collect()
}

#[test]
fn every_rule_has_its_miniature_and_a_name_of_its_own() {
    let slugs: BTreeSet<&str> = RULES.iter().map(|rule| rule.slug).collect();
    assert_eq!(slugs.len(), RULES.len());
    for rule in &RULES {
        assert!(of_rule(rule.slug).is_some(), "no miniature breaks {}", rule.slug);
    }
    for miniature in &MINIATURES {
        assert!(rule(miniature.rule).is_some(), "no rule is called {}", miniature.rule);
    }
}

#[test]
fn the_reference_server_passes_each_example_and_the_miniature_fails_it_in_one_way() {
    for miniature in &MINIATURES {
        let case = miniature.example().unwrap();
        let right = findings(&mut ReferenceServer::default(), &case);
        assert!(right.is_empty(), "{}: {right:#?}", miniature.rule);
        let wrong = findings(&mut MiniatureServer::new(miniature), &case);
        assert!(broken(&wrong).contains(miniature.rule), "{}: {wrong:#?}", miniature.rule);
        assert!(strangers(miniature, &wrong).is_empty(), "{}: {wrong:#?}", miniature.rule);
    }
}

#[test]
fn over_generated_cases_a_miniature_breaks_its_rule_and_those_that_it_implies() {
    let capabilities = ReferenceServer::default().capabilities().clone();
    let mut wrong = BTreeMap::new();
    for (number, miniature) in MINIATURES.iter().enumerate() {
        // Each sees cases of its own, until it has been caught.
        let seed = u64::try_from(number).unwrap();
        let mut caught = false;
        for index in 0..MOST_CASES {
            if caught && index >= LEAST_CASES {
                break;
            }
            let case = nth(seed, Preset::Mixed, &capabilities, index);
            let found = findings(&mut MiniatureServer::new(miniature), &case);
            for stranger in strangers(miniature, &found) {
                let shown = || serde_json::to_string(&case).unwrap();
                let key = (miniature.rule, stranger.rule.clone());
                wrong.entry(key).or_insert_with(|| format!("{}: {}", stranger.observed, shown()));
            }
            caught |= broken(&found).contains(miniature.rule);
        }
        if !caught {
            wrong.insert((miniature.rule, String::new()), "it is never broken".to_owned());
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn each_rule_names_documents_that_are_listed() {
    let listed: toml::Table = include_str!("../../model/spec/sources.toml").parse().unwrap();
    let mut addresses: Vec<&str> = listed["document"]
        .as_array()
        .unwrap()
        .iter()
        .map(|document| document["address"].as_str().unwrap())
        .collect();
    addresses.push("https://fetch.spec.whatwg.org/#");
    for rule in &RULES {
        assert!(!rule.sources.is_empty(), "{}", rule.slug);
        for source in rule.sources {
            assert!(addresses.iter().any(|a| source.starts_with(a)), "{}: {source}", rule.slug);
        }
    }
}

#[test]
fn what_was_just_played_is_judged_as_its_record_is() {
    let mut found = 0;
    for miniature in &MINIATURES {
        let mut server = MiniatureServer::new(miniature);
        for index in 0..60 {
            let case = nth(7, Preset::Mixed, server.capabilities(), index);
            let Ok(Support::Mounted(mount)) = server.configure(&case.policy) else { continue };
            let calls = case.bind().unwrap();
            let (observed, played) = play(&mut server, &mount, &case.policy, calls).unwrap();
            let findings = judge_played(&case, &observed, played);
            assert_eq!(findings, judge(&case, &observed).unwrap(), "{} {index}", miniature.rule);
            found += findings.len();
        }
    }
    assert!(found > 100, "{found}");
}
