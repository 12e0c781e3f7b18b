//! Holds the types of this crate against the schemas: what validates can be read, what is written
//! validates, and what a schema refuses is refused here, too.
#![expect(clippy::unwrap_used, reason = "helpers of tests fail as tests do")]

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use corsproof_conform::case::{Sequence, UserAgentCase};
use corsproof_conform::explain::{SequenceVerdict, Verdict, explain, explain_sequence};
use corsproof_conform::generate::preset::Preset;
use corsproof_conform::generate::server::nth;
use corsproof_conform::known::KnownFile;
use corsproof_conform::observe::Observation;
use corsproof_conform::policy::{Policy, RawPolicy};
use corsproof_conform::reference::ReferenceServer;
use corsproof_conform::server_case::ServerCase;
use corsproof_conform::subject::{Capabilities, ServerAdapter as _};
use corsproof_conform::vector::Vector;
use jsonschema::Validator;
use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;

/// Reads a value as this type and writes it again.
type Reread = fn(&Value) -> Result<Value, String>;

/// What reads each format.
const READERS: [(&str, Reread); 10] = [
    ("policy", reread::<Policy>),
    ("raw-policy", reread::<RawPolicy>),
    ("user-agent-case", reread_case),
    ("sequence", reread_sequence),
    ("verdict", reread::<Verdict>),
    ("sequence-verdict", reread::<SequenceVerdict>),
    ("capabilities", reread::<Capabilities>),
    ("server-case", reread::<ServerCase>),
    ("vector", reread::<Vector>),
    ("known", reread::<KnownFile>),
];

/// What schemas refuse and readers let pass. Verdicts are written by the model alone; ids, steps
/// and texts of vectors and of `known.toml` are held by the tests of those files.
const ONLY_BY_SCHEMA: &[&str] = &[
    "capabilities/invalid-form-twice.json",
    "known/invalid-glob-without-vector.json",
    "known/invalid-link-not-a-url.json",
    "known/invalid-no-versions.json",
    "known/invalid-preset-field-with-hyphen.json",
    "known/invalid-vector-as-glob.json",
    "sequence-verdict/invalid-step-with-id.json",
    "server-case/invalid-literal-beyond-bytes.json",
    "server-case/invalid-mark-a-letter.json",
    "server-case/invalid-path-without-slash.json",
    "vector/invalid-deviation-in-nothing.json",
    "vector/invalid-deviation-of-nobody.json",
    "vector/invalid-empty-comment.json",
    "vector/invalid-expected-contradicts-itself.json",
    "vector/invalid-flag-twice.json",
    "vector/invalid-id-with-capitals.json",
    "vector/invalid-id-with-slash.json",
    "vector/invalid-schema-2.json",
    "vector/invalid-since-not-an-edition.json",
    "vector/invalid-step-by-number.json",
    "verdict/invalid-acrm-without-preflight.json",
    "verdict/invalid-allowed-with-error.json",
    "verdict/invalid-allowed-without-exposed.json",
    "verdict/invalid-allowed-yet-blocked-at.json",
    "verdict/invalid-allowed-yet-blocked-hop.json",
    "verdict/invalid-blocked-nowhere.json",
    "verdict/invalid-blocked-with-exposed.json",
    "verdict/invalid-blocked-yet-not-error.json",
    "verdict/invalid-exposed-twice.json",
    "verdict/invalid-exposed-upper-case.json",
    "verdict/invalid-hop-without-acrm.json",
    "verdict/invalid-no-id.json",
    "verdict/invalid-slug-with-capitals.json",
    "verdict/invalid-spec-abbreviated.json",
];

/// What validates and has no reader yet.
const UNREAD: &[&str] = &["vector/valid-grammar.json"];

#[test]
fn what_validates_can_be_read_and_is_written_so_that_it_validates() {
    let mut unread = Vec::new();
    for (schema, reread) in READERS {
        let validator = validator(schema);
        for (name, golden) in goldens(schema, "valid-") {
            let Ok(written) = reread(&golden) else {
                unread.push(format!("{schema}/{name}"));
                continue;
            };
            if let Err(error) = validator.validate(&written) {
                panic!("{schema}/{name}: {error} at `{}` in {written}", error.instance_path());
            }
        }
    }
    assert_eq!(unread, UNREAD);
}

#[test]
fn what_a_schema_refuses_cannot_be_read() {
    let mut read = Vec::new();
    for (schema, reread) in READERS {
        for (name, golden) in goldens(schema, "invalid-") {
            if reread(&golden).is_ok() {
                read.push(format!("{schema}/{name}"));
            }
        }
    }
    read.sort();
    assert_eq!(read, ONLY_BY_SCHEMA);
}

#[test]
fn the_model_answers_valid_cases_with_valid_verdicts() {
    let verdicts = validator("verdict");
    for (name, golden) in goldens("user-agent-case", "valid-") {
        let case: UserAgentCase = serde_json::from_value(golden).unwrap();
        let verdict = serde_json::to_value(explain(&case).unwrap()).unwrap();
        if let Err(error) = verdicts.validate(&verdict) {
            panic!("{name}: {error} at `{}` in {verdict}", error.instance_path());
        }
    }
    let verdicts = validator("sequence-verdict");
    for (name, golden) in goldens("sequence", "valid-") {
        let sequence: Sequence = serde_json::from_value(golden).unwrap();
        let verdict = serde_json::to_value(explain_sequence(&sequence).unwrap()).unwrap();
        if let Err(error) = verdicts.validate(&verdict) {
            panic!("{name}: {error} at `{}` in {verdict}", error.instance_path());
        }
    }
}

#[test]
fn an_answer_s_observation_can_be_read() {
    let observed = goldens("subject-answer", "valid-observed");
    assert!(!observed.is_empty());
    for (name, golden) in observed {
        let read = reread::<Observation>(&golden["observed"]);
        assert_eq!(read.as_ref(), Ok(&golden["observed"]), "{name}");
    }
}

/// Vacuous if cases were all alike: `tests/generation.rs` says what is among them.
#[test]
fn generated_server_cases_validate() {
    let validator = validator("server-case");
    let capabilities = ReferenceServer::default().capabilities().clone();
    for index in 0..6_000 {
        let case = nth(3, Preset::Mixed, &capabilities, index);
        let written = serde_json::to_value(&case).unwrap();
        if let Err(error) = validator.validate(&written) {
            panic!("{index}: {error} at `{}` in {written}", error.instance_path());
        }
        let read: ServerCase = serde_json::from_value(written).unwrap();
        assert_eq!(read, case, "{index}");
    }
}

fn reread<T: DeserializeOwned + Serialize>(value: &Value) -> Result<Value, String> {
    let read: T = serde_json::from_value(value.clone()).map_err(|error| error.to_string())?;
    serde_json::to_value(read).map_err(|error| error.to_string())
}

/// A case is read in two steps: fields first, then what they mean.
fn reread_case(value: &Value) -> Result<Value, String> {
    let case: UserAgentCase =
        serde_json::from_value(value.clone()).map_err(|error| error.to_string())?;
    explain(&case).map_err(|error| error.to_string())?;
    reread::<UserAgentCase>(value)
}

fn reread_sequence(value: &Value) -> Result<Value, String> {
    let sequence: Sequence =
        serde_json::from_value(value.clone()).map_err(|error| error.to_string())?;
    explain_sequence(&sequence).map_err(|error| error.to_string())?;
    reread::<Sequence>(value)
}

fn goldens(schema: &str, kind: &str) -> BTreeMap<String, Value> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../vectors/golden").join(schema);
    let names = fs::read_dir(&folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| name.starts_with(kind));
    let read = |name: &str| serde_json::from_slice(&fs::read(folder.join(name)).unwrap()).unwrap();
    names.map(|name| (name.clone(), read(&name))).collect()
}

fn validator(schema: &str) -> Validator {
    let (_, text) = corsproof_vectors::schemas().iter().find(|(name, _)| *name == schema).unwrap();
    jsonschema::draft202012::new(&serde_json::from_str(text).unwrap()).unwrap()
}
