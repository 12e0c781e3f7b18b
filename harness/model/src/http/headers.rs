//! Headers (Fetch §2.2.2): names and values are bytes; a list keeps order, case and repeats.

use std::borrow::Cow;

use crate::infra::{is_http_tab_or_space, is_http_whitespace, is_token, trim};

/// <https://fetch.spec.whatwg.org/#concept-header>
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Header {
    /// <https://fetch.spec.whatwg.org/#concept-header-name>
    pub name: Vec<u8>,
    /// <https://fetch.spec.whatwg.org/#concept-header-value>
    pub value: Vec<u8>,
}

/// <https://fetch.spec.whatwg.org/#concept-header-list>
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct HeaderList {
    headers: Vec<Header>,
}

impl HeaderList {
    /// A list without headers.
    pub fn new() -> Self {
        Self::default()
    }

    /// A list without headers that has room for some.
    pub(crate) fn with_capacity(capacity: usize) -> Self {
        Self { headers: Vec::with_capacity(capacity) }
    }

    /// The list of these field lines, which are as on the wire: space and tab around a value are
    /// not part of it, and every other byte is.
    pub fn from_lines(
        lines: impl IntoIterator<Item = (impl Into<Vec<u8>>, impl Into<Vec<u8>>)>,
    ) -> Self {
        let header = |(name, value): (_, _)| {
            let mut value: Vec<u8> = Into::into(value);
            let trimmed = trim(&value, is_http_tab_or_space);
            if trimmed.len() != value.len() {
                value = trimmed.to_vec();
            }
            Header { name: Into::into(name), value }
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

    /// The values of the headers of this name, in order.
    pub fn values<'a>(&'a self, name: &'a [u8]) -> impl Iterator<Item = &'a [u8]> {
        self.headers
            .iter()
            .filter(move |header| header.name.eq_ignore_ascii_case(name))
            .map(|header| header.value.as_slice())
    }

    /// <https://fetch.spec.whatwg.org/#header-list-contains>
    pub fn contains(&self, name: &[u8]) -> bool {
        self.values(name).next().is_some()
    }

    /// <https://fetch.spec.whatwg.org/#concept-header-list-get>
    pub fn get(&self, name: &[u8]) -> Option<Vec<u8>> {
        self.get_joined(name).map(Cow::into_owned)
    }

    /// <https://fetch.spec.whatwg.org/#concept-header-list-get>, borrowed where there is one header
    /// only.
    pub fn get_joined<'a>(&'a self, name: &'a [u8]) -> Option<Cow<'a, [u8]>> {
        // 1. No such header: null.
        let mut values = self.values(name);
        let mut joined = Cow::Borrowed(values.next()?);
        // 2. All values in order, a comma and a space between them.
        for value in values {
            let joined = joined.to_mut();
            joined.extend_from_slice(b", ");
            joined.extend_from_slice(value);
        }
        Some(joined)
    }

    /// <https://fetch.spec.whatwg.org/#concept-header-list-append>
    pub fn append(&mut self, name: &[u8], value: &[u8]) {
        // 1. A name that is there already keeps the case of its first header.
        let known = self.headers.iter().find(|header| header.name.eq_ignore_ascii_case(name));
        let name = known.map_or(name, |header| header.name.as_slice()).to_vec();
        // 2. To the end of the list.
        self.headers.push(Header { name, value: value.to_vec() });
    }

    /// <https://fetch.spec.whatwg.org/#concept-header-list-combine>
    pub fn combine(&mut self, name: &[u8], value: &[u8]) {
        match self.headers.iter_mut().find(|header| header.name.eq_ignore_ascii_case(name)) {
            // 1. A name that is there already gets the value behind its own.
            Some(header) => {
                header.value.extend_from_slice(b", ");
                header.value.extend_from_slice(value);
            }
            // 2. Any other goes to the end.
            None => self.headers.push(Header { name: name.to_vec(), value: value.to_vec() }),
        }
    }

    /// <https://fetch.spec.whatwg.org/#concept-header-list-set>
    pub fn set(&mut self, name: &[u8], value: &[u8]) {
        let first = self.headers.iter().position(|header| header.name.eq_ignore_ascii_case(name));
        match first {
            // 1. The first header of that name gets the value; the others go.
            Some(first) => {
                let mut index = 0;
                self.headers.retain_mut(|header| {
                    let keeps = index <= first || !header.name.eq_ignore_ascii_case(name);
                    if index == first {
                        header.value = value.to_vec();
                    }
                    index += 1;
                    keeps
                });
            }
            // 2. Without one, it goes to the end.
            None => self.headers.push(Header { name: name.to_vec(), value: value.to_vec() }),
        }
    }

    /// <https://fetch.spec.whatwg.org/#concept-header-list-delete>
    pub fn delete(&mut self, name: &[u8]) {
        self.headers.retain(|header| !header.name.eq_ignore_ascii_case(name));
    }

    /// Only the first `length` headers; takes back an [`append`](Self::append).
    pub(crate) fn truncate(&mut self, length: usize) {
        self.headers.truncate(length);
    }

    /// Without repeated names: the values of each joined, as [`get`](Self::get) does.
    pub(crate) fn combined(&self) -> Self {
        let mut combined = Self::new();
        for header in &self.headers {
            combined.combine(&header.name, &header.value);
        }
        combined
    }
}

impl<'a> IntoIterator for &'a HeaderList {
    type Item = &'a Header;
    type IntoIter = std::slice::Iter<'a, Header>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

/// <https://fetch.spec.whatwg.org/#header-name>
pub fn is_header_name(name: &[u8]) -> bool {
    is_token(name)
}

/// <https://fetch.spec.whatwg.org/#header-value>
pub fn is_header_value(value: &[u8]) -> bool {
    trim(value, is_http_tab_or_space).len() == value.len()
        && !value.iter().any(|byte| matches!(byte, b'\0' | b'\n' | b'\r'))
}

/// <https://fetch.spec.whatwg.org/#concept-header-value-normalize>
pub fn normalize_header_value(potential_value: &[u8]) -> &[u8] {
    trim(potential_value, is_http_whitespace)
}

/// <https://fetch.spec.whatwg.org/#convert-header-names-to-a-sorted-lowercase-set>
pub fn convert_header_names_to_a_sorted_lowercase_set<'a>(
    header_names: impl IntoIterator<Item = &'a [u8]>,
) -> Vec<Vec<u8>> {
    // 1, 2. All names in lower case.
    let mut set: Vec<Vec<u8>> = header_names.into_iter().map(<[u8]>::to_ascii_lowercase).collect();
    // 3. In the order of their bytes, each once.
    set.sort_unstable();
    set.dedup();
    set
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(lines: &[(&str, &str)]) -> HeaderList {
        HeaderList::from_lines(lines.iter().map(|(name, value)| (*name, *value)))
    }

    #[test]
    fn values_of_all_lines_are_joined_in_order() {
        let headers = list(&[("A", "1"), ("b", ""), ("a", ""), ("A", "2")]);
        assert_eq!(headers.get(b"a").unwrap(), b"1, , 2");
        assert_eq!(headers.get(b"B").unwrap(), b"");
        assert_eq!(headers.get(b"c"), None);
    }

    #[test]
    fn only_space_and_tab_around_a_wire_value_are_not_part_of_it() {
        let headers = list(&[("a", " \t x\x0b \t"), ("b", "\x0c"), ("c", "\r")]);
        assert_eq!(headers.get(b"a").unwrap(), b"x\x0b");
        assert_eq!(headers.get(b"b").unwrap(), b"\x0c");
        assert_eq!(headers.get(b"c").unwrap(), b"\r");
    }

    #[test]
    fn append_keeps_entries_apart_and_combine_does_not() {
        let mut headers = HeaderList::new();
        headers.append(b"X-A", b"1");
        headers.append(b"x-a", b"2");
        assert_eq!(headers, list(&[("X-A", "1"), ("X-A", "2")]));
        let mut headers = HeaderList::new();
        headers.combine(b"X-A", b"1");
        headers.combine(b"x-a", b"2");
        assert_eq!(headers, list(&[("X-A", "1, 2")]));
    }

    #[test]
    fn set_leaves_one_and_delete_none() {
        let mut headers = list(&[("b", "0"), ("a", "1"), ("A", "2"), ("c", "3"), ("a", "4")]);
        headers.set(b"A", b"x");
        assert_eq!(headers, list(&[("b", "0"), ("a", "x"), ("c", "3")]));
        headers.set(b"d", b"y");
        assert_eq!(headers.len(), 4);
        headers.delete(b"A");
        assert!(!headers.contains(b"a"));
        assert_eq!(headers.iter().count(), 3);
        assert!(!headers.is_empty());
    }

    #[test]
    fn a_value_may_hold_any_byte_but_nul_and_newlines() {
        for good in [&b""[..], b"a b", b"\x0b", b"\x01", b"\x7f\x80\xff", b"a\tb"] {
            assert!(is_header_value(good), "{good:?}");
        }
        for bad in [&b" a"[..], b"a\t", b"a\0b", b"a\nb", b"a\rb", b" "] {
            assert!(!is_header_value(bad), "{bad:?}");
        }
    }

    #[test]
    fn normalising_strips_newlines_too() {
        assert_eq!(normalize_header_value(b"\r\n\t a\nb \r"), b"a\nb");
        assert_eq!(normalize_header_value(b"\x0ba"), b"\x0ba");
    }

    #[test]
    fn names_sort_by_byte() {
        let names: [&[u8]; 8] = [b"X-b", b"x~", b"x_", b"x!", b"X-B", b"x1", b"xa", b"x-"];
        let sorted: [&[u8]; 7] = [b"x!", b"x-", b"x-b", b"x1", b"x_", b"xa", b"x~"];
        assert_eq!(convert_header_names_to_a_sorted_lowercase_set(names), sorted);
    }
}
