//! The servers that are linked into the command line: with nothing but cargo, they run.

use corsproof_conform::subject::{Server, SubjectError};
use corsproof_subject_actix_cors::ActixCors;
use corsproof_subject_poem::Poem;
use corsproof_subject_tower_http::TowerHttp;
use corsproof_subject_warp::Warp;

use crate::http_client::SocketServer;

const TOWER_HTTP: &str = corsproof_subject_tower_http::NAME;
const ACTIX_CORS: &str = corsproof_subject_actix_cors::NAME;
const WARP: &str = corsproof_subject_warp::NAME;
const POEM: &str = corsproof_subject_poem::NAME;

/// Their names.
pub fn names() -> &'static [&'static str] {
    &[TOWER_HTTP, ACTIX_CORS, WARP, POEM]
}

/// The texts of the `subject.toml` and the `known.toml` of the one with this name.
pub fn files(name: &str) -> Option<(&'static str, &'static str)> {
    match name {
        TOWER_HTTP => Some((
            include_str!("../../subjects/tower-http/subject.toml"),
            include_str!("../../subjects/tower-http/known.toml"),
        )),
        ACTIX_CORS => Some((
            include_str!("../../subjects/actix-cors/subject.toml"),
            include_str!("../../subjects/actix-cors/known.toml"),
        )),
        WARP => Some((
            include_str!("../../subjects/warp/subject.toml"),
            include_str!("../../subjects/warp/known.toml"),
        )),
        POEM => Some((
            include_str!("../../subjects/poem/subject.toml"),
            include_str!("../../subjects/poem/known.toml"),
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
        TOWER_HTTP => Ok(Box::new(SocketServer::new(TowerHttp::start()?))),
        ACTIX_CORS => Ok(Box::new(SocketServer::new(ActixCors::start()?))),
        WARP => Ok(Box::new(SocketServer::new(Warp::start()?))),
        POEM => Ok(Box::new(SocketServer::new(Poem::start()?))),
        _ => Err(SubjectError::NotRunning {
            subject: name.to_owned(),
            detail: "no embedded subject has this name".to_owned(),
        }),
    }
}
