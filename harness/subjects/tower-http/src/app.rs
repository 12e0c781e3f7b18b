//! The standard app as an axum router, and the counter of what its handlers did.

use std::collections::HashMap;
use std::convert::Infallible;
use std::sync::{Arc, Mutex, PoisonError};

use axum::Router;
use axum::extract::{FromRequestParts, Path, Query, State};
use axum::response::{IntoResponse, Response};
use axum::routing::{any, get};
use http::request::Parts;
use http::{HeaderName, HeaderValue, Method, StatusCode, header};
use tower_http::cors::CorsLayer;

/// The app behind the layer, and the counter outside of it.
pub(crate) fn behind(layer: CorsLayer) -> Router {
    Router::new()
        .route("/plain", any(plain))
        .route("/vary", any(vary))
        .route("/own-cors", any(own_cors))
        .route("/status/{n}", any(status))
        .route("/throw", any(throw))
        .route("/redirect", any(redirect))
        .layer(layer)
        .route("/executed/{case}", get(executed))
        .with_state(Executions::default())
}

/// How often handlers ran, case by case.
#[derive(Clone, Default)]
struct Executions(Arc<Mutex<HashMap<String, u64>>>);

/// Says that a handler runs: as it is extracted, it is counted.
struct Executed;

impl FromRequestParts<Executions> for Executed {
    type Rejection = Infallible;

    async fn from_request_parts(
        parts: &mut Parts,
        executions: &Executions,
    ) -> Result<Self, Infallible> {
        if let Some(case) = query(parts, "case") {
            let mut counts = executions.0.lock().unwrap_or_else(PoisonError::into_inner);
            *counts.entry(case).or_default() += 1;
        }
        Ok(Self)
    }
}

async fn executed(State(executions): State<Executions>, Path(case): Path<String>) -> String {
    let counts = executions.0.lock().unwrap_or_else(PoisonError::into_inner);
    counts.get(&case).copied().unwrap_or_default().to_string()
}

async fn plain(_: Executed, method: Method) -> impl IntoResponse {
    const TOTAL: HeaderName = HeaderName::from_static("x-total");
    ([(TOTAL, "7"), (header::ETAG, "\"7\"")], method.to_string())
}

async fn vary(_: Executed, method: Method) -> impl IntoResponse {
    ([(header::VARY, "Accept-Language")], method.to_string())
}

async fn own_cors(_: Executed, method: Method) -> impl IntoResponse {
    let own = (header::ACCESS_CONTROL_ALLOW_ORIGIN, "https://own.example");
    ([own], method.to_string())
}

/// A final status; there is no answering with an interim one.
async fn status(_: Executed, Path(n): Path<u16>) -> StatusCode {
    StatusCode::from_u16(n)
        .ok()
        .filter(|status| !status.is_informational())
        .unwrap_or(StatusCode::BAD_REQUEST)
}

/// axum's handlers fail by an error that knows how to answer.
async fn throw(_: Executed) -> Result<&'static str, Failure> {
    Err(Failure)
}

struct Failure;

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        (StatusCode::INTERNAL_SERVER_ERROR, "the handler failed").into_response()
    }
}

async fn redirect(_: Executed, Query(query): Query<HashMap<String, String>>) -> Response {
    let location = query.get("to").and_then(|to| HeaderValue::from_str(to).ok());
    match location {
        Some(to) => (StatusCode::FOUND, [(header::LOCATION, to)]).into_response(),
        None => StatusCode::BAD_REQUEST.into_response(),
    }
}

fn query(parts: &Parts, name: &str) -> Option<String> {
    let Query(mut query) = Query::<HashMap<String, String>>::try_from_uri(&parts.uri).ok()?;
    query.remove(name)
}
