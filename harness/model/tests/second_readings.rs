//! What algorithms give, read a second time from their definitions by someone who is slow: each naive
//! function here shares no code with the model, and both have to give the same. Whether something
//! parses at all is what `recognisers.rs` looks at.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "the helpers of tests are tests, too"
)]
#![allow(unreachable_pub, reason = "modules of a test are its own")]

#[path = "second_readings/naive.rs"]
mod naive;
#[path = "scene/mod.rs"]
mod scene;

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::fmt::Debug;

use corsproof_model::http::extract::{
    ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_MAX_AGE, Extracted, delta_seconds,
    extract_header_list_values,
};
use corsproof_model::http::forbidden::is_forbidden_request_header;
use corsproof_model::http::headers::{is_header_name, is_header_value, normalize_header_value};
use corsproof_model::http::methods::{is_forbidden_method, is_method, normalize_method};
use corsproof_model::http::single_range::parse_single_range_header_value;
use corsproof_model::mime::parse_mime_type;
use corsproof_model::{HeaderList, Origin, UserAgent, cors_unsafe_request_header_names};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;
use proptest::test_runner::{Config, TestRunner};
use scene::Scene;
use url::Url;

/// Runs both over the same inputs; fails where they differ, or where what they give is hardly ever of
/// one of these kinds.
fn agree<I: Debug, T: Debug + PartialEq>(
    inputs: impl Strategy<Value = I>,
    model: impl Fn(&I) -> T,
    naive: impl Fn(&I) -> T,
    kind: impl Fn(&T) -> &'static str,
    kinds: &[&'static str],
) {
    let counts = RefCell::new(BTreeMap::<&str, u32>::new());
    let config = Config { cases: 4_000, failure_persistence: None, ..Config::default() };
    let result = TestRunner::new(config).run(&inputs, |input| {
        let expected = naive(&input);
        *counts.borrow_mut().entry(kind(&expected)).or_default() += 1;
        prop_assert_eq!(model(&input), expected, "{:?}", input);
        Ok(())
    });
    result.unwrap_or_else(|error| panic!("{error}"));
    let counts = counts.into_inner();
    for kind in kinds {
        assert!(counts.get(kind).is_some_and(|count| *count > 100), "{kind}: {counts:?}");
    }
}

fn pieces(parts: &'static [&'static [u8]], most: usize) -> impl Strategy<Value = Vec<u8>> + Clone {
    let part = prop_oneof![
        20 => select(parts).prop_map(<[u8]>::to_vec),
        1 => vec(any::<u8>(), 1..2),
    ];
    vec(part, 0..most).prop_map(|parts| parts.concat())
}

fn words(words: &'static str) -> impl Strategy<Value = &'static str> + Clone {
    select(words.split(' ').collect::<Vec<_>>())
}

fn some_or_none<T>(value: &Option<T>) -> &'static str {
    if value.is_some() { "some" } else { "none" }
}

fn yes_or_no(value: &bool) -> &'static str {
    if *value { "yes" } else { "no" }
}

#[test]
fn pages_say_who_they_are_as_their_urls_serialize() {
    let host = prop_oneof![
        4 => words("a.example A.Example a.example. xn--bcher-kva.example a_b 127.0.0.1")
            .prop_map(str::to_owned),
        2 => any::<[u16; 8]>().prop_map(written_out),
        2 => vec(select(vec![0_u16, 0, 0, 1, 0xA0B]), 8).prop_map(|pieces| {
            written_out(pieces.try_into().unwrap())
        }),
    ];
    let url = (
        words("http https HTTPS ws wss ftp file app blob:https blob:ftp"),
        select(vec!["", "", "u@", "u:p@"]),
        host,
        option::of(select(vec!["", "80", "443", "0443", "21", "8080", "65535", "0"])),
        select(vec!["", "/", "/x?y#z"]),
    );
    let write = |(scheme, user, host, port, path): &(_, _, String, Option<&str>, _)| {
        let port = port.map_or_else(String::new, |port| format!(":{port}"));
        format!("{scheme}://{user}{host}{port}{path}")
    };
    agree(
        url.prop_filter("files have no port", |url| {
            url.0 != "file" || (url.1.is_empty() && url.3.is_none())
        }),
        |url| {
            let origin = Origin::of_url(&Url::parse(&write(url)).unwrap());
            let serialized = origin.serialize();
            // What is serialized is the origin of a page, and what its requests say.
            assert_eq!(Origin::parse_serialized(&serialized).unwrap(), origin);
            let scene = Scene::get("https://other.example").page(&serialized);
            assert_eq!(scene.origins(), std::slice::from_ref(&serialized));
            serialized
        },
        |(scheme, _, host, port, _)| naive::origin(scheme, host, *port),
        |origin| match origin.as_str() {
            "null" => "null",
            origin if origin.contains('[') => "address",
            origin if origin.matches(':').count() == 2 => "port",
            _ => "domain",
        },
        &["null", "address", "port", "domain"],
    );
}

fn written_out(pieces: [u16; 8]) -> String {
    let pieces: Vec<String> = pieces.iter().map(|piece| format!("{piece:04X}")).collect();
    format!("[{}]", pieces.join(":"))
}

#[test]
fn lists_over_several_lines_are_one() {
    let line = pieces(
        &[b"x-a", b"X-B", b"*", b"authorization", b",", b",", b", ", b" ", b"\t", b"\x0b"],
        6,
    );
    agree(
        vec(line, 0..4),
        |lines| {
            let lines = lines.iter().map(|line| ("access-control-ALLOW-headers", line.clone()));
            let list = HeaderList::from_lines(lines.chain([("X-A", b"b@d".to_vec())]));
            extract_header_list_values(&ACCESS_CONTROL_ALLOW_HEADERS, &list).into_owned()
        },
        |lines| match lines.is_empty() {
            true => Extracted::Null,
            false => lines
                .iter()
                .map(|line| naive::list(line))
                .collect::<Option<Vec<_>>>()
                .map_or(Extracted::Failure, |lines| Extracted::Values(lines.concat())),
        },
        |extracted| match extracted {
            Extracted::Null => "null",
            Extracted::Failure => "failure",
            Extracted::Values(values) if values.is_empty() => "empty",
            Extracted::Values(_) => "values",
        },
        &["null", "failure", "empty", "values"],
    );
}

#[test]
fn seconds_are_counted_up_to_the_largest_number() {
    let line = pieces(
        &[
            b"0",
            b"7",
            b"86400",
            b"600",
            b"18446744073709551615",
            b"18446744073709551616",
            b"-",
            b" ",
        ],
        3,
    );
    agree(
        prop_oneof![3 => line.clone().prop_map(|line| vec![line]), 1 => vec(line, 0..3)],
        |lines| {
            let lines = lines.iter().map(|line| ("Access-Control-Max-Age", line.clone()));
            let list = HeaderList::from_lines(lines);
            match extract_header_list_values(&ACCESS_CONTROL_MAX_AGE, &list) {
                Extracted::Values(values) => Some(delta_seconds(values[0])),
                _ => None,
            }
        },
        |lines| match &lines[..] {
            [line] => naive::seconds(line),
            _ => None,
        },
        |seconds| match seconds {
            None => "none",
            Some(u64::MAX) => "largest",
            Some(_) => "some",
        },
        &["none", "largest", "some"],
    );
}

#[test]
fn essences_are_what_stands_around_the_slash() {
    let part = || pieces(&[b"text", b"Plain", b"x", b"*", b" ", b"\n", b"/", b"\x0c"], 3);
    let rest = pieces(&[b" ", b";", b";charset=x", b"/", b"\t"], 3);
    agree(
        (part(), option::weighted(0.9, part()), rest).prop_map(|(r#type, subtype, rest)| {
            let subtype = subtype.map_or_else(Vec::new, |subtype| [&b"/"[..], &subtype].concat());
            [r#type, subtype, rest].concat()
        }),
        |input| {
            parse_mime_type(input).map(|mime| {
                let essence = [mime.r#type, mime.subtype].join(&b'/').to_ascii_lowercase();
                assert!(mime.essence_is(
                    &mime.r#type.to_ascii_lowercase(),
                    &mime.subtype.to_ascii_lowercase()
                ));
                essence
            })
        },
        |input| naive::essence(input),
        some_or_none,
        &["some", "none"],
    );
}

#[test]
fn ranges_are_two_numbers_in_order() {
    let number = |digits: Option<&[u8]>| digits.map(naive::number);
    let digits = || pieces(&[b"0", b"7", b"12", b"18446744073709551616"], 3);
    let range = (
        select(vec!["bytes=", "bytes=", "bytes=", "bytes=", "bytes", "Bytes=", " bytes="]),
        digits(),
        select(vec!["-", "-", "-", "-", "", "--", " -", ","]),
        digits(),
    );
    agree(
        range.prop_map(|(unit, start, hyphen, end)| {
            [unit.as_bytes(), &start, hyphen.as_bytes(), &end].concat()
        }),
        |input| {
            parse_single_range_header_value(input)
                .map(|range| (number(range.start), number(range.end)))
        },
        |input| naive::single_range(input),
        |range| match range {
            None => "none",
            Some((Some(_), Some(_))) => "both",
            Some((Some(_), None)) => "start",
            Some(_) => "end",
        },
        &["none", "both", "start", "end"],
    );
}

#[test]
fn names_and_values_are_what_may_be_in_them() {
    let name = pieces(&[b"X-A", b"x", b"*", b"~", b"0", b":", b" ", b"(", b"\x7f", b"\xe9"], 4);
    agree(
        name,
        |name| is_header_name(name),
        |name| naive::is_token(name),
        yes_or_no,
        &["yes", "no"],
    );
    let value = || pieces(&[b"a", b"a b", b" ", b"\t", b"\r", b"\n", b"\0", b"\x0b", b"\xff"], 5);
    agree(
        value(),
        |value| is_header_value(value),
        |value| naive::is_value(value),
        yes_or_no,
        &["yes", "no"],
    );
    // Normalised first, as both APIs do.
    agree(
        value(),
        |value| {
            let mut scene = Scene::get("https://b.example");
            scene.init.headers.push((b"X-A".to_vec(), value.clone()));
            let fetch =
                scene.construct().ok().map(|request| request.headers().get(b"x-a").unwrap());
            let xhr = scene.xhr().construct().ok();
            assert_eq!(xhr.map(|request| request.headers().get(b"x-a").unwrap()), fetch);
            assert_eq!(fetch.as_deref(), {
                let normalized = normalize_header_value(value);
                is_header_value(normalized).then_some(normalized)
            });
            fetch
        },
        |value| Some(naive::normalized(value)).filter(|value| naive::is_value(value)),
        some_or_none,
        &["some", "none"],
    );
}

#[test]
fn methods_are_tokens_of_which_three_are_forbidden_and_six_are_upper_cased() {
    let known = words("DELETE GET HEAD OPTIONS POST PUT PATCH CONNECT TRACE TRACK X");
    let cased = (known, any::<u8>()).prop_map(|(method, cases)| {
        let lower = |index: usize| cases >> (index % 8) & 1 == 1;
        let bytes = method.bytes().enumerate();
        bytes.map(|(i, byte)| if lower(i) { byte.to_ascii_lowercase() } else { byte }).collect()
    });
    let method = prop_oneof![
        5 => cased,
        1 => pieces(&[b"get", b"TRACE", b" ", b"*", b",", b"\xc9"], 3),
    ];
    agree(
        method,
        |method| {
            let init = |scene: Scene| {
                let mut scene = scene;
                scene.init.method = method.clone();
                scene.construct().ok().map(|request| request.method().to_vec())
            };
            let fetch = init(Scene::get("https://b.example"));
            assert_eq!(init(Scene::get("https://b.example").xhr()), fetch);
            let is_usable = is_method(method) && !is_forbidden_method(method);
            assert_eq!(is_usable.then(|| normalize_method(method)), fetch);
            (fetch.is_some() && fetch.as_ref() != Some(method), fetch)
        },
        |method| {
            let method_ = naive::usable_method(method);
            (method_.is_some() && method_.as_ref() != Some(method), method_)
        },
        |(changes, method)| match method {
            None => "refused",
            Some(_) if *changes => "changed",
            Some(_) => "as it is",
        },
        &["refused", "changed", "as it is"],
    );
}

#[test]
fn unsafe_names_are_those_of_the_definition() {
    let value = prop_oneof![
        3 => pieces(
            &[b"text/plain", b"multipart/form-data", b"a", b"en", b";x=1", b", ", b"(", b"\x7f", b"\xff",
            b"bytes=1-", b"5", b"application/x-www-form-urlencoded"],
            3,
        ),
        3 => select(vec![0, 1, 126, 127, 128, 129, 200]).prop_map(|length| vec![b'a'; length]),
        1 => Just(b"TEXT/plain ;q".to_vec()),
    ];
    let name = words(
        "Accept accept Accept-Language Content-Language content-TYPE Range X-A Authorization DPR",
    );
    let few = vec((name, value), 0..4);
    let long = (words("Accept Accept-Language"), 100_usize..129)
        .prop_map(|(name, length)| (name, vec![b'a'; length]));
    let many = vec(long, 7..11);
    agree(
        prop_oneof![
            2 => few.clone().boxed(),
            1 => (few, many).prop_map(|(few, many)| [few, many].concat()).boxed(),
        ],
        |headers: &Vec<(&str, Vec<u8>)>| {
            let mut list = HeaderList::new();
            headers.iter().for_each(|(name, value)| list.append(name.as_bytes(), value));
            cors_unsafe_request_header_names(&UserAgent::spec(), &list)
        },
        |headers| naive::unsafe_names(headers),
        |names| match names.iter().any(|name| name == b"accept") {
            _ if names.is_empty() => "none",
            true => "accept among them",
            false => "some",
        },
        &["none", "accept among them", "some"],
    );
}

#[test]
fn forbidden_headers_are_those_of_the_definition() {
    let name = words(
        "Cookie HOST via Accept-Charset Sec- proxy-x secx X-A Origin Date X-HTTP-Method x-http-method-override X-Method-Override X-Method-Override User-Agent",
    );
    let value =
        pieces(&[b"TRACE", b"track", b"GET", b",", b",", b"\"", b"\\", b" ", b"\t", b"connect"], 6);
    agree(
        (name, value),
        |(name, value)| is_forbidden_request_header(name.as_bytes(), value),
        |(name, value)| naive::is_forbidden_header(name, value),
        yes_or_no,
        &["yes", "no"],
    );
    // The last three of the names by value alone.
    let name = words("X-HTTP-Method x-http-method-override X-Method-Override");
    let value = pieces(&[b"TRACE", b"GET", b",", b"\"", b"\\", b" ", b"track"], 7);
    agree(
        (name, value),
        |(name, value)| is_forbidden_request_header(name.as_bytes(), value),
        |(name, value)| naive::is_forbidden_header(name, value),
        yes_or_no,
        &["yes", "no"],
    );
}
