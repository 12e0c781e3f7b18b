//! Holds the schemas against the golden files: what is valid validates, what is not is refused.
//!
//! `golden/<schema>/valid-*.json` and `invalid-*.json`; an invalid one is a valid one with one
//! thing wrong, and is named for that thing.
#![expect(clippy::unwrap_used, reason = "helpers of tests fail as tests do")]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use jsonschema::Validator;
use serde_json::Value;

#[test]
fn every_schema_is_listed_and_every_listed_one_has_goldens_of_both_kinds() {
    let listed: BTreeSet<String> =
        corsproof_vectors::schemas().iter().map(|(name, _)| (*name).to_owned()).collect();
    let files: BTreeSet<String> = names_in("schema")
        .iter()
        .map(|file| file.strip_suffix(".schema.json").unwrap_or(file).to_owned())
        .collect();
    assert_eq!(listed, files, "`schemas()` and the folder `schema` differ");
    assert_eq!(listed, names_in("golden"), "a schema without goldens, or goldens without a schema");
    for (schema, goldens) in goldens() {
        for kind in ["valid-", "invalid-"] {
            assert!(goldens.keys().any(|name| name.starts_with(kind)), "`{schema}` has no {kind}*");
        }
        for name in goldens.keys() {
            assert!(name.starts_with("valid-") || name.starts_with("invalid-"), "{schema}/{name}");
        }
    }
}

#[test]
fn schemas_are_schemas_and_refuse_unknown_fields() {
    for (name, text) in corsproof_vectors::schemas() {
        let schema = parse(text);
        assert_eq!(schema["$schema"], "https://json-schema.org/draft/2020-12/schema", "{name}");
        jsonschema::meta::validate(&schema).unwrap_or_else(|error| panic!("{name}: {error}"));
        each_object(&schema, &mut |object| {
            if object.get("type") == Some(&Value::from("object")) {
                // A map from words to counts is open by design; it says what its values are.
                let open =
                    matches!(object.get("additionalProperties"), None | Some(Value::Bool(true)));
                assert!(!open, "`{name}` lets unknown fields through in {object:?}");
            }
        });
    }
}

/// Schemas stand alone, so what they share is written more than once.
#[test]
fn a_definition_of_the_same_name_is_the_same_everywhere() {
    let mut seen: BTreeMap<String, (Value, &str)> = BTreeMap::new();
    for (name, text) in corsproof_vectors::schemas() {
        let schema = parse(text);
        for (definition, value) in schema["$defs"].as_object().unwrap() {
            let (first, file) = seen.entry(definition.clone()).or_insert((value.clone(), name));
            assert_eq!(value, first, "`{definition}` differs between `{file}` and `{name}`");
        }
    }
}

#[test]
fn what_is_valid_validates() {
    let refused = complaints("valid-", |validator, golden| {
        let error = validator.validate(golden).err()?;
        Some(format!("{error} at `{}`", error.instance_path()))
    });
    assert!(refused.is_empty(), "{refused:#?}");
}

#[test]
fn what_is_invalid_is_refused() {
    let accepted = complaints("invalid-", |validator, golden| {
        validator.is_valid(golden).then(|| "is accepted".to_owned())
    });
    assert!(accepted.is_empty(), "{accepted:#?}");
}

/// A golden that is refused for another reason than its name says would prove nothing: each
/// invalid one is near some valid one.
#[test]
fn what_is_invalid_is_one_change_away_from_something_valid() {
    let mut far = Vec::new();
    for (schema, goldens) in goldens() {
        let of_kind = |kind| goldens.iter().filter(move |(name, _)| name.starts_with(kind));
        for (name, golden) in of_kind("invalid-") {
            let nearest = of_kind("valid-").map(|(_, valid)| changes(valid, golden)).min();
            if nearest != Some(1) {
                far.push((format!("{schema}/{name}"), nearest));
            }
        }
    }
    assert!(far.is_empty(), "{far:#?}");
}

#[test]
fn every_vector_validates() {
    let validator = validator("vector");
    for (path, text) in corsproof_vectors::all() {
        if let Err(error) = validator.validate(&parse(text)) {
            panic!("{path}: {error} at `{}`", error.instance_path());
        }
    }
}

#[test]
fn every_flag_is_in_the_dictionary_and_every_entry_is_used() {
    let dictionary = parse(corsproof_vectors::flags());
    assert!(validator("flags").is_valid(&dictionary));
    let explained: BTreeSet<String> =
        dictionary["flags"].as_object().unwrap().keys().cloned().collect();
    let mut used = BTreeSet::new();
    for (_, text) in corsproof_vectors::all() {
        let vector = parse(text);
        let flags = vector["flags"].as_array().unwrap();
        used.extend(flags.iter().map(|flag| flag.as_str().unwrap().to_owned()));
    }
    assert_eq!(used, explained);
}

#[test]
fn a_contested_vector_fails_nobody() {
    for (path, text) in corsproof_vectors::all() {
        let vector = parse(text);
        if vector["flags"].as_array().unwrap().contains(&Value::from("contested")) {
            assert_eq!(vector["level"], "informative", "{path}");
        }
    }
}

#[test]
fn every_vector_stands_under_its_id_in_the_folder_of_its_kind() {
    let mut ids = BTreeSet::new();
    for (path, text) in corsproof_vectors::all() {
        let vector = parse(text);
        let id = vector["id"].as_str().unwrap().to_owned();
        assert!(path.ends_with(&format!("/{id}.json")), "`{path}` holds `{id}`");
        let (kind, _) = path.split_once('/').unwrap();
        assert!(vector["test"].get(kind.replace('-', "_")).is_some(), "`{path}` is no {kind} test");
        assert!(ids.insert(id), "the id of `{path}` is taken");
    }
}

type Goldens = BTreeMap<String, Value>;

/// What the check says of the golden files of a kind, under their names.
fn complaints(
    kind: &str,
    check: impl Fn(&Validator, &Value) -> Option<String>,
) -> BTreeMap<String, String> {
    let mut complaints = BTreeMap::new();
    for (schema, goldens) in goldens() {
        let validator = validator(&schema);
        for (name, golden) in goldens.iter().filter(|(name, _)| name.starts_with(kind)) {
            if let Some(complaint) = check(&validator, golden) {
                complaints.insert(format!("{schema}/{name}"), complaint);
            }
        }
    }
    complaints
}

fn goldens() -> BTreeMap<String, Goldens> {
    let read = |schema: &String, name: String| {
        let path = root().join("golden").join(schema).join(&name);
        (name, parse(&fs::read_to_string(path).unwrap()))
    };
    names_in("golden")
        .into_iter()
        .map(|schema| {
            let names = names_in(&format!("golden/{schema}"));
            let goldens = names.into_iter().map(|name| read(&schema, name)).collect();
            (schema, goldens)
        })
        .collect()
}

fn validator(schema: &str) -> Validator {
    let (_, text) = corsproof_vectors::schemas().iter().find(|(name, _)| *name == schema).unwrap();
    jsonschema::draft202012::new(&parse(text)).unwrap()
}

/// In how many places two values differ: fields and leaves. A renamed field is one place.
fn changes(a: &Value, b: &Value) -> usize {
    match (a, b) {
        (Value::Object(a), Value::Object(b)) => {
            let removed = a.keys().filter(|key| !b.contains_key(*key)).count();
            let added = b.keys().filter(|key| !a.contains_key(*key)).count();
            let kept = a.iter().filter_map(|(key, value)| Some((value, b.get(key)?)));
            removed.max(added) + kept.map(|(a, b)| changes(a, b)).sum::<usize>()
        }
        (Value::Array(a), Value::Array(b)) if a.len() == b.len() => {
            a.iter().zip(b).map(|(a, b)| changes(a, b)).sum()
        }
        _ => usize::from(a != b),
    }
}

fn each_object(value: &Value, check: &mut impl FnMut(&serde_json::Map<String, Value>)) {
    match value {
        Value::Object(object) => {
            check(object);
            object.values().for_each(|value| each_object(value, check));
        }
        Value::Array(array) => array.iter().for_each(|value| each_object(value, check)),
        _ => {}
    }
}

fn names_in(folder: &str) -> BTreeSet<String> {
    fs::read_dir(root().join(folder))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect()
}

fn parse(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}
