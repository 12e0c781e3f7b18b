//! User-agent cases: what script asks, from which page, and what the servers answer.
//!
//! Redirects are not generated yet: each case has one hop.
//!
//! Longer than most files here: the tables of material are most of it.

use corsproof_model::{HeaderList, UserAgent, construct};

use crate::byte_string::{ByteString, HeaderLine};
use crate::case::{
    AgentName, Api, Body, CaseRequest, Credentials, FormEncoding, Hop, Mode, Redirect,
    ReferrerPolicy, UserAgentCase,
};
use crate::encode;

use super::choices::{Choices, Seeded};
use super::preset::Preset;
use super::responses::{Asking, actual_response, preflight_response};

/// Pages: few, so that a browser keeps a frame for each.
pub const PAGES: [&str; 12] = [
    "https://app.example",
    "http://app.example",
    "http://app.example:8080",
    "https://app.example:8443",
    "https://xn--bcher-kva.example",
    "http://www.app.example",
    "http://127.0.0.1:3000",
    "http://localhost:3000",
    "http://app.example.",
    "http://a_b.example",
    "null",
    "http://[2001:db8::1]:8080",
];

/// Hosts that answer, for pages that may reach `http`.
const TARGETS: [&str; 8] = [
    "https://api.example",
    "http://api.example",
    "http://api.example:8080",
    "https://api.app.example",
    "https://app.example:9443",
    "http://10.0.0.1:8080",
    "https://xn--fa-hia.example",
    "https://data.example:8443",
];

/// URLs that are not fetched, or not as one would think.
const ODD_URLS: [&str; 11] = [
    "https://user:pass@api.example/",
    "https://@api.example/",
    "https://",
    "http://[",
    "data:text/plain,x",
    "data:",
    "ftp://api.example/",
    "http://api.example:6000/",
    "http://api.example/mixed",
    "file:///x",
    "blob:https://app.example/x",
];

/// The *i*-th case of a campaign.
pub fn nth(seed: u64, preset: Preset, index: u64) -> UserAgentCase {
    let mut choices = Seeded::for_case(seed, &format!("user-agent/{}", preset.name()), index);
    let mut case = user_agent_case(&mut choices, preset);
    case.id = format!("{seed}-{index}");
    case
}

/// One case.
pub fn user_agent_case(choices: &mut impl Choices, preset: Preset) -> UserAgentCase {
    let preset = preset.settle(choices);
    let page_origin = (choices.pick(&PAGES)).to_owned();
    let request = request(choices, preset, &page_origin);
    let asking = asking(&page_origin, &request);
    let hop = Hop {
        preflight_response: (!choices.chance(1, 60))
            .then(|| preflight_response(choices, preset, &asking)),
        response: (!choices.chance(1, 60)).then(|| actual_response(choices, preset, &asking)),
    };
    UserAgentCase {
        id: String::new(),
        page_origin,
        request,
        hops: vec![hop],
        user_agent: AgentName::Spec,
    }
}

fn request(choices: &mut impl Choices, preset: Preset, page_origin: &str) -> CaseRequest {
    let method = method(choices, preset);
    let body = body(choices, &method);
    let mode =
        choices.pick(&[[Mode::Cors; 14].as_slice(), &[Mode::NoCors, Mode::SameOrigin]].concat());
    let api = if mode == Mode::Cors && choices.chance(1, 6) { Api::Xhr } else { Api::Fetch };
    let headers = (0..header_count(choices)).map(|_| header(choices, preset)).collect();
    let credentials = match api {
        // XHR has no way to say "omit".
        Api::Xhr => choices.pick(&[Credentials::SameOrigin, Credentials::Include]),
        Api::Fetch | Api::Websocket => {
            choices.pick(&[Credentials::Omit, Credentials::SameOrigin, Credentials::Include])
        }
    };
    CaseRequest {
        url: url(choices, preset, page_origin),
        method,
        headers,
        credentials,
        mode,
        redirect: choices.pick(
            &[[Redirect::Follow; 10].as_slice(), &[Redirect::Error, Redirect::Manual]].concat(),
        ),
        upload_listeners: api == Api::Xhr && choices.chance(1, 3),
        stream_body: false,
        referrer_policy: referrer_policy(choices),
        api,
        body,
    }
    .for_api()
}

impl CaseRequest {
    /// XHR knows neither redirect modes nor referrer policies.
    fn for_api(mut self) -> Self {
        if self.api == Api::Xhr {
            self.redirect = Redirect::Follow;
            self.referrer_policy = ReferrerPolicy::default();
        }
        self
    }
}

fn url(choices: &mut impl Choices, preset: Preset, page_origin: &str) -> String {
    if preset == Preset::Raw && choices.chance(1, 6) {
        return choices.pick(&ODD_URLS).to_owned();
    }
    let own = page_origin != "null" && choices.chance(1, 12);
    let base = if own { page_origin } else { reachable(choices, page_origin) };
    format!("{base}{}", choices.pick(&["/", "/data", "/a/b?x=1"]))
}

/// A target that is not mixed content for the page.
fn reachable(choices: &mut impl Choices, page_origin: &str) -> &'static str {
    let secure = page_origin.starts_with("https:");
    let targets: Vec<&'static str> =
        TARGETS.into_iter().filter(|t| !secure || t.starts_with("https:")).collect();
    choices.pick(&targets)
}

fn method(choices: &mut impl Choices, preset: Preset) -> ByteString {
    let well_formed = ["GET", "GET", "POST", "PUT", "HEAD", "DELETE", "PATCH", "OPTIONS"];
    let near =
        ["get", "post", "Put", "patch", "CHICKEN", "*", "dElEtE", "GETX", "QUERY", "options"];
    let raw = ["CONNECT", "trace", "Track", "", "A B", "G\u{e9}T", "!#$%&'*+-.^_`|~"];
    let method = if !preset.slips(choices) {
        choices.pick(&well_formed)
    } else if preset == Preset::Raw && choices.chance(1, 3) {
        choices.pick(&raw)
    } else {
        choices.pick(&near)
    };
    ByteString::isomorphic_encode(method).unwrap_or_default()
}

fn body(choices: &mut impl Choices, method: &ByteString) -> Option<Body> {
    let takes_none = method.eq_ignore_ascii_case(b"GET") || method.eq_ignore_ascii_case(b"HEAD");
    if takes_none && !choices.chance(1, 40) {
        return None;
    }
    let bodies = [
        None,
        Some(Body::Text("x".to_owned())),
        Some(Body::Form(FormEncoding::Urlencoded)),
        Some(Body::Form(FormEncoding::Multipart)),
        Some(Body::BlobType(String::new())),
        Some(Body::BlobType("application/json".to_owned())),
        Some(Body::BlobType("text/plain".to_owned())),
    ];
    choices.pick(&bodies)
}

fn header_count(choices: &mut impl Choices) -> usize {
    choices.weighted(&[6, 8, 4, 2, 1])
}

fn header(choices: &mut impl Choices, preset: Preset) -> HeaderLine {
    let name = header_name(choices, preset);
    let value = header_value(choices, preset, name);
    (ByteString::isomorphic_encode(name).unwrap_or_default(), value)
}

fn header_name(choices: &mut impl Choices, preset: Preset) -> &'static str {
    let well_formed = [
        "X-A",
        "Content-Type",
        "Authorization",
        "Accept",
        "Accept-Language",
        "Content-Language",
        "Range",
        "X-B",
        "If-Match",
    ];
    let near = [
        "x-a",
        "AUTHORIZATION",
        "content-type",
        "*",
        "X_A",
        "!x",
        "~x",
        "9x",
        "DPR",
        "Save-Data",
        "User-Agent",
        "Cookie",
        "Sec-A",
        "Proxy-A",
        "Host",
        "sec",
        "proxy",
        "X-HTTP-Method-Override",
        "Access-Control-Request-Headers",
        "Origin",
        "Last-Event-ID",
        "Downlink",
    ];
    let raw = ["", "a b", "x\u{e9}", "a:b", "x(y)"];
    if !preset.slips(choices) {
        choices.pick(&well_formed)
    } else if preset == Preset::Raw && choices.chance(1, 4) {
        choices.pick(&raw)
    } else {
        choices.pick(&near)
    }
}

fn header_value(choices: &mut impl Choices, preset: Preset, name: &str) -> ByteString {
    let slips = preset.slips(choices);
    let value: Vec<u8> = match name.to_ascii_lowercase().as_str() {
        "content-type" => content_type(choices, slips),
        "range" => range(choices, slips),
        "accept" => accept(choices, slips),
        "accept-language" | "content-language" => language(choices, slips),
        "x-http-method-override" => {
            choices.pick(&["GET", "TRACE", "get, connect", "\"a,track\""]).as_bytes().to_vec()
        }
        _ if slips => {
            let values: [&[u8]; 7] = [b"", b" x\t", b"\xe9", b"a\x0bb", b"a\nb", b"\x00", b"\r\nx"];
            choices.pick(&values).to_vec()
        }
        _ => b"1".to_vec(),
    };
    value.into()
}

fn content_type(choices: &mut impl Choices, slips: bool) -> Vec<u8> {
    if !slips {
        let common: [&[u8]; 5] = [
            b"application/json",
            b"text/plain",
            b"application/x-www-form-urlencoded",
            b"multipart/form-data; boundary=x",
            b"text/plain;charset=UTF-8",
        ];
        return choices.pick(&common).to_vec();
    }
    match choices.below(14) {
        0 => b"TEXT/PLAIN".to_vec(),
        1 => b"text/plain;garbage".to_vec(),
        2 => b"text/plain;".to_vec(),
        3 => b"text/plain ;x=y".to_vec(),
        4 => b"text /plain".to_vec(),
        5 => b"text/plain,text/plain".to_vec(),
        6 => b"text/plain; x=\"y\"".to_vec(),
        7 => b"text".to_vec(),
        8 => b"text/".to_vec(),
        9 => b"text/plain\x0b".to_vec(),
        10 => b"text/plain; x=\xe9".to_vec(),
        11 => b"\ttext/plain\t".to_vec(),
        12 => b"text/xml".to_vec(),
        _ => padded(b"text/plain;a=", b"b", choices.pick(&[127, 128, 129])),
    }
}

fn range(choices: &mut impl Choices, slips: bool) -> Vec<u8> {
    if !slips {
        let common: [&[u8]; 2] = [b"bytes=0-1", b"bytes=5-"];
        return choices.pick(&common).to_vec();
    }
    let odd: [&[u8]; 12] = [
        b"bytes=-5",
        b"bytes=-",
        b"bytes=0",
        b"bytes=2-1",
        b"bytes=0-1,2-3",
        b"bytes= 0-1",
        b"Bytes=0-1",
        b"bytes=00-01",
        b"bytes=+5-",
        b"bytes=0--1",
        b"items=0-1",
        b"bytes=0-1 ",
    ];
    match choices.below(odd.len() + 1) {
        0 => padded(b"bytes=", b"1", choices.pick(&[127, 128, 129])),
        n => odd.get(n - 1).map(|v| v.to_vec()).unwrap_or_default(),
    }
}

fn accept(choices: &mut impl Choices, slips: bool) -> Vec<u8> {
    if !slips {
        return b"text/html".to_vec();
    }
    match choices.below(6) {
        0 => padded(b"a", b"b", choices.pick(&[127, 128, 129])),
        1 => b"a:b".to_vec(),
        2 => b"a\tb".to_vec(),
        3 => b"\xe9".to_vec(),
        4 => b"a\x01b".to_vec(),
        _ => vec![b'a', choices.pick(b"\"()<>?@[\\]{}\x7f!;=|~\x80\xff"), b'b'],
    }
}

fn language(choices: &mut impl Choices, slips: bool) -> Vec<u8> {
    if !slips {
        return b"en-GB,en;q=0.5".to_vec();
    }
    match choices.below(3) {
        0 => padded(b"e", b"n", choices.pick(&[127, 128, 129])),
        1 => vec![b'e', choices.pick(b"/:@[_`{\t\x80!"), b'n'],
        _ => b"*, en=1".to_vec(),
    }
}

fn referrer_policy(choices: &mut impl Choices) -> ReferrerPolicy {
    if !choices.chance(1, 6) {
        return ReferrerPolicy::default();
    }
    choices.pick(&[
        ReferrerPolicy::NoReferrer,
        ReferrerPolicy::NoReferrerWhenDowngrade,
        ReferrerPolicy::SameOrigin,
        ReferrerPolicy::Origin,
        ReferrerPolicy::StrictOrigin,
        ReferrerPolicy::OriginWhenCrossOrigin,
        ReferrerPolicy::UnsafeUrl,
    ])
}

fn padded(start: &[u8], fill: &[u8], length: usize) -> Vec<u8> {
    let mut value = start.to_vec();
    value.extend(fill.iter().cycle().take(length.saturating_sub(start.len())));
    value
}

/// What the answers have to grant: what the browser will send, as the model normalises it.
fn asking(page_origin: &str, request: &CaseRequest) -> Asking {
    let agent = UserAgent::spec();
    let constructed = encode::environment(page_origin)
        .and_then(|environment| Ok((environment, encode::request_init(request)?)))
        .ok()
        .and_then(|(environment, init)| construct(&agent, &environment, &init).ok());
    let (method, headers) = match &constructed {
        Some(request) => (request.method().to_vec(), request.headers().clone()),
        None => (request.method.to_vec(), HeaderList::new()),
    };
    Asking {
        origin: page_origin.to_owned(),
        header_names: corsproof_model::cors_unsafe_request_header_names(&agent, &headers),
        method,
        credentials: request.credentials == Credentials::Include,
    }
}
