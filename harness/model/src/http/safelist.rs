//! Which headers CORS takes for safe, and which it does not (Fetch §2.2.2).

use std::borrow::Cow;

use crate::http::headers::{HeaderList, convert_header_names_to_a_sorted_lowercase_set};
use crate::http::methods::is_forbidden_method;
use crate::http::single_range::is_safelisted_range;
use crate::mime::parse_mime_type;
use crate::user_agent::UserAgent;

/// <https://fetch.spec.whatwg.org/#cors-safelisted-request-header>
pub fn is_cors_safelisted_request_header(agent: &UserAgent, name: &[u8], value: &[u8]) -> bool {
    // 1. A value of more than 128 bytes is not.
    if value.len() > 128 {
        return false;
    }
    let is = |known: &[u8]| name.eq_ignore_ascii_case(known);
    // 2. By name, in any case.
    if is(b"accept") {
        !contains_cors_unsafe_request_header_byte(agent, value)
    } else if is(b"accept-language") || is(b"content-language") {
        value.iter().all(|byte| {
            matches!(byte, b'0'..=b'9' | b'A'..=b'Z' | b'a'..=b'z'
                | b' ' | b'*' | b',' | b'-' | b'.' | b';' | b'=')
        })
    } else if is(b"content-type") {
        // 2.1. No unsafe byte.
        // 2.2, 2.3, 2.4. A MIME type that an HTML form could send.
        !contains_cors_unsafe_request_header_byte(agent, value)
            && parse_mime_type(value).is_some_and(|mime| {
                mime.essence_is(b"application", b"x-www-form-urlencoded")
                    || mime.essence_is(b"multipart", b"form-data")
                    || mime.essence_is(b"text", b"plain")
            })
    } else if is(b"range") {
        // 2.1, 2.2, 2.3. A single range with a start.
        is_safelisted_range(agent.range_parsing, value)
    } else if agent.client_hints_safelisted && is_well_formed_client_hint(name, value) {
        true
    } else {
        // 2. No other name is; except where the user agent takes a script's User-Agent for safe.
        agent.user_agent_header_safelisted && is(b"user-agent")
    }
    // 3. Whatever got here is.
}

/// <https://fetch.spec.whatwg.org/#cors-unsafe-request-header-byte>
pub fn is_cors_unsafe_request_header_byte(byte: u8) -> bool {
    match byte {
        b'\t' => false,
        0x00..=0x1F | 0x7F => true,
        b'"' | b'(' | b')' | b':' | b'<' | b'>' | b'?' | b'@' | b'[' | b'\\' | b']' | b'{'
        | b'}' => true,
        _ => false,
    }
}

/// <https://fetch.spec.whatwg.org/#cors-unsafe-request-header-names>
pub fn cors_unsafe_request_header_names(agent: &UserAgent, headers: &HeaderList) -> Vec<Vec<u8>> {
    let headers = if agent.request_headers_combined && has_repeats(headers) {
        Cow::Owned(headers.combined())
    } else {
        Cow::Borrowed(headers)
    };
    // 1, 2, 3. Nothing so far.
    let mut unsafe_names: Vec<&[u8]> = Vec::new();
    let mut safelist_value_size = 0_usize;
    // 4. What is safelisted counts by the length of its value.
    for header in headers.iter() {
        if is_cors_safelisted_request_header(agent, &header.name, &header.value) {
            safelist_value_size = safelist_value_size.saturating_add(header.value.len());
        } else {
            unsafe_names.push(&header.name);
        }
    }
    // 5. Too much of it is not safe either: then every name is in.
    if agent.safelist_value_limit.is_some_and(|limit| safelist_value_size > limit) {
        unsafe_names = headers.iter().map(|header| header.name.as_slice()).collect();
    }
    // 6. In lower case, sorted, each once.
    if agent.unsafe_names_repeat {
        let mut names: Vec<_> = unsafe_names.into_iter().map(<[u8]>::to_ascii_lowercase).collect();
        names.sort_unstable();
        return names;
    }
    convert_header_names_to_a_sorted_lowercase_set(unsafe_names)
}

/// <https://fetch.spec.whatwg.org/#cors-non-wildcard-request-header-name>
pub fn is_cors_non_wildcard_request_header_name(name: &[u8]) -> bool {
    name.eq_ignore_ascii_case(b"Authorization")
}

/// <https://fetch.spec.whatwg.org/#privileged-no-cors-request-header-name>
pub fn is_privileged_no_cors_request_header_name(name: &[u8]) -> bool {
    name.eq_ignore_ascii_case(b"Range")
}

/// <https://fetch.spec.whatwg.org/#no-cors-safelisted-request-header-name>
pub fn is_no_cors_safelisted_request_header_name(name: &[u8]) -> bool {
    is_one_of(name, &[b"Accept", b"Accept-Language", b"Content-Language", b"Content-Type"])
}

/// <https://fetch.spec.whatwg.org/#no-cors-safelisted-request-header>
pub fn is_no_cors_safelisted_request_header(agent: &UserAgent, name: &[u8], value: &[u8]) -> bool {
    // 1. By name.
    // 2. And by value.
    is_no_cors_safelisted_request_header_name(name)
        && is_cors_safelisted_request_header(agent, name, value)
}

/// <https://fetch.spec.whatwg.org/#cors-safelisted-response-header-name>
pub fn is_cors_safelisted_response_header_name(name: &[u8], list: &[&[u8]]) -> bool {
    is_one_of(
        name,
        &[
            b"Cache-Control",
            b"Content-Language",
            b"Content-Length",
            b"Content-Type",
            b"Expires",
            b"Last-Modified",
            b"Pragma",
        ],
    ) || (is_one_of(name, list) && !is_forbidden_response_header_name(name))
}

/// <https://fetch.spec.whatwg.org/#forbidden-response-header-name>
pub fn is_forbidden_response_header_name(name: &[u8]) -> bool {
    is_one_of(name, &[b"Set-Cookie", b"Set-Cookie2"])
}

/// <https://fetch.spec.whatwg.org/#request-body-header-name>
pub const REQUEST_BODY_HEADER_NAMES: [&[u8]; 4] =
    [b"Content-Encoding", b"Content-Language", b"Content-Location", b"Content-Type"];

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
    // 5. Up to a comma that is not quoted.
    while let Some(byte) = input.next() {
        match byte {
            b',' => values.push(take_trimmed(&mut temporary)),
            b'"' => {
                // 5.2. A quoted string goes in with its quotes; a backslash takes the next byte with it.
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
    // 5.3, 5.4, 5.6. What is left is the last item, be it empty.
    values.push(take_trimmed(&mut temporary));
    values
}

fn take_trimmed(bytes: &mut Vec<u8>) -> Vec<u8> {
    let taken = std::mem::take(bytes);
    crate::infra::trim(&taken, crate::infra::is_http_tab_or_space).to_vec()
}

fn is_one_of(name: &[u8], names: &[&[u8]]) -> bool {
    names.iter().any(|known| name.eq_ignore_ascii_case(known))
}

fn contains_cors_unsafe_request_header_byte(agent: &UserAgent, value: &[u8]) -> bool {
    value.iter().any(|byte| {
        is_cors_unsafe_request_header_byte(*byte) || (agent.high_bytes_unsafe && *byte >= 0x80)
    })
}

fn has_repeats(headers: &HeaderList) -> bool {
    headers.iter().enumerate().any(|(index, header)| {
        headers.iter().skip(index + 1).any(|other| other.name.eq_ignore_ascii_case(&header.name))
    })
}

/// Hints that one engine safelists, each with the form that it asks for.
fn is_well_formed_client_hint(name: &[u8], value: &[u8]) -> bool {
    if is_one_of(name, &[b"dpr", b"device-memory", b"downlink"]) {
        let mut parts = value.splitn(2, |byte| *byte == b'.');
        return parts.all(is_digits);
    }
    if is_one_of(name, &[b"width", b"viewport-width", b"rtt"]) {
        return is_digits(value);
    }
    if name.eq_ignore_ascii_case(b"save-data") {
        return value.eq_ignore_ascii_case(b"on");
    }
    name.eq_ignore_ascii_case(b"ect") && matches!(value, b"slow-2g" | b"2g" | b"3g" | b"4g")
}

fn is_digits(bytes: &[u8]) -> bool {
    !bytes.is_empty() && bytes.iter().all(u8::is_ascii_digit)
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

    fn safe(name: &str, value: &[u8]) -> bool {
        is_cors_safelisted_request_header(&UserAgent::spec(), name.as_bytes(), value)
    }

    fn names(lines: &[(&str, &str)]) -> Vec<String> {
        let list = HeaderList::from_lines(lines.iter().map(|(name, value)| (*name, *value)));
        cors_unsafe_request_header_names(&UserAgent::spec(), &list)
            .into_iter()
            .map(|name| String::from_utf8(name).unwrap())
            .collect()
    }

    #[test]
    fn a_value_of_128_bytes_is_safe_and_one_of_129_is_not() {
        for name in ["Accept", "accept-LANGUAGE", "Content-Language"] {
            for (length, expected) in [(0, true), (1, true), (127, true), (128, true), (129, false)]
            {
                assert_eq!(safe(name, &vec![b'a'; length]), expected, "{name} {length}");
            }
        }
        for (length, expected) in [(128, true), (129, false)] {
            let mut content_type = b"text/plain;".to_vec();
            content_type.resize(length, b'x');
            assert_eq!(safe("Content-Type", &content_type), expected);
            let mut range = b"bytes=0-".to_vec();
            range.resize(length, b'1');
            assert_eq!(safe("Range", &range), expected);
            let mut range = b"bytes=9-".to_vec();
            range.resize(length, b'0');
            assert!(!safe("Range", &range));
        }
    }

    #[test]
    fn the_unsafe_bytes_are_these() {
        let listed = b"\"():<>?@[\\]{}\x7f";
        for byte in 0..=255_u8 {
            let expected = (byte < 0x20 && byte != 9) || listed.contains(&byte);
            assert_eq!(is_cors_unsafe_request_header_byte(byte), expected, "{byte:#x}");
            assert_eq!(safe("accept", &[b'a', byte, b'a']), !expected, "{byte:#x}");
            let mut content_type = b"text/plain;".to_vec();
            content_type.push(byte);
            assert_eq!(safe("content-type", &content_type), !expected, "{byte:#x}");
        }
    }

    #[test]
    fn languages_have_an_alphabet_of_their_own() {
        for byte in 0..=255_u8 {
            let expected = byte.is_ascii_alphanumeric() || b" *,-.;=".contains(&byte);
            for name in ["Accept-Language", "content-language"] {
                assert_eq!(safe(name, &[byte]), expected, "{byte:#x}");
            }
        }
    }

    #[test]
    fn forms_have_three_content_types() {
        for good in [
            "application/x-www-form-urlencoded",
            "multipart/form-data;boundary=x",
            "TEXT/PLAIN",
            "text/plain ;x",
            "text/plain;garbage",
            "text/plain; charset=utf-8",
        ] {
            assert!(safe("content-type", good.as_bytes()), "{good}");
        }
        for bad in [
            "",
            "text",
            "text/html",
            "text /plain",
            "text/plain,x/x",
            "text/plain; charset=\"x\"",
            "application/json",
        ] {
            assert!(!safe("content-type", bad.as_bytes()), "{bad}");
        }
    }

    #[test]
    fn no_other_name_is_safe() {
        for name in [
            "X-A",
            "",
            "*",
            "Authorization",
            "DPR",
            "Save-Data",
            "User-Agent",
            "Accept-Encoding",
            "Last-Event-ID",
        ] {
            assert!(!safe(name, b"1"), "{name}");
        }
    }

    #[test]
    fn names_come_lower_case_sorted_and_once() {
        assert_eq!(
            names(&[
                ("X-B", ""),
                ("x-a", ""),
                ("X-a", "2"),
                ("Accept", "*/*"),
                ("*", ""),
                ("X_a", ""),
                ("x!", ""),
                ("x~", ""),
                ("x1", "")
            ]),
            ["*", "x!", "x-a", "x-b", "x1", "x_a", "x~"]
        );
    }

    #[test]
    fn each_entry_is_looked_at_on_its_own() {
        assert_eq!(
            names(&[("Content-Type", "text/plain"), ("content-type", "text/plain")]),
            [""; 0]
        );
        assert_eq!(
            names(&[("Content-Type", "text/plain"), ("content-type", "x/y")]),
            ["content-type"]
        );
    }

    #[test]
    fn more_than_1024_safe_bytes_are_not_safe() {
        let entries = |last: usize| {
            let mut lines: Vec<(&str, String)> = vec![("Accept", "a".repeat(128)); 7];
            lines.push(("Accept-Language", "b".repeat(last)));
            lines.push(("X-A", "c".repeat(500)));
            lines
        };
        for (last, expected) in [(127, vec!["x-a"]), (128, vec!["x-a"])] {
            let lines = entries(last);
            let lines: Vec<_> = lines.iter().map(|(name, value)| (*name, value.as_str())).collect();
            assert_eq!(names(&lines), expected);
        }
        let mut lines = entries(128);
        lines.push(("Content-Language", "d".to_owned()));
        let lines: Vec<_> = lines.iter().map(|(name, value)| (*name, value.as_str())).collect();
        assert_eq!(names(&lines), ["accept", "accept-language", "content-language", "x-a"]);
    }

    #[test]
    fn deviations_are_one_field_each() {
        let check = |change: fn(&mut UserAgent), lines: &[(&str, &str)], expected: &[&str]| {
            let mut agent = UserAgent::spec();
            change(&mut agent);
            let list = HeaderList::from_lines(lines.iter().map(|(name, value)| (*name, *value)));
            let expected: Vec<Vec<u8>> =
                expected.iter().map(|name| name.as_bytes().to_vec()).collect();
            assert_eq!(cors_unsafe_request_header_names(&agent, &list), expected, "{lines:?}");
        };
        check(|agent| agent.high_bytes_unsafe = true, &[("Accept", "\u{e9}")], &["accept"]);
        check(
            |agent| agent.unsafe_names_repeat = true,
            &[("X-a", "1"), ("x-A", "2")],
            &["x-a", "x-a"],
        );
        check(
            |agent| agent.request_headers_combined = true,
            &[("Content-Type", "text/plain"), ("Content-Type", "text/plain")],
            &["content-type"],
        );
        check(|agent| agent.user_agent_header_safelisted = true, &[("User-Agent", "x")], &[]);
        check(
            |agent| agent.client_hints_safelisted = true,
            &[
                ("DPR", "1.5"),
                ("Save-Data", "on"),
                ("Width", "10"),
                ("ECT", "3g"),
                ("RTT", "1.5"),
                ("Downlink", "1."),
            ],
            &["downlink", "rtt"],
        );
    }

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

    #[test]
    fn seven_response_headers_are_always_exposed_and_cookies_never() {
        for name in [
            "cache-control",
            "Content-Language",
            "content-length",
            "Content-Type",
            "EXPIRES",
            "last-modified",
            "Pragma",
        ] {
            assert!(is_cors_safelisted_response_header_name(name.as_bytes(), &[]));
        }
        assert!(!is_cors_safelisted_response_header_name(b"X-A", &[b"*"]));
        assert!(is_cors_safelisted_response_header_name(b"*", &[b"*"]));
        assert!(is_cors_safelisted_response_header_name(b"X-A", &[b"x-a"]));
        for cookie in [&b"Set-Cookie"[..], b"set-cookie2"] {
            assert!(!is_cors_safelisted_response_header_name(
                cookie,
                &[b"Set-Cookie", b"Set-Cookie2"]
            ));
        }
    }

    #[test]
    fn names_with_rules_of_their_own() {
        assert!(is_cors_non_wildcard_request_header_name(b"aUTHORIZATION"));
        assert!(!is_cors_non_wildcard_request_header_name(b"Authorization2"));
        assert!(is_privileged_no_cors_request_header_name(b"range"));
        assert!(is_no_cors_safelisted_request_header(&UserAgent::spec(), b"Accept", b"a"));
        assert!(!is_no_cors_safelisted_request_header(&UserAgent::spec(), b"Range", b"bytes=0-"));
        assert!(!is_no_cors_safelisted_request_header(&UserAgent::spec(), b"Content-Type", b"x/y"));
    }
}
