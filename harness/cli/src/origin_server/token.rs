//! The case's token: a query parameter by which a request on the wire finds its case.
//!
//! Tokens are lower-case letters and digits, so no URL parser rewrites them. A fresh token for
//! every run of a case also makes its URLs new to every cache of the browser.

/// Name of the query parameter.
const PARAMETER: &str = "case";

/// Longest token looked for on the wire.
const MAX_LEN: usize = 40;

/// The URL with the token as the last parameter of its query.
///
/// Works on text that is not yet parsed: whatever is wrong with the URL stays wrong with it.
pub(super) fn appended(url: &str, token: &str) -> String {
    let (rest, fragment) = match url.find('#') {
        Some(at) => url.split_at(at),
        None => (url, ""),
    };
    let kept = rest.trim_end_matches([' ', '\t', '\r', '\n', '\u{c}']);
    let joint = if kept.contains('?') { '&' } else { '?' };
    format!("{kept}{joint}{PARAMETER}={token}{fragment}")
}

/// The value of a `Location` line with the token appended, unless it leads away from HTTP or
/// inherits the query of the URL it is relative to.
///
/// Limit: a redirect to the very same URL keeps its token, so a browser may answer a repeated
/// 301 or 308 from its HTTP cache.
pub(super) fn appended_to_location(value: &[u8], token: &str) -> Vec<u8> {
    let start = value.iter().position(|b| !is_ows(*b)).unwrap_or(value.len());
    let (before, rest) = value.split_at(start);
    let end = rest.iter().rposition(|b| !is_ows(*b)).map_or(0, |last| last + 1);
    let (location, after) = rest.split_at(end);
    if location.is_empty() || location.starts_with(b"#") || has_other_scheme(location) {
        return value.to_vec();
    }
    let at = location.iter().position(|b| *b == b'#').unwrap_or(location.len());
    let (path_and_query, fragment) = location.split_at(at);
    let joint = if path_and_query.contains(&b'?') { "&" } else { "?" };
    let parameter = format!("{joint}{PARAMETER}={token}");
    [before, path_and_query, parameter.as_bytes(), fragment, after].concat()
}

/// The token in a request target, if there is one.
pub(super) fn find(target: &str) -> Option<&str> {
    let (_, query) = target.split_once('?')?;
    query
        .rsplit('&')
        .find_map(|pair| pair.strip_prefix(PARAMETER)?.strip_prefix('='))
        .filter(|token| (1..=MAX_LEN).contains(&token.len()))
}

/// The URL without the token's parameter.
pub(super) fn stripped(url: &str, token: &str) -> String {
    let parameter = format!("{PARAMETER}={token}");
    match url.rfind(&parameter) {
        Some(at) if at > 0 => {
            let (before, rest) = url.split_at(at - 1);
            let after = rest.get(parameter.len() + 1..).unwrap_or_default();
            format!("{before}{after}")
        }
        _ => url.to_owned(),
    }
}

fn is_ows(byte: u8) -> bool {
    byte == b' ' || byte == b'\t'
}

/// Whether it is an absolute URL of a scheme that is not fetched over HTTP.
fn has_other_scheme(location: &[u8]) -> bool {
    let Some(colon) = location.iter().position(|b| !is_scheme_byte(*b)) else {
        return false;
    };
    let (scheme, rest) = location.split_at(colon);
    rest.starts_with(b":")
        && scheme.first().is_some_and(u8::is_ascii_alphabetic)
        && !scheme.eq_ignore_ascii_case(b"http")
        && !scheme.eq_ignore_ascii_case(b"https")
}

fn is_scheme_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"+-.".contains(&byte)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_appended_token_is_found_and_stripped_again() {
        for url in [
            "https://a.example/",
            "https://a.example/x?y=1",
            "https://a.example/?",
            "https://a.example/x#frag",
            "/x?case=mine",
        ] {
            let sent = appended(url, "r1x2");
            let without_fragment = sent.split('#').next().unwrap();
            assert_eq!(find(without_fragment), Some("r1x2"), "{sent}");
            assert_eq!(stripped(&sent, "r1x2"), url);
        }
    }

    #[test]
    fn white_space_behind_a_url_does_not_end_up_inside_it() {
        assert_eq!(appended("https://a.example/ ", "r1"), "https://a.example/?case=r1");
    }

    #[test]
    fn a_location_keeps_its_bytes_and_gains_the_token() {
        for (value, expected) in [
            (&b"https://b.example/x"[..], &b"https://b.example/x?case=r1"[..]),
            (b"//b.example/x?y#z", b"//b.example/x?y&case=r1#z"),
            (b"\xe9 \t", b"\xe9?case=r1 \t"),
            (b"a/b:c", b"a/b:c?case=r1"),
            (b"HTTP://b.example", b"HTTP://b.example?case=r1"),
        ] {
            assert_eq!(appended_to_location(value, "r1"), expected);
        }
    }

    #[test]
    fn a_location_that_leads_elsewhere_or_inherits_the_query_stays() {
        for value in [&b"data:,x"[..], b"", b"  ", b"#frag", b"mailto:a@b"] {
            assert_eq!(appended_to_location(value, "r1"), value);
        }
    }
}
