//! Serialized origins: what the model parses, held against the grammar of the `Origin` header,
//! the URL parser and what the `http` crate takes for a header value.
//!
//! The grammar is not the whole truth: it generates what no URL serializes to (`https://a:443`),
//! and browsers have pages on hosts that it does not generate (`https://a_b`, `https://a.`).

use corsproof_model::Origin;
use http::HeaderValue;
use url::Url;

use super::grammar::{
    Groups, Parts, is_dec_octet, is_domain, is_origin_or_null, is_serialized_origin, split_ipv6,
    split_origin,
};
use super::{Disagreement, Oracle};

/// The property.
pub const ORIGIN_PARSE: Oracle = Oracle {
    name: "origin_parse",
    check: origin_parse,
    classes: &[
        "not text",
        "refused",
        "url",
        "opaque",
        "in grammar",
        "beyond grammar",
        "scheme of an engine",
    ],
};

/// The model takes exactly what a browser could have serialized, and gives back the same bytes.
fn origin_parse(input: &[u8]) -> Result<&'static str, Disagreement> {
    let check = |holds, claim: &str| Disagreement::unless(holds, input, || claim.to_owned());
    let Ok(text) = std::str::from_utf8(input) else {
        check(!is_origin_or_null(input), "is no text, but in the grammar")?;
        return Ok("not text");
    };
    let of_url = origin_of_url(text, input)?;
    let Some(origin) = Origin::parse_serialized(text) else {
        check(browsers(input) != Browsers::Would, "refused, but a browser would write it so")?;
        check(of_url.as_deref() != Some(text), "refused, but the URL parser writes it so")?;
        return match of_url {
            Some(serialized) => {
                round_trip(&serialized, input)?;
                Ok("url")
            }
            None => Ok("refused"),
        };
    };
    check(browsers(input) != Browsers::WouldNot, "taken, but no browser would write it so")?;
    check(is_header_value(text), "taken, but not a header value")?;
    round_trip(text, input)?;
    if origin.is_opaque() {
        check(text == "null", "opaque, but not `null`")?;
        return Ok("opaque");
    }
    if !has_scheme_of_urls(input) {
        return Ok("scheme of an engine");
    }
    check(of_url.as_deref() == Some(text), "taken, but the URL parser writes it otherwise")?;
    Ok(if is_origin_or_null(input) { "in grammar" } else { "beyond grammar" })
}

/// The serialized tuple origin of a URL, if it is one.
fn origin_of_url(text: &str, input: &[u8]) -> Result<Option<String>, Disagreement> {
    let Ok(url) = Url::parse(text) else {
        return Ok(None);
    };
    let serialized = url.origin().ascii_serialization();
    // The crate gives a `blob:` URL the origin inside it whatever that is.
    if url.scheme() != "blob" {
        let model = Origin::of_url(&url).serialize();
        Disagreement::unless(model == serialized, input, || {
            format!("as a URL of origin `{serialized}` for the URL parser, `{model}` for the model")
        })?;
    }
    Ok((serialized != "null").then_some(serialized))
}

fn round_trip(serialized: &str, input: &[u8]) -> Result<(), Disagreement> {
    let back = Origin::parse_serialized(serialized).map(|origin| origin.serialize());
    Disagreement::unless(back.as_deref() == Some(serialized), input, || {
        format!("`{serialized}` comes back as {back:?}")
    })
}

fn is_header_value(text: &str) -> bool {
    HeaderValue::from_str(text).is_ok_and(|value| value.to_str().is_ok_and(|back| back == text))
}

/// Whether browsers would serialize an origin so, as far as a naive reader of the grammar and of
/// the URL Standard can say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Browsers {
    Would,
    WouldNot,
    /// It takes more than the grammar to know: tables of IDNA, or hosts that it leaves out.
    CannotSay,
}

fn browsers(input: &[u8]) -> Browsers {
    if input == b"null" {
        return Browsers::Would;
    }
    let visible = |byte: &u8| matches!(byte, 0x21..=0x7e) && !byte.is_ascii_uppercase();
    let Some(Parts { scheme, host, port }) = split_origin(input) else {
        return Browsers::WouldNot;
    };
    let default_port = match scheme {
        b"http" | b"ws" => "80",
        b"https" | b"wss" => "443",
        b"ftp" => "21",
        _ => "",
    };
    // URLs of these schemes have opaque origins (a `blob:` URL that of the URL inside it), so no
    // page has an origin that is written so.
    let is_opaque = [&b"about"[..], b"blob", b"data", b"file", b"javascript"].contains(&scheme);
    if is_opaque || !port.is_none_or(|port| is_written_port(port, default_port)) {
        return Browsers::WouldNot;
    }
    match host {
        [b'[', address @ .., b']'] => {
            yes_no(is_written_ipv6(address) && is_serialized_origin(input))
        }
        // Engines have schemes of their own (extensions, apps), and serialize by the grammar.
        _ if !has_scheme_of_urls(input) => yes_no(is_serialized_origin(input)),
        _ if host.is_empty() || !host.iter().all(visible) => Browsers::WouldNot,
        _ if host.iter().any(|byte| b"#/<>?@[\\]^|%:".contains(byte)) => Browsers::WouldNot,
        _ if ends_in_a_number(host) => yes_no(is_ipv4(host)),
        _ if is_domain(host) && !host.windows(4).any(|w| w == b"xn--") => Browsers::Would,
        _ => Browsers::CannotSay,
    }
}

/// Whether the URL Standard gives URLs of this scheme tuple origins.
fn has_scheme_of_urls(input: &[u8]) -> bool {
    ["http://", "https://", "ws://", "wss://", "ftp://"]
        .iter()
        .any(|start| input.starts_with(start.as_bytes()))
}

fn yes_no(would: bool) -> Browsers {
    if would { Browsers::Would } else { Browsers::WouldNot }
}

fn is_written_port(port: &[u8], default: &str) -> bool {
    let number = std::str::from_utf8(port).ok().and_then(|port| port.parse::<u16>().ok());
    number.is_some_and(|number| number.to_string().as_bytes() == port) && port != default.as_bytes()
}

/// <https://url.spec.whatwg.org/#ends-in-a-number-checker>
fn ends_in_a_number(host: &[u8]) -> bool {
    let host = host.strip_suffix(b".").unwrap_or(host);
    let last = host.rsplit(|&byte| byte == b'.').next().unwrap_or_default();
    match last {
        [] => false,
        [b'0', b'x', digits @ ..] => digits.iter().all(u8::is_ascii_hexdigit),
        _ => last.iter().all(u8::is_ascii_digit),
    }
}

fn is_ipv4(host: &[u8]) -> bool {
    host.split(|&byte| byte == b'.').count() == 4
        && host.split(|&byte| byte == b'.').all(is_dec_octet)
}

/// Whether the first of the longest runs of two or more zero groups, and no other, is elided.
fn is_written_ipv6(address: &[u8]) -> bool {
    let Some(Groups { left, right }) = split_ipv6(address) else {
        return false;
    };
    let elided = right.as_ref().map(|right| 8 - left.len() - right.len());
    let mut groups = left.clone();
    groups.resize(left.len() + elided.unwrap_or(0), b"0");
    groups.extend(right.unwrap_or_default());
    let runs = (0..8).map(|start| groups.iter().skip(start).take_while(|g| **g == b"0").count());
    let longest = runs.clone().max().filter(|&length| length > 1);
    let first = runs.clone().position(|length| Some(length) == longest);
    elided == longest && elided.is_none_or(|_| first == Some(left.len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_witness_writes_addresses_as_rfc_5952_does() {
        for address in [
            "::",
            "::1",
            "1::",
            "2001:db8::1",
            "1:0:2::3",
            "1::2:0:0:3",
            "1:0:0:2::3",
            "1:2:3:4:5:6:7:8",
        ] {
            assert!(is_written_ipv6(address.as_bytes()), "{address}");
        }
        for address in ["0:0:0:0:0:0:0:0", "1::2:0:0:0:3", "1:0:0:2::3:4", "1:2:3:4:5:6:7::", "::0"]
        {
            assert!(!is_written_ipv6(address.as_bytes()), "{address}");
        }
    }

    #[test]
    fn the_witness_knows_numbers_from_names() {
        for host in ["1", "a.1", "a.0x", "a.0xf", "1.2.3.4."] {
            assert!(ends_in_a_number(host.as_bytes()), "{host}");
        }
        for host in ["a", "1.a", "0xg", "1..", ""] {
            assert!(!ends_in_a_number(host.as_bytes()), "{host}");
        }
    }

    #[test]
    fn a_model_that_took_an_upper_case_scheme_would_be_caught() {
        assert_eq!(browsers(b"https://a.example"), Browsers::Would);
        assert_eq!(browsers(b"HTTPS://a.example"), Browsers::WouldNot);
        assert_eq!(browsers(b"https://a.example:443"), Browsers::WouldNot);
        assert_eq!(browsers(b"https://a_b.example"), Browsers::CannotSay);
        assert_eq!(browsers(b"app://a_b.example"), Browsers::WouldNot);
    }
}
