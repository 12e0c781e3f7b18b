//! Every rule of the safelists at its boundaries.

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
        for (length, expected) in [(0, true), (1, true), (127, true), (128, true), (129, false)] {
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
    assert_eq!(names(&[("Content-Type", "text/plain"), ("content-type", "text/plain")]), [""; 0]);
    assert_eq!(names(&[("Content-Type", "text/plain"), ("content-type", "x/y")]), ["content-type"]);
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
        let expected: Vec<Vec<u8>> = expected.iter().map(|name| name.as_bytes().to_vec()).collect();
        assert_eq!(cors_unsafe_request_header_names(&agent, &list), expected, "{lines:?}");
    };
    check(|agent| agent.high_bytes_unsafe = true, &[("Accept", "\u{e9}")], &["accept"]);
    check(|agent| agent.unsafe_names_repeat = true, &[("X-a", "1"), ("x-A", "2")], &["x-a", "x-a"]);
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
        assert!(!is_cors_safelisted_response_header_name(cookie, &[b"Set-Cookie", b"Set-Cookie2"]));
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
