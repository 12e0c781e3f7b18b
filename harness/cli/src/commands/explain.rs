//! `corsproof explain`: cases in, verdicts out; for programs with `--json`, else for people.

use std::io::{self, BufRead, Read as _, Write};

use clap::Args;
use corsproof_conform::case::{Sequence, UserAgentCase};
use corsproof_conform::explain::{explain, explain_sequence};
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
    match answer_all(&mut io::stdin().lock(), &mut out, arguments.json) {
        // Whoever reads may have seen enough.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(Exit::Conforms),
        outcome => Ok(outcome?),
    }
}

fn answer_all(input: &mut impl BufRead, out: &mut impl Write, json: bool) -> io::Result<Exit> {
    let mut exit = Exit::Conforms;
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
                exit = Exit::Broken;
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
    Ok(if answered { exit } else { Exit::Broken })
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
    let value: Value = serde_json::from_slice(line).map_err(|error| error.to_string())?;
    if value.get("steps").is_some() {
        let sequence: Sequence =
            serde_json::from_value(value).map_err(|error| error.to_string())?;
        let verdict = explain_sequence(&sequence).map_err(|error| error.to_string())?;
        if json {
            return serde_json::to_string(&verdict).map_err(|error| error.to_string());
        }
        return Ok(story::of_sequence(&sequence, &verdict));
    }
    // From the text again: the message then has the column of the field.
    let case: UserAgentCase = serde_json::from_slice(line).map_err(|error| error.to_string())?;
    let verdict = explain(&case).map_err(|error| error.to_string())?;
    if json {
        return serde_json::to_string(&verdict).map_err(|error| error.to_string());
    }
    Ok(story::of_case(&case, &verdict))
}

#[cfg(test)]
mod tests {
    use super::*;

    const CASE: &str = r#"{"id": "x", "page_origin": "https://app.example", "request": {"url": "https://api.example/data", "method": "PUT", "headers": [["X-A", "1"]], "credentials": "omit", "mode": "cors"}, "hops": [{"preflight_response": {"status": 204, "headers": [["Access-Control-Allow-Origin", "*"], ["Access-Control-Allow-Methods", "PUT"], ["Access-Control-Allow-Headers", "x-a"]]}, "response": {"status": 200, "headers": [["Access-Control-Allow-Origin", "*"], ["Content-Type", "text/plain"]]}}]}"#;

    fn ask(input: &str) -> (Exit, Vec<Value>) {
        let mut out = Vec::new();
        let exit = answer_all(&mut input.as_bytes(), &mut out, true).unwrap();
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
    fn nothing_asked_is_not_success() {
        assert_eq!(ask("\n\n").0, Exit::Broken);
    }
}
