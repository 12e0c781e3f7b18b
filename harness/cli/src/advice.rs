//! From the step that blocked to what a browser's console says and what the server should change.

use corsproof_conform::byte_string::ByteString;
use corsproof_conform::explain::Blocked as At;

/// A blocked call, as far as advice depends on it.
#[derive(Debug)]
pub struct Blocked<'a> {
    /// The page's origin.
    pub origin: &'a str,
    /// The URL of the hop that was blocked.
    pub url: &'a str,
    /// The method.
    pub method: &'a ByteString,
    /// What `Access-Control-Request-Headers` asked for.
    pub asked_headers: Option<&'a ByteString>,
    /// Whether credentials were to be sent.
    pub credentials: bool,
    /// Where it was blocked.
    pub at: Option<At>,
}

/// What to tell the developer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Advice {
    /// In the words of a console.
    pub console: String,
    /// On the server, or in the script.
    pub change: String,
}

/// The advice for a step's slug; a general one where the step is not one of CORS.
pub fn for_step(slug: &str, blocked: &Blocked<'_>) -> Advice {
    let (because, change) = reason(slug, blocked);
    let Blocked { origin, url, .. } = blocked;
    let console = match blocked.at {
        Some(At::Construct) => format!("TypeError: {because}"),
        Some(At::Fetch) => format!(
            "Access to fetch at '{url}' from origin '{origin}' was not attempted: {because}"
        ),
        Some(At::Preflight) => format!(
            "Access to fetch at '{url}' from origin '{origin}' was blocked by CORS policy: the preflight's response does not pass: {because}"
        ),
        _ => format!(
            "Access to fetch at '{url}' from origin '{origin}' was blocked by CORS policy: {because}"
        ),
    };
    Advice { console, change }
}

fn reason(slug: &str, blocked: &Blocked<'_>) -> (String, String) {
    let Blocked { origin, method, credentials, .. } = blocked;
    let on = if blocked.at == Some(At::Preflight) {
        "on the answer to OPTIONS"
    } else {
        "on the response"
    };
    let asked = blocked.asked_headers.map(ToString::to_string).unwrap_or_default();
    let literal = if *credentials { " (with credentials `*` is a literal name)" } else { "" };
    match slug {
        "allow-origin-missing" => (
            "there is no 'Access-Control-Allow-Origin' header.".to_owned(),
            format!("send `Access-Control-Allow-Origin: {origin}` {on}, and `Vary: Origin` when it depends on the request"),
        ),
        "allow-origin-mismatch" => (
            format!("the 'Access-Control-Allow-Origin' header is not equal to '{origin}'{}.", if *credentials { ", and '*' does not count when credentials are included" } else { "" }),
            format!("send exactly one `Access-Control-Allow-Origin: {origin}` {on}: no list, no trailing slash, no second line"),
        ),
        "allow-credentials-not-true" => (
            "the 'Access-Control-Allow-Credentials' header is not 'true', and the request's credentials mode is 'include'.".to_owned(),
            format!("send `Access-Control-Allow-Credentials: true` {on}, in lower case and once; or do not ask with credentials"),
        ),
        "status-not-ok" => (
            "it does not have HTTP ok status.".to_owned(),
            "answer OPTIONS with a status of 200 to 299, without a redirect and without asking for authentication".to_owned(),
        ),
        "method-not-allowed" => (
            format!("method {method} is not allowed by 'Access-Control-Allow-Methods'."),
            format!("send `Access-Control-Allow-Methods: {method}` {on}, with the same case of letters{literal}"),
        ),
        "authorization-not-listed" => (
            "request header field authorization is not allowed by 'Access-Control-Allow-Headers': '*' does not cover it.".to_owned(),
            format!("name it: `Access-Control-Allow-Headers: {asked}` {on}"),
        ),
        "header-not-allowed" => (
            format!("a request header field of '{asked}' is not allowed by 'Access-Control-Allow-Headers'."),
            format!("send `Access-Control-Allow-Headers: {asked}` {on}{literal}"),
        ),
        "allow-methods-invalid" | "allow-headers-invalid" => (
            "'Access-Control-Allow-Methods' or 'Access-Control-Allow-Headers' is not a list of tokens.".to_owned(),
            "write names separated by commas, without quotes or other characters, in every line of the header".to_owned(),
        ),
        _ => (
            format!("{}.", slug.replace('-', " ")),
            "follow the step: it is not one that a CORS header of the server can change alone".to_owned(),
        ),
    }
}
