//! The CORS-safelisted request-headers: which value of which makes a preflight, held against a
//! naive reader of each rule.
//!
//! Input: one `Name: value`.

use super::exchange::case;
use super::{Disagreement, Oracle};
use crate::byte_string::HeaderLine;
use crate::case::Credentials;
use crate::explain::{Blocked, explain};

/// The property.
pub const SAFELIST: Oracle = Oracle {
    name: "safelist",
    check: safelist,
    classes: &["no safelisted name", "throws", "safe", "unsafe"],
};

/// A `GET` with one header of a safelisted name is preflighted exactly when its value is unsafe.
fn safelist(input: &[u8]) -> Result<&'static str, Disagreement> {
    let Some((name, value)) = read(input) else {
        return Ok("no safelisted name");
    };
    let value = normalize(value);
    let expected = if value.iter().any(|byte| b"\0\r\n".contains(byte)) {
        "throws"
    } else if is_safe(&name, value) {
        "safe"
    } else {
        "unsafe"
    };
    let line: HeaderLine = (name.into(), value.into());
    let verdict = explain(&case(b"GET", vec![line], Credentials::Omit, None, Vec::new()))
        .map_err(|error| Disagreement { input: input.to_vec(), claim: error.to_string() })?;
    let seen = match verdict.hops.first() {
        _ if verdict.blocked_at == Some(Blocked::Construct) => "throws",
        Some(hop) if hop.preflight => "unsafe",
        _ => "safe",
    };
    Disagreement::unless(seen == expected, input, || {
        format!("the model says {seen}, the witness {expected}")
    })?;
    Ok(expected)
}

fn read(input: &[u8]) -> Option<(Vec<u8>, &[u8])> {
    let colon = input.iter().position(|&byte| byte == b':')?;
    let name = input.get(..colon)?.to_ascii_lowercase();
    let names: [&[u8]; 5] =
        [b"accept", b"accept-language", b"content-language", b"content-type", b"range"];
    names.contains(&name.as_slice()).then_some((name, input.get(colon + 1..)?))
}

/// <https://fetch.spec.whatwg.org/#concept-header-value-normalize>
fn normalize(value: &[u8]) -> &[u8] {
    trim(value, b" \t\r\n")
}

/// <https://fetch.spec.whatwg.org/#cors-safelisted-request-header>
fn is_safe(name: &[u8], value: &[u8]) -> bool {
    if value.len() > 128 {
        return false;
    }
    match name {
        b"accept" => !has_unsafe_byte(value),
        b"content-type" => !has_unsafe_byte(value) && is_simple_type(value),
        b"range" => is_simple_range(value),
        _ => value.iter().all(|b| b.is_ascii_alphanumeric() || b" *,-.;=".contains(b)),
    }
}

/// <https://fetch.spec.whatwg.org/#cors-unsafe-request-header-byte>
fn has_unsafe_byte(value: &[u8]) -> bool {
    value.iter().any(|&byte| byte < b' ' && byte != b'\t' || b"\"():<>?@[\\]{}\x7f".contains(&byte))
}

/// What stands before the first semicolon is all that matters.
fn is_simple_type(value: &[u8]) -> bool {
    let essence = value.split(|&byte| byte == b';').next().unwrap_or_default();
    let essence = trim(essence, b" \t\r\n").to_ascii_lowercase();
    let simple: [&[u8]; 3] =
        [b"application/x-www-form-urlencoded", b"multipart/form-data", b"text/plain"];
    simple.contains(&essence.as_slice())
}

/// `bytes=`, a first position and, perhaps, a last one that is not before it.
fn is_simple_range(value: &[u8]) -> bool {
    let Some(positions) = value.strip_prefix(b"bytes=") else {
        return false;
    };
    let mut parts = positions.split(|&byte| byte == b'-');
    let (Some(first), Some(last), None) = (parts.next(), parts.next(), parts.next()) else {
        return false;
    };
    let digits = |part: &[u8]| part.iter().all(u8::is_ascii_digit);
    !first.is_empty() && digits(first) && digits(last) && (last.is_empty() || at_most(first, last))
}

/// Of numbers of any length the longer is the larger, once leading zeros are gone.
fn at_most(a: &[u8], b: &[u8]) -> bool {
    let strip = |digits: &[u8]| -> Vec<u8> {
        digits.iter().copied().skip_while(|&digit| digit == b'0').collect()
    };
    let (a, b) = (strip(a), strip(b));
    (a.len(), &a) <= (b.len(), &b)
}

fn trim<'a>(bytes: &'a [u8], blanks: &[u8]) -> &'a [u8] {
    let start = bytes.iter().position(|byte| !blanks.contains(byte)).unwrap_or(bytes.len());
    let end = bytes.iter().rposition(|byte| !blanks.contains(byte)).map_or(start, |last| last + 1);
    bytes.get(start..end).unwrap_or_default()
}
