//! The model as a user agent under test, so that the judge meets an answer that is right, and a
//! campaign one whose deviations are known.

use corsproof_model::UserAgent as ModelAgent;

use crate::case::UserAgentCase;
use crate::explain::judge;
use crate::subject::{About, Asked, SubjectError, UserAgent};

/// A user agent that does what the model says of these choices and deviations.
pub struct ModelUserAgent {
    about: About,
    agent: ModelAgent,
}

impl ModelUserAgent {
    /// One with these choices and deviations.
    pub fn new(agent: ModelAgent) -> Self {
        let about = About {
            name: "model".to_owned(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            language: "Rust".to_owned(),
            runtime: "in-process".to_owned(),
            homepage: String::new(),
            issues: String::new(),
        };
        Self { about, agent }
    }
}

impl UserAgent for ModelUserAgent {
    fn about(&self) -> &About {
        &self.about
    }

    fn fetch_all(&mut self, cases: &[UserAgentCase]) -> Result<Vec<Asked>, SubjectError> {
        let ask = |case| match judge(case, &self.agent) {
            Ok(judged) => Asked::Observed(judged.observation()),
            Err(error) => Asked::Inconclusive { reason: error.to_string() },
        };
        Ok(cases.iter().map(ask).collect())
    }
}
