//! Extracting header list values (Fetch §2.2.2): parsing a header by the grammar of its name.

use crate::http::headers::HeaderList;
use crate::infra::{is_http_tab_or_space, is_token, trim};

/// What extracting gives: three things that a server tells apart, so never an `Option`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Extracted<T = Vec<u8>> {
    /// There is no such header.
    Null,
    /// There is one, and it breaks its grammar.
    Failure,
    /// The values; there may be none.
    Values(Vec<T>),
}

impl Extracted<&[u8]> {
    /// The same on its own.
    pub fn into_owned(self) -> Extracted {
        match self {
            Self::Null => Extracted::Null,
            Self::Failure => Extracted::Failure,
            Self::Values(values) => {
                Extracted::Values(values.into_iter().map(<[u8]>::to_vec).collect())
            }
        }
    }
}

/// A header with its grammar.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ExtractableHeader {
    /// Its name.
    pub name: &'static [u8],
    /// Its grammar.
    pub grammar: Grammar,
}

/// A grammar of header values, and whether more than one header may follow it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Grammar {
    /// `#token` in the form for recipients (RFC 9110, 5.6.1.2): empty elements do not count.
    TokenList,
    /// `delta-seconds` (RFC 9111, 1.2.2); a single header.
    DeltaSeconds,
    /// `URI-reference` (RFC 9110, 10.2.2); a single header.
    ///
    /// EXCEPTION extract-header-values 1: any value passes. The URL parser, which gets it next,
    /// judges it, and is built to take what the grammar does not (spaces, bytes beyond ASCII).
    UriReference,
}

/// <https://fetch.spec.whatwg.org/#http-access-control-allow-methods>
pub const ACCESS_CONTROL_ALLOW_METHODS: ExtractableHeader =
    ExtractableHeader { name: b"Access-Control-Allow-Methods", grammar: Grammar::TokenList };
/// <https://fetch.spec.whatwg.org/#http-access-control-allow-headers>
pub const ACCESS_CONTROL_ALLOW_HEADERS: ExtractableHeader =
    ExtractableHeader { name: b"Access-Control-Allow-Headers", grammar: Grammar::TokenList };
/// <https://fetch.spec.whatwg.org/#http-access-control-expose-headers>
pub const ACCESS_CONTROL_EXPOSE_HEADERS: ExtractableHeader =
    ExtractableHeader { name: b"Access-Control-Expose-Headers", grammar: Grammar::TokenList };
/// <https://fetch.spec.whatwg.org/#http-access-control-max-age>
pub const ACCESS_CONTROL_MAX_AGE: ExtractableHeader =
    ExtractableHeader { name: b"Access-Control-Max-Age", grammar: Grammar::DeltaSeconds };
/// <https://httpwg.org/specs/rfc9110.html#field.location>
pub const LOCATION: ExtractableHeader =
    ExtractableHeader { name: b"Location", grammar: Grammar::UriReference };
/// <https://w3c.github.io/webappsec-referrer-policy/#referrer-policy-header>
pub const REFERRER_POLICY: ExtractableHeader =
    ExtractableHeader { name: b"Referrer-Policy", grammar: Grammar::TokenList };

/// <https://fetch.spec.whatwg.org/#extract-header-list-values>
pub fn extract_header_list_values<'a>(
    header: &'a ExtractableHeader,
    list: &'a HeaderList,
) -> Extracted<&'a [u8]> {
    let mut lines = list.values(header.name).peekable();
    // 1. No such header: null.
    if lines.peek().is_none() {
        return Extracted::Null;
    }
    let single = header.grammar != Grammar::TokenList;
    // 3. Nothing so far.
    let mut values = Vec::new();
    // 4. Each line on its own.
    while let Some(value) = lines.next() {
        // 2. A second line where one is allowed: failure.
        if single && lines.peek().is_some() {
            return Extracted::Failure;
        }
        // 4.1, 4.2, 4.3. Its values behind the others; if it fails, the whole fails.
        if extract_header_values(header.grammar, value, &mut values).is_none() {
            return Extracted::Failure;
        }
    }
    // 5. All of them.
    Extracted::Values(values)
}

/// <https://fetch.spec.whatwg.org/#extract-header-values>
///
/// `None` is the Standard's failure.
fn extract_header_values<'a>(
    grammar: Grammar,
    value: &'a [u8],
    into: &mut Vec<&'a [u8]>,
) -> Option<()> {
    match grammar {
        Grammar::TokenList => {
            for element in value.split(|byte| *byte == b',') {
                let element = trim(element, is_http_tab_or_space);
                if element.is_empty() {
                    continue;
                }
                // 1. An element that is no token breaks the grammar.
                if !is_token(element) {
                    return None;
                }
                // 2. The elements are the values.
                into.push(element);
            }
        }
        Grammar::DeltaSeconds => {
            // 1. Digits, at least one.
            if value.is_empty() || !value.iter().all(u8::is_ascii_digit) {
                return None;
            }
            // 2. As they are; what they count is the caller's.
            into.push(value);
        }
        Grammar::UriReference => into.push(value),
    }
    Some(())
}

/// The number of seconds; what is too large for the type is its largest value.
pub fn delta_seconds(digits: &[u8]) -> u64 {
    digits.iter().filter(|digit| digit.is_ascii_digit()).fold(0_u64, |seconds, digit| {
        seconds.saturating_mul(10).saturating_add(u64::from(digit - b'0'))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn methods(lines: &[&str]) -> Extracted {
        let list = HeaderList::from_lines(
            lines.iter().map(|value| ("access-control-allow-METHODS", *value)),
        );
        extract_header_list_values(&ACCESS_CONTROL_ALLOW_METHODS, &list).into_owned()
    }

    fn max_age(lines: &[&str]) -> Extracted {
        let list =
            HeaderList::from_lines(lines.iter().map(|value| ("Access-Control-Max-Age", *value)));
        extract_header_list_values(&ACCESS_CONTROL_MAX_AGE, &list).into_owned()
    }

    fn values(values: &[&str]) -> Extracted {
        Extracted::Values(values.iter().map(|value| value.as_bytes().to_vec()).collect())
    }

    #[test]
    fn absent_and_empty_are_two_things() {
        assert_eq!(methods(&[]), Extracted::Null);
        assert_eq!(methods(&[""]), values(&[]));
        assert_eq!(methods(&[",, ,\t,"]), values(&[]));
        assert_eq!(methods(&["", ""]), values(&[]));
    }

    #[test]
    fn empty_elements_and_optional_white_space_do_not_count() {
        for good in ["PUT,x", ",PUT,x", "PUT,x,", " PUT\t, ,\tx ", "PUT,,,x"] {
            assert_eq!(methods(&[good]), values(&["PUT", "x"]), "{good:?}");
        }
        assert_eq!(methods(&["", "PUT", "x"]), values(&["PUT", "x"]));
        assert_eq!(methods(&["*", "*"]), values(&["*", "*"]));
        assert_eq!(methods(&["*,PUT"]), values(&["*", "PUT"]));
    }

    #[test]
    fn one_bad_token_anywhere_fails_the_whole() {
        for bad in [
            "b@d,PUT",
            "PUT,b@d,x",
            "PUT,b@d",
            "*,b@d",
            "\"PUT\"",
            "PUT;q=1",
            "P UT",
            "PUT\x0b,x",
            "\x0cPUT",
            "PUT\u{a0}",
            "\u{e9}",
            "PUT,\0",
            "PUT\rX",
        ] {
            assert_eq!(methods(&[bad]), Extracted::Failure, "{bad:?}");
        }
        assert_eq!(methods(&["PUT", "b@d"]), Extracted::Failure);
        assert_eq!(methods(&["b@d", "PUT"]), Extracted::Failure);
    }

    #[test]
    fn seconds_are_digits_on_a_single_line() {
        for good in [
            "0",
            "1",
            "4",
            "5",
            "6",
            "05",
            "600",
            "601",
            "7200",
            "86401",
            "1000000000000000000000000000000",
            "5 ",
        ] {
            assert_eq!(max_age(&[good]), values(&[good.trim()]), "{good:?}");
        }
        for bad in [
            "", "-1", "-0", "+5", "5.0", "1.5", "0x5", "5,", "5,5", "five", "\"5\"", "5\x0b",
            "\u{661}",
        ] {
            assert_eq!(max_age(&[bad]), Extracted::Failure, "{bad:?}");
        }
        assert_eq!(max_age(&["5", "5"]), Extracted::Failure);
        assert_eq!(max_age(&[]), Extracted::Null);
    }

    #[test]
    fn seconds_saturate() {
        assert_eq!(delta_seconds(b"0086400"), 86_400);
        assert_eq!(delta_seconds(b"9223372036854775807"), u64::MAX / 2);
        assert_eq!(delta_seconds(b"9223372036854775808"), u64::MAX / 2 + 1);
        assert_eq!(delta_seconds(&[b'9'; 40]), u64::MAX);
    }

    #[test]
    fn a_second_location_fails_even_if_equal() {
        let list = HeaderList::from_lines([("Location", "/a"), ("location", "/a")]);
        assert_eq!(extract_header_list_values(&LOCATION, &list), Extracted::Failure);
    }
}
