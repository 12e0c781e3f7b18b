//! The standard app as a filter of warp.

use std::collections::HashMap;

use http::{Method, StatusCode};
use warp::filters::BoxedFilter;
use warp::filters::cors::Builder;
use warp::reject::{Reject, Rejection};
use warp::reply::{Reply, Response, with_header};
use warp::{Filter, path};

use crate::executions::Executions;

/// The standard app behind the filter of a policy.
pub type App = BoxedFilter<(Response,)>;

type Query = HashMap<String, String>;

/// The app behind the filter; its handlers count in all of these.
pub(crate) fn behind(cors: Builder, counters: Vec<Executions>) -> App {
    // Says that a handler runs: behind its path, and before what it does.
    let executed = warp::query::<Query>().map(move |query: Query| {
        if let Some(case) = query.get("case") {
            counters.iter().for_each(|counter| counter.count(case));
        }
        query
    });
    let answered = |filter: BoxedFilter<(Query, Method)>, answer: fn(String) -> Response| {
        filter.map(move |_, method: Method| answer(method.to_string())).boxed()
    };
    let asked = executed.clone().and(warp::method());
    let plain = answered(path!("plain").and(asked.clone()).boxed(), plain);
    let vary = answered(path!("vary").and(asked.clone()).boxed(), vary);
    let own_cors = answered(path!("own-cors").and(asked).boxed(), own_cors);
    let status = path!("status" / u16).and(executed.clone()).map(status);
    let throw = path!("throw").and(executed.clone()).and_then(throw);
    let redirect = path!("redirect").and(executed).map(redirect);
    let routes = plain.or(vary).unify().or(own_cors).unify().or(status).unify();
    let routes = routes.or(throw).unify().or(redirect).unify();
    routes.with(cors).map(Reply::into_response).boxed()
}

fn plain(body: String) -> Response {
    with_header(with_header(body, "x-total", "7"), "etag", "\"7\"").into_response()
}

fn vary(body: String) -> Response {
    with_header(body, "vary", "Accept-Language").into_response()
}

fn own_cors(body: String) -> Response {
    with_header(body, "access-control-allow-origin", "https://own.example").into_response()
}

/// A final status; there is no answering with an interim one.
fn status(n: u16, _: Query) -> Response {
    StatusCode::from_u16(n)
        .ok()
        .filter(|status| !status.is_informational())
        .unwrap_or(StatusCode::BAD_REQUEST)
        .into_response()
}

/// warp's handlers fail by a rejection, which warp answers with a 500 when nobody recovers it.
async fn throw(_: Query) -> Result<Response, Rejection> {
    Err(warp::reject::custom(Failure))
}

#[derive(Debug)]
struct Failure;

impl Reject for Failure {}

fn redirect(query: Query) -> Response {
    match query.get("to") {
        Some(to) => with_header(StatusCode::FOUND, "location", to).into_response(),
        None => StatusCode::BAD_REQUEST.into_response(),
    }
}
