//! The grammars, read a second time from their definitions by someone who is slow: each function
//! here is a naive recogniser that shares no code with the model, and both have to agree.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "the helpers of tests are tests, too"
)]

use corsproof_model::http::extract::{
    ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_MAX_AGE, Extracted, extract_header_list_values,
};
use corsproof_model::http::single_range::parse_single_range_header_value;
use corsproof_model::mime::parse_mime_type;
use corsproof_model::{HeaderList, Origin};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use proptest::test_runner::{Config, TestRunner};

/// A backtracking matcher: every way in which a pattern can match a prefix.
enum Pattern {
    Bytes(fn(u8) -> bool),
    Literal(&'static [u8]),
    Sequence(Vec<Pattern>),
    Either(Vec<Pattern>),
    Repeat(Box<Pattern>, usize, usize),
}

use Pattern::{Bytes, Either, Literal, Repeat, Sequence};

fn star(pattern: Pattern) -> Pattern {
    Repeat(Box::new(pattern), 0, usize::MAX)
}

fn optional(pattern: Pattern) -> Pattern {
    Repeat(Box::new(pattern), 0, 1)
}

fn some(pattern: Pattern) -> Pattern {
    Repeat(Box::new(pattern), 1, usize::MAX)
}

impl Pattern {
    fn ends(&self, input: &[u8], from: usize) -> Vec<usize> {
        match self {
            Bytes(is) => {
                input.get(from).filter(|byte| is(**byte)).map(|_| from + 1).into_iter().collect()
            }
            Literal(bytes) => {
                input[from..].starts_with(bytes).then_some(from + bytes.len()).into_iter().collect()
            }
            Sequence(patterns) => patterns.iter().fold(vec![from], |starts, pattern| {
                sorted(starts.into_iter().flat_map(|start| pattern.ends(input, start)).collect())
            }),
            Either(patterns) => {
                sorted(patterns.iter().flat_map(|pattern| pattern.ends(input, from)).collect())
            }
            Repeat(pattern, least, most) => {
                let mut all = if *least == 0 { vec![from] } else { Vec::new() };
                let mut starts = vec![from];
                for count in 1..=*most {
                    let next = starts.iter().flat_map(|start| pattern.ends(input, *start));
                    starts =
                        sorted(next.filter(|end| !(count > *least && all.contains(end))).collect());
                    if starts.is_empty() {
                        break;
                    }
                    if count >= *least {
                        all.extend(&starts);
                    }
                }
                sorted(all)
            }
        }
    }

    fn matches(&self, input: &[u8]) -> bool {
        self.ends(input, 0).contains(&input.len())
    }
}

fn sorted(mut ends: Vec<usize>) -> Vec<usize> {
    ends.sort_unstable();
    ends.dedup();
    ends
}

/// RFC 9110, 5.6.2.
fn token() -> Pattern {
    some(Bytes(|byte| {
        "!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
            .as_bytes()
            .contains(&byte)
    }))
}

/// RFC 9110, 5.6.3.
fn ows() -> Pattern {
    star(Either(vec![Literal(b" "), Literal(b"\t")]))
}

/// RFC 9110, 5.6.1.2: `[ element ] *( OWS "," OWS [ element ] )`.
fn token_list() -> Pattern {
    Sequence(vec![
        optional(token()),
        star(Sequence(vec![ows(), Literal(b","), ows(), optional(token())])),
    ])
}

/// RFC 9111, 1.2.2.
fn delta_seconds() -> Pattern {
    some(Bytes(|byte| byte.is_ascii_digit()))
}

/// The three ways of writing a single range; which numbers are in order is looked at apart.
fn single_range() -> Pattern {
    let digits = || some(Bytes(|byte| byte.is_ascii_digit()));
    Sequence(vec![
        Literal(b"bytes="),
        Either(vec![
            Sequence(vec![digits(), Literal(b"-"), optional(digits())]),
            Sequence(vec![Literal(b"-"), digits()]),
        ]),
    ])
}

/// A MIME type with anything for parameters, behind white space that does not count.
fn mime_type() -> Pattern {
    let space = || star(Bytes(|byte| b"\t\n\r ".contains(&byte)));
    Sequence(vec![
        space(),
        token(),
        Literal(b"/"),
        token(),
        space(),
        optional(Sequence(vec![Literal(b";"), star(Bytes(|_| true))])),
    ])
}

/// The grammar of the `Origin` header, without IP addresses.
fn origin() -> Pattern {
    let lower: fn(u8) -> bool = |byte| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    let label = || {
        Either(vec![
            Bytes(lower),
            Sequence(vec![
                Bytes(lower),
                star(Either(vec![Bytes(lower), Literal(b"-")])),
                Bytes(lower),
            ]),
        ])
    };
    let scheme = Sequence(vec![
        Bytes(|byte| byte.is_ascii_lowercase()),
        star(Bytes(|byte| {
            byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"+-.".contains(&byte)
        })),
    ]);
    let host = Sequence(vec![star(Sequence(vec![label(), Literal(b".")])), label()]);
    let port =
        Sequence(vec![Literal(b":"), Repeat(Box::new(Bytes(|byte| byte.is_ascii_digit())), 1, 5)]);
    Either(vec![Literal(b"null"), Sequence(vec![scheme, Literal(b"://"), host, optional(port)])])
}

/// Runs both over the same inputs; fails where they differ, or where one verdict hardly occurs.
fn agree(
    inputs: impl Strategy<Value = Vec<u8>>,
    model: impl Fn(&[u8]) -> bool,
    naive: impl Fn(&[u8]) -> bool,
) {
    let counts = std::cell::Cell::new((0, 0));
    let mut runner =
        TestRunner::new(Config { cases: 4_000, failure_persistence: None, ..Config::default() });
    let result = runner.run(&inputs, |input| {
        let expected = naive(&input);
        let (yes, no) = counts.get();
        counts.set(if expected { (yes + 1, no) } else { (yes, no + 1) });
        prop_assert_eq!(model(&input), expected, "{}", input.escape_ascii());
        Ok(())
    });
    result.unwrap_or_else(|error| panic!("{error}"));
    let (yes, no) = counts.get();
    assert!(yes > 100 && no > 100, "{yes} yes, {no} no");
}

fn pieces(parts: &'static [&'static [u8]], most: usize) -> impl Strategy<Value = Vec<u8>> {
    let part = prop_oneof![
        20 => select(parts).prop_map(<[u8]>::to_vec),
        1 => vec(any::<u8>(), 1..2),
    ];
    vec(part, 0..most).prop_map(|parts| parts.concat())
}

#[test]
fn lists_are_what_rfc_9110_lets_recipients_read() {
    let grammar = token_list();
    agree(
        pieces(&[b"PUT", b"x-a", b"*", b",", b",", b", ", b" ", b"\t,", b"\"", b"b@d", b"\x0b"], 9),
        |input| {
            let list = HeaderList::from_lines([("Access-Control-Allow-Methods", input)]);
            extract_header_list_values(&ACCESS_CONTROL_ALLOW_METHODS, &list) != Extracted::Failure
        },
        |input| grammar.matches(trimmed(input)),
    );
}

#[test]
fn seconds_are_what_rfc_9111_calls_so() {
    let grammar = delta_seconds();
    agree(
        pieces(&[b"0", b"5", b"9223372036854775808", b"00", b"-", b"+", b".", b" ", b","], 3),
        |input| {
            let list = HeaderList::from_lines([("Access-Control-Max-Age", input)]);
            extract_header_list_values(&ACCESS_CONTROL_MAX_AGE, &list) != Extracted::Failure
        },
        |input| grammar.matches(trimmed(input)),
    );
}

/// The wire takes white space away from the ends of a value.
fn trimmed(mut input: &[u8]) -> &[u8] {
    while let [b' ' | b'\t', rest @ ..] | [rest @ .., b' ' | b'\t'] = input {
        input = rest;
    }
    input
}

#[test]
fn single_ranges_are_unit_start_and_end() {
    let grammar = single_range();
    let in_order = |input: &[u8]| {
        let text = String::from_utf8_lossy(input).into_owned();
        let numbers = text.trim_start_matches("bytes=").split_once('-');
        match numbers.map(|(start, end)| (start.parse::<u128>(), end.parse::<u128>())) {
            Some((Ok(start), Ok(end))) => start <= end,
            _ => true,
        }
    };
    let range = (
        prop_oneof![6 => Just(b"bytes=".to_vec()), 1 => pieces(&[b"bytes", b"BYTES=", b"=", b" "], 3)],
        pieces(&[b"0", b"7", b"12", b"18446744073709551616", b"-", b"-", b"-", b"+", b" "], 4),
    );
    agree(
        range.prop_map(|(unit, rest)| [unit, rest].concat()),
        |input| parse_single_range_header_value(input).is_some(),
        |input| grammar.matches(input) && in_order(input),
    );
}

#[test]
fn mime_types_are_two_tokens_and_whatever_follows() {
    let grammar = mime_type();
    let half = || {
        pieces(&[b"text", b"text", b"x", b"*", b" ", b"\t", b"\n", b",", b"/", b"\x0c", b";"], 3)
    };
    agree(
        (half(), half(), half()).prop_map(|(r#type, subtype, rest)| {
            [&r#type[..], b"/", &subtype, b";", &rest].concat()
                [..r#type.len() + subtype.len() + rest.len()]
                .to_vec()
        }),
        |input| parse_mime_type(input).is_some(),
        |input| grammar.matches(input),
    );
}

#[test]
fn origins_of_domains_are_what_the_header_s_grammar_says() {
    const SCHEMES: &[&[u8]] = &[b"https://", b"http://", b"app://", b"Http://", b"null", b"://"];
    let grammar = origin();
    let parts: &'static [&'static [u8]] = &[
        b"a", b"b1", b"example", b".", b".", b"-", b"A", b"/", b":", b":80", b":443", b":8080",
        b":08", b":65535", b":65536",
    ];
    let expected = |input: &[u8]| {
        let text = String::from_utf8_lossy(input).into_owned();
        let by_url = match text.split_once("://") {
            Some(("http" | "https", rest)) => {
                let (host, port) = rest.split_once(':').unwrap_or((rest, "x"));
                is_host_of_http_url(host) && !port.is_empty()
            }
            _ => grammar.matches(input),
        };
        // The URL parser takes whatever the grammar does.
        assert!(by_url || !grammar.matches(input), "{text}");
        by_url && has_serialized_port(input)
    };
    agree(
        (select(SCHEMES), pieces(parts, 6))
            .prop_map(|(scheme, rest)| [scheme, &rest[..]].concat())
            .prop_filter("hosts that are addresses", |input| !has_number_for_host(input)),
        |input| {
            std::str::from_utf8(input).is_ok_and(|text| Origin::parse_serialized(text).is_some())
        },
        expected,
    );
}

/// Of what the grammar lets pass, serializing never gives default ports, ports with a leading zero or
/// beyond 16 bits.
fn has_serialized_port(input: &[u8]) -> bool {
    let text = String::from_utf8_lossy(input).into_owned();
    let Some((scheme, rest)) = text.split_once("://") else { return true };
    let Some((_, port)) = rest.split_once(':') else { return true };
    let default = match scheme {
        "http" => "80",
        "https" => "443",
        _ => "",
    };
    let is_decimal =
        port == "0" || (!port.starts_with('0') && port.bytes().all(|b| b.is_ascii_digit()));
    port != default && is_decimal && port.parse::<u16>().is_ok()
}

/// Whether the URL parser would take the host for an IPv4 address: its last label is a number.
fn has_number_for_host(input: &[u8]) -> bool {
    let text = String::from_utf8_lossy(input).to_ascii_lowercase();
    let rest = text.split_once("://").map_or(text.as_str(), |(_, rest)| rest);
    let host = rest.split(':').next().unwrap_or_default();
    let last = host.strip_suffix('.').unwrap_or(host).rsplit('.').next().unwrap_or_default();
    last.starts_with("0x") || (!last.is_empty() && last.bytes().all(|byte| byte.is_ascii_digit()))
}

/// Hosts of `http:` and `https:` URLs as the URL Standard has them, which is more than the grammar:
/// labels may be empty, begin or end with a hyphen, and hold any byte that is not forbidden in a
/// domain.
fn is_host_of_http_url(host: &str) -> bool {
    let forbidden = "\0\t\n\r #/:<>?@[\\]^|%\u{7f}";
    let is_allowed =
        |c: char| c.is_ascii() && c > '\u{1f}' && !c.is_ascii_uppercase() && !forbidden.contains(c);
    !host.is_empty() && host.chars().all(is_allowed)
}
