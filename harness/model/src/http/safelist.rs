//! Which headers CORS takes for safe, and which it does not (Fetch §2.2.2).

use std::borrow::Cow;

use crate::http::headers::{HeaderList, convert_header_names_to_a_sorted_lowercase_set};
use crate::http::single_range::is_safelisted_range;
use crate::mime::parse_mime_type;
use crate::user_agent::UserAgent;

/// <https://fetch.spec.whatwg.org/#cors-safelisted-request-header>
pub fn is_cors_safelisted_request_header(agent: &UserAgent, name: &[u8], value: &[u8]) -> bool {
    // 1. A value of more than 128 bytes is not.
    if value.len() > 128 {
        return false;
    }
    let is = |known: &[u8]| name.eq_ignore_ascii_case(known);
    // 2. By name, in any case.
    if is(b"accept") {
        // 2a. No unsafe byte.
        !contains_cors_unsafe_request_header_byte(agent, value)
    } else if is(b"accept-language") || is(b"content-language") {
        // 2b. Few bytes but letters and digits.
        value.iter().all(|byte| {
            matches!(byte, b'0'..=b'9' | b'A'..=b'Z' | b'a'..=b'z'
                | b' ' | b'*' | b',' | b'-' | b'.' | b';' | b'=')
        })
    } else if is(b"content-type") {
        // 2c.1. No unsafe byte.
        // 2c.2, 2c.3, 2c.4. A MIME type that an HTML form could send.
        !contains_cors_unsafe_request_header_byte(agent, value)
            && parse_mime_type(value).is_some_and(|mime| {
                mime.essence_is(b"application", b"x-www-form-urlencoded")
                    || mime.essence_is(b"multipart", b"form-data")
                    || mime.essence_is(b"text", b"plain")
            })
    } else if is(b"range") {
        // 2d.1, 2d.2, 2d.3. A single range with a start.
        is_safelisted_range(agent.range_parsing, value)
    } else if agent.client_hints_safelisted && is_well_formed_client_hint(name, value) {
        true
    } else {
        // 2e. No other name is; except where the user agent takes a script's User-Agent for safe.
        agent.user_agent_header_safelisted && is(b"user-agent")
    }
    // 3. Whatever got here is.
}

/// <https://fetch.spec.whatwg.org/#cors-unsafe-request-header-byte>
pub fn is_cors_unsafe_request_header_byte(byte: u8) -> bool {
    match byte {
        b'\t' => false,
        0x00..=0x1F | 0x7F => true,
        b'"' | b'(' | b')' | b':' | b'<' | b'>' | b'?' | b'@' | b'[' | b'\\' | b']' | b'{'
        | b'}' => true,
        _ => false,
    }
}

/// <https://fetch.spec.whatwg.org/#cors-unsafe-request-header-names>
pub fn cors_unsafe_request_header_names(agent: &UserAgent, headers: &HeaderList) -> Vec<Vec<u8>> {
    let headers = if agent.request_headers_combined && has_repeats(headers) {
        Cow::Owned(headers.combined())
    } else {
        Cow::Borrowed(headers)
    };
    // 1, 2, 3. Nothing so far.
    let mut unsafe_names: Vec<&[u8]> = Vec::new();
    let mut safelist_value_size = 0_usize;
    // 4. What is safelisted counts by the length of its value.
    for header in headers.iter() {
        // 4.1, 4.2. What is not is unsafe by name.
        if is_cors_safelisted_request_header(agent, &header.name, &header.value) {
            safelist_value_size = safelist_value_size.saturating_add(header.value.len());
        } else {
            unsafe_names.push(&header.name);
        }
    }
    // 5. Too much of it is not safe either: then every name is in.
    if agent.safelist_value_limit.is_some_and(|limit| safelist_value_size > limit) {
        unsafe_names = headers.iter().map(|header| header.name.as_slice()).collect();
    }
    // 6. In lower case, sorted, each once.
    if agent.unsafe_names_repeat {
        let mut names: Vec<_> = unsafe_names.into_iter().map(<[u8]>::to_ascii_lowercase).collect();
        names.sort_unstable();
        return names;
    }
    convert_header_names_to_a_sorted_lowercase_set(unsafe_names)
}

/// <https://fetch.spec.whatwg.org/#cors-non-wildcard-request-header-name>
pub fn is_cors_non_wildcard_request_header_name(name: &[u8]) -> bool {
    name.eq_ignore_ascii_case(b"Authorization")
}

/// <https://fetch.spec.whatwg.org/#privileged-no-cors-request-header-name>
pub fn is_privileged_no_cors_request_header_name(name: &[u8]) -> bool {
    name.eq_ignore_ascii_case(b"Range")
}

/// <https://fetch.spec.whatwg.org/#no-cors-safelisted-request-header-name>
pub fn is_no_cors_safelisted_request_header_name(name: &[u8]) -> bool {
    is_one_of(name, &[b"Accept", b"Accept-Language", b"Content-Language", b"Content-Type"])
}

/// <https://fetch.spec.whatwg.org/#no-cors-safelisted-request-header>
pub fn is_no_cors_safelisted_request_header(agent: &UserAgent, name: &[u8], value: &[u8]) -> bool {
    // 1. By name.
    // 2. And by value.
    is_no_cors_safelisted_request_header_name(name)
        && is_cors_safelisted_request_header(agent, name, value)
}

/// <https://fetch.spec.whatwg.org/#cors-safelisted-response-header-name>
pub fn is_cors_safelisted_response_header_name(name: &[u8], list: &[&[u8]]) -> bool {
    is_one_of(
        name,
        &[
            b"Cache-Control",
            b"Content-Language",
            b"Content-Length",
            b"Content-Type",
            b"Expires",
            b"Last-Modified",
            b"Pragma",
        ],
    ) || (is_one_of(name, list) && !is_forbidden_response_header_name(name))
}

/// <https://fetch.spec.whatwg.org/#forbidden-response-header-name>
pub fn is_forbidden_response_header_name(name: &[u8]) -> bool {
    is_one_of(name, &[b"Set-Cookie", b"Set-Cookie2"])
}

/// <https://fetch.spec.whatwg.org/#request-body-header-name>
pub const REQUEST_BODY_HEADER_NAMES: [&[u8]; 4] =
    [b"Content-Encoding", b"Content-Language", b"Content-Location", b"Content-Type"];

pub(crate) fn is_one_of(name: &[u8], names: &[&[u8]]) -> bool {
    names.iter().any(|known| name.eq_ignore_ascii_case(known))
}

fn contains_cors_unsafe_request_header_byte(agent: &UserAgent, value: &[u8]) -> bool {
    value.iter().any(|byte| {
        is_cors_unsafe_request_header_byte(*byte) || (agent.high_bytes_unsafe && *byte >= 0x80)
    })
}

fn has_repeats(headers: &HeaderList) -> bool {
    headers.iter().enumerate().any(|(index, header)| {
        headers.iter().skip(index + 1).any(|other| other.name.eq_ignore_ascii_case(&header.name))
    })
}

/// Hints that one engine safelists, each with the form that it asks for.
fn is_well_formed_client_hint(name: &[u8], value: &[u8]) -> bool {
    if is_one_of(name, &[b"dpr", b"device-memory", b"downlink"]) {
        let mut parts = value.splitn(2, |byte| *byte == b'.');
        return parts.all(is_digits);
    }
    if is_one_of(name, &[b"width", b"viewport-width", b"rtt"]) {
        return is_digits(value);
    }
    if name.eq_ignore_ascii_case(b"save-data") {
        return value.eq_ignore_ascii_case(b"on");
    }
    name.eq_ignore_ascii_case(b"ect") && matches!(value, b"slow-2g" | b"2g" | b"3g" | b"4g")
}

fn is_digits(bytes: &[u8]) -> bool {
    !bytes.is_empty() && bytes.iter().all(u8::is_ascii_digit)
}

#[cfg(test)]
mod tests;
