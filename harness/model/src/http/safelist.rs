//! Which request headers need no preflight, and which scripts may not set:
//! <https://fetch.spec.whatwg.org/#cors-safelisted-request-header>

use std::cmp::Ordering;

use crate::http::headers::{HeaderList, get_decode_and_split};
use crate::http::methods::is_forbidden_method;
use crate::mime::mime_type_essence;
use crate::user_agent::UserAgent;

/// Whether a header is [CORS-safelisted](https://fetch.spec.whatwg.org/#cors-safelisted-request-header).
pub fn is_cors_safelisted_request_header(agent: &UserAgent, name: &[u8], value: &[u8]) -> bool {
    // 1 longer than 128 bytes.
    if value.len() > 128 {
        return false;
    }
    // 2 by name.
    if name.eq_ignore_ascii_case(b"accept") {
        !has_unsafe_byte(agent, value)
    } else if name.eq_ignore_ascii_case(b"accept-language")
        || name.eq_ignore_ascii_case(b"content-language")
    {
        value.iter().all(|byte| byte.is_ascii_alphanumeric() || b" *,-.;=".contains(byte))
    } else if name.eq_ignore_ascii_case(b"content-type") {
        is_safe_content_type(agent, value)
    } else if name.eq_ignore_ascii_case(b"range") {
        is_safe_range(agent, value)
    } else {
        // Otherwise: not safe; the Standard's list ends here.
        agent.safelists_beyond_the_standard(name)
    }
    // 3 what was not refused is safe.
}

/// The [CORS-unsafe request-header
/// names](https://fetch.spec.whatwg.org/#cors-unsafe-request-header-names) of a list: lower-case,
/// sorted, each once.
pub fn cors_unsafe_request_header_names(agent: &UserAgent, headers: &HeaderList) -> Vec<Vec<u8>> {
    if headers.is_empty() {
        return Vec::new();
    }
    // 1, 2, 3
    let mut unsafe_names: Vec<Vec<u8>> = Vec::new();
    let mut potentially_unsafe_names: Vec<&[u8]> = Vec::new();
    let mut safelist_value_size = 0;
    // 4 each header by itself; a user agent may have joined those of a name before.
    for header in headers.iter() {
        let joined = if agent.joins_request_headers { headers.get(&header.name) } else { None };
        let value = joined.as_deref().unwrap_or(&header.value);
        if !is_cors_safelisted_request_header(agent, &header.name, value) {
            // 4.1
            unsafe_names.push(header.name.to_ascii_lowercase());
        } else {
            // 4.2
            potentially_unsafe_names.push(&header.name);
            safelist_value_size += header.value.len();
        }
    }
    // 5 more than 1024 bytes of safe values are unsafe together.
    if safelist_value_size > 1024 && !agent.ignores_the_sum_of_safelisted_values {
        unsafe_names.extend(potentially_unsafe_names.iter().map(|name| name.to_ascii_lowercase()));
    }
    // 6 https://fetch.spec.whatwg.org/#convert-header-names-to-a-sorted-lowercase-set
    unsafe_names.sort_unstable();
    if !agent.repeats_request_header_names {
        unsafe_names.dedup();
    }
    unsafe_names
}

/// Whether a name is a [CORS non-wildcard request-header
/// name](https://fetch.spec.whatwg.org/#cors-non-wildcard-request-header-name).
pub(crate) fn is_cors_non_wildcard_request_header_name(name: &[u8]) -> bool {
    name.eq_ignore_ascii_case(b"Authorization")
}

/// Whether a header is a [no-CORS-safelisted
/// request-header](https://fetch.spec.whatwg.org/#no-cors-safelisted-request-header).
pub(crate) fn is_no_cors_safelisted_request_header(
    agent: &UserAgent,
    name: &[u8],
    value: &[u8],
) -> bool {
    // 1 four names, `Range` not among them.
    let safe_name = ["accept", "accept-language", "content-language", "content-type"]
        .iter()
        .any(|safe| name.eq_ignore_ascii_case(safe.as_bytes()));
    // 2
    safe_name && is_cors_safelisted_request_header(agent, name, value)
}

/// Whether a header is a [forbidden
/// request-header](https://fetch.spec.whatwg.org/#forbidden-request-header).
pub fn is_forbidden_request_header(name: &[u8], value: &[u8]) -> bool {
    // 1 by name.
    if FORBIDDEN.iter().any(|forbidden| name.eq_ignore_ascii_case(forbidden.as_bytes())) {
        return true;
    }
    // 2 by prefix.
    let starts = |prefix: &[u8]| {
        name.get(..prefix.len()).is_some_and(|start| start.eq_ignore_ascii_case(prefix))
    };
    if starts(b"proxy-") || starts(b"sec-") {
        return true;
    }
    // 3 by a method in the value that would override the request's.
    ["x-http-method", "x-http-method-override", "x-method-override"]
        .iter()
        .any(|overriding| name.eq_ignore_ascii_case(overriding.as_bytes()))
        && get_decode_and_split(value).iter().any(|method| is_forbidden_method(method))
    // 4 all others are not forbidden.
}

/// [Parses a single range header
/// value](https://fetch.spec.whatwg.org/#simple-range-header-value), white space not allowed.
/// `None`: failure; else the digits of start and end, each `None` when left out.
pub fn parse_single_range_header_value(value: &[u8]) -> Option<(Option<&[u8]>, Option<&[u8]>)> {
    // 1, 2, 3 `bytes` in lower case.
    let rest = value.strip_prefix(b"bytes")?;
    // NOT MODELLED 4, 7, 10, 13 (white space): the safelist does not allow it.
    // 5, 6
    let rest = rest.strip_prefix(b"=")?;
    // 8, 9
    let (start, rest) = digits(rest);
    // 11, 12
    let rest = rest.strip_prefix(b"-")?;
    // 14, 15
    let (end, rest) = digits(rest);
    // 16 something is left.
    if !rest.is_empty() {
        return None;
    }
    // 17 neither is there; 18 they are the wrong way round.
    match (start, end) {
        (None, None) => None,
        (Some(start), Some(end)) if compare_numbers(start, end) == Ordering::Greater => None,
        // 19
        range => Some(range),
    }
}

const FORBIDDEN: [&str; 21] = [
    "accept-charset", "accept-encoding", "access-control-request-headers",
    "access-control-request-method", "connection", "content-length", "cookie", "cookie2", "date",
    "dnt", "expect", "host", "keep-alive", "origin", "referer", "set-cookie", "te", "trailer",
    "transfer-encoding", "upgrade", "via",
];

/// Whether a value has a [CORS-unsafe request-header
/// byte](https://fetch.spec.whatwg.org/#cors-unsafe-request-header-byte).
fn has_unsafe_byte(agent: &UserAgent, value: &[u8]) -> bool {
    value.iter().any(|byte| {
        (*byte < 0x20 && *byte != b'\t')
            || b"\"():<>?@[\\]{}\x7f".contains(byte)
            || (agent.high_bytes_are_unsafe && *byte >= 0x80)
    })
}

fn is_safe_content_type(agent: &UserAgent, value: &[u8]) -> bool {
    // 1 an unsafe byte.
    if has_unsafe_byte(agent, value) {
        return false;
    }
    // 2, 3, 4 the essence is one of a form's.
    matches!(
        mime_type_essence(value).as_deref(),
        Some(b"application/x-www-form-urlencoded" | b"multipart/form-data" | b"text/plain")
    )
}

fn is_safe_range(agent: &UserAgent, value: &[u8]) -> bool {
    // 1, 2, 3 it parses, and has a start.
    match parse_single_range_header_value(value) {
        Some((Some(start), end)) => {
            let fits = |digits: &[u8]| compare_numbers(digits, b"9223372036854775807") != Ordering::Greater;
            !agent.range_numbers_have_64_bits || (fits(start) && end.is_none_or(fits))
        }
        _ => false,
    }
}

fn digits(bytes: &[u8]) -> (Option<&[u8]>, &[u8]) {
    let end = bytes.iter().position(|byte| !byte.is_ascii_digit()).unwrap_or(bytes.len());
    let (digits, rest) = bytes.split_at_checked(end).unwrap_or((bytes, b""));
    ((!digits.is_empty()).then_some(digits), rest)
}

/// Compares decimal numbers of any length.
pub(crate) fn compare_numbers(a: &[u8], b: &[u8]) -> Ordering {
    let significant = |digits: &[u8]| {
        let zeros = digits.iter().take_while(|digit| **digit == b'0').count();
        digits.get(zeros..).unwrap_or_default().to_vec()
    };
    let (a, b) = (significant(a), significant(b));
    a.len().cmp(&b.len()).then_with(|| a.cmp(&b))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn safe(name: &str, value: &[u8]) -> bool {
        is_cors_safelisted_request_header(&UserAgent::spec(), name.as_bytes(), value)
    }

    fn names(lines: &[(&str, Vec<u8>)]) -> Vec<String> {
        let list = HeaderList::from_lines(lines.iter().cloned());
        cors_unsafe_request_header_names(&UserAgent::spec(), &list)
            .into_iter()
            .map(|name| String::from_utf8(name).unwrap())
            .collect()
    }

    #[test]
    fn one_hundred_and_twenty_eight_bytes_are_safe_and_one_more_is_not() {
        for (length, is_safe) in [(0, true), (1, true), (127, true), (128, true), (129, false)] {
            assert_eq!(safe("Accept", &vec![b'a'; length]), is_safe, "{length}");
        }
    }

    #[test]
    fn each_unsafe_byte_is_unsafe_and_its_neighbours_are_not() {
        let expected: Vec<u8> = (0..0x20).filter(|b| *b != 9).chain(*b"\"():<>?@[\\]{}\x7f").collect();
        for byte in 0..=255u8 {
            assert_eq!(safe("accept", &[b'a', byte, b'b']), !expected.contains(&byte), "{byte:#x}");
        }
    }

    #[test]
    fn languages_have_an_alphabet_of_their_own() {
        for byte in 0..=255u8 {
            let allowed = byte.is_ascii_alphanumeric() || b" *,-.;=".contains(&byte);
            for name in ["accept-language", "CONTENT-LANGUAGE"] {
                assert_eq!(safe(name, &[b'e', byte, b'n']), allowed, "{byte:#x}");
            }
        }
    }

    #[test]
    fn a_content_type_is_safe_by_its_essence() {
        for value in [&b"text/plain"[..], b"TEXT/PLAIN;charset=utf-8", b"multipart/form-data; boundary=x", b"text/plain;garbage", b"text/plain; x=\xe9"] {
            assert!(safe("content-type", value));
        }
        for value in [&b"application/json"[..], b"text/xml", b"", b"text", b"text /plain", b"text/plain,text/plain", b"text/plain; x=\"y\"", b"text/plain\x0b"] {
            assert!(!safe("content-type", value));
        }
    }

    #[test]
    fn a_range_needs_a_start_and_nothing_else() {
        for value in [&b"bytes=0-1"[..], b"bytes=5-", b"bytes=00-01", b"bytes=1-1", b"bytes=99999999999999999999999-"] {
            assert!(safe("range", value), "{}", value.escape_ascii());
        }
        for value in [&b"bytes=-5"[..], b"bytes=-", b"bytes=0", b"bytes=2-1", b"bytes=10-9", b"bytes=0-1,2-3", b"bytes= 0-1", b"Bytes=0-1", b"bytes=+5-", b"bytes=0--1", b"", b"bytes=99999999999999999999999-1"] {
            assert!(!safe("range", value), "{}", value.escape_ascii());
        }
    }

    #[test]
    fn names_are_lower_case_sorted_and_unique() {
        let one = b"1".to_vec();
        assert_eq!(
            names(&[("X-B", one.clone()), ("x_a", one.clone()), ("!x", one.clone()), ("x-b", one.clone()), ("9x", one)]),
            ["!x", "9x", "x-b", "x_a"]
        );
    }

    #[test]
    fn safe_values_are_unsafe_together_beyond_1024_bytes() {
        let eight = |last: usize| {
            let mut lines: Vec<(&str, Vec<u8>)> = vec![("accept", vec![b'a'; 128]); 8];
            lines.push(("accept-language", vec![b'a'; last]));
            lines
        };
        assert_eq!(names(&eight(0)), [""; 0]);
        assert_eq!(names(&eight(1)), ["accept", "accept-language"]);
    }

    #[test]
    fn forbidden_headers_are_forbidden_by_name_prefix_or_overriding_method() {
        for name in FORBIDDEN {
            assert!(is_forbidden_request_header(name.to_ascii_uppercase().as_bytes(), b""));
        }
        for (name, value) in [("Sec-", ""), ("proxy-a", ""), ("X-Method-Override", "GET, trace"), ("x-http-method", "TRACK")] {
            assert!(is_forbidden_request_header(name.as_bytes(), value.as_bytes()), "{name}");
        }
        for (name, value) in [("sec", ""), ("proxy", ""), ("X-HTTP-Method-Override", "\"a,track\""), ("User-Agent", ""), ("Access-Control-Request-Private-Network", "true")] {
            assert!(!is_forbidden_request_header(name.as_bytes(), value.as_bytes()), "{name}");
        }
    }
}
