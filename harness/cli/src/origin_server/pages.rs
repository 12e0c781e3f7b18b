//! The harness's own paths on every host: the control page, its frames, its long polls.

use super::desk::Desk;
use super::http_message::{Answer, Request};
use super::page_message::PageResult;

/// Where the control page lives. Plain HTTP, so that frames of either scheme may stand in it.
pub const CONTROL_ORIGIN: &str = "http://control.corsproof.test";

/// Path of the page, on any origin, from which that origin's cases are run.
pub const FRAME_PATH: &str = "/__corsproof/frame";

const CONTROL_PATH: &str = "/__corsproof/control";
const NEXT_PATH: &str = "/__corsproof/next";
const RESULTS_PATH: &str = "/__corsproof/results";

const CONTROL_PAGE: &str = include_str!("page/control.html");
const FRAME_PAGE: &str = include_str!("page/frame.html");

/// URL of the control page of this session.
pub(crate) fn control_url(session: &str) -> String {
    format!("{CONTROL_ORIGIN}{CONTROL_PATH}?{session}")
}

/// What a request without a token asks for.
pub(super) enum Asked {
    /// This, at once.
    Answer(Answer),
    /// The next command of this session.
    NextCommand { session: String },
}

/// Routes a request without a token.
pub(super) fn ask(request: &Request, desk: &Desk) -> Asked {
    let (path, query) = request.target.split_once('?').unwrap_or((&request.target, ""));
    Asked::Answer(match (request.method.as_str(), path) {
        ("GET", CONTROL_PATH) => Answer::own("200 OK", "text/html;charset=utf-8", CONTROL_PAGE),
        ("GET", FRAME_PATH) => Answer::own("200 OK", "text/html;charset=utf-8", FRAME_PAGE),
        ("POST", NEXT_PATH) => {
            return Asked::NextCommand { session: query.to_owned() };
        }
        ("POST", RESULTS_PATH) => take_in(&request.body, desk),
        _ => Answer::own("404 Not Found", "text/plain", ""),
    })
}

/// The answer to a long poll.
pub(super) fn command(json: Option<String>) -> Answer {
    match json {
        Some(json) => Answer::own("200 OK", "application/json", &json),
        None => Answer::own("410 Gone", "text/plain", "this session is over"),
    }
}

fn take_in(body: &[u8], desk: &Desk) -> Answer {
    match serde_json::from_slice::<Vec<PageResult>>(body) {
        Ok(results) => {
            desk.settle(results);
            Answer::own("200 OK", "text/plain", "")
        }
        Err(error) => Answer::own("400 Bad Request", "text/plain", &error.to_string()),
    }
}
