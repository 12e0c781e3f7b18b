//! The command as users run it: exit codes, files, errors.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on panics")]

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
    let (_, text) = corsproof_vectors::schemas().iter().find(|(name, _)| *name == schema).unwrap();
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
                subject["curves"] = Value::Null;
            }
            if let Some(divergence) = line.get_mut("divergence") {
                divergence["found_after_seconds"] = Value::Null;
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
fn a_browser_that_is_not_there_says_how_to_get_it() {
    for (name, variable) in [
        ("chromium", "CORSPROOF_CHROME"),
        ("firefox", "CORSPROOF_FIREFOX"),
        ("webkitgtk", "CORSPROOF_WEBKITGTK"),
    ] {
        let out = tempfile::tempdir().unwrap();
        let ran = Command::new(env!("CARGO_BIN_EXE_corsproof"))
            .args(["run", "--seed", "1", "--cases", "1", name, "--out"])
            .arg(out.path())
            .env(variable, "/nonexistent/browser")
            .output()
            .unwrap();
        assert_eq!(ran.status.code(), Some(2), "{}", text(&ran.stderr));
        let said = text(&ran.stdout);
        for part in ["not available", "apt-get install", variable] {
            assert!(said.contains(part), "`{part}` in {said}");
        }
    }
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
    let mut in_folder: Vec<String> =
        fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/../subjects"))
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .filter(|path| path.join("subject.toml").exists())
            .map(|path| path.file_name().unwrap().to_str().unwrap().to_owned())
            .collect();
    in_folder.sort();
    let mut sorted = names.clone();
    sorted.sort_unstable();
    assert_eq!(sorted, in_folder);
    assert!(names.contains(&"tower-http") && names.contains(&"chromium"));
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

#[test]
fn explain_tells_of_redirects_hop_by_hop() {
    let case = r#"{"id": "r", "page_origin": "https://app.example", "request": {"url": "https://app.example/login", "method": "POST", "headers": [["Authorization", "x"]], "credentials": "omit", "mode": "cors"}, "hops": [{"response": {"status": 303, "headers": [["Location", "https://b.example/"]]}}, {"response": {"status": 302, "headers": [["Access-Control-Allow-Origin", "*"], ["Location", "https://c.example/"]]}}, {"response": {"status": 200, "headers": [["Access-Control-Allow-Origin", "https://app.example"]]}}]}"#;
    let story = text(&corsproof_reading(&["explain"], case).stdout);
    let parts = [
        "> POST https://app.example/login",
        "* the method becomes GET",
        "* another origin: `Authorization` is left behind",
        "* the redirect is followed (step 22, followed)",
        "> GET https://b.example/",
        "> Origin: https://app.example",
        "> GET https://c.example/",
        "> Origin: null",
        "* the origin is masked",
        "BLOCKED at the response: the server has already acted on the request, in hop 2",
        "the request's origin is 'null'",
        "to change: redirects across origins have made it so",
    ];
    in_this_order(&story, &parts);
}

#[test]
fn explain_tells_of_a_sequence_over_one_cache() {
    let step = |t: u32, preflight: &str| {
        format!(
            r#"{{"t": {t}, "page_origin": "https://app.example", "request": {{"url": "https://api.example/data", "method": "PUT", "headers": [], "credentials": "omit", "mode": "cors"}}, "hops": [{{"preflight_response": {preflight}, "response": {{"status": 200, "headers": [["Access-Control-Allow-Origin", "*"]]}}}}]}}"#
        )
    };
    let grants = r#"{"status": 204, "headers": [["Access-Control-Allow-Origin", "*"], ["Access-Control-Allow-Methods", "PUT"]]}"#;
    let steps = [step(0, grants), step(4, "null"), step(5, "null")].join(", ");
    let story = text(
        &corsproof_reading(&["explain"], &format!(r#"{{"id": "s", "steps": [{steps}]}}"#)).stdout,
    );
    let parts = [
        "s: 3 fetches over one preflight cache",
        "at 0 s",
        "* nothing in the preflight cache covers it",
        "> OPTIONS",
        "* the preflight allows it, and is remembered",
        "ALLOWED",
        "at 4 s",
        "* the preflight cache covers it: no preflight is sent",
        "ALLOWED",
        "at 5 s",
        "> OPTIONS",
        "< (no answer)",
        "BLOCKED at the preflight",
    ];
    in_this_order(&story, &parts);
}

fn in_this_order(story: &str, parts: &[&str]) {
    let mut rest = story;
    for part in parts {
        let at = rest.find(part).unwrap_or_else(|| panic!("`{part}` is missing in\n{story}"));
        rest = &rest[at + part.len()..];
    }
}

#[test]
fn vectors_are_made_of_drafts_and_computed_again() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).display().to_string();
    let draft = r#"{"topic": "cors-check", "label": "star-will-do", "comment": "A star allows everybody.", "case": {"id": "", "page_origin": "https://app.example", "request": {"url": "https://api.example/data", "method": "GET", "headers": [], "credentials": "omit", "mode": "cors"}, "hops": [{"response": {"status": 200, "headers": [["Access-Control-Allow-Origin", "*"]]}}]}}"#;
    std::fs::write(path("drafts.jsonl"), format!("{draft}\n")).unwrap();
    let add =
        |drafts: &str| corsproof(&["vectors", "add", &path(drafts), "--folder", &path("set")]);
    assert_eq!(text(&add("drafts.jsonl").stdout), "1 added, 0 there already\n");
    assert_eq!(text(&add("drafts.jsonl").stdout), "0 added, 1 there already\n");
    let written: Vec<_> = std::fs::read_dir(folder.path().join("set/user-agent"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    assert_eq!(written.len(), 1);
    let vector = std::fs::read_to_string(&written[0]).unwrap();
    assert!(
        vector.contains(r#""decided_by": "concept-cors-check/any-origin-without-credentials""#)
    );
    // A verdict typed by hand does not last.
    std::fs::write(&written[0], vector.replace(r#""outcome": "allow""#, r#""outcome": "block""#))
        .unwrap();
    let regenerate = |more: &[&str]| {
        corsproof(&[&["vectors", "regenerate", "--folder", &path("set")], more].concat())
    };
    let checked = regenerate(&["--check"]);
    assert_eq!(checked.status.code(), Some(1));
    assert!(text(&checked.stdout).contains("the verdict, or that of an engine, changes"));
    assert_eq!(regenerate(&[]).status.code(), Some(0));
    assert_eq!(std::fs::read_to_string(&written[0]).unwrap(), vector);
    assert_eq!(text(&regenerate(&["--check"]).stdout), "1 vectors, 0 changed\n");
}

#[test]
fn a_broken_draft_is_named_and_nothing_is_written() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).display().to_string();
    for (line, named) in [
        (r#"{"topic": "x"}"#, "line 2: missing field `label`"),
        (r#"{"topic": "x", "label": "y", "comment": "z"}"#, "needs either `case` or `sequence`"),
        ("nonsense", "line 2: expected"),
    ] {
        let good = r#"{"topic": "x", "label": "good", "comment": "z", "sequence": {"steps": []}}"#;
        std::fs::write(path("drafts.jsonl"), format!("{good}\n{line}\n")).unwrap();
        let told = corsproof(&["vectors", "add", &path("drafts.jsonl"), "--folder", &path("set")]);
        assert_eq!(told.status.code(), Some(2));
        assert!(text(&told.stderr).contains(named), "{}", text(&told.stderr));
        assert!(!folder.path().join("set").exists());
    }
}
