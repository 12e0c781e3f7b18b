//! The published vectors: each is what its schema, its id and the model say it is.

#![expect(clippy::panic, reason = "a test that cannot go on panics")]

use std::collections::BTreeSet;
use std::path::Path;

use corsproof_conform::author::compute;
use corsproof_conform::drive::drive;
use corsproof_conform::judge::server::judge;
use corsproof_conform::reference::ReferenceServer;
use corsproof_conform::subject::{ServerAdapter as _, Support};
use corsproof_conform::vector::{Test, Vector};

fn vectors() -> Vec<(&'static str, Vector)> {
    corsproof_vectors::all()
        .iter()
        .map(|(path, text)| (*path, Vector::parse(path, text).unwrap_or_else(|e| panic!("{e}"))))
        .collect()
}

#[test]
fn there_are_vectors_of_both_kinds() {
    let all = vectors();
    assert!(all.iter().any(|(_, vector)| matches!(vector.test, Test::UserAgent { .. })));
    assert!(all.iter().any(|(_, vector)| matches!(vector.test, Test::Server { .. })));
}

#[test]
fn ids_are_unique_and_name_their_files() {
    let mut seen = BTreeSet::new();
    for (path, vector) in vectors() {
        assert_eq!(Path::new(path).file_stem().unwrap(), vector.id.as_str());
        assert!(seen.insert(vector.id.clone()), "{path}");
    }
}

/// The last part of an id is a hash of the test: two that share it show the same, unless they hold
/// the answer to another rule.
#[test]
fn no_two_vectors_hold_the_same_test() {
    let mut seen = std::collections::BTreeMap::new();
    for (path, vector) in vectors() {
        let hash = vector.id.rsplit('.').next().unwrap().to_owned();
        let rule = match &vector.test {
            Test::Server { guards, .. } => Some(guards.rule.clone()),
            Test::UserAgent { .. } | Test::Sequence { .. } => None,
        };
        if let Some(other) = seen.insert((hash, rule), path) {
            panic!("{path} repeats {other}");
        }
    }
}

#[test]
fn comments_are_written_by_people_and_number_no_steps() {
    for (path, vector) in vectors() {
        let comment = vector.comment.to_lowercase();
        let numbered = comment
            .split("step ")
            .skip(1)
            .any(|rest| rest.starts_with(|c: char| c.is_ascii_digit()));
        assert!(!numbered && !comment.starts_with("expected: "), "{path}: {comment}");
    }
}

#[test]
fn each_fits_the_schema_and_stands_in_its_file_as_it_is_written() {
    let (_, schema) =
        corsproof_vectors::schemas().iter().find(|(name, _)| *name == "vector").unwrap();
    let schema = jsonschema::validator_for(&serde_json::from_str(schema).unwrap()).unwrap();
    for (path, text) in corsproof_vectors::all() {
        let json = serde_json::from_str(text).unwrap();
        assert!(schema.is_valid(&json), "{path}: {:?}", schema.iter_errors(&json).next());
        assert_eq!(Vector::parse(path, text).unwrap().to_json(), *text, "{path}");
    }
}

#[test]
fn what_a_user_agent_vector_expects_is_what_the_model_says() {
    for (path, vector) in vectors() {
        let mut again = vector.clone();
        compute(&mut again).unwrap();
        assert_eq!(again, vector, "{path}");
    }
}

#[test]
fn the_reference_server_passes_each_server_vector() {
    for (path, vector) in vectors() {
        let Test::Server { case, guards, .. } = &vector.test else { continue };
        let mut server = ReferenceServer::default();
        let Support::Mounted(mount) = server.configure(&case.policy).unwrap() else {
            panic!("{path}: the reference server expresses every policy")
        };
        let observed = drive(&mut server, &mount, &case.policy, &case.bind().unwrap()).unwrap();
        let found = judge(case, &observed).unwrap();
        assert!(found.iter().all(|finding| finding.rule != guards.rule), "{path}: {found:?}");
    }
}

#[test]
fn every_step_that_a_vector_names_is_one_of_the_model_s() {
    let steps: BTreeSet<String> = corsproof_model::steps()
        .iter()
        .chain(corsproof_model::waypoints())
        .map(|step| format!("{}/{}", step.algorithm, step.slug))
        .collect();
    for (path, vector) in vectors() {
        for step in &vector.steps {
            assert!(steps.contains(step), "{path}: {step}");
        }
    }
}
