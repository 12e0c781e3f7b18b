//! From the step that blocked to what a browser's console says and what the server should change.

use corsproof_conform::byte_string::ByteString;
use corsproof_conform::explain::Blocked as At;

/// A blocked call, as far as advice depends on it.
#[derive(Debug)]
pub struct Blocked<'a> {
    /// The origin that the request says, which redirects may have made `null`.
    pub origin: &'a str,
    /// Whether the page has an opaque origin, so that `null` is its own.
    pub is_opaque: bool,
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
    if *origin == "null" && slug.starts_with("allow-origin-") {
        return null_reason(blocked);
    }
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
        slug => {
            let (because, change) = other_reason(slug);
            (because.to_owned(), change.to_owned())
        }
    }
}

/// The same where the origin is `null`, which no server should allow.
fn null_reason(blocked: &Blocked<'_>) -> (String, String) {
    let made_so = if blocked.is_opaque {
        "the page is sandboxed or comes from a `data:` URL: give it an origin"
    } else {
        "redirects across origins have made it so: call the final URL, or redirect within one origin"
    };
    let any = if blocked.credentials {
        "leave the credentials out, and send `Access-Control-Allow-Origin: *`"
    } else {
        "send `Access-Control-Allow-Origin: *`"
    };
    (
        "the request's origin is 'null', which the 'Access-Control-Allow-Origin' header does not allow."
            .to_owned(),
        format!("{made_so}; or {any}. Allowing `null` would let every sandboxed page in"),
    )
}

/// Why and what to do where no CORS header of the server's own response decided.
fn other_reason(slug: &str) -> (&'static str, &'static str) {
    match slug {
        "url-invalid" => ("the URL does not parse.", "correct the URL in the script"),
        "url-has-credentials" => (
            "the URL has a username or password.",
            "take them out of the URL; send an `Authorization` header instead",
        ),
        "url-scheme" => ("the URL's scheme is not one of WebSockets.", "use wss: or ws:"),
        "url-fragment" => ("the URL has a fragment.", "take everything from `#` on away"),
        "method-invalid" => ("the method is not a token.", "correct the method in the script"),
        "method-forbidden" => (
            "scripts must not use CONNECT, TRACE and TRACK.",
            "use another method; no server can change this",
        ),
        "no-cors-method" => (
            "in mode no-cors there are only GET, HEAD and POST.",
            "use mode cors, and allow the method on the server",
        ),
        "body-with-get-or-head" => (
            "requests with the methods GET and HEAD have no body.",
            "leave the body out, or use another method",
        ),
        "stream-without-cors" => (
            "in mode no-cors the body cannot be a stream.",
            "use mode cors, or send the body whole",
        ),
        "header-name-invalid" => ("a header's name is not a token.", "correct it in the script"),
        "header-value-invalid" => {
            ("a header's value has a NUL or a line end inside.", "correct it in the script")
        }
        "bad-port" => (
            "the port belongs to another protocol.",
            "serve on another port: browsers block this one",
        ),
        "mixed-content" => {
            ("a secure page must not load from an insecure URL.", "serve the URL over https")
        }
        "cross-origin-in-same-origin-mode" => (
            "the URL is on another origin, and the mode is same-origin.",
            "use mode cors, or keep redirects on the page's own origin",
        ),
        "no-cors-redirect-mode" => (
            "in mode no-cors the redirect mode has to be follow.",
            "use redirect mode follow, or mode cors",
        ),
        "scheme-not-http" => ("only http: and https: URLs are for CORS.", "use one of these"),
        "blob-unavailable" => ("there is no such blob.", "create the blob URL in this page"),
        "data-url-invalid" => ("the data: URL does not parse.", "correct the data: URL"),
        "file-url" | "scheme-unsupported" => {
            ("nobody answers for this scheme.", "use http: or https:")
        }
        "redirect-mode-error" => (
            "the server redirects, and the redirect mode is error.",
            "answer without a redirect, or call the final URL",
        ),
        "same-origin-only" | "same-site-only" => (
            "the response's 'Cross-Origin-Resource-Policy' keeps it from this page.",
            "send `Cross-Origin-Resource-Policy: cross-origin`, if other sites may embed it",
        ),
        "location-invalid" => (
            "the redirect's 'Location' is not one URL.",
            "send exactly one `Location`, with a valid URL",
        ),
        "location-scheme" => {
            ("the redirect leaves http: and https:.", "redirect to an http: or https: URL")
        }
        "too-many-redirects" => {
            ("there were more than twenty redirects.", "break the loop, or call the final URL")
        }
        "location-credentials-cross-origin" | "location-credentials-after-cors" => {
            ("the redirect's URL has a username or password.", "redirect to a URL without them")
        }
        "stream-cannot-be-sent-again" => (
            "the body was a stream, and the redirect would need it again.",
            "answer with 303, answer without a redirect, or send the body whole",
        ),
        "proxy-authentication" => (
            "a proxy asks for authentication.",
            "configure the proxy; scripts cannot authenticate to it",
        ),
        "no-answer" => (
            "there was no answer.",
            "see that the server is reached, answers OPTIONS if a preflight is sent, and closes no connection early",
        ),
        "not-switching-protocols" => (
            "the server does not switch to the WebSocket protocol.",
            "answer the handshake with 101",
        ),
        "handshake-invalid" => (
            "the answer to the handshake lacks `Upgrade: websocket` or `Connection: Upgrade`.",
            "let proxies pass these two headers through, and name no subprotocol that was not asked for",
        ),
        "address-space-mismatch" => (
            "the server is not in the address space that was said.",
            "correct `targetAddressSpace`, or the name that points there",
        ),
        "insecure-context" => {
            ("only secure pages may reach the local network.", "serve the page over https")
        }
        "permission-denied" => (
            "the user has not allowed this page to reach the local network.",
            "ask for the permission, or serve the API from a public address",
        ),
        _ => (GENERAL, "follow the step: no header of the server can change it alone"),
    }
}

/// What is said where there is nothing better.
const GENERAL: &str = "the step says no.";

/// Whether a step is passed before anything of its hop is sent.
pub fn is_before_the_wire(slug: &str) -> bool {
    matches!(
        slug,
        "cors-with-preflight" | "cors-without-preflight" | "preflight-needed" | "preflight-spared"
    )
}

/// What a step on the way means; `None`: nothing that the wire does not show.
pub fn on_the_way(slug: &str) -> Option<&'static str> {
    Some(match slug {
        "preflight-needed" => "nothing in the preflight cache covers it: a preflight goes first",
        "preflight-spared" => "the preflight cache covers it: no preflight is sent",
        "flagged-method-implied" => {
            "no method is listed, and the upload listeners or the stream let the request's own pass"
        }
        "preflight-granted" => "the preflight allows it, and is remembered",
        "cache-cleared" => "the preflight cache forgets what it had for this URL",
        "location-absent" => "a redirect without `Location` is a response like any other",
        "method-becomes-get" => "the method becomes GET; the body and its headers go",
        "authorization-dropped" => "another origin: `Authorization` is left behind",
        "followed" => "the redirect is followed",
        "redirect-mode-manual" => "the redirect is not followed: script gets an opaque one",
        "exposes-all-names" => "a star exposes every header",
        "exposes-listed-names" => "the listed headers are exposed",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_step_that_can_block_has_advice_of_its_own() {
        let granting = [
            "basic-response",
            "opaque-response",
            "any-origin-without-credentials",
            "granted-without-credentials",
            "granted-with-credentials",
            "connected",
        ];
        let method = ByteString::from(b"PUT".to_vec());
        for step in corsproof_model::steps() {
            let blocked = Blocked {
                origin: "https://app.example",
                is_opaque: false,
                url: "https://api.example/",
                method: &method,
                asked_headers: None,
                credentials: false,
                at: Some(At::Actual),
            };
            let advice = for_step(step.slug, &blocked);
            let is_general = advice.console.contains(GENERAL);
            assert_eq!(is_general, granting.contains(&step.slug), "{}: {advice:?}", step.slug);
        }
    }

    #[test]
    fn what_is_told_on_the_way_is_a_step_of_the_model() {
        let told =
            corsproof_model::waypoints().iter().filter(|step| on_the_way(step.slug).is_some());
        assert_eq!(told.count(), 12, "every other waypoint is told by the wire alone");
    }
}
