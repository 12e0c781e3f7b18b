//! What the model says of a call, and what a browser did, side by side.

use corsproof_conform::case::UserAgentCase;
use corsproof_conform::encode::CaseError;
use corsproof_conform::explain;
use corsproof_conform::judge::user_agent::{judge, predicts};
use corsproof_conform::observe::{Observation, Outcome, WireHop};
use corsproof_model::UserAgent as Preset;

/// What comparing them came to.
#[derive(Debug, PartialEq, Eq)]
pub enum CallVerdict {
    /// The browser did what the model says.
    Agrees {
        /// Both in words.
        words: BothWords,
    },
    /// It did not.
    Differs {
        /// Both in words.
        words: BothWords,
        /// What differs.
        difference: String,
    },
    /// No browser, or not this one, makes the call.
    NotAskable(String),
}

/// What the model says, and what the browser did.
#[derive(Debug, PartialEq, Eq)]
pub struct BothWords {
    /// The model, with the step that decides.
    pub model: String,
    /// The browser.
    pub browser: String,
}

/// The Standard over the recorded answers, and the browser over those of the live server.
pub(super) fn compare(case: &UserAgentCase, seen: &Observation) -> Result<CallVerdict, CaseError> {
    let judged = explain::judge(case, &Preset::spec())?;
    let step = judged.decided_by();
    let words = BothWords {
        model: format!("{} by {}/{}", words(&judged.observation()), step.algorithm, step.slug),
        browser: words(seen),
    };
    Ok(match judge(case, seen)? {
        None => CallVerdict::Agrees { words },
        Some(finding) => CallVerdict::Differs {
            words,
            difference: format!(
                "{}: expected {}; observed {}{}",
                finding.rule,
                finding.expected,
                finding.observed,
                if predicts(&Preset::chromium(), case, seen)? { PREDICTED } else { "" }
            ),
        },
    })
}

/// The server's rules ask for what the Standard says, so it is a difference all the same.
const PREDICTED: &str = "; the model's preset for this browser says so";

/// `allow (reads etag) after preflight, PUT`.
fn words(observation: &Observation) -> String {
    let outcome = match (observation.outcome, &observation.exposed_headers) {
        (Outcome::Block, _) if observation.threw => "throw".to_owned(),
        (Outcome::Block, _) => "block".to_owned(),
        (Outcome::Allow, Some(names)) if !names.is_empty() => {
            let names: Vec<_> = names.iter().map(ToString::to_string).collect();
            format!("allow (reads {})", names.join(", "))
        }
        (Outcome::Allow, _) => "allow".to_owned(),
    };
    let sent: Vec<String> = observation.hops.iter().flat_map(sent).collect();
    if sent.is_empty() { outcome } else { format!("{outcome} after {}", sent.join(", ")) }
}

fn sent(hop: &WireHop) -> impl Iterator<Item = String> {
    let preflight = hop.preflight.as_ref().map(|_| "preflight".to_owned());
    preflight.into_iter().chain(hop.actual.as_ref().map(|actual| actual.method.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn case() -> UserAgentCase {
        serde_json::from_value(serde_json::json!({
            "id": "c", "page_origin": "https://a.example",
            "request": {"url": "https://api.example/plain", "method": "GET", "headers": [],
                        "credentials": "omit", "mode": "cors"},
            "hops": [{"preflight_response": null, "response": {"status": 200, "headers": [
                ["Access-Control-Allow-Origin", "*"], ["ETag", "x"],
                ["Access-Control-Expose-Headers", "etag"]]}}],
        }))
        .unwrap()
    }

    #[test]
    fn a_browser_that_does_otherwise_differs() {
        let case = case();
        let right = explain::judge(&case, &Preset::spec()).unwrap().observation();
        let agrees = compare(&case, &right).unwrap();
        let CallVerdict::Agrees { words } = agrees else { panic!("{agrees:?}") };
        assert_eq!(words.browser, "allow (reads etag) after GET");
        assert!(words.model.starts_with(&words.browser), "{}", words.model);

        let mut blocked = right.clone();
        blocked.outcome = Outcome::Block;
        let mut hidden = right.clone();
        hidden.exposed_headers = Some(Vec::new());
        let mut unsent = right;
        unsent.hops.clear();
        for wrong in [blocked, hidden, unsent] {
            let verdict = compare(&case, &wrong).unwrap();
            assert!(matches!(verdict, CallVerdict::Differs { .. }), "{verdict:?}");
        }
    }
}
