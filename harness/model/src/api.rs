//! How script makes a request: the constructor of `Request` and `XMLHttpRequest`, as far as they
//! decide what is fetched.

use url::Url;

use crate::http::headers::{HeaderList, is_header_name, is_header_value, normalize_header_value};
use crate::http::methods::{
    is_cors_safelisted_method, is_forbidden_method, is_method, normalize_method,
};
use crate::http::requests::{
    CredentialsMode, Mode, RedirectMode, ReferrerPolicy, Request, RequestBody, ResponseTainting,
};
use crate::http::safelist::{is_forbidden_request_header, is_no_cors_safelisted_request_header};
use crate::origin::Origin;
use crate::trace::Step;
use crate::user_agent::UserAgent;

/// The environment settings object of the page or worker that asks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Environment {
    /// Its origin.
    pub origin: Origin,
}

/// What script hands to the API.
#[derive(Debug, Clone)]
pub struct RequestInit {
    /// Which API.
    pub api: Api,
    /// The URL; absolute.
    pub url: String,
    /// The method, before normalization.
    pub method: Vec<u8>,
    /// The headers, before normalization.
    pub headers: Vec<(Vec<u8>, Vec<u8>)>,
    /// The body.
    pub body: Option<Body>,
    /// The mode; XHR is always "cors".
    pub mode: Mode,
    /// The credentials mode; XHR knows two, and takes "omit" for "same-origin".
    pub credentials_mode: CredentialsMode,
    /// The redirect mode; XHR always follows.
    pub redirect_mode: RedirectMode,
    /// The referrer policy.
    pub referrer_policy: ReferrerPolicy,
    /// Whether the upload object has listeners.
    pub upload_listeners: bool,
    /// Whether the body is a stream.
    pub stream_body: bool,
}

/// Which API makes a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Api {
    /// `fetch()`: headers of one name stay apart.
    Fetch,
    /// `XMLHttpRequest`: headers of one name are joined.
    Xhr,
}

/// A body, by what it says of its type.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Body {
    /// A string.
    Text(Vec<u8>),
    /// `URLSearchParams`.
    UrlSearchParams,
    /// `FormData`.
    FormData,
    /// A `Blob` with this type; empty: none.
    Blob {
        /// Its type.
        ty: Vec<u8>,
    },
    /// A `ReadableStream`.
    Stream,
}

/// The API threw; nothing is fetched.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Threw {
    /// The step that threw.
    pub step: &'static Step,
    /// What was wrong.
    pub message: String,
}

impl RequestInit {
    /// What `fetch(url)` hands over.
    pub fn get(url: &str) -> Self {
        Self {
            api: Api::Fetch,
            url: url.to_owned(),
            method: b"GET".to_vec(),
            headers: Vec::new(),
            body: None,
            mode: Mode::Cors,
            credentials_mode: CredentialsMode::SameOrigin,
            redirect_mode: RedirectMode::Follow,
            referrer_policy: ReferrerPolicy::Empty,
            upload_listeners: false,
            stream_body: false,
        }
    }
}

/// Makes a request.
///
/// # Errors
/// When the API throws: nothing is fetched then.
pub fn construct(
    agent: &UserAgent,
    environment: &Environment,
    init: &RequestInit,
) -> Result<Request, Threw> {
    match init.api {
        Api::Fetch => request_constructor(agent, environment, init),
        Api::Xhr => xml_http_request(environment, init),
    }
}

/// The [constructor of `Request`](https://fetch.spec.whatwg.org/#dom-request), given a string.
fn request_constructor(
    agent: &UserAgent,
    environment: &Environment,
    init: &RequestInit,
) -> Result<Request, Threw> {
    // 5.1, 5.2 the URL does not parse.
    let url = Url::parse(&init.url)
        .map_err(|error| threw(&URL_INVALID, format!("`{}`: {error}", init.url)))?;
    // 5.3 it has user information.
    if includes_credentials(&url) {
        return Err(threw(&URL_WITH_CREDENTIALS, format!("`{}` has user information", init.url)));
    }
    // 12 to 24 properties are taken over; the unsafe-request flag is set. NOT MODELLED 10, 11, 14,
    // 20, 21, 23, 24: what they set is nothing that CORS looks at. 17 has no mode "navigate" to
    // throw for.
    let mut request = new_request(environment, init, url);
    // 25.2 the method is none, or forbidden.
    if !is_method(&init.method) || is_forbidden_method(&init.method) {
        return Err(threw(&METHOD_INVALID, format!("`{}` is no method for scripts", init.method.escape_ascii())));
    }
    // 25.3, 25.4
    request.method = normalize_method(&init.method);
    // 32.1 "no-cors" has three methods.
    if request.mode == Mode::NoCors && !is_cors_safelisted_method(&request.method) {
        return Err(threw(&NO_CORS_METHOD, "the method is not CORS-safelisted".to_owned()));
    }
    // 33.5 fill the headers, by the guard of the mode.
    for (name, value) in &init.headers {
        append_to_headers(agent, &mut request, name, value)?;
    }
    let body = if init.stream_body { Some(&Body::Stream) } else { init.body.as_ref() };
    let Some(body) = body else { return Ok(request) };
    // 35 GET and HEAD have no body.
    if matches!(request.method.as_slice(), b"GET" | b"HEAD") {
        return Err(threw(&BODY_NOT_ALLOWED, "GET and HEAD have no body".to_owned()));
    }
    // 37.4 the body's type, unless script set one.
    if let Some(ty) = body_type(body)
        && !request.headers.contains(b"Content-Type")
    {
        append_to_headers(agent, &mut request, b"Content-Type", &ty)?;
    }
    // 39 a stream. 39.1 has no missing duplex to throw for.
    if *body == Body::Stream {
        // 39.2
        if request.mode == Mode::NoCors {
            return Err(threw(&STREAM_NOT_ALLOWED, "a stream needs mode cors or same-origin".to_owned()));
        }
        // 39.3
        request.use_cors_preflight = true;
    }
    // 42
    request.body =
        if *body == Body::Stream { RequestBody::NullSource } else { RequestBody::Source };
    Ok(request)
}

/// [Appends to `Headers`](https://fetch.spec.whatwg.org/#concept-headers-append) whose guard is
/// "request", or "request-no-cors".
fn append_to_headers(
    agent: &UserAgent,
    request: &mut Request,
    name: &[u8],
    value: &[u8],
) -> Result<(), Threw> {
    // 1
    let value = normalize_header_value(value);
    // 2 validate (https://fetch.spec.whatwg.org/#headers-validate): throw for what is no header,
    // drop what is forbidden.
    if !is_header_name(name) || !is_header_value(value) {
        let header = format!("`{}: {}` is no header", name.escape_ascii(), value.escape_ascii());
        return Err(threw(&HEADER_INVALID, header));
    }
    if request.mode == Mode::NoCors {
        // 3.1, 3.2, 3.3 with what is there already.
        let temporary_value = match request.headers.get(name) {
            None => value.to_vec(),
            Some(present) => [present.as_slice(), b", ", value].concat(),
        };
        // 3.4
        if !is_no_cors_safelisted_request_header(agent, name, &temporary_value) {
            return Ok(());
        }
    } else if is_forbidden_request_header(name, value) {
        return Ok(());
    }
    // 4. Of 5 nothing is left to do: `Range` never got in.
    request.headers.append(name, value);
    Ok(())
}

/// `XMLHttpRequest`: [open()](https://xhr.spec.whatwg.org/#dom-xmlhttprequest-open),
/// [setRequestHeader()](https://xhr.spec.whatwg.org/#dom-xmlhttprequest-setrequestheader) and
/// [send()](https://xhr.spec.whatwg.org/#dom-xmlhttprequest-send).
///
/// NOT MODELLED: the charset parameter that send() rewrites in a `Content-Type` that script set.
fn xml_http_request(environment: &Environment, init: &RequestInit) -> Result<Request, Threw> {
    // open() 2, 3 the method is none, or forbidden.
    if !is_method(&init.method) || is_forbidden_method(&init.method) {
        return Err(threw(&XHR_METHOD_INVALID, format!("`{}` is no method for scripts", init.method.escape_ascii())));
    }
    // open() 5, 6 the URL does not parse. User information is allowed.
    let url = Url::parse(&init.url)
        .map_err(|error| threw(&XHR_URL_INVALID, format!("`{}`: {error}", init.url)))?;
    let mut request = new_request(environment, init, url);
    // open() 4
    request.method = normalize_method(&init.method);
    for (name, value) in &init.headers {
        // setRequestHeader() 3
        let value = normalize_header_value(value);
        // setRequestHeader() 4
        if !is_header_name(name) || !is_header_value(value) {
            let header = format!("`{}: {}` is no header", name.escape_ascii(), value.escape_ascii());
            return Err(threw(&XHR_HEADER_INVALID, header));
        }
        // setRequestHeader() 5, 6
        if !is_forbidden_request_header(name, value) {
            request.headers.combine(name, value);
        }
    }
    // send() 3, 4 GET and HEAD drop the body; else its type, unless script set one.
    let takes_body = !matches!(request.method.as_slice(), b"GET" | b"HEAD");
    if let (Some(body), true) = (&init.body, takes_body) {
        request.body = RequestBody::Source;
        if let Some(ty) = body_type(body)
            && !request.headers.contains(b"Content-Type")
        {
            request.headers.append(b"Content-Type", &ty);
        }
    }
    // send() 8
    request.mode = Mode::Cors;
    request.redirect_mode = RedirectMode::Follow;
    if request.credentials_mode == CredentialsMode::Omit {
        request.credentials_mode = CredentialsMode::SameOrigin;
    }
    Ok(request)
}

pub(crate) static STEPS: &[&Step] = &[
    &URL_INVALID,
    &URL_WITH_CREDENTIALS,
    &METHOD_INVALID,
    &NO_CORS_METHOD,
    &HEADER_INVALID,
    &BODY_NOT_ALLOWED,
    &STREAM_NOT_ALLOWED,
    &XHR_METHOD_INVALID,
    &XHR_URL_INVALID,
    &XHR_HEADER_INVALID,
];

static URL_INVALID: Step = Step { algorithm: "dom-request", slug: "url-invalid", number: "5.2" };
static URL_WITH_CREDENTIALS: Step =
    Step { algorithm: "dom-request", slug: "url-includes-credentials", number: "5.3" };
static METHOD_INVALID: Step =
    Step { algorithm: "dom-request", slug: "method-not-allowed-to-scripts", number: "25.2" };
static NO_CORS_METHOD: Step =
    Step { algorithm: "dom-request", slug: "no-cors-method-not-safelisted", number: "32.1" };
static HEADER_INVALID: Step =
    Step { algorithm: "concept-headers-append", slug: "header-invalid", number: "2" };
static BODY_NOT_ALLOWED: Step =
    Step { algorithm: "dom-request", slug: "body-on-get-or-head", number: "35" };
static STREAM_NOT_ALLOWED: Step =
    Step { algorithm: "dom-request", slug: "stream-body-in-no-cors", number: "39.2" };
static XHR_METHOD_INVALID: Step =
    Step { algorithm: "dom-xmlhttprequest-open", slug: "method-not-allowed-to-scripts", number: "2" };
static XHR_URL_INVALID: Step =
    Step { algorithm: "dom-xmlhttprequest-open", slug: "url-invalid", number: "6" };
static XHR_HEADER_INVALID: Step =
    Step { algorithm: "dom-xmlhttprequest-setrequestheader", slug: "header-invalid", number: "4" };

fn threw(step: &'static Step, message: String) -> Threw {
    Threw { step, message }
}

fn new_request(environment: &Environment, init: &RequestInit, url: Url) -> Request {
    Request {
        method: b"GET".to_vec(),
        url_list: vec![url],
        headers: HeaderList::new(),
        unsafe_request: true,
        body: RequestBody::Null,
        origin: environment.origin.clone(),
        mode: init.mode,
        credentials_mode: init.credentials_mode,
        redirect_mode: init.redirect_mode,
        referrer_policy: init.referrer_policy,
        use_cors_preflight: init.upload_listeners,
        response_tainting: ResponseTainting::Basic,
        redirect_count: 0,
    }
}

/// The type that [extracting a body](https://fetch.spec.whatwg.org/#concept-bodyinit-extract)
/// gives; `None`: null.
fn body_type(body: &Body) -> Option<Vec<u8>> {
    match body {
        Body::Text(_) => Some(b"text/plain;charset=UTF-8".to_vec()),
        Body::UrlSearchParams => Some(b"application/x-www-form-urlencoded;charset=UTF-8".to_vec()),
        // The boundary is the user agent's; its length is all that safelisting sees.
        Body::FormData => Some(b"multipart/form-data; boundary=----boundary0123456789ABCDEF".to_vec()),
        Body::Blob { ty } if ty.is_empty() => None,
        Body::Blob { ty } => Some(ty.clone()),
        Body::Stream => None,
    }
}

/// Whether a URL [includes credentials](https://url.spec.whatwg.org/#include-credentials).
pub(crate) fn includes_credentials(url: &Url) -> bool {
    !url.username().is_empty() || url.password().is_some_and(|password| !password.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn make(change: impl Fn(&mut RequestInit)) -> Result<Request, &'static str> {
        let mut init = RequestInit::get("https://api.example/");
        change(&mut init);
        let page = Environment { origin: Origin::parse_serialized("https://app.example").unwrap() };
        construct(&UserAgent::spec(), &page, &init).map_err(|threw| threw.step.slug)
    }

    fn content_type(body: Body) -> Option<Vec<u8>> {
        make(|init| {
            init.method = b"POST".to_vec();
            init.body = Some(body.clone());
        })
        .unwrap()
        .headers
        .get(b"Content-Type")
    }

    #[test]
    fn what_the_constructor_throws_for() {
        let method = |method: &'static str| make(move |init| init.method = method.into()).err();
        assert_eq!(method("trace"), Some("method-not-allowed-to-scripts"));
        assert_eq!(method("A B"), Some("method-not-allowed-to-scripts"));
        assert_eq!(method(""), Some("method-not-allowed-to-scripts"));
        assert_eq!(method("*"), None);
        let url = |url: &'static str| make(move |init| init.url = url.into()).err();
        assert_eq!(url("https://u@api.example/"), Some("url-includes-credentials"));
        assert_eq!(url("https://@api.example/"), None);
        assert_eq!(url("/relative"), Some("url-invalid"));
        let header = |value: &'static [u8]| {
            make(move |init| init.headers = vec![(b"X-A".to_vec(), value.to_vec())]).err()
        };
        assert_eq!(header(b"\r\na\t "), None);
        assert_eq!(header(b"a\nb"), Some("header-invalid"));
        assert_eq!(header(b"a\0b"), Some("header-invalid"));
        assert_eq!(make(|init| init.body = Some(Body::UrlSearchParams)).err(), Some("body-on-get-or-head"));
        assert_eq!(
            make(|init| {
                init.mode = Mode::NoCors;
                init.method = b"PUT".to_vec();
            })
            .err(),
            Some("no-cors-method-not-safelisted")
        );
    }

    #[test]
    fn forbidden_headers_are_dropped_in_silence() {
        let request = make(|init| {
            init.headers = vec![(b"Cookie".to_vec(), b"a".to_vec()), (b"X-A".to_vec(), b"1".to_vec())];
        })
        .unwrap();
        assert_eq!(request.headers, HeaderList::from_lines([("X-A", "1")]));
    }

    #[test]
    fn fetch_keeps_headers_apart_and_xhr_joins_them() {
        for (api, count) in [(Api::Fetch, 2), (Api::Xhr, 1)] {
            let request = make(|init| {
                init.api = api;
                init.headers = vec![(b"Accept".to_vec(), b"a".to_vec()), (b"accept".to_vec(), b"b".to_vec())];
            })
            .unwrap();
            assert_eq!(request.headers.len(), count);
        }
    }

    #[test]
    fn no_cors_keeps_safelisted_headers_only_judged_by_the_joined_value() {
        let request = make(|init| {
            init.mode = Mode::NoCors;
            init.headers = [("Accept", "a".repeat(100)), ("accept", "b".repeat(27)), ("X-A", "1".to_owned()), ("Range", "bytes=0-".to_owned())]
                .into_iter()
                .map(|(name, value)| (name.into(), value.into_bytes()))
                .collect();
        })
        .unwrap();
        assert_eq!(request.headers.len(), 1);
    }

    #[test]
    fn a_blob_without_type_has_no_content_type() {
        assert_eq!(content_type(Body::Blob { ty: Vec::new() }), None);
        assert_eq!(content_type(Body::Text(Vec::new())).unwrap(), b"text/plain;charset=UTF-8");
    }
}
