//! The standard app as an endpoint of poem.

use std::collections::HashMap;
use std::io;

use poem::endpoint::BoxEndpoint;
use poem::error::InternalServerError;
use poem::http::{Method, StatusCode, header};
use poem::middleware::Cors;
use poem::web::{Path, Query};
use poem::{
    EndpointExt, FromRequest, IntoResponse, Request, RequestBody, Response, Result, Route, handler,
};

use crate::executions::Executions;

/// The standard app behind the middleware of a policy.
pub type App = BoxEndpoint<'static, Response>;

/// The app behind the middleware; its handlers count in all of these.
pub(crate) fn behind(cors: Cors, counters: Vec<Executions>) -> App {
    Route::new()
        .at("/plain", plain)
        .at("/vary", vary)
        .at("/own-cors", own_cors)
        .at("/status/:n", status)
        .at("/throw", throw)
        .at("/redirect", redirect)
        .with(cors)
        .data(Counters(counters))
        .boxed()
}

#[derive(Clone)]
struct Counters(Vec<Executions>);

/// Says that a handler runs: as it is extracted, it is counted.
struct Executed;

impl<'a> FromRequest<'a> for Executed {
    async fn from_request(request: &'a Request, _: &mut RequestBody) -> Result<Self> {
        let query = request.params::<HashMap<String, String>>();
        if let (Ok(query), Some(Counters(counters))) = (query, request.data())
            && let Some(case) = query.get("case")
        {
            counters.iter().for_each(|counter| counter.count(case));
        }
        Ok(Self)
    }
}

#[handler]
fn plain(_: Executed, method: Method) -> impl IntoResponse {
    method.to_string().with_header("x-total", "7").with_header(header::ETAG, "\"7\"")
}

#[handler]
fn vary(_: Executed, method: Method) -> impl IntoResponse {
    method.to_string().with_header(header::VARY, "Accept-Language")
}

#[handler]
fn own_cors(_: Executed, method: Method) -> impl IntoResponse {
    let own = (header::ACCESS_CONTROL_ALLOW_ORIGIN, "https://own.example");
    method.to_string().with_header(own.0, own.1)
}

/// A final status; there is no answering with an interim one.
#[handler]
fn status(_: Executed, Path(n): Path<u16>) -> StatusCode {
    StatusCode::from_u16(n)
        .ok()
        .filter(|status| !status.is_informational())
        .unwrap_or(StatusCode::BAD_REQUEST)
}

/// poem's handlers fail by an `Error` that knows how to answer.
#[handler]
fn throw(_: Executed) -> Result<Response> {
    Err(InternalServerError(io::Error::other("the handler failed")))
}

#[handler]
fn redirect(_: Executed, Query(query): Query<HashMap<String, String>>) -> Response {
    match query.get("to") {
        Some(to) => StatusCode::FOUND.with_header(header::LOCATION, to).into_response(),
        None => StatusCode::BAD_REQUEST.into_response(),
    }
}
