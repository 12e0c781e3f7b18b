//! Scheme fetch (Fetch §4.3): schemes that answer without a server.

use crate::fetching::fetch::{Answer, Blocked, FetchParams};
use crate::fetching::http_fetch::{MakeCorsPreflight, http_fetch};
use crate::fetching::main_fetch::{BASIC_RESPONSE, OPAQUE_RESPONSE};
use crate::http::headers::HeaderList;
use crate::http::requests::ResponseTainting;
use crate::http::responses::Response;
use crate::trace::{BlockedAt, Step};

const ALGORITHM: &str = "concept-scheme-fetch";

/// A `blob:` URL without an entry in the blob store, of which there is none here.
pub static BLOB_UNAVAILABLE: Step = Step::fetch(ALGORITHM, "3b.2", "blob-unavailable");
/// A `data:` URL that has no comma, or is not the base64 it says it is.
pub static DATA_URL_INVALID: Step = Step::fetch(ALGORITHM, "3c.2", "data-url-invalid");
/// A `file:` URL.
pub static FILE_URL: Step = Step::fetch(ALGORITHM, "3d", "file-url");
/// A scheme that nobody answers.
pub static SCHEME_UNSUPPORTED: Step = Step::fetch(ALGORITHM, "4", "scheme-unsupported");

/// <https://fetch.spec.whatwg.org/#concept-scheme-fetch>
///
/// NOT MODELLED 1 (cancelling): script waits.
///
/// NOT MODELLED 3b.3 to 3b.15 (the blob store): no URL has an entry, so each is a network error.
///
/// # Errors
/// When it returns a network error.
pub(crate) fn scheme_fetch(params: &mut FetchParams<'_>) -> Result<Answer, Blocked> {
    // 2. The request.
    let url = params.request.current_url();
    let blocked = |step| Err(Blocked { step, at: BlockedAt::Fetch });
    // 3. By scheme.
    let content_type = match url.scheme() {
        // 3e. To a server.
        "http" | "https" => return http_fetch(params, MakeCorsPreflight::No),
        // 3a. One that is empty.
        "about" if url.path() == "blank" => "text/html;charset=utf-8",
        // 3b.1, 3b.2. None is in the store.
        "blob" => return blocked(&BLOB_UNAVAILABLE),
        // 3c.1, 3c.3, 3c.4. The type itself is nobody's concern here; that there is one is.
        "data" if is_valid_data_url(url.as_str()) => "text/plain",
        // 3c.2. It is none.
        "data" => return blocked(&DATA_URL_INVALID),
        // 3d. Left to the user agent; here, as in doubt.
        "file" => return blocked(&FILE_URL),
        // 4. Any other.
        _ => return blocked(&SCHEME_UNSUPPORTED),
    };
    let granted_by = match params.request.response_tainting {
        ResponseTainting::Opaque => &OPAQUE_RESPONSE,
        ResponseTainting::Basic | ResponseTainting::Cors => &BASIC_RESPONSE,
    };
    let response = Response::new(200, HeaderList::from_lines([("Content-Type", content_type)]));
    Ok(Answer { response, is_opaque_redirect: false, granted_by })
}

/// <https://fetch.spec.whatwg.org/#data-url-processor>, as far as it can fail.
///
/// NOT MODELLED 11.4 to 11.6, 12 to 15 (what it is of): nobody looks at the type.
fn is_valid_data_url(serialized: &str) -> bool {
    // 1, 2, 3. Without the fragment and the scheme.
    let input = serialized.split('#').next().unwrap_or_default();
    let input = input.strip_prefix("data:").unwrap_or(input);
    // 4, 5, 7, 8, 9. The type goes up to the first comma; without one it fails.
    let Some((mime_type, body)) = input.split_once(',') else { return false };
    // 6, 11. A type that ends in ";base64", spaces allowed between, has a body in base64.
    let mime_type = mime_type.trim_matches(|c: char| c.is_ascii_whitespace()).to_ascii_lowercase();
    let is_base64 = mime_type
        .strip_suffix("base64")
        .is_some_and(|rest| rest.trim_end_matches(' ').ends_with(';'));
    // 10, 11.1, 11.2, 11.3. Decoded, it has to be base64.
    !is_base64 || is_forgiving_base64(&percent_decode(body.as_bytes()))
}

/// <https://infra.spec.whatwg.org/#forgiving-base64-decode>, as far as it can fail.
fn is_forgiving_base64(data: &[u8]) -> bool {
    // 1. White space does not count.
    let data: Vec<u8> = data.iter().copied().filter(|byte| !byte.is_ascii_whitespace()).collect();
    // 2. Padding only where it fills up.
    let data = if data.len().is_multiple_of(4) {
        let once = data.strip_suffix(b"=").unwrap_or(&data);
        once.strip_suffix(b"=").unwrap_or(once)
    } else {
        &data
    };
    // 3, 4. No single digit left over, and nothing but digits.
    data.len() % 4 != 1
        && data.iter().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/'))
}

/// <https://url.spec.whatwg.org/#percent-decode>
fn percent_decode(input: &[u8]) -> Vec<u8> {
    let hex = |byte: &u8| char::from(*byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    let mut output = Vec::with_capacity(input.len());
    let mut rest = input;
    while let [byte, after @ ..] = rest {
        rest = after;
        if *byte == b'%'
            && let [high, low, after @ ..] = rest
            && let (Some(high), Some(low)) = (hex(high), hex(low))
        {
            output.push(high * 16 + low);
            rest = after;
        } else {
            output.push(*byte);
        }
    }
    output
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_data_url_needs_a_comma() {
        for good in [
            "data:,",
            "data:text/plain,x",
            "data:x?,y",
            "data:;charset=x,#f",
            "data:,%",
            "data:base64,!",
        ] {
            assert!(is_valid_data_url(good), "{good}");
        }
        for bad in ["data:", "data:text/plain", "data:x#,"] {
            assert!(!is_valid_data_url(bad), "{bad}");
        }
    }

    #[test]
    fn base64_has_to_be_that() {
        for good in [
            "data:;base64,",
            "data:;base64,YQ",
            "data:;BASE64,YQ==",
            "data:x; base64 ,Y%51=%3D",
            "data:;base64,Y Q",
        ] {
            assert!(is_valid_data_url(good), "{good}");
        }
        for bad in [
            "data:;base64,Y",
            "data:;base64,YQ=",
            "data:;base64,Y!==",
            "data:;  base64,====",
            "data:;base64,YWJj=",
        ] {
            assert!(!is_valid_data_url(bad), "{bad}");
        }
    }
}
