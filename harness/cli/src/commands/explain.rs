//! `corsproof explain`: cases in, verdicts out; for programs with `--json`, else for people.

use std::io::{self, BufRead, Read as _, Write};

use clap::Args;
use corsproof_conform::case::{Sequence, UserAgentCase};
use corsproof_conform::encode::user_agent;
use corsproof_conform::explain::{explain, explain_sequence, judge, judge_sequence};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::CommandError;
use crate::exit::Exit;
use crate::story;

/// Longest line that is read, in bytes.
const MAX_LINE: u64 = 16 << 20;

/// Arguments of `corsproof explain`.
#[derive(Debug, Args)]
pub struct Arguments {
    /// Answer with one JSON object a line.
    #[arg(long)]
    json: bool,
}

/// Answers the lines of standard input.
///
/// # Errors
/// When standard input or output fails.
pub fn run(arguments: &Arguments) -> Result<Exit, CommandError> {
    let mut out = io::BufWriter::new(io::stdout().lock());
    let mut exit = Exit::Conforms;
    match answer_all(&mut io::stdin().lock(), &mut out, arguments.json, &mut exit) {
        // Whoever reads may have seen enough.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(exit),
        outcome => outcome.map(|()| exit).map_err(Into::into),
    }
}

/// Answers line by line; `exit` is right at any time.
fn answer_all(
    input: &mut impl BufRead,
    out: &mut impl Write,
    json: bool,
    exit: &mut Exit,
) -> io::Result<()> {
    let mut answered = false;
    let mut line = Vec::new();
    for number in 1.. {
        line.clear();
        let read = input.by_ref().take(MAX_LINE).read_until(b'\n', &mut line)?;
        if read == 0 {
            break;
        }
        if line.trim_ascii().is_empty() {
            continue;
        }
        answered = true;
        let answer = if read as u64 == MAX_LINE && !line.ends_with(b"\n") {
            skip_line(input)?;
            Err(format!("longer than {MAX_LINE} bytes"))
        } else {
            answer(&line, json)
        };
        match answer {
            Ok(text) => writeln!(out, "{text}")?,
            Err(message) => {
                *exit = Exit::Broken;
                if json {
                    writeln!(
                        out,
                        "{}",
                        json!({"id": null, "error": {"line": number, "message": message}})
                    )?;
                } else {
                    writeln!(out, "line {number}: {message}")?;
                }
            }
        }
        out.flush()?;
    }
    if !answered {
        *exit = Exit::Broken;
    }
    Ok(())
}

fn skip_line(input: &mut impl BufRead) -> io::Result<()> {
    loop {
        let mut rest = Vec::new();
        let read = input.by_ref().take(MAX_LINE).read_until(b'\n', &mut rest)?;
        if read == 0 || rest.ends_with(b"\n") {
            return Ok(());
        }
    }
}

fn answer(line: &[u8], json: bool) -> Result<String, String> {
    let value: Value = read(line)?;
    if value.get("steps").is_some() && value.get("request").is_none() {
        value
            .get("steps")
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
            .try_for_each(check_kinds)?;
        let sequence: Sequence = read(line)?;
        if json {
            let verdict = explain_sequence(&sequence).map_err(|error| error.to_string())?;
            return serde_json::to_string(&verdict).map_err(|error| error.to_string());
        }
        let judged = judge_sequence(&sequence, None).map_err(|error| error.to_string())?;
        return Ok(story::of_sequence(&sequence, &judged));
    }
    check_kinds(&value)?;
    let case: UserAgentCase = read(line)?;
    if json {
        let verdict = explain(&case).map_err(|error| error.to_string())?;
        return serde_json::to_string(&verdict).map_err(|error| error.to_string());
    }
    let judged = judge(&case, &user_agent(case.user_agent)).map_err(|error| error.to_string())?;
    Ok(story::of_case(&case, &judged))
}

/// Reads one JSON value; an error names the field and the column.
fn read<T: DeserializeOwned>(line: &[u8]) -> Result<T, String> {
    let mut deserializer = serde_json::Deserializer::from_slice(line);
    let read = serde_path_to_error::deserialize(&mut deserializer).map_err(|error| {
        let field = error.path().to_string();
        let column = error.inner().column();
        let text = error.inner().to_string();
        let message = text.split(" at line ").next().unwrap_or(&text);
        if field == "." {
            format!("column {column}: {message}")
        } else {
            format!("`{field}`, column {column}: {message}")
        }
    })?;
    deserializer
        .end()
        .map_err(|error| format!("column {}: more than one value", error.column()))?;
    Ok(read)
}

/// Refuses arrays where objects belong, and objects where words do: serde would read them.
fn check_kinds(case: &Value) -> Result<(), String> {
    let wrong = |field: &str, kind| Err(format!("`{field}`: it is not {kind}"));
    if !case.is_object() {
        return wrong(".", "an object");
    }
    let request = case.get("request").unwrap_or(&Value::Null);
    if !(request.is_object() || request.is_null()) {
        return wrong("request", "an object");
    }
    for name in ["mode", "credentials", "redirect", "referrer_policy", "api"] {
        if request.get(name).is_some_and(|value| !value.is_string()) {
            return wrong(&format!("request.{name}"), "a string");
        }
    }
    if case.get("user_agent").is_some_and(|value| !value.is_string()) {
        return wrong("user_agent", "a string");
    }
    for hop in case.get("hops").and_then(Value::as_array).into_iter().flatten() {
        if !hop.is_object() {
            return wrong("hops", "a list of objects");
        }
        for name in ["preflight_response", "response"] {
            if hop.get(name).is_some_and(|value| !(value.is_object() || value.is_null())) {
                return wrong(&format!("hops.{name}"), "an object or null");
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const CASE: &str = r#"{"id": "x", "page_origin": "https://app.example", "request": {"url": "https://api.example/data", "method": "PUT", "headers": [["X-A", "1"]], "credentials": "omit", "mode": "cors"}, "hops": [{"preflight_response": {"status": 204, "headers": [["Access-Control-Allow-Origin", "*"], ["Access-Control-Allow-Methods", "PUT"], ["Access-Control-Allow-Headers", "x-a"]]}, "response": {"status": 200, "headers": [["Access-Control-Allow-Origin", "*"], ["Content-Type", "text/plain"]]}}]}"#;

    fn ask(input: &str) -> (Exit, Vec<Value>) {
        let mut out = Vec::new();
        let mut exit = Exit::Conforms;
        answer_all(&mut input.as_bytes(), &mut out, true, &mut exit).unwrap();
        let text = String::from_utf8(out).unwrap();
        (exit, text.lines().map(|line| serde_json::from_str(line).unwrap()).collect())
    }

    #[test]
    fn the_contract_s_case_is_answered_field_by_field() {
        let (exit, answers) = ask(CASE);
        assert_eq!(exit, Exit::Conforms);
        assert_eq!(
            answers,
            [json!({
                "id": "x", "outcome": "allow", "response_type": "cors",
                "exposed_headers": ["content-type"], "blocked_at": null, "blocked_hop": null,
                "decided_by": {"algorithm": "concept-cors-check", "slug": "any-origin-without-credentials", "step": "3"},
                "spec": corsproof_model::SPEC_COMMIT,
                "hops": [{"url": "https://api.example/data", "method": "PUT", "preflight": true,
                          "acrm": "PUT", "acrh": "x-a",
                          "origin_preflight": "https://app.example", "origin_actual": "https://app.example"}],
            })]
        );
    }

    #[test]
    fn a_line_that_cannot_be_read_is_named_and_the_rest_is_answered() {
        let (exit, answers) = ask(&format!("{{\"id\": 1}}\n{CASE}\nnonsense\n"));
        assert_eq!(exit, Exit::Broken);
        assert_eq!(answers.len(), 3);
        assert_eq!(answers[0]["error"]["line"], 1);
        assert_eq!(answers[1]["id"], "x");
        assert_eq!(answers[2]["error"]["line"], 3);
    }

    #[test]
    fn what_the_schema_refuses_is_refused_and_the_field_is_named() {
        for (from, to, named) in [
            (r#""mode": "cors""#, r#""mode": {"cors": null}"#, "`request.mode`"),
            (r#""credentials": "omit""#, r#""credentials": "always""#, "`request.credentials`"),
            (r#""id": "x""#, r#""id": "\u0100""#, "`id`"),
            (r#""status": 204"#, r#""status": 99"#, "`hops[0].preflight_response.status`"),
            (r#"["Content-Type","#, r#"["Content Type","#, "`hops[0].response.headers[1]`"),
            (r#""headers": [["X-A", "1"]]"#, r#""headers": [["X-A"]]"#, "`request.headers[0]`"),
            (r#""hops": [{"#, r#""hops": [[], {"#, "`hops`"),
            (r#""page_origin": "https://app.example""#, r#""page_origin": "app""#, "`page_origin`"),
        ] {
            let line = CASE.replacen(from, to, 1);
            assert_ne!(line, CASE, "{from}");
            let (exit, answers) = ask(&line);
            let message = answers[0]["error"]["message"].as_str().unwrap_or_default().to_owned();
            assert_eq!(exit, Exit::Broken, "{to}");
            assert!(message.contains(named), "{to}: {message}");
        }
        let back_in_time = format!(r#"{{"id": "y", "steps": [{0}, {1}]}}"#, step(5), step(0));
        assert_eq!(ask(&back_in_time).0, Exit::Broken);
        assert_eq!(
            ask(&format!(r#"{{"id": "y", "steps": [{0}, {0}]}}"#, step(5))).0,
            Exit::Conforms
        );
    }

    fn step(t: u32) -> String {
        CASE.replacen(r#""id": "x""#, &format!(r#""t": {t}"#), 1)
    }

    /// Every place in a value, by its pointer.
    fn places(value: &Value, at: String, found: &mut Vec<String>) {
        found.push(at.clone());
        match value {
            Value::Object(fields) => {
                fields
                    .iter()
                    .for_each(|(name, value)| places(value, format!("{at}/{name}"), found));
            }
            Value::Array(items) => {
                let numbered = items.iter().enumerate();
                numbered.for_each(|(index, value)| places(value, format!("{at}/{index}"), found));
            }
            _ => {}
        }
    }

    #[test]
    fn whatever_stands_in_a_field_there_is_a_verdict_or_an_error_that_names_it() {
        let case: Value = serde_json::from_str(CASE).unwrap();
        let all_bytes: String = (0..=255_u8).map(char::from).collect();
        let hostile = [
            json!(null),
            json!(true),
            json!(-1),
            json!(1e300),
            json!(u64::MAX),
            json!(""),
            json!("\u{0}"),
            json!("\u{ff}\r\n"),
            json!("\u{1f600}"),
            json!(all_bytes),
            json!("a".repeat(70_000)),
            json!([]),
            json!([[]]),
            json!({}),
            json!({"": null}),
        ];
        let mut found = Vec::new();
        places(&case, String::new(), &mut found);
        let (mut verdicts, mut errors) = (0, 0);
        for place in found.iter().filter(|place| !place.is_empty()) {
            for value in &hostile {
                let mut changed = case.clone();
                *changed.pointer_mut(place).unwrap() = value.clone();
                let (exit, answers) = ask(&changed.to_string());
                assert_eq!(answers.len(), 1, "{place} {value}");
                let Some(message) = answers[0]["error"]["message"].as_str() else {
                    assert!(answers[0]["outcome"].is_string() && exit == Exit::Conforms);
                    verdicts += 1;
                    continue;
                };
                errors += 1;
                assert_eq!(exit, Exit::Broken);
                // A number is a place in the list that is named before it.
                let mut names = place.split('/').filter(|name| name.parse::<u8>().is_err());
                let named = names.next_back().unwrap();
                assert!(message.contains(named), "{place} {value}: {message}");
            }
        }
        assert!(verdicts > 50 && errors > 200, "{verdicts} verdicts, {errors} errors");
    }

    #[test]
    fn nothing_asked_is_not_success() {
        assert_eq!(ask("\n\n").0, Exit::Broken);
    }
}
