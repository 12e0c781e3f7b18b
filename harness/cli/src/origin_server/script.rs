//! A scripted response as bytes.
//!
//! The status and the field lines go out exactly as scripted; only framing that the script leaves
//! open is added, so that a connection can serve the next case, and `Location` gains the token.

use corsproof_conform::case::ScriptedResponse;

use super::http_message::{Answer, Then};
use super::token;

/// Longest body that is sent because the script announces one.
const MAX_ANNOUNCED_BODY: usize = 64 * 1024;

/// What the response looks like on the wire, to a request of this method.
pub(super) fn answer(response: &ScriptedResponse, method: &str, token: &str) -> Answer {
    let framing = Framing::of(response, method);
    let mut bytes = format!("HTTP/1.1 {:03} Scripted\r\n", response.status).into_bytes();
    for (name, value) in &response.headers {
        bytes.extend_from_slice(name);
        bytes.extend_from_slice(b": ");
        if is_redirect(response) && name.eq_ignore_ascii_case(b"location") {
            bytes.extend(token::appended_to_location(value, token));
        } else {
            bytes.extend_from_slice(value);
        }
        bytes.extend_from_slice(b"\r\n");
    }
    if framing == Framing::LengthAdded {
        bytes.extend_from_slice(b"Content-Length: 0\r\n");
    }
    bytes.extend_from_slice(b"\r\n");
    let then = match framing {
        Framing::Announced(length) => {
            bytes.resize(bytes.len() + length, b'x');
            keep_open_unless_told(response)
        }
        Framing::Chunked => {
            bytes.extend_from_slice(b"0\r\n\r\n");
            keep_open_unless_told(response)
        }
        Framing::LengthAdded | Framing::NoBody => keep_open_unless_told(response),
        Framing::UntilClose => Then::Close,
    };
    Answer { bytes, then }
}

/// Whether the response redirects (<https://fetch.spec.whatwg.org/#redirect-status>).
pub(super) fn is_redirect(response: &ScriptedResponse) -> bool {
    matches!(response.status, 301 | 302 | 303 | 307 | 308)
}

/// Whether a `Content-Length` on the wire can be the script's own.
pub(super) fn announces_length(response: &ScriptedResponse) -> bool {
    lines(response, "content-length").next().is_some()
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Framing {
    /// There is none by HTTP's rules.
    NoBody,
    /// The script says nothing: an empty body.
    LengthAdded,
    /// The script says how long.
    Announced(usize),
    /// The script says that it comes in chunks.
    Chunked,
    /// The script says something that only the end of the connection can settle.
    UntilClose,
}

impl Framing {
    fn of(response: &ScriptedResponse, method: &str) -> Self {
        // After an interim response a browser waits for a final one, which is not scripted.
        if response.status < 200 {
            return Self::UntilClose;
        }
        if method == "HEAD" || matches!(response.status, 204 | 304) {
            return Self::NoBody;
        }
        let mut codings = lines(response, "transfer-encoding");
        if let Some(coding) = codings.next() {
            let chunked = coding.eq_ignore_ascii_case(b"chunked") && codings.next().is_none();
            return if chunked { Self::Chunked } else { Self::UntilClose };
        }
        let mut lengths = lines(response, "content-length");
        match (lengths.next(), lengths.next()) {
            (None, _) => Self::LengthAdded,
            (Some(length), None) => std::str::from_utf8(length)
                .ok()
                .and_then(|digits| digits.trim().parse().ok())
                .filter(|length| *length <= MAX_ANNOUNCED_BODY)
                .map_or(Self::UntilClose, Self::Announced),
            _ => Self::UntilClose,
        }
    }
}

fn keep_open_unless_told(response: &ScriptedResponse) -> Then {
    let told =
        lines(response, "connection").any(|value| !value.eq_ignore_ascii_case(b"keep-alive"));
    if told { Then::Close } else { Then::KeepOpen }
}

fn lines<'a>(response: &'a ScriptedResponse, name: &'a str) -> impl Iterator<Item = &'a [u8]> {
    response
        .headers
        .iter()
        .filter(|(n, _)| n.eq_ignore_ascii_case(name.as_bytes()))
        .map(|(_, value)| &**value)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scripted(status: u16, headers: &[(&str, &[u8])]) -> ScriptedResponse {
        let headers = headers.iter().map(|(n, v)| ((*n).into(), (*v).into())).collect();
        ScriptedResponse { status, headers }
    }

    #[test]
    fn lines_go_out_as_scripted() {
        let response = scripted(
            680,
            &[("aCcEss-CONTROL-allow-origin", b" *\t"), ("X", b"\xe9\x01"), ("x", b"")],
        );
        assert_eq!(
            answer(&response, "GET", "r1").bytes,
            b"HTTP/1.1 680 Scripted\r\naCcEss-CONTROL-allow-origin:  *\t\r\nX: \xe9\x01\r\nx: \r\n\
              Content-Length: 0\r\n\r\n"
        );
    }

    #[test]
    fn framing_of_the_script_is_honoured() {
        for (status, headers, method, tail, then) in [
            (200, &[("Content-Length", &b"2"[..])][..], "GET", &b"2\r\n\r\nxx"[..], Then::KeepOpen),
            (200, &[("Content-Length", b"2")], "HEAD", b"2\r\n\r\n", Then::KeepOpen),
            (200, &[("Content-Length", b"nine")], "GET", b"nine\r\n\r\n", Then::Close),
            (204, &[], "PUT", b"Scripted\r\n\r\n", Then::KeepOpen),
            (103, &[], "GET", b"Scripted\r\n\r\n", Then::Close),
            (200, &[("Connection", b"close")], "GET", b"Length: 0\r\n\r\n", Then::Close),
        ] {
            let answer = answer(&scripted(status, headers), method, "r1");
            assert!(answer.bytes.ends_with(tail), "{}", answer.bytes.escape_ascii());
            assert_eq!(answer.then, then);
        }
    }

    #[test]
    fn only_a_redirect_gains_the_token() {
        let location: &[(&str, &[u8])] = &[("Location", b"/next")];
        let bytes = |status| answer(&scripted(status, location), "GET", "r1").bytes;
        assert!(bytes(302).windows(14).any(|w| w == b"/next?case=r1\r"));
        assert!(bytes(201).windows(6).any(|w| w == b"/next\r"));
    }
}
