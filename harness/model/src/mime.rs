//! MIME types, as far as safelisting looks at them: the essence. Parameters never fail a parse
//! and are left aside.

use crate::infra::{is_http_whitespace, is_token, strip};

/// [Parse a MIME type](https://mimesniff.spec.whatwg.org/#parse-a-mime-type), down to its
/// [essence](https://mimesniff.spec.whatwg.org/#mime-type-essence), in lower case; `None`:
/// failure.
pub fn mime_type_essence(input: &[u8]) -> Option<Vec<u8>> {
    // 1 HTTP whitespace goes from both ends.
    let input = strip(input, is_http_whitespace);
    // 2, 3 the type: all before the first slash.
    let slash = input.iter().position(|byte| *byte == b'/');
    // 5 there is no slash.
    let slash = slash?;
    let (main, rest) = (input.get(..slash)?, input.get(slash + 1..)?);
    // 4 the type is not a token.
    if !is_token(main) {
        return None;
    }
    // 6, 7 the subtype: all up to a semicolon.
    let subtype = rest.split(|byte| *byte == b';').next().unwrap_or_default();
    // 8 trailing HTTP whitespace goes.
    let end = subtype.iter().rposition(|byte| !is_http_whitespace(*byte)).map_or(0, |last| last + 1);
    let subtype = subtype.get(..end)?;
    // 9 the subtype is not a token.
    if !is_token(subtype) {
        return None;
    }
    // 10 both in lower case. NOT MODELLED 11 (parameters): they are no part of the essence, and
    // none of their steps returns failure.
    Some([main, b"/", subtype].concat().to_ascii_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn white_space_is_tolerated_at_the_ends_and_before_parameters_only() {
        for (input, essence) in [
            (&b"text/plain"[..], Some(&b"text/plain"[..])),
            (b"TEXT/Plain", Some(b"text/plain")),
            (b"\t text/plain\r\n", Some(b"text/plain")),
            (b"text/plain ;x=y", Some(b"text/plain")),
            (b"text/plain;garbage", Some(b"text/plain")),
            (b"text/plain;", Some(b"text/plain")),
            (b"text /plain", None),
            (b"text/ plain", None),
            (b"text/plain,text/plain", None),
            (b"text/plain x", None),
            (b"text/", None),
            (b"/plain", None),
            (b"text", None),
            (b"", None),
            (b"text/plain\x0b", None),
        ] {
            assert_eq!(mime_type_essence(input).as_deref(), essence, "{:?}", input.escape_ascii().to_string());
        }
    }
}
