//! What the control page is told and what it tells, as JSON.

use corsproof_conform::byte_string::ByteString;
use corsproof_conform::case::CaseRequest;
use corsproof_conform::observe::ResponseType;
use serde::{Deserialize, Serialize};

/// How a batch is to be run by the page.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct Pace {
    /// Most cases under way at a time.
    pub concurrency: usize,
    /// Most frames, one per page origin, that are kept.
    pub frames: usize,
    /// When a case counts as unfinished.
    pub case_timeout_ms: u64,
}

/// A case as the page is told it.
#[derive(Debug, Serialize)]
pub struct PageCase {
    /// The token.
    pub ticket: String,
    /// Serialized origin of the frame that runs it.
    pub origin: String,
    /// What script does there; its URL carries the token.
    pub request: CaseRequest,
}

/// A batch.
#[derive(Debug, Serialize)]
pub(super) struct Command<'a> {
    pub(super) pace: Pace,
    pub(super) cases: &'a [PageCase],
}

/// What the page saw of a case.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PageResult {
    pub(super) ticket: String,
    /// What became of it.
    pub outcome: PageOutcome,
    /// The response's type, where script is told.
    #[serde(default)]
    pub response_type: Option<ResponseType>,
    /// Names of the headers that script could read.
    #[serde(default)]
    pub exposed: Vec<ByteString>,
    /// What the page adds in words.
    #[serde(default)]
    pub note: Option<String>,
}

/// What became of a case in the page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PageOutcome {
    /// Script got a response.
    Allow,
    /// Script got an error.
    Block,
    /// The API threw before it sent anything.
    Threw,
    /// Neither in time.
    Unfinished,
    /// No frame of this origin could be had.
    Unreachable,
}
