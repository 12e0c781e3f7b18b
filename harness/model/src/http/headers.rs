//! Headers and header lists: <https://fetch.spec.whatwg.org/#terminology-headers>

use crate::infra::{is_http_whitespace, is_tab_or_space, is_token, strip};

/// A [header](https://fetch.spec.whatwg.org/#concept-header): a name and a value.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Header {
    /// Its name, in the case in which it was given.
    pub name: Vec<u8>,
    /// Its value.
    pub value: Vec<u8>,
}

/// A [header list](https://fetch.spec.whatwg.org/#concept-header-list): order, case and repeats
/// are kept.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct HeaderList {
    headers: Vec<Header>,
}

impl HeaderList {
    /// An empty list.
    pub fn new() -> Self {
        Self::default()
    }

    /// The field lines of a message, as they stood on the wire: white space around a value is not
    /// part of it (RFC 9110, 5.5).
    pub fn from_lines<N, V>(lines: impl IntoIterator<Item = (N, V)>) -> Self
    where
        N: Into<Vec<u8>>,
        V: Into<Vec<u8>>,
    {
        let header = |(name, value): (N, V)| {
            let mut value: Vec<u8> = value.into();
            if value.first().is_some_and(|b| is_tab_or_space(*b))
                || value.last().is_some_and(|b| is_tab_or_space(*b))
            {
                value = strip(&value, is_tab_or_space).to_vec();
            }
            Header { name: name.into(), value }
        };
        Self { headers: lines.into_iter().map(header).collect() }
    }

    /// The headers, in order.
    pub fn iter(&self) -> std::slice::Iter<'_, Header> {
        self.headers.iter()
    }

    /// How many headers there are.
    pub fn len(&self) -> usize {
        self.headers.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.headers.is_empty()
    }

    /// Whether the list [contains](https://fetch.spec.whatwg.org/#header-list-contains) a name.
    pub fn contains(&self, name: &[u8]) -> bool {
        self.values(name).next().is_some()
    }

    /// [Gets](https://fetch.spec.whatwg.org/#concept-header-list-get) the values of a name,
    /// joined by a comma and a space.
    pub fn get(&self, name: &[u8]) -> Option<Vec<u8>> {
        // 1 the name is not there: null.
        let mut values = self.values(name);
        let mut joined = values.next()?.to_vec();
        // 2 all values, in order, separated by 0x2C 0x20.
        for value in values {
            joined.extend_from_slice(b", ");
            joined.extend_from_slice(value);
        }
        Some(joined)
    }

    /// Whether [`HeaderList::get`] would give just these bytes; without joining anything.
    pub(crate) fn gets_exactly(&self, name: &[u8], wanted: &[u8]) -> bool {
        let mut values = self.values(name);
        match (values.next(), values.next()) {
            (Some(value), None) => value == wanted,
            (Some(_), Some(_)) => self.get(name).is_some_and(|joined| joined == wanted),
            (None, _) => false,
        }
    }

    /// The values of a name, in order.
    pub(crate) fn values<'a>(&'a self, name: &'a [u8]) -> impl Iterator<Item = &'a [u8]> {
        self.headers
            .iter()
            .filter(move |header| header.name.eq_ignore_ascii_case(name))
            .map(|header| header.value.as_slice())
    }

    /// [Appends](https://fetch.spec.whatwg.org/#concept-header-list-append) a header, with the
    /// case of letters that the name has there already.
    pub fn append(&mut self, name: &[u8], value: &[u8]) {
        // 1 a name that is there lends its case.
        let present = self.headers.iter().find(|header| header.name.eq_ignore_ascii_case(name));
        let name = present.map_or_else(|| name.to_vec(), |header| header.name.clone());
        // 2 append.
        self.headers.push(Header { name, value: value.to_vec() });
    }

    /// [Combines](https://fetch.spec.whatwg.org/#concept-header-list-combine) a value into the
    /// first header of its name.
    pub fn combine(&mut self, name: &[u8], value: &[u8]) {
        match self.headers.iter_mut().find(|header| header.name.eq_ignore_ascii_case(name)) {
            // 1 it is there: a comma, a space and the value go behind.
            Some(header) => {
                header.value.extend_from_slice(b", ");
                header.value.extend_from_slice(value);
            }
            // 2 it is not: append.
            None => self.append(name, value),
        }
    }

    /// [Sets](https://fetch.spec.whatwg.org/#concept-header-list-set) the value of a name.
    pub fn set(&mut self, name: &[u8], value: &[u8]) {
        let mut same = |header: &Header| header.name.eq_ignore_ascii_case(name);
        match self.headers.iter().position(&mut same) {
            // 1 the first of the name takes the value, the others go.
            Some(first) => {
                if let Some(header) = self.headers.get_mut(first) {
                    header.value = value.to_vec();
                }
                let mut index = 0;
                self.headers.retain(|header| {
                    index += 1;
                    index - 1 <= first || !header.name.eq_ignore_ascii_case(name)
                });
            }
            // 2 there is none: append.
            None => self.append(name, value),
        }
    }

    /// [Deletes](https://fetch.spec.whatwg.org/#concept-header-list-delete) all headers of a name.
    pub fn delete(&mut self, name: &[u8]) {
        self.headers.retain(|header| !header.name.eq_ignore_ascii_case(name));
    }
}

/// Whether bytes are a [header name](https://fetch.spec.whatwg.org/#header-name): a token.
pub fn is_header_name(bytes: &[u8]) -> bool {
    is_token(bytes)
}

/// Whether bytes are a [header value](https://fetch.spec.whatwg.org/#header-value): no tab or
/// space at the ends, no NUL, LF or CR anywhere.
pub fn is_header_value(bytes: &[u8]) -> bool {
    !bytes.first().is_some_and(|byte| is_tab_or_space(*byte))
        && !bytes.last().is_some_and(|byte| is_tab_or_space(*byte))
        && !bytes.iter().any(|byte| matches!(byte, 0 | b'\n' | b'\r'))
}

/// [Normalizes](https://fetch.spec.whatwg.org/#concept-header-value-normalize) a value: HTTP
/// whitespace goes from both ends.
pub fn normalize_header_value(bytes: &[u8]) -> &[u8] {
    strip(bytes, is_http_whitespace)
}

/// [Get, decode, and
/// split](https://fetch.spec.whatwg.org/#header-value-get-decode-and-split) a value: at commas
/// outside quoted strings, keeping empty items.
pub(crate) fn get_decode_and_split(value: &[u8]) -> Vec<Vec<u8>> {
    let mut items = vec![Vec::new()];
    let mut rest = value.iter().copied();
    let mut quoted = false;
    while let Some(byte) = rest.next() {
        let Some(item) = items.last_mut() else { break };
        match byte {
            b',' if !quoted => {
                items.push(Vec::new());
                continue;
            }
            b'"' => quoted = !quoted,
            b'\\' if quoted => {
                item.push(byte);
                item.extend(rest.next());
                continue;
            }
            _ => {}
        }
        item.push(byte);
    }
    items.iter().map(|item| strip(item, is_tab_or_space).to_vec()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_lines_are_joined_by_comma_and_space() {
        let list = HeaderList::from_lines([("A", "x"), ("b", "y"), ("a", " z ")]);
        assert_eq!(list.get(b"A").unwrap(), b"x, z");
        assert_eq!(list.get(b"c"), None);
        assert!(list.gets_exactly(b"B", b"y") && !list.gets_exactly(b"a", b"x"));
    }

    #[test]
    fn append_keeps_entries_apart_and_combine_does_not() {
        let mut list = HeaderList::new();
        list.append(b"X-A", b"1");
        list.append(b"x-a", b"2");
        assert_eq!(list.len(), 2);
        assert!(list.iter().all(|header| header.name == b"X-A"));
        list.combine(b"x-a", b"3");
        assert_eq!(list.get(b"x-a").unwrap(), b"1, 3, 2");
    }

    #[test]
    fn set_leaves_one() {
        let mut list = HeaderList::from_lines([("a", "1"), ("b", "2"), ("A", "3")]);
        list.set(b"A", b"4");
        assert_eq!(list, HeaderList::from_lines([("a", "4"), ("b", "2")]));
    }

    #[test]
    fn values_may_hold_form_feed_but_not_line_feed() {
        assert!(is_header_value(b"a\x0c\xff\x01") && is_header_value(b""));
        for bad in [&b" a"[..], b"a\t", b"a\nb", b"a\rb", b"a\0"] {
            assert!(!is_header_value(bad));
        }
        assert_eq!(normalize_header_value(b"\r\n a \t"), b"a");
    }

    #[test]
    fn a_comma_in_quotes_does_not_split() {
        assert_eq!(get_decode_and_split(b"a, \"b,c\" ,,d"), [&b"a"[..], b"\"b,c\"", b"", b"d"]);
    }
}
