//! Request headers that are the user agent's own (Fetch §2.2.2), and the splitting that finds
//! forbidden methods in values.

use crate::http::methods::is_forbidden_method;
use crate::http::safelist::is_one_of;
use crate::infra::{is_http_tab_or_space, trim};

/// <https://fetch.spec.whatwg.org/#forbidden-request-header>
pub fn is_forbidden_request_header(name: &[u8], value: &[u8]) -> bool {
    // 1. By name.
    if is_one_of(name, &FORBIDDEN_REQUEST_HEADER_NAMES) {
        return true;
    }
    // 2. By how it begins.
    let starts_with = |prefix: &[u8]| {
        name.get(..prefix.len()).is_some_and(|start| start.eq_ignore_ascii_case(prefix))
    };
    if starts_with(b"proxy-") || starts_with(b"sec-") {
        return true;
    }
    // 3. A header by which servers let a client choose another method may not choose a forbidden one.
    if is_one_of(name, &[b"X-HTTP-Method", b"X-HTTP-Method-Override", b"X-Method-Override"]) {
        // 3.1, 3.2. In any of its comma-separated items.
        return get_decode_and_split(value).iter().any(|method| is_forbidden_method(method));
    }
    // 4. Any other is fine.
    false
}

/// <https://fetch.spec.whatwg.org/#header-value-get-decode-and-split>
pub fn get_decode_and_split(value: &[u8]) -> Vec<Vec<u8>> {
    // 1, 2, 3, 4. Bytes stand for the code points that they decode to.
    let mut values = Vec::new();
    let mut temporary = Vec::new();
    let mut input = value.iter().copied().peekable();
    // 5, 5.1, 5.7, 5.8. Up to a comma that is not quoted.
    while let Some(byte) = input.next() {
        match byte {
            b',' => values.push(take_trimmed(&mut temporary)),
            b'"' => {
                // 5.2.1, 5.2.2. A quoted string goes in with its quotes; a backslash takes the next
                // byte with it.
                temporary.push(byte);
                while let Some(byte) = input.next() {
                    temporary.push(byte);
                    match byte {
                        b'"' => break,
                        b'\\' => temporary.extend(input.next()),
                        _ => {}
                    }
                }
            }
            _ => temporary.push(byte),
        }
    }
    // 5.6. What is left is the last item, be it empty.
    values.push(take_trimmed(&mut temporary));
    values
}

fn take_trimmed(bytes: &mut Vec<u8>) -> Vec<u8> {
    // 5.3, 5.4, 5.5. An item, without white space around it; the next begins empty.
    let taken = std::mem::take(bytes);
    trim(&taken, is_http_tab_or_space).to_vec()
}

static FORBIDDEN_REQUEST_HEADER_NAMES: [&[u8]; 21] = [
    b"Accept-Charset",
    b"Accept-Encoding",
    b"Access-Control-Request-Headers",
    b"Access-Control-Request-Method",
    b"Connection",
    b"Content-Length",
    b"Cookie",
    b"Cookie2",
    b"Date",
    b"DNT",
    b"Expect",
    b"Host",
    b"Keep-Alive",
    b"Origin",
    b"Referer",
    b"Set-Cookie",
    b"TE",
    b"Trailer",
    b"Transfer-Encoding",
    b"Upgrade",
    b"Via",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forbidden_request_headers_go_by_name_prefix_or_method() {
        for (name, value) in [
            ("accept-charset", ""),
            ("Access-Control-Request-Headers", ""),
            ("COOKIE2", ""),
            ("dnt", ""),
            ("Set-Cookie", ""),
            ("TE", ""),
            ("via", ""),
            ("Proxy-", ""),
            ("sec-x", ""),
            ("SEC-FETCH-MODE", ""),
            ("X-HTTP-Method", "trace"),
            ("x-method-override", "GET, TRACK"),
            ("X-HTTP-Method-Override", " connect ,"),
        ] {
            assert!(
                is_forbidden_request_header(name.as_bytes(), value.as_bytes()),
                "{name}: {value}"
            );
        }
        for (name, value) in [
            ("User-Agent", ""),
            ("sec", ""),
            ("proxy", ""),
            ("secx-", ""),
            ("X-HTTP-Method", "PUT"),
            ("X-HTTP-Method", "\"TRACE\""),
            ("X-Method-Override", "\",TRACE,\""),
            ("X-HTTP-Method-Overrides", "TRACE"),
            ("Access-Control-Request-Private-Network", ""),
            ("Authorization", ""),
            ("", ""),
        ] {
            assert!(
                !is_forbidden_request_header(name.as_bytes(), value.as_bytes()),
                "{name}: {value}"
            );
        }
    }

    #[test]
    fn splitting_keeps_quoted_commas_and_empty_items() {
        let split = |value: &str| -> Vec<String> {
            let items = get_decode_and_split(value.as_bytes());
            items.into_iter().map(|item| String::from_utf8(item).unwrap()).collect()
        };
        assert_eq!(split("nosniff,"), ["nosniff", ""]);
        assert_eq!(split(""), [""]);
        assert_eq!(split("text/html;\", x/x"), ["text/html;\", x/x"]);
        assert_eq!(split("x/x;test=\"hi\",y/y"), ["x/x;test=\"hi\"", "y/y"]);
        assert_eq!(split("x / x,,,1"), ["x / x", "", "", "1"]);
        assert_eq!(split("\"1,\\\"2\", 3"), ["\"1,\\\"2\"", "3"]);
        assert_eq!(split("a\"\\"), ["a\"\\"]);
    }
}
