//! One cross-origin fetch and the head of its response, written as lines, so that a corpus can be
//! read and mutated as text.

use crate::byte_string::{ByteString, HeaderLine};
use crate::case::{
    AgentName, Api, CaseRequest, Credentials, Hop, Mode, Redirect, ReferrerPolicy,
    ScriptedResponse, UserAgentCase,
};

/// The page of every exchange.
pub(super) const PAGE: &str = "https://app.example";

/// The credentials mode of this name.
pub(super) fn credentials(name: &[u8]) -> Option<Credentials> {
    match name {
        b"omit" => Some(Credentials::Omit),
        b"same-origin" => Some(Credentials::SameOrigin),
        b"include" => Some(Credentials::Include),
        _ => None,
    }
}

/// The first line, and what is behind it.
pub(super) fn split_line(input: &[u8]) -> (&[u8], &[u8]) {
    match input.iter().position(|&byte| byte == b'\n') {
        Some(at) => (input.get(..at).unwrap_or_default(), input.get(at + 1..).unwrap_or_default()),
        None => (input, &[]),
    }
}

/// `Name: value` lines as they would come off the wire; `None` if none could.
pub(super) fn header_lines(input: &[u8]) -> Option<Vec<HeaderLine>> {
    let lines = input.split(|&byte| byte == b'\n').filter(|line| !line.is_empty());
    lines
        .map(|line| {
            let colon = line.iter().position(|&byte| byte == b':')?;
            let (name, value) = (line.get(..colon)?, trim(line.get(colon + 1..)?));
            let sendable = is_token(name) && !value.iter().any(|byte| b"\0\r".contains(byte));
            sendable.then(|| (name.into(), value.into()))
        })
        .collect()
}

/// The values of the lines of this name.
pub(super) fn values<'a>(lines: &'a [HeaderLine], name: &str) -> Vec<&'a [u8]> {
    let of_name = lines.iter().filter(|(n, _)| n.eq_ignore_ascii_case(name.as_bytes()));
    of_name.map(|(_, value)| value.as_ref()).collect()
}

/// Without spaces and tabs at the ends.
pub(super) fn trim(bytes: &[u8]) -> &[u8] {
    let blank = |byte: &u8| b" \t".contains(byte);
    let start = bytes.iter().position(|byte| !blank(byte)).unwrap_or(bytes.len());
    let end = bytes.iter().rposition(|byte| !blank(byte)).map_or(start, |last| last + 1);
    bytes.get(start..end).unwrap_or_default()
}

/// RFC 9110, 5.6.2.
pub(super) fn is_token(bytes: &[u8]) -> bool {
    let tchar = |b: &u8| b.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(b);
    !bytes.is_empty() && bytes.iter().all(tchar)
}

/// A fetch from [`PAGE`] by the Standard.
pub(super) fn case(
    method: &[u8],
    headers: Vec<HeaderLine>,
    credentials: Credentials,
    preflight_response: Option<Vec<HeaderLine>>,
    response: Vec<HeaderLine>,
) -> UserAgentCase {
    let head = |headers| ScriptedResponse { status: 200, headers };
    UserAgentCase {
        id: "oracle".to_owned(),
        page_origin: PAGE.to_owned(),
        request: CaseRequest {
            url: "https://api.example/".to_owned(),
            method: ByteString::from(method),
            headers,
            credentials,
            mode: Mode::Cors,
            redirect: Redirect::Follow,
            upload_listeners: false,
            stream_body: false,
            referrer_policy: ReferrerPolicy::default(),
            api: Api::Fetch,
            body: None,
        },
        hops: vec![Hop {
            preflight_response: preflight_response.map(head),
            response: Some(head(response)),
        }],
        user_agent: AgentName::Spec,
    }
}
