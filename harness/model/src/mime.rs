//! The part of MIME Sniffing that CORS meets: the essence of a MIME type, which the safelist asks
//! for, and its parameters, which `XMLHttpRequest` writes anew.
//!
//! No parameter makes a parse fail, so they are read only when somebody asks for them.

use std::mem;

use crate::infra::{is_http_whitespace, is_token, trim};

/// A MIME type in the case in which it was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MimeType<'a> {
    /// <https://mimesniff.spec.whatwg.org/#type>
    pub r#type: &'a [u8],
    /// <https://mimesniff.spec.whatwg.org/#subtype>
    pub subtype: &'a [u8],
    /// What stands behind, from the first semicolon on.
    rest: &'a [u8],
}

/// <https://mimesniff.spec.whatwg.org/#parameters>: names in lower case, each once, in order.
type Parameters = Vec<(Vec<u8>, Vec<u8>)>;

impl MimeType<'_> {
    /// <https://mimesniff.spec.whatwg.org/#parse-a-mime-type>, step 11.
    pub fn parameters(&self) -> Parameters {
        let mut parameters = Parameters::new();
        let mut rest = self.rest;
        // 11.1. Behind each semicolon stands one.
        while let Some((_, behind)) = rest.split_first() {
            rest = trim_start(behind);
            // 11.3, 11.4. Its name goes up to the sign of equality, or to the next one.
            let name = collect(&mut rest, |byte| !matches!(byte, b';' | b'='));
            // 11.5, 11.6. Without a value it does not count.
            let Some((b'=', behind)) = rest.split_first() else { continue };
            rest = behind;
            let value = if let Some((b'"', _)) = rest.split_first() {
                // 11.8. A quoted one; what stands behind it does not count.
                let value = collect_quoted(&mut rest);
                collect(&mut rest, |byte| byte != b';');
                value
            } else {
                // 11.9. Any other has something in it.
                let value = trim_end(collect(&mut rest, |byte| byte != b';'));
                if value.is_empty() {
                    continue;
                }
                value.to_vec()
            };
            // 11.10. The first of a name counts, if name and value are of the right characters.
            let name = name.to_ascii_lowercase();
            let is_usable = is_token(&name)
                && value.iter().all(|byte| matches!(byte, b'\t' | b' '..=b'~' | 0x80..));
            if is_usable && !parameters.iter().any(|(known, _)| *known == name) {
                parameters.push((name, value));
            }
        }
        parameters
    }

    /// <https://mimesniff.spec.whatwg.org/#serialize-a-mime-type>, with these parameters for its own.
    pub fn serialize_with(&self, parameters: &[(Vec<u8>, Vec<u8>)]) -> Vec<u8> {
        // 1. The essence.
        let mut serialization = [self.r#type, b"/", self.subtype].concat().to_ascii_lowercase();
        // 2. Each parameter, quoted where it is no token.
        for (name, value) in parameters {
            serialization.push(b';');
            serialization.extend_from_slice(name);
            serialization.push(b'=');
            if is_token(value) {
                serialization.extend_from_slice(value);
            } else {
                serialization.push(b'"');
                for byte in value {
                    if matches!(byte, b'"' | b'\\') {
                        serialization.push(b'\\');
                    }
                    serialization.push(*byte);
                }
                serialization.push(b'"');
            }
        }
        // 3. That is all.
        serialization
    }

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
    let mut rest = rest;
    let subtype = collect(&mut rest, |byte| byte != b';');
    // 8. White space behind it does not count (but in front of it does).
    let subtype = trim_end(subtype);
    // 9. It has to be a token.
    if !is_token(subtype) {
        return None;
    }
    // 10. Lower-casing is left to the comparison.
    // 11. The parameters wait until they are asked for.
    // 12. Done.
    Some(MimeType { r#type, subtype, rest })
}

fn trim_end(mut bytes: &[u8]) -> &[u8] {
    while let [rest @ .., last] = bytes
        && is_http_whitespace(*last)
    {
        bytes = rest;
    }
    bytes
}

fn trim_start(mut bytes: &[u8]) -> &[u8] {
    while let [first, rest @ ..] = bytes
        && is_http_whitespace(*first)
    {
        bytes = rest;
    }
    bytes
}

/// <https://infra.spec.whatwg.org/#collect-a-sequence-of-code-points>
fn collect<'a>(rest: &mut &'a [u8], meets: impl Fn(u8) -> bool) -> &'a [u8] {
    let end = rest.iter().position(|byte| !meets(*byte)).unwrap_or(rest.len());
    let (collected, behind) = rest.split_at_checked(end).unwrap_or((rest, &[]));
    *rest = behind;
    collected
}

/// <https://fetch.spec.whatwg.org/#collect-an-http-quoted-string>
///
/// NOT MODELLED 7 (the string as it stands): its value is what is wanted.
fn collect_quoted(rest: &mut &[u8]) -> Vec<u8> {
    // 1 to 4. From behind the quotation mark.
    let mut value = Vec::new();
    let mut bytes = mem::take(rest).iter();
    bytes.next();
    // 5.1 to 5.4. Whatever is neither mark nor backslash, up to the end.
    while let Some(byte) = bytes.next() {
        match byte {
            // 5.6.1, 5.6.2. The next mark ends it.
            b'"' => break,
            // 5.5.1 to 5.5.3. A backslash stands for what follows, or, at the end, for itself.
            b'\\' => value.push(*bytes.next().unwrap_or(&b'\\')),
            byte => value.push(*byte),
        }
    }
    *rest = bytes.as_slice();
    // 6. The value.
    value
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Parsed and written anew.
    fn anew(input: &str) -> String {
        let mime = parse_mime_type(input.as_bytes()).unwrap();
        String::from_utf8_lossy(&mime.serialize_with(&mime.parameters())).into_owned()
    }

    #[test]
    fn parameters_are_read_as_leniently_as_the_standard_says() {
        for (input, expected) in [
            ("text/plain", "text/plain"),
            ("Text/PLAIN ; Charset = x", "text/plain"),
            ("text/plain;Charset=UTF-8 ;", "text/plain;charset=UTF-8"),
            ("text/plain;;;a=1;b", "text/plain;a=1"),
            ("text/plain;b;a=1", "text/plain;a=1"),
            ("text/plain;a=;b=2", "text/plain;b=2"),
            ("text/plain;=1;b=2", "text/plain;b=2"),
            ("text/plain;a=1;A=2", "text/plain;a=1"),
            ("text/plain;a\u{e9}=1;b=\u{e9}", "text/plain;b=\"\u{e9}\""),
            ("text/plain;a=\x01;b=a b", "text/plain;b=\"a b\""),
            ("text/plain;\r\n a=1", "text/plain;a=1"),
            (r#"text/plain;a="x";b=2"#, "text/plain;a=x;b=2"),
            (r#"text/plain;a="x"y;b=2"#, "text/plain;a=x;b=2"),
            (r#"text/plain;a="x;b=2"#, r#"text/plain;a="x;b=2""#),
            (r#"text/plain;a="";b=2"#, r#"text/plain;a="";b=2"#),
            (r#"text/plain;a="\"\\";b=2"#, r#"text/plain;a="\"\\";b=2"#),
            (r#"text/plain;a="x\"#, r#"text/plain;a="x\\""#),
            (r#"text/plain;a=x"y"#, r#"text/plain;a="x\"y""#),
        ] {
            assert_eq!(anew(input), expected, "{input:?}");
        }
    }

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
