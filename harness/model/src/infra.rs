//! Byte sequences as the Infra Standard and HTTP handle them.

/// <https://infra.spec.whatwg.org/#http-whitespace>: tab, line feed, carriage return, space.
pub(crate) fn is_http_whitespace(byte: u8) -> bool {
    is_tab_or_space(byte) || matches!(byte, b'\n' | b'\r')
}

/// <https://fetch.spec.whatwg.org/#http-tab-or-space>
pub(crate) fn is_tab_or_space(byte: u8) -> bool {
    matches!(byte, b'\t' | b' ')
}

/// A token of RFC 9110, 5.6.2: one or more `tchar`.
pub(crate) fn is_token(bytes: &[u8]) -> bool {
    !bytes.is_empty() && bytes.iter().all(|byte| is_token_byte(*byte))
}

/// `tchar` of RFC 9110, 5.6.2.
pub(crate) fn is_token_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte)
}

/// Strips the bytes that satisfy the predicate from both ends.
pub(crate) fn strip(bytes: &[u8], strips: impl Fn(u8) -> bool) -> &[u8] {
    let mut rest = bytes;
    while let [first, behind @ ..] = rest {
        if !strips(*first) {
            break;
        }
        rest = behind;
    }
    while let [before @ .., last] = rest {
        if !strips(*last) {
            break;
        }
        rest = before;
    }
    rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn form_feed_and_vertical_tab_are_not_http_whitespace() {
        assert_eq!(strip(b" \t\r\n\x0ba\x0c \t", is_http_whitespace), b"\x0ba\x0c");
    }

    #[test]
    fn a_token_has_no_separators_and_is_not_empty() {
        assert!(is_token(b"!#$%&'*+-.^_`|~09azAZ"));
        for bad in [&b""[..], b"a b", b"a:b", b"a\x7f", b"\xe9", b"\"a\"", b"a/b", b"{"] {
            assert!(!is_token(bad), "{bad:?}");
        }
    }
}
