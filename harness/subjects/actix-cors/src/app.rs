//! The standard app on actix-web, and the counter of what its handlers did.

use std::cell::RefCell;
use std::collections::HashMap;
use std::future::{Ready, ready};
use std::rc::Rc;

use actix_http::Request;
use actix_service::boxed::{self, BoxService};
use actix_service::{IntoServiceFactory, ServiceExt, ServiceFactory};
use actix_web::body::BoxBody;
use actix_web::dev::{AppConfig, Payload, ServiceResponse};
use actix_web::error::ErrorInternalServerError;
use actix_web::http::StatusCode;
use actix_web::http::header::{self, HeaderValue};
use actix_web::{Error, FromRequest, HttpRequest, HttpResponse, Responder, web};
use corsproof_conform::policy::Policy;
use corsproof_conform::subject::Support;

use crate::middleware;

/// The standard app behind the middleware, as a service.
pub type App = BoxService<Request, ServiceResponse<BoxBody>, Error>;

/// The standard app behind the middleware that this policy becomes, without a socket.
///
/// # Errors
/// What `ServerAdapter::configure` would answer instead of a mount.
pub async fn service(policy: &Policy) -> Result<App, Support> {
    counted(policy, Executions::default()).await
}

/// The same with a counter that the caller reads.
pub(crate) async fn counted(policy: &Policy, executions: Executions) -> Result<App, Support> {
    let app = actix_web::App::new()
        .app_data(executions)
        .service(web::resource("/plain").to(plain))
        .service(web::resource("/vary").to(vary))
        .service(web::resource("/own-cors").to(own_cors))
        .service(web::resource("/status/{n}").to(status))
        .service(web::resource("/throw").to(throw))
        .service(web::resource("/redirect").to(redirect))
        .wrap(middleware::compile(policy)?);
    let config = AppConfig::default();
    match app.into_factory().new_service(config).await {
        Ok(app) => Ok(boxed::service(app.map(ServiceResponse::map_into_boxed_body))),
        Err(()) => Err(Support::Rejected {
            message: "the app does not start with this `Cors`; why is only in its log".to_owned(),
        }),
    }
}

/// How often handlers ran, case by case.
#[derive(Clone, Default)]
pub(crate) struct Executions(Rc<RefCell<HashMap<String, u64>>>);

impl Executions {
    pub(crate) fn of(&self, case: &str) -> u64 {
        self.0.borrow().get(case).copied().unwrap_or_default()
    }
}

/// Says that a handler runs: as it is extracted, it is counted.
struct Executed;

impl FromRequest for Executed {
    type Error = Error;
    type Future = Ready<Result<Self, Error>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let case = query(request).and_then(|mut query| query.remove("case"));
        if let (Some(case), Some(executions)) = (case, request.app_data::<Executions>()) {
            *executions.0.borrow_mut().entry(case).or_default() += 1;
        }
        ready(Ok(Self))
    }
}

async fn plain(_: Executed, request: HttpRequest) -> impl Responder {
    HttpResponse::Ok()
        .insert_header(("x-total", "7"))
        .insert_header((header::ETAG, "\"7\""))
        .body(request.method().to_string())
}

async fn vary(_: Executed, request: HttpRequest) -> impl Responder {
    HttpResponse::Ok()
        .insert_header((header::VARY, "Accept-Language"))
        .body(request.method().to_string())
}

async fn own_cors(_: Executed, request: HttpRequest) -> impl Responder {
    HttpResponse::Ok()
        .insert_header((header::ACCESS_CONTROL_ALLOW_ORIGIN, "https://own.example"))
        .body(request.method().to_string())
}

/// A final status; there is no answering with an interim one.
async fn status(_: Executed, n: web::Path<u16>) -> impl Responder {
    let status = StatusCode::from_u16(*n).ok().filter(|status| !status.is_informational());
    HttpResponse::new(status.unwrap_or(StatusCode::BAD_REQUEST))
}

/// actix-web's handlers fail by an `Error` that knows how to answer.
async fn throw(_: Executed) -> Result<HttpResponse, Error> {
    Err(ErrorInternalServerError("the handler failed"))
}

async fn redirect(_: Executed, request: HttpRequest) -> impl Responder {
    let to = query(&request).and_then(|mut query| query.remove("to"));
    match to.and_then(|to| HeaderValue::from_str(&to).ok()) {
        Some(to) => HttpResponse::Found().insert_header((header::LOCATION, to)).finish(),
        None => HttpResponse::BadRequest().finish(),
    }
}

fn query(request: &HttpRequest) -> Option<HashMap<String, String>> {
    let query = web::Query::<HashMap<String, String>>::from_query(request.query_string());
    query.ok().map(web::Query::into_inner)
}
