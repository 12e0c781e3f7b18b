//! Holds the model against expected verdicts that were written from the Standard's text by somebody
//! who had not read the model: `harness/model/tests/second_opinion/`.

#![expect(
    clippy::panic,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "helpers of tests fail as tests do"
)]

use std::collections::BTreeSet;

use corsproof_conform::case::{Sequence, UserAgentCase};
use corsproof_conform::explain::{explain, explain_sequence};
use serde_json::{Value, json};

const FILES: [(&str, &str); 3] = [
    ("requests", include_str!("../../model/tests/second_opinion/requests.jsonl")),
    ("responses", include_str!("../../model/tests/second_opinion/responses.jsonl")),
    ("preflights", include_str!("../../model/tests/second_opinion/preflights.jsonl")),
];

/// Rows in which the opinion is right and the model knowingly is not, with the reason.
const KNOWN_GAPS: [(&str, &str); 1] = [(
    "corp-same-site-public-suffix",
    "the model carries no list of public suffixes: to it the last label is one",
)];

fn rows() -> Vec<(String, Value)> {
    let mut rows = Vec::new();
    for (file, text) in FILES {
        for (line, row) in text.lines().enumerate() {
            let place = format!("{file}.jsonl:{}", line + 1);
            let row = serde_json::from_str(row).unwrap_or_else(|error| panic!("{place}: {error}"));
            rows.push((place, row));
        }
    }
    rows
}

/// What the model says of a row, as far as the row says anything.
fn answer(row: &Value) -> Value {
    let with_id = |mut value: Value| {
        value["id"] = row["id"].clone();
        value
    };
    if row.get("case").is_some() {
        let case: UserAgentCase = serde_json::from_value(with_id(row["case"].clone())).unwrap();
        serde_json::to_value(explain(&case).unwrap()).unwrap()
    } else {
        let sequence: Sequence = serde_json::from_value(with_id(row["sequence"].clone())).unwrap();
        serde_json::to_value(explain_sequence(&sequence).unwrap()).unwrap()
    }
}

/// A step's number without the letters by which the ledger tells the entries of a switch apart.
fn without_entry(value: &Value) -> Value {
    let number = value.as_str().unwrap_or_default();
    number.chars().filter(|c| !c.is_ascii_lowercase()).collect::<String>().into()
}

/// Where the answer is not what is expected; what is not expected is not looked at.
fn differences(at: &str, expected: &Value, answer: &Value, found: &mut Vec<String>) {
    match (expected, answer) {
        (Value::Object(expected), Value::Object(answer)) => {
            for (name, value) in expected {
                let Some(answer) = answer.get(name).cloned() else {
                    found.push(format!("{at}.{name}: no verdict has such a field"));
                    continue;
                };
                let answer = if name == "step" { without_entry(&answer) } else { answer };
                differences(&format!("{at}.{name}"), value, &answer, found);
            }
        }
        (Value::Array(expected), Value::Array(answer)) if expected.len() == answer.len() => {
            for (index, (expected, answer)) in expected.iter().zip(answer).enumerate() {
                differences(&format!("{at}[{index}]"), expected, answer, found);
            }
        }
        _ if expected == answer => {}
        _ => found.push(format!("{at}: the opinion says {expected}, the model {answer}")),
    }
}

#[test]
fn the_model_agrees_with_the_second_opinion() {
    let mut report = Vec::new();
    for (place, row) in rows() {
        let mut found = Vec::new();
        differences("", &row["expect"], &answer(&row), &mut found);
        let gap = KNOWN_GAPS.iter().find(|(id, _)| row["id"] == *id);
        if let Some((id, reason)) = gap {
            assert!(!found.is_empty(), "{id} is no gap any more: {reason}");
        } else if !found.is_empty() {
            report.push(format!("{place} {} ({}): {}", row["id"], row["why"], found.join("; ")));
        }
    }
    assert!(report.is_empty(), "{} rows:\n{}", report.len(), report.join("\n"));
}

#[test]
fn the_opinion_says_both_and_repeats_nothing() {
    let rows = rows();
    let mut ids = BTreeSet::new();
    let mut asked = BTreeSet::new();
    let (mut allowed, mut blocked) = (0, 0);
    for (place, row) in &rows {
        assert!(ids.insert(row["id"].to_string()), "{place}: the id is taken");
        let question = json!([row.get("case"), row.get("sequence")]).to_string();
        assert!(asked.insert(question), "{place}: asked before");
        assert!(!row["rests_on"].as_array().unwrap().is_empty(), "{place}: rests on nothing");
        let steps = match row["expect"].get("steps") {
            Some(steps) => steps.as_array().unwrap().clone(),
            None => vec![row["expect"].clone()],
        };
        for step in steps {
            match step["outcome"].as_str() {
                Some("allow") => allowed += 1,
                Some("block") => blocked += 1,
                other => panic!("{place}: outcome {other:?}"),
            }
        }
    }
    assert!(rows.len() >= 400 && allowed >= 300 && blocked >= 300, "{allowed}, {blocked}");
}
