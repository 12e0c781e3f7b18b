//! Byte predicates of Infra, HTTP and Fetch that several algorithms share.

/// <https://fetch.spec.whatwg.org/#http-tab-or-space>, as a byte.
pub fn is_http_tab_or_space(byte: u8) -> bool {
    matches!(byte, b'\t' | b' ')
}

/// <https://fetch.spec.whatwg.org/#http-whitespace>, as a byte.
pub fn is_http_whitespace(byte: u8) -> bool {
    matches!(byte, b'\t' | b'\n' | b'\r' | b' ')
}

/// <https://httpwg.org/specs/rfc9110.html#rule.token.separators>: one byte of a token.
pub fn is_token_byte(byte: u8) -> bool {
    matches!(byte,
        b'0'..=b'9' | b'A'..=b'Z' | b'a'..=b'z'
        | b'!' | b'#' | b'$' | b'%' | b'&' | b'\'' | b'*' | b'+' | b'-' | b'.' | b'^' | b'_' | b'`'
        | b'|' | b'~')
}

/// <https://httpwg.org/specs/rfc9110.html#rule.token.separators>: one or more token bytes.
pub fn is_token(bytes: &[u8]) -> bool {
    !bytes.is_empty() && bytes.iter().all(|byte| is_token_byte(*byte))
}

/// Without the bytes at both ends for which `strip` holds.
pub fn trim(mut bytes: &[u8], strip: fn(u8) -> bool) -> &[u8] {
    while let [first, rest @ ..] = bytes
        && strip(*first)
    {
        bytes = rest;
    }
    while let [rest @ .., last] = bytes
        && strip(*last)
    {
        bytes = rest;
    }
    bytes
}

/// <https://infra.spec.whatwg.org/#isomorphic-decode>
pub fn isomorphic_decode(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| char::from(*byte)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_tchars_make_a_token() {
        let tchars = (0..=255_u8).filter(|byte| is_token(&[*byte])).count();
        assert_eq!(tchars, 10 + 26 + 26 + 15);
        assert!(!is_token(b""));
        assert!(!is_token(b"a b"));
        assert!(is_token(b"*"));
    }

    #[test]
    fn trimming_keeps_the_inner_bytes() {
        assert_eq!(trim(b" \ta \t b\t ", is_http_tab_or_space), b"a \t b");
        assert_eq!(trim(b" \t ", is_http_tab_or_space), b"");
        assert_eq!(trim(b"\x0ba\x0c", is_http_whitespace), b"\x0ba\x0c");
        assert_eq!(trim(b"\r\na\n", is_http_tab_or_space), b"\r\na\n");
    }

    #[test]
    fn a_byte_becomes_the_code_point_of_its_number() {
        assert_eq!(isomorphic_decode(b"a\xe9"), "a\u{e9}");
    }
}
