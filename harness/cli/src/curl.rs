//! Requests as `curl` lines, for people who want to see for themselves.

use corsproof_conform::byte_string::{ByteString, HeaderLine};
use corsproof_conform::case::UserAgentCase;
use corsproof_conform::drive::ServerObservation;
use corsproof_conform::observe::{Exchange, WireRequest};

/// The exchange that decided a call, as a line; `$BASE` stands for where the server listens.
pub fn of_call(observed: &ServerObservation, call: Option<usize>) -> Option<String> {
    let exchanges: &Vec<Exchange> = observed.calls.get(call?)?;
    exchanges.last().map(|exchange| of_request(&exchange.request))
}

/// A request as a line.
pub fn of_request(request: &WireRequest) -> String {
    let method = match &*request.method {
        b"GET" => String::new(),
        b"HEAD" => " -I".to_owned(),
        other => format!(" -X {}", quoted(&String::from_utf8_lossy(other))),
    };
    let headers: String = request.headers.iter().map(header).collect();
    format!("curl -si{method} \"$BASE{}\"{headers}", request.target)
}

/// The preflight, or else the request, that a user-agent case makes, as a line.
pub fn of_case(case: &UserAgentCase) -> String {
    let headers: String = case.request.headers.iter().map(header).collect();
    format!(
        "curl -si -X {} {} -H {}{headers}",
        quoted(&case.request.method.to_string()),
        quoted(&case.request.url),
        quoted(&format!("Origin: {}", case.page_origin)),
    )
}

fn header((name, value): &HeaderLine) -> String {
    // An empty value needs the semicolon, or curl drops the header.
    if value.is_empty() {
        return format!(" -H {}", quoted(&format!("{name};")));
    }
    format!(" -H {}", quoted(&format!("{name}: {}", shell_text(value))))
}

fn shell_text(value: &ByteString) -> String {
    String::from_utf8_lossy(value).into_owned()
}

fn quoted(text: &str) -> String {
    if text.chars().any(char::is_control) {
        return format!("$'{}'", text.escape_default());
    }
    format!("'{}'", text.replace('\'', r"'\''"))
}
