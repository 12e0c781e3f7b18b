//! The judge against a server that is right, and against each of its faults.
//!
//! `faults.toml` says which server vectors show which fault; `faults-survivors.toml` why the others
//! are not shown. `corsproof vectors faults` hunts, and writes the first.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on panics")]

use std::collections::{BTreeMap, BTreeSet};

use corsproof_conform::generate::preset::Preset;
use corsproof_conform::generate::server::nth;
use corsproof_conform::mutation::{findings, kills, name_of};
use corsproof_conform::reference::{Fault, ReferenceServer};
use corsproof_conform::subject::ServerAdapter as _;
use corsproof_conform::vector::{Test, Vector};
use serde::Deserialize;

const CASES: u64 = 3_000;

const KILLED: &str = include_str!("../faults.toml");
const SURVIVORS: &str = include_str!("../faults-survivors.toml");

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Survivors {
    survivor: Vec<Survivor>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Survivor {
    fault: String,
    equivalent: bool,
    reason: String,
}

fn killed() -> BTreeMap<String, Vec<String>> {
    toml::from_str(KILLED).unwrap()
}

fn survivors() -> Vec<Survivor> {
    toml::from_str::<Survivors>(SURVIVORS).unwrap().survivor
}

#[test]
fn the_reference_server_conforms() {
    let capabilities = ReferenceServer::default().capabilities().clone();
    for index in 0..CASES {
        let case = nth(1, Preset::Mixed, &capabilities, index);
        let found = findings(None, &case);
        assert!(found.is_empty(), "{}\n{found:#?}", serde_json::to_string_pretty(&case).unwrap());
    }
}

#[test]
fn every_fault_is_shown_by_a_vector_or_its_survival_explained() {
    let killed = killed();
    let survivors = survivors();
    let names: BTreeSet<String> = Fault::ALL.iter().map(|fault| name_of(*fault)).collect();
    assert_eq!(names.len(), Fault::ALL.len(), "two faults share a name");
    for name in &names {
        let explained = survivors.iter().filter(|survivor| survivor.fault == *name);
        let shown = killed.contains_key(name);
        assert_eq!(explained.count() + usize::from(shown), 1, "{name}");
    }
    for survivor in &survivors {
        assert!(names.contains(&survivor.fault), "no fault is called {}", survivor.fault);
        assert!(survivor.reason.len() > 20, "{}: {}", survivor.fault, survivor.reason);
    }
    let equivalent = survivors.iter().filter(|survivor| survivor.equivalent).count();
    println!(
        "{} of {} faults are shown by vectors; {} of them all are not equivalent",
        killed.len(),
        names.len(),
        names.len() - equivalent
    );
}

#[test]
fn each_vector_shows_the_faults_that_are_written_down() {
    let vectors: BTreeMap<String, Vector> = corsproof_vectors::all()
        .iter()
        .map(|(path, text)| Vector::parse(path, text).unwrap())
        .map(|vector| (vector.id.clone(), vector))
        .collect();
    for (name, ids) in killed() {
        let fault = Fault::ALL.into_iter().find(|fault| name_of(*fault) == name);
        let fault = fault.unwrap_or_else(|| panic!("no fault is called {name}"));
        assert!(!ids.is_empty(), "{name}");
        for id in ids {
            let vector = vectors.get(&id).unwrap_or_else(|| panic!("{name}: no vector {id}"));
            let Test::Server { case, guards, .. } = &vector.test else {
                panic!("{id} is no server vector")
            };
            assert!(kills(fault, case, guards), "{id} does not show {name}");
        }
    }
}
