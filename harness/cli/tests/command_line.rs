//! The command as users run it: exit codes, files, errors.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on panics")]

use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use serde_json::Value;

fn corsproof(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_corsproof")).args(arguments).output().unwrap()
}

fn corsproof_reading(arguments: &[&str], input: &str) -> Output {
    let mut child = Command::new(env!("CARGO_BIN_EXE_corsproof"))
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    child.wait_with_output().unwrap()
}

fn run_servers(out: &Path, seed: &str) -> Output {
    let out = out.to_str().unwrap();
    corsproof(&["run", "--seed", seed, "--cases", "400", "--out", out, "tower-http", "actix-cors"])
}

fn lines(out: &Path) -> Vec<Value> {
    let text = fs::read_to_string(out.join("results.ndjson")).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn validator(schema: &str) -> jsonschema::Validator {
    let file = format!("{schema}.schema.json");
    let (_, text) =
        corsproof_vectors::schemas().iter().find(|(path, _)| path.ends_with(&file)).unwrap();
    jsonschema::validator_for(&serde_json::from_str(text).unwrap()).unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[test]
fn a_run_keeps_whole_results_that_fit_their_schema_and_the_seed_repeats_them() {
    let first = tempfile::tempdir().unwrap();
    let second = tempfile::tempdir().unwrap();
    let ran = run_servers(first.path(), "11");
    assert!(text(&ran.stdout).contains("seed 11"), "{}", text(&ran.stdout));
    assert!(ran.status.code().is_some_and(|code| code < 2), "{}", text(&ran.stderr));
    let again = run_servers(second.path(), "11");
    assert_eq!(ran.status.code(), again.status.code());

    let results = lines(first.path());
    let schema = validator("result");
    for line in &results {
        assert!(schema.is_valid(line), "{line:#}\n{:?}", schema.iter_errors(line).next());
    }
    assert!(results.first().unwrap().get("header").is_some());
    assert_eq!(results.last().unwrap()["footer"]["complete"], true);

    let without_time = |out: &Path| {
        let mut all = lines(out);
        for line in &mut all {
            if let Some(subject) = line.get_mut("subject") {
                subject["elapsed"] = Value::Null;
            }
        }
        all
    };
    assert_eq!(without_time(first.path()), without_time(second.path()));
    assert!(fs::read_to_string(first.path().join("report.html")).unwrap().contains("tower-http"));
}

#[test]
fn an_unknown_subject_is_named_and_nothing_is_run() {
    let out = tempfile::tempdir().unwrap();
    let ran = corsproof(&["run", "--out", out.path().to_str().unwrap(), "towerhttp"]);
    assert_eq!(ran.status.code(), Some(2));
    assert!(text(&ran.stderr).contains("`towerhttp`"), "{}", text(&ran.stderr));
    assert!(!out.path().join("results.ndjson").exists());
}

#[test]
fn judging_nothing_is_not_success() {
    let out = tempfile::tempdir().unwrap();
    let ran =
        corsproof(&["run", "--cases", "0", "--out", out.path().to_str().unwrap(), "tower-http"]);
    assert_eq!(ran.status.code(), Some(2), "{}", text(&ran.stdout));
}

#[test]
fn results_that_cannot_be_written_are_an_error_that_names_the_place() {
    let file = tempfile::NamedTempFile::new().unwrap();
    let ran =
        corsproof(&["run", "--cases", "10", "--out", file.path().to_str().unwrap(), "tower-http"]);
    assert_eq!(ran.status.code(), Some(2));
    assert!(text(&ran.stderr).contains(file.path().to_str().unwrap()));
}

#[test]
fn a_broken_vector_is_named_with_line_and_field() {
    let folder = tempfile::tempdir().unwrap();
    let replay = |name: &str, contents: &str| {
        let path = folder.path().join(name);
        fs::write(&path, contents).unwrap();
        let ran = corsproof(&["replay", path.to_str().unwrap()]);
        assert_eq!(ran.status.code(), Some(2));
        let message = text(&ran.stderr);
        assert!(message.contains(name), "{message}");
        message
    };
    assert!(replay("cut.json", "{\n\"schema\": 1,\n").contains("line 3"));
    assert!(replay("other.json", "{\"schema\": 1, \"ident\": \"x\"}").contains("`ident`"));
    let missing = corsproof(&["replay", "no-such-vector"]);
    assert_eq!(missing.status.code(), Some(2));
    assert!(text(&missing.stderr).contains("`no-such-vector`"));
}

#[test]
fn every_subject_is_listed_with_what_it_takes_to_run_it() {
    let listed = corsproof(&["subjects", "--json"]);
    assert_eq!(listed.status.code(), Some(0));
    let all: Vec<Value> =
        text(&listed.stdout).lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let names: Vec<&str> = all.iter().map(|line| line["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["tower-http", "actix-cors", "chromium"]);
    for line in &all {
        match line["available"].as_bool().unwrap() {
            true => assert!(!line["version"].as_str().unwrap().is_empty()),
            false => assert!(!line["how"].as_str().unwrap().is_empty()),
        }
    }
}

#[test]
fn explain_tells_a_person_what_happened_and_what_to_change() {
    let case = r#"{"id": "x", "page_origin": "https://app.example", "request": {"url": "https://api.example/data", "method": "PUT", "headers": [], "credentials": "include", "mode": "cors"}, "hops": [{"preflight_response": {"status": 204, "headers": [["Access-Control-Allow-Origin", "*"]]}, "response": null}]}"#;
    let told = corsproof_reading(&["explain"], case);
    assert_eq!(told.status.code(), Some(0));
    let story = text(&told.stdout);
    for part in [
        "> OPTIONS https://api.example/data",
        "Access-Control-Request-Method: PUT",
        "BLOCKED at the preflight",
        "https://fetch.spec.whatwg.org/#concept-cors-check",
        "Access-Control-Allow-Origin: https://app.example",
    ] {
        assert!(story.contains(part), "`{part}` is missing in\n{story}");
    }
}
