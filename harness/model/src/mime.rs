//! The part of MIME Sniffing that the request-header safelist asks: the essence of a MIME type.
//!
//! Parameters are left out: the parser skips what it cannot use of them, so no parameter makes a
//! parse fail, and the safelist looks at the essence only.

use crate::infra::{is_http_whitespace, is_token, trim};

/// A MIME type without its parameters, in the case in which it was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MimeType<'a> {
    /// <https://mimesniff.spec.whatwg.org/#type>
    pub r#type: &'a [u8],
    /// <https://mimesniff.spec.whatwg.org/#subtype>
    pub subtype: &'a [u8],
}

impl MimeType<'_> {
    /// <https://mimesniff.spec.whatwg.org/#mime-type-essence>: whether it is this one, given in
    /// lower case.
    pub fn essence_is(&self, r#type: &[u8], subtype: &[u8]) -> bool {
        self.r#type.eq_ignore_ascii_case(r#type) && self.subtype.eq_ignore_ascii_case(subtype)
    }
}

/// <https://mimesniff.spec.whatwg.org/#parse-a-mime-type>
///
/// `None` is the Standard's failure.
pub fn parse_mime_type(input: &[u8]) -> Option<MimeType<'_>> {
    // 1. White space around the whole does not count.
    let input = trim(input, is_http_whitespace);
    // 2, 3, 5. The type goes up to the slash; without a slash there is no MIME type.
    let slash = input.iter().position(|byte| *byte == b'/')?;
    let (r#type, rest) = input.split_at_checked(slash)?;
    // 4. The type has to be a token.
    if !is_token(r#type) {
        return None;
    }
    // 6. Past the slash.
    let (_, rest) = rest.split_first()?;
    // 7. The subtype goes up to the first semicolon.
    let subtype = rest.split(|byte| *byte == b';').next().unwrap_or_default();
    // 8. White space behind it does not count (but in front of it does).
    let subtype = trim_end(subtype);
    // 9. It has to be a token.
    if !is_token(subtype) {
        return None;
    }
    // 10. Lower-casing is left to the comparison.
    // NOT MODELLED 11 (parameters): see the head of this file.
    // 12. Done.
    Some(MimeType { r#type, subtype })
}

fn trim_end(mut bytes: &[u8]) -> &[u8] {
    while let [rest @ .., last] = bytes
        && is_http_whitespace(*last)
    {
        bytes = rest;
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    fn essence(input: &[u8]) -> Option<String> {
        parse_mime_type(input).map(|mime| {
            let text = |bytes: &[u8]| String::from_utf8(bytes.to_ascii_lowercase()).unwrap();
            format!("{}/{}", text(mime.r#type), text(mime.subtype))
        })
    }

    #[test]
    fn white_space_counts_only_around_the_slash() {
        for good in
            [" text/plain ", "\r\n\ttext/plain", "text/plain ;x", "text/plain\t;", "text/plain"]
        {
            assert_eq!(essence(good.as_bytes()).as_deref(), Some("text/plain"), "{good:?}");
        }
        for bad in
            ["text /plain", "text/ plain", "text/plain\x0b", "text/plain,x/x", "\x0ctext/plain"]
        {
            assert_eq!(essence(bad.as_bytes()), None, "{bad:?}");
        }
    }

    #[test]
    fn parameters_never_make_it_fail() {
        for good in
            ["text/plain;garbage", "text/plain;", "text/plain;;\"", "TEXT/Plain; x=\x01\u{ff}"]
        {
            assert_eq!(essence(good.as_bytes()).as_deref(), Some("text/plain"), "{good:?}");
        }
    }

    #[test]
    fn both_halves_are_tokens() {
        for bad in [
            "",
            "/",
            "text/",
            "/plain",
            "text",
            "te@xt/plain",
            "text/pl/ain",
            "text/\u{e9}",
            ";text/plain",
        ] {
            assert_eq!(essence(bad.as_bytes()), None, "{bad:?}");
        }
        assert_eq!(essence(b"*/*").as_deref(), Some("*/*"));
    }
}
