//! The plain way to ask a browser, for comparison: one evaluation a case.
//!
//! It asks the same browser and the same origin server the same cases, but goes through the
//! DevTools protocol for each of them, in a tab that is on the case's page origin.

use std::sync::Arc;

use corsproof_conform::case::UserAgentCase;
use corsproof_conform::subject::Asked;
use headless_chrome::Tab;
use headless_chrome::protocol::cdp::Runtime;

use super::launch::Chrome;
use crate::browser::{self, Browser, BrowserError, Joined};
use crate::origin_server::{Desk, FRAME_PATH, PageCase};

type Failure = Box<dyn std::error::Error>;

impl Browser<Chrome> {
    /// Runs cases one evaluation at a time; an opaque page origin cannot be asked this way.
    ///
    /// # Errors
    /// When the browser does not answer. Nothing is asked again.
    pub fn fetch_one_by_one(
        &mut self,
        cases: &[UserAgentCase],
    ) -> Result<Vec<Asked>, BrowserError> {
        let timeout = self.options.case_timeout.as_millis();
        let failed = |error: Failure| BrowserError::Driver {
            what: "evaluating a case",
            detail: error.to_string(),
        };
        let browser = self.session()?.connect()?;
        let tab = browser.new_tab().map_err(|error| failed(error.into()))?;
        let mut page = Page { tab: &tab, desk: self.server.desk(), origin: String::new(), timeout };
        let asked = cases.iter().map(|case| page.ask(case).map_err(failed)).collect();
        // The tab goes with its browser if it does not go now.
        let _ = tab.close(false);
        asked
    }
}

struct Page<'a> {
    tab: &'a Tab,
    desk: &'a Desk,
    origin: String,
    timeout: u128,
}

impl Page<'_> {
    fn ask(&mut self, case: &UserAgentCase) -> Result<Asked, Failure> {
        if let Some(reason) = browser::obstacle(case) {
            return Ok(Asked::Inconclusive { reason });
        }
        if case.page_origin == "null" {
            let reason = "a tab has no opaque origin".to_owned();
            return Ok(Asked::Inconclusive { reason });
        }
        if self.origin != case.page_origin {
            self.tab.navigate_to(&format!("{}{FRAME_PATH}", case.page_origin))?;
            self.tab.wait_until_navigated()?;
            self.origin.clone_from(&case.page_origin);
        }
        let (ticket, page_case) = self.desk.admit(&Arc::new(case.clone()));
        let seen = self.evaluate(&page_case);
        if let Ok(json) = &seen {
            self.desk.settle(serde_json::from_str(json)?);
        }
        let settled = self.desk.take_back(&ticket);
        seen?;
        Ok(match settled.and_then(|settled| browser::join(case, settled)) {
            Some(Joined::Answer(answer)) => answer,
            Some(Joined::Unfinished) | None => {
                Asked::Inconclusive { reason: "it did not finish in time".to_owned() }
            }
        })
    }

    fn evaluate(&self, case: &PageCase) -> Result<String, Failure> {
        let one = serde_json::to_string(case)?;
        let expression = format!(
            "(async (one) => JSON.stringify([{{...await corsproof.run(one.request, {}), \
             ticket: one.ticket}}]))({one})",
            self.timeout
        );
        let evaluated = self.tab.call_method(Runtime::Evaluate {
            expression,
            return_by_value: Some(true),
            await_promise: Some(true),
            generate_preview: Some(false),
            silent: Some(false),
            include_command_line_api: Some(false),
            user_gesture: Some(false),
            object_group: None,
            context_id: None,
            throw_on_side_effect: None,
            timeout: None,
            disable_breaks: None,
            repl_mode: None,
            allow_unsafe_eval_blocked_by_csp: None,
            unique_context_id: None,
            serialization_options: None,
        })?;
        let value = evaluated.result.value;
        value
            .and_then(|v| v.as_str().map(str::to_owned))
            .ok_or_else(|| "the evaluation had no value".into())
    }
}
