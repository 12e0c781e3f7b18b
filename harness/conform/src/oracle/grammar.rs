//! The grammar of the `Origin` header as a byte recogniser, production by production
//! (<https://fetch.spec.whatwg.org/#origin-header>).

/// The parts of what may be an origin, as they stand, unchecked.
pub struct Parts<'a> {
    /// Before `://`.
    pub scheme: &'a [u8],
    /// With its brackets.
    pub host: &'a [u8],
    /// Behind the colon behind the host, if there is one.
    pub port: Option<&'a [u8]>,
}

/// The groups of an IPv6 address.
pub struct Groups<'a> {
    /// All, or those before `::`.
    pub left: Vec<&'a [u8]>,
    /// Those behind `::`, if it is there.
    pub right: Option<Vec<&'a [u8]>>,
}

/// `origin-or-null`
pub fn is_origin_or_null(bytes: &[u8]) -> bool {
    bytes == b"null" || is_serialized_origin(bytes)
}

/// `serialized-origin`
pub fn is_serialized_origin(bytes: &[u8]) -> bool {
    split_origin(bytes).is_some_and(|Parts { scheme, host, port }| {
        is_scheme(scheme) && is_host(host) && port.is_none_or(is_port)
    })
}

/// Scheme, host and port.
pub fn split_origin(bytes: &[u8]) -> Option<Parts<'_>> {
    let at = bytes.windows(3).position(|window| window == b"://")?;
    let (scheme, rest) = (bytes.get(..at)?, bytes.get(at + 3..)?);
    let host_end = match rest.first() {
        Some(b'[') => rest.iter().position(|&byte| byte == b']')? + 1,
        _ => rest.iter().position(|&byte| byte == b':').unwrap_or(rest.len()),
    };
    let (host, behind) = rest.split_at_checked(host_end)?;
    match behind.split_first() {
        None => Some(Parts { scheme, host, port: None }),
        Some((b':', port)) => Some(Parts { scheme, host, port: Some(port) }),
        Some(_) => None,
    }
}

/// `serialized-ipv6`
pub fn split_ipv6(address: &[u8]) -> Option<Groups<'_>> {
    let (left, right) = match address.windows(2).position(|window| window == b"::") {
        Some(at) => (address.get(..at)?, Some(address.get(at + 2..)?)),
        None => (address, None),
    };
    let left = split_groups(left);
    let right = right.map(split_groups);
    let count = left.len() + right.as_ref().map_or(0, Vec::len);
    // Eight groups; or `::` for at least two of them.
    let fits = if right.is_some() { count <= 6 } else { count == 8 };
    let all_h16 = left.iter().chain(right.iter().flatten()).all(|group| is_h16(group));
    (fits && all_h16).then_some(Groups { left, right })
}

/// `dec-octet`
pub fn is_dec_octet(bytes: &[u8]) -> bool {
    match bytes {
        [a] => a.is_ascii_digit(),
        [b'1'..=b'9', a] => a.is_ascii_digit(),
        [b'1', a, b] => a.is_ascii_digit() && b.is_ascii_digit(),
        [b'2', b'0'..=b'4', a] => a.is_ascii_digit(),
        [b'2', b'5', b'0'..=b'5'] => true,
        _ => false,
    }
}

/// `serialized-domain`; every `serialized-ipv4` is one, too.
pub fn is_domain(bytes: &[u8]) -> bool {
    bytes.split(|&byte| byte == b'.').all(is_domain_label)
}

/// `serialized-scheme`
fn is_scheme(bytes: &[u8]) -> bool {
    match bytes.split_first() {
        Some((first, rest)) => {
            first.is_ascii_lowercase()
                && rest.iter().all(|&byte| is_lower_alphanum(byte) || b"+-.".contains(&byte))
        }
        None => false,
    }
}

/// `serialized-host`
fn is_host(bytes: &[u8]) -> bool {
    match bytes {
        [b'[', address @ .., b']'] => split_ipv6(address).is_some(),
        _ => is_domain(bytes),
    }
}

/// `serialized-port`
fn is_port(bytes: &[u8]) -> bool {
    (1..=5).contains(&bytes.len()) && bytes.iter().all(u8::is_ascii_digit)
}

/// `domain-label`
fn is_domain_label(bytes: &[u8]) -> bool {
    match bytes {
        [only] => is_lower_alphanum(*only),
        [first, inner @ .., last] => {
            is_lower_alphanum(*first)
                && is_lower_alphanum(*last)
                && inner.iter().all(|&byte| is_lower_alphanum(byte) || byte == b'-')
        }
        [] => false,
    }
}

/// `h16`
fn is_h16(bytes: &[u8]) -> bool {
    let hex = |byte: &u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
    bytes == b"0"
        || (1..=4).contains(&bytes.len()) && !bytes.starts_with(b"0") && bytes.iter().all(hex)
}

/// `lower-alphanum`
fn is_lower_alphanum(byte: u8) -> bool {
    byte.is_ascii_lowercase() || byte.is_ascii_digit()
}

/// The parts between colons; none of nothing.
fn split_groups(part: &[u8]) -> Vec<&[u8]> {
    if part.is_empty() { Vec::new() } else { part.split(|&byte| byte == b':').collect() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_grammar_generates_is_recognised() {
        for text in [
            "null",
            "https://a",
            "http://a-b.c0.example:65535",
            "web+x.y-z://a:0",
            "https://1.22.133.244",
            "https://999.1",
            "https://[1:2:3:4:5:6:7:8]",
            "https://[::]",
            "https://[::1]:8080",
            "https://[2001:db8::]",
            "https://[1::2:3:4:5:6]",
            "https://[::1:2:3:4:5:6]",
            "https://[1:2:3:4:5:6::]",
        ] {
            assert!(is_origin_or_null(text.as_bytes()), "{text}");
        }
    }

    #[test]
    fn what_the_grammar_does_not_generate_is_refused() {
        for text in [
            "",
            "Null",
            "null ",
            "https",
            "https://",
            "https:/a",
            "HTTPS://a",
            "1://a",
            "://a",
            "https://A",
            "https://a/",
            "https://a.",
            "https://.a",
            "https://a..b",
            "https://-a",
            "https://a-",
            "https://a_b",
            "https://u@a",
            "https://a:",
            "https://a:123456",
            "https://a:+1",
            "https://a b",
            "https://a\u{e9}",
            "https://a https://a",
            "https://[1:2:3:4:5:6:7]",
            "https://[1:2:3:4:5:6:7:8:9]",
            "https://[1::2:3:4:5:6:7]",
            "https://[1:2:3:4:5:6:7::]",
            "https://[:::]",
            "https://[1::2::3]",
            "https://[01::]",
            "https://[A::]",
            "https://[::1.2.3.4]",
            "https://[::1",
            "https://[::1]a",
            "https://[]",
        ] {
            assert!(!is_origin_or_null(text.as_bytes()), "{text}");
        }
    }

    #[test]
    fn octets_end_at_255() {
        for number in 0..1000 {
            assert_eq!(is_dec_octet(number.to_string().as_bytes()), number < 256, "{number}");
        }
        assert!(!is_dec_octet(b"01") && !is_dec_octet(b"") && !is_dec_octet(b"1a"));
    }
}
