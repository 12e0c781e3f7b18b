//! From what script says to a request, or to what the API throws; what both APIs share.

use std::fmt;
use std::sync::Arc;

use url::{ParseError, Url};

use crate::api::init::{Api, Body, Environment, RequestInit};
use crate::api::{request, web_socket, xml_http_request};
use crate::http::headers::HeaderList;
use crate::http::requests::{
    Client, CredentialsMode, Mode, RedirectMode, ReferrerPolicy, Request, RequestBody,
    ResponseTainting, UrlList,
};
use crate::trace::Step;
use crate::user_agent::UserAgent;

/// The API threw; nothing was sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Threw {
    /// The step that threw.
    pub step: &'static Step,
    /// What it threw, and why.
    pub message: String,
}

impl Threw {
    pub(crate) fn new(exception: &str, step: &'static Step, what: &[u8]) -> Self {
        let what = what.escape_ascii();
        Self { step, message: format!("{exception}: {}: `{what}`", step.slug) }
    }
}

impl fmt::Display for Threw {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.message)
    }
}

impl std::error::Error for Threw {}

/// Makes the request that this API makes of this.
///
/// # Errors
/// When the API throws.
pub fn construct(
    agent: &UserAgent,
    environment: &Environment,
    init: &RequestInit,
) -> Result<Request, Threw> {
    match init.api {
        Api::Fetch => request::new_request(agent, environment, init),
        Api::Xhr => xml_http_request::open_and_send(agent, environment, init),
        Api::WebSocket => web_socket::new_web_socket(environment, init),
    }
}

/// <https://url.spec.whatwg.org/#concept-url-parser>, with the root of the page's origin for a base.
pub(crate) fn parse_url(environment: &Environment, url: &str) -> Result<Url, ParseError> {
    match Url::parse(&environment.origin.serialize()) {
        Ok(base) => base.join(url),
        Err(_) => Url::parse(url),
    }
}

/// A request of script, with what every one of them starts with.
pub(crate) fn new_request(environment: &Environment, url: Url, method: Vec<u8>) -> Request {
    Request {
        method,
        url_list: UrlList::new(url),
        headers: HeaderList::new(),
        client: Arc::new(Client::new(environment)),
        body: RequestBody::Null,
        mode: Mode::Cors,
        credentials_mode: CredentialsMode::SameOrigin,
        redirect_mode: RedirectMode::Follow,
        referrer_policy: ReferrerPolicy::Empty,
        use_cors_preflight: false,
        response_tainting: ResponseTainting::Basic,
        redirect_count: 0,
        target_address_space: None,
    }
}

/// <https://fetch.spec.whatwg.org/#concept-bodyinit-extract>: whether the body has a source, and its
/// type.
///
/// NOT MODELLED 1 to 6, 8, 11, 12 (streams, lengths): CORS looks at no byte of a body.
///
/// NOT MODELLED 10b, 10c (bytes): `Body` has none; they go like a `Blob` without a type.
pub(crate) fn extract(body: &Body) -> (RequestBody, Option<Vec<u8>>) {
    // 7, 9. No source and no type, unless the kind of body brings one.
    let r#type = match body {
        // 10a. Its own, if it has one.
        Body::Blob { ty } => blob_type(ty),
        // 10d. With a boundary, which here is always the same.
        Body::FormData => Some(b"multipart/form-data; boundary=----formdata-corsproof".to_vec()),
        // 10e. That of forms.
        Body::UrlSearchParams => Some(b"application/x-www-form-urlencoded;charset=UTF-8".to_vec()),
        // 10f. That of text.
        Body::Text(_) => Some(b"text/plain;charset=UTF-8".to_vec()),
        // 10g. Neither source nor type; this stream is fresh, and keepalive is not modelled.
        Body::Stream => return (RequestBody::Stream, None),
    };
    // 13, 14. Both.
    (RequestBody::WithSource, r#type)
}

/// <https://w3c.github.io/FileAPI/#constructorBlob>: a type with bytes beyond printable ASCII is none,
/// and any other is in lower case.
fn blob_type(ty: &[u8]) -> Option<Vec<u8>> {
    let usable = !ty.is_empty() && ty.iter().all(|byte| matches!(byte, 0x20..=0x7E));
    usable.then(|| ty.to_ascii_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scene::{PAGE, Scene};

    fn threw(scene: Scene) -> String {
        let Err(threw) = scene.construct() else { return "-".to_owned() };
        threw.to_string().split(": `").next().unwrap().to_owned()
    }

    #[test]
    fn both_apis_refuse_what_is_no_method() {
        for method in ["", "G T", "GET,", "G\u{c9}T"] {
            assert_eq!(threw(Scene::send(method, PAGE)), "TypeError: method-invalid");
            assert_eq!(threw(Scene::send(method, PAGE).xhr()), "SyntaxError: method-invalid");
        }
        for method in ["CONNECT", "trace", "tRACK"] {
            assert_eq!(threw(Scene::send(method, PAGE)), "TypeError: method-forbidden");
            assert_eq!(threw(Scene::send(method, PAGE).xhr()), "SecurityError: method-forbidden");
        }
        for method in ["GETS", "patch", "*", "OPTIONS"] {
            assert_eq!(
                (threw(Scene::send(method, PAGE)), threw(Scene::send(method, PAGE).xhr())),
                ("-".into(), "-".into())
            );
        }
    }

    #[test]
    fn only_fetch_minds_a_password_in_the_url() {
        for url in ["http://[", "https://a b", "https://"] {
            assert_eq!(threw(Scene::get(url)), "TypeError: url-invalid", "{url}");
            assert_eq!(threw(Scene::get(url).xhr()), "SyntaxError: url-invalid", "{url}");
        }
        for url in ["https://u@b.example", "https://:p@b.example", "//u:p@b.example"] {
            assert_eq!(threw(Scene::get(url)), "TypeError: url-has-credentials");
            assert_eq!(threw(Scene::get(url).xhr()), "-");
        }
        assert_eq!(threw(Scene::get("https://:@b.example")), "-");
        assert_eq!(threw(Scene::get("/relative")), "-");
        assert_eq!(threw(Scene::get("/relative").page("null")), "TypeError: url-invalid");
    }

    #[test]
    fn both_apis_refuse_what_is_no_header() {
        for (name, value, slug) in [
            ("", "x", "name"),
            ("a b", "x", "name"),
            ("\u{e9}", "x", "name"),
            ("x", "a\0b", "value"),
            ("x", "a\nb", "value"),
        ] {
            assert_eq!(
                threw(Scene::get(PAGE).with(name, value)),
                format!("TypeError: header-{slug}-invalid")
            );
            assert_eq!(
                threw(Scene::get(PAGE).with(name, value).xhr()),
                format!("SyntaxError: header-{slug}-invalid")
            );
        }
        assert_eq!(threw(Scene::get(PAGE).with("x", "\n a \r")), "-");
    }

    #[test]
    fn fetch_appends_and_xhr_combines() {
        let lines = |scene: Scene| {
            scene.with("X-A", "1").with("Cookie", "1").with("x-a", "2").construct().unwrap().headers
        };
        assert_eq!(lines(Scene::get(PAGE)), HeaderList::from_lines([("X-A", "1"), ("X-A", "2")]));
        assert_eq!(lines(Scene::get(PAGE).xhr()), HeaderList::from_lines([("X-A", "1, 2")]));
        let safelisted = |scene: Scene| {
            scene.with("Content-Type", "text/plain").with("Content-Type", "text/plain").preflights()
        };
        assert_eq!(safelisted(Scene::send("POST", "https://b.example")), []);
        assert_eq!(safelisted(Scene::send("POST", "https://b.example").xhr()).len(), 1);
    }

    #[test]
    fn without_cors_only_forms_methods_and_headers_go() {
        for method in ["PUT", "patch", "OPTIONS"] {
            assert_eq!(
                threw(Scene::send(method, PAGE).mode(Mode::NoCors)),
                "TypeError: no-cors-method"
            );
        }
        let scene =
            Scene::send("POST", PAGE).mode(Mode::NoCors).with("X-A", "1").with("Range", "bytes=0-");
        let scene = scene.with("Accept", "a").with("Content-Type", "x/y").text();
        let expected = [("Accept", "a"), ("Content-Type", "text/plain;charset=UTF-8")];
        assert_eq!(scene.construct().unwrap().headers, HeaderList::from_lines(expected));
        let blob =
            Scene::send("POST", PAGE).mode(Mode::NoCors).body(Body::Blob { ty: b"x/y".to_vec() });
        assert!(blob.construct().unwrap().headers.is_empty());
        let stream = Scene::send("POST", PAGE).mode(Mode::NoCors).body(Body::Stream);
        assert_eq!(threw(stream), "TypeError: stream-without-cors");
    }

    #[test]
    fn get_and_head_have_no_body() {
        for method in ["GET", "head"] {
            assert_eq!(threw(Scene::send(method, PAGE).text()), "TypeError: body-with-get-or-head");
            let request = Scene::send(method, PAGE).xhr().text().construct().unwrap();
            assert_eq!((request.body(), request.headers().len()), (RequestBody::Null, 0));
        }
    }

    #[test]
    fn a_body_brings_its_type_unless_script_has_one() {
        let header = |scene: Scene, body: Body| {
            let request = scene.body(body).construct().unwrap();
            request.headers.get(b"content-type").map(|value| String::from_utf8(value).unwrap())
        };
        let blob = |ty: &[u8]| Body::Blob { ty: ty.to_vec() };
        for scene in [Scene::send("POST", PAGE), Scene::send("POST", PAGE).xhr()] {
            let header = |body| header(scene.clone(), body);
            assert_eq!(header(Body::Text(Vec::new())).unwrap(), "text/plain;charset=UTF-8");
            assert_eq!(
                header(Body::UrlSearchParams).unwrap(),
                "application/x-www-form-urlencoded;charset=UTF-8"
            );
            assert!(header(Body::FormData).unwrap().starts_with("multipart/form-data; boundary="));
            assert_eq!(header(blob(b"X/Y")).unwrap(), "x/y");
            assert_eq!((header(blob(b"")), header(blob(b"x/\xe9"))), (None, None));
        }
        assert_eq!(
            header(Scene::send("POST", PAGE).with("content-TYPE", "x/y"), Body::FormData).unwrap(),
            "x/y"
        );
        assert_eq!(header(Scene::send("POST", PAGE), Body::Stream), None);
    }

    #[test]
    fn streams_and_upload_listeners_ask_for_a_preflight() {
        let flag = |scene: Scene| scene.construct().unwrap().uses_cors_preflight();
        assert!(flag(Scene::send("POST", PAGE).body(Body::Stream)));
        let mut streamed = Scene::send("POST", PAGE).text();
        streamed.init.stream_body = true;
        assert!(flag(streamed.clone()));
        assert_eq!(streamed.clone().construct().unwrap().body(), RequestBody::Stream);
        // A stream is a string to XMLHttpRequest.
        assert!(!flag(streamed.clone().xhr()));
        assert_eq!(streamed.xhr().construct().unwrap().body(), RequestBody::WithSource);
        assert!(flag(Scene::get(PAGE).listeners()) && flag(Scene::get(PAGE).xhr().listeners()));
        assert!(!flag(Scene::send("POST", PAGE).text()));
    }

    #[test]
    fn xhr_has_its_own_modes() {
        let scene = Scene::get(PAGE).xhr().mode(Mode::NoCors).redirect(RedirectMode::Error);
        let request = scene.clone().credentials(CredentialsMode::Omit).construct().unwrap();
        assert_eq!((request.mode(), request.redirect_mode), (Mode::Cors, RedirectMode::Follow));
        assert_eq!(request.credentials_mode(), CredentialsMode::SameOrigin);
        assert_eq!(
            scene.include().construct().unwrap().credentials_mode(),
            CredentialsMode::Include
        );
    }
}
