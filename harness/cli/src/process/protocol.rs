//! The messages of subject protocol 1, as strict as their schemas
//! (`vectors/schema/subject-request.schema.json`, `subject-answer.schema.json`).

use corsproof_conform::policy::RawPolicy;
use corsproof_conform::subject::{About, Capabilities};
use serde::{Deserialize, Deserializer, Serialize};

use crate::registry::Role;

/// The protocol's version.
pub(super) const PROTOCOL: u32 = 1;

/// A line to a subject.
#[derive(Debug, Serialize)]
pub(super) struct Request<'a> {
    pub(super) seq: u64,
    #[serde(flatten)]
    pub(super) message: &'a Message<'a>,
}

/// What it is asked.
#[derive(Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Message<'a> {
    Start { protocol: u32 },
    Configure { policies: [ToMount<'a>; 1] },
    Release { ids: [&'a str; 1] },
    Stop {},
}

impl Message<'_> {
    /// As errors name it.
    pub(super) fn name(&self) -> String {
        match self {
            Self::Start { .. } => "start".to_owned(),
            Self::Configure { policies: [one] } => format!("configure {}", one.id),
            Self::Release { ids: [id] } => format!("release {id}"),
            Self::Stop {} => "stop".to_owned(),
        }
    }
}

/// A policy and the name of its mount.
#[derive(Debug, Serialize)]
pub(super) struct ToMount<'a> {
    pub(super) id: &'a str,
    pub(super) policy: &'a RawPolicy,
}

/// A line from a subject.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Line {
    seq: u64,
    #[serde(default, deserialize_with = "present")]
    started: Option<Started>,
    #[serde(default, deserialize_with = "present")]
    configured: Option<Vec<Configured>>,
    #[serde(default, deserialize_with = "present")]
    released: Option<Vec<String>>,
    #[serde(default, deserialize_with = "present")]
    stopped: Option<Stopped>,
    #[serde(default, deserialize_with = "present")]
    errored: Option<Errored>,
}

/// What it answers.
#[derive(Debug)]
pub(super) enum Answer {
    Started(Box<Started>),
    Configured(Vec<Configured>),
    Released(Vec<String>),
    Stopped,
    Errored(Errored),
}

/// Who the subject is, and what it can express.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Started {
    name: String,
    version: String,
    language: String,
    runtime: String,
    homepage: String,
    issues: String,
    pub(super) role: Role,
    #[serde(default, deserialize_with = "present")]
    pub(super) capabilities: Option<Capabilities>,
}

impl Started {
    pub(super) fn about(&self) -> About {
        About {
            name: self.name.clone(),
            version: self.version.clone(),
            language: self.language.clone(),
            runtime: self.runtime.clone(),
            homepage: self.homepage.clone(),
            issues: self.issues.clone(),
        }
    }
}

/// What became of a policy: one of the three.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Configured {
    pub(super) id: String,
    #[serde(default, deserialize_with = "present")]
    pub(super) base: Option<String>,
    #[serde(default, deserialize_with = "present")]
    pub(super) unsupported: Option<Unsupported>,
    #[serde(default, deserialize_with = "present")]
    pub(super) rejected: Option<Rejected>,
}

/// The implementation cannot be configured so.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Unsupported {
    pub(super) feature: String,
    pub(super) reason: String,
}

/// The implementation refused the policy.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Rejected {
    pub(super) message: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Stopped {}

/// The subject could not do it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Errored {
    message: String,
    #[serde(default, deserialize_with = "present")]
    detail: Option<String>,
}

impl Errored {
    pub(super) fn words(self) -> String {
        match self.detail {
            Some(detail) if !detail.is_empty() => format!("{} ({detail})", self.message),
            _ => self.message,
        }
    }
}

/// Reads a line: its number and its one message.
pub(super) fn parse(line: &[u8]) -> Result<(u64, Answer), String> {
    let line: Line = serde_json::from_slice(line).map_err(|error| error.to_string())?;
    let Line { seq, started, configured, released, stopped, errored } = line;
    let mut answers: Vec<Answer> = [
        started.map(|started| Answer::Started(Box::new(started))),
        configured.map(Answer::Configured),
        released.map(Answer::Released),
        stopped.map(|Stopped {}| Answer::Stopped),
        errored.map(Answer::Errored),
    ]
    .into_iter()
    .flatten()
    .collect();
    match (answers.pop(), answers.len()) {
        (Some(answer), 0) => Ok((seq, answer)),
        (None, _) => Err("it holds no message".to_owned()),
        (Some(_), more) => Err(format!("it holds {} messages", more + 1)),
    }
}

/// Whether a base is one that the harness goes to: loopback, a port, no slash at the end.
pub(super) fn is_base(base: &str) -> bool {
    let Some(rest) = base.strip_prefix("http://127.0.0.1:") else { return false };
    let mut parts = rest.split('/');
    let port = parts.next().unwrap_or_default();
    let numeric = port.bytes().all(|byte| byte.is_ascii_digit());
    numeric
        && port.parse::<u16>().is_ok_and(|port| port > 0)
        && parts.all(|part| {
            !part.is_empty() && !part.contains(|c: char| c <= ' ' || c == '?' || c == '#')
        })
}

/// A field that is there must not be null.
fn present<'de, D: Deserializer<'de>, T: Deserialize<'de>>(from: D) -> Result<Option<T>, D::Error> {
    T::deserialize(from).map(Some)
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;

    use serde_json::Value;

    use super::*;

    /// What only the schema refuses, because the adapter or nobody needs it.
    const ONLY_BY_SCHEMA: [&str; 6] = [
        "invalid-base-and-rejected.json",
        "invalid-configured-nothing.json",
        "invalid-homepage-not-a-url.json",
        "invalid-rejected-with-empty-message.json",
        "invalid-server-without-capabilities.json",
        "invalid-user-agent-with-capabilities.json",
    ];

    fn goldens(of: &str, kind: &str) -> Vec<(String, Vec<u8>)> {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../vectors/golden").join(of);
        let mut goldens: Vec<_> = fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap())
            .filter(|entry| entry.file_name().to_str().unwrap().starts_with(kind))
            .map(|entry| {
                (entry.file_name().into_string().unwrap(), fs::read(entry.path()).unwrap())
            })
            .collect();
        goldens.sort();
        goldens
    }

    #[test]
    fn every_valid_answer_to_a_server_s_driver_is_read() {
        for (name, golden) in goldens("subject-answer", "valid-") {
            // Only a user agent observes.
            let read = parse(&golden);
            assert_eq!(read.is_ok(), !name.starts_with("valid-observed"), "{name}: {read:?}");
        }
    }

    #[test]
    fn what_the_schema_refuses_is_refused() {
        let mut read: Vec<String> = Vec::new();
        for (name, golden) in goldens("subject-answer", "invalid-") {
            let bases_are_wrong = |answer: &Answer| match answer {
                Answer::Configured(all) => {
                    all.iter().any(|one| one.base.as_ref().is_some_and(|base| !is_base(base)))
                }
                _ => false,
            };
            if parse(&golden).is_ok_and(|(_, answer)| !bases_are_wrong(&answer)) {
                read.push(name);
            }
        }
        assert_eq!(read, ONLY_BY_SCHEMA);
    }

    #[test]
    fn a_message_that_is_null_is_none() {
        assert!(parse(br#"{"seq": 1, "stopped": {}, "errored": null}"#).is_err());
        assert!(parse(br#"{"seq": 1, "stopped": {}}"#).is_ok());
    }

    #[test]
    fn requests_validate() {
        let (_, schema) = corsproof_vectors::schemas()
            .iter()
            .find(|(name, _)| *name == "subject-request")
            .unwrap();
        let validator = jsonschema::validator_for(&serde_json::from_str(schema).unwrap()).unwrap();
        let policy: RawPolicy =
            serde_json::from_str(r#"{"origins": {"list": ["https://app.example"]}}"#).unwrap();
        for message in [
            Message::Start { protocol: PROTOCOL },
            Message::Configure { policies: [ToMount { id: "p1", policy: &policy }] },
            Message::Release { ids: ["p1"] },
            Message::Stop {},
        ] {
            let line: Value = serde_json::to_value(Request { seq: 3, message: &message }).unwrap();
            assert!(validator.is_valid(&line), "{line}");
        }
    }

    #[test]
    fn a_base_is_on_loopback_and_has_no_slash_at_its_end() {
        for good in ["http://127.0.0.1:1", "http://127.0.0.1:40123/p7", "http://127.0.0.1:9/a/b"] {
            assert!(is_base(good), "{good}");
        }
        for bad in [
            "http://127.0.0.1",
            "http://127.0.0.1:0/p",
            "http://127.0.0.1:+1/p",
            "http://127.0.0.1:70000/p",
            "http://127.0.0.1:80/",
            "http://127.0.0.1:80/a?b",
            "http://localhost:80/a",
            "https://127.0.0.1:80",
            "http://127.0.0.1.example:80/a",
        ] {
            assert!(!is_base(bad), "{bad}");
        }
    }
}
