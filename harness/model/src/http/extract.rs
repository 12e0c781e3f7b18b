//! Extracting header list values: <https://fetch.spec.whatwg.org/#extract-header-list-values>
//!
//! The grammars are those of <https://fetch.spec.whatwg.org/#http-new-header-syntax>.

use crate::http::headers::HeaderList;
use crate::infra::{is_tab_or_space, is_token, strip};

/// What extraction gives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Extracted {
    /// The header is not there.
    Null,
    /// A line of it does not parse, or there are too many.
    Failure,
    /// Its values, of all lines in order.
    Values(Vec<Vec<u8>>),
}

/// [Extracts header list values](https://fetch.spec.whatwg.org/#extract-header-list-values) of a
/// header with the grammar that it has.
pub fn extract_header_list_values(name: &[u8], list: &HeaderList) -> Extracted {
    // 1 it is not there.
    if !list.contains(name) {
        return Extracted::Null;
    }
    // 2 its grammar allows one line, and there are more.
    let single = is_single_valued(name);
    if single && list.values(name).nth(1).is_some() {
        return Extracted::Failure;
    }
    // 3
    let mut values = Vec::new();
    // 4 each line by itself.
    for line in list.values(name) {
        // 4.1
        let extracted = if single { single_value(name, line) } else { token_list(line) };
        match extracted {
            // 4.2
            None => return Extracted::Failure,
            // 4.3
            Some(mut extracted) => values.append(&mut extracted),
        }
    }
    // 5
    Extracted::Values(values)
}

fn is_single_valued(name: &[u8]) -> bool {
    name.eq_ignore_ascii_case(b"Access-Control-Max-Age") || name.eq_ignore_ascii_case(b"Location")
}

/// `delta-seconds` for `Access-Control-Max-Age`; any value for `Location`, which the URL parser
/// judges.
fn single_value(name: &[u8], line: &[u8]) -> Option<Vec<Vec<u8>>> {
    let fits = name.eq_ignore_ascii_case(b"Location")
        || (!line.is_empty() && line.iter().all(u8::is_ascii_digit));
    fits.then(|| vec![line.to_vec()])
}

/// `#token`, as recipients read it (RFC 9110, 5.6.1.2): empty elements and white space around
/// elements are ignored.
fn token_list(line: &[u8]) -> Option<Vec<Vec<u8>>> {
    let mut tokens = Vec::new();
    for element in line.split(|byte| *byte == b',') {
        let element = strip(element, is_tab_or_space);
        if element.is_empty() {
            continue;
        }
        if !is_token(element) {
            return None;
        }
        tokens.push(element.to_vec());
    }
    Some(tokens)
}

#[cfg(test)]
mod tests {
    use super::*;

    const METHODS: &str = "Access-Control-Allow-Methods";

    fn extract(name: &str, lines: &[&[u8]]) -> Extracted {
        let list = HeaderList::from_lines(lines.iter().map(|line| (name, *line)));
        extract_header_list_values(name.as_bytes(), &list)
    }

    fn values(values: &[&[u8]]) -> Extracted {
        Extracted::Values(values.iter().map(|value| value.to_vec()).collect())
    }

    #[test]
    fn absent_empty_and_broken_are_three_things() {
        assert_eq!(extract(METHODS, &[]), Extracted::Null);
        assert_eq!(extract(METHODS, &[b""]), values(&[]));
        assert_eq!(extract(METHODS, &[b",, ,\t,"]), values(&[]));
        assert_eq!(extract(METHODS, &[b"b@d"]), Extracted::Failure);
    }

    #[test]
    fn one_broken_line_spoils_all() {
        assert_eq!(extract(METHODS, &[b"PUT", b"a b"]), Extracted::Failure);
        assert_eq!(extract(METHODS, &[b"", b"PUT"]), values(&[b"PUT"]));
        for broken in [&b"PUT,\"x\""[..], b"PUT;q=1", b"P\xffT", b"PUT\x0b,a", b"a\x0c"] {
            assert_eq!(extract(METHODS, &[broken]), Extracted::Failure);
        }
    }

    #[test]
    fn white_space_and_empty_elements_are_ignored() {
        assert_eq!(extract(METHODS, &[b" ,PUT\t, * ,,put"]), values(&[b"PUT", b"*", b"put"]));
    }

    #[test]
    fn max_age_is_digits_in_one_line() {
        let max_age = |lines: &[&[u8]]| extract("Access-Control-Max-Age", lines);
        assert_eq!(max_age(&[b"05"]), values(&[b"05"]));
        for broken in [&[&b"-1"[..]][..], &[b"+5"], &[b"1.5"], &[b""], &[b"0x5"], &[b"5", b"5"], &[b"5,5"]] {
            assert_eq!(max_age(broken), Extracted::Failure);
        }
    }
}
