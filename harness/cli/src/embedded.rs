//! The servers that are linked into the command line: with nothing but cargo, they run.

use corsproof_conform::subject::{Server, SubjectError};
use corsproof_subject_tower_http::TowerHttp;

use crate::http_client::SocketServer;

const NAMES: [&str; 1] = [corsproof_subject_tower_http::NAME];

/// Their names.
pub fn names() -> &'static [&'static str] {
    &NAMES
}

/// The texts of the `subject.toml` and the `known.toml` of the one with this name.
pub fn files(name: &str) -> Option<(&'static str, &'static str)> {
    match name {
        corsproof_subject_tower_http::NAME => Some((
            include_str!("../../subjects/tower-http/subject.toml"),
            include_str!("../../subjects/tower-http/known.toml"),
        )),
        _ => None,
    }
}

/// Starts the one with this name.
///
/// # Errors
/// When there is none, or it does not start.
pub fn start(name: &str) -> Result<Box<dyn Server>, SubjectError> {
    match name {
        corsproof_subject_tower_http::NAME => Ok(Box::new(SocketServer::new(TowerHttp::start()?))),
        _ => Err(SubjectError::NotRunning {
            subject: name.to_owned(),
            detail: "no embedded subject has this name".to_owned(),
        }),
    }
}
