//! Methods: <https://fetch.spec.whatwg.org/#methods>

use crate::infra::is_token;

/// Whether bytes are a [method](https://fetch.spec.whatwg.org/#concept-method): a token.
pub fn is_method(bytes: &[u8]) -> bool {
    is_token(bytes)
}

/// Whether a method is [CORS-safelisted](https://fetch.spec.whatwg.org/#cors-safelisted-method).
pub fn is_cors_safelisted_method(method: &[u8]) -> bool {
    matches!(method, b"GET" | b"HEAD" | b"POST")
}

/// Whether a method is [forbidden](https://fetch.spec.whatwg.org/#forbidden-method).
pub fn is_forbidden_method(method: &[u8]) -> bool {
    FORBIDDEN.iter().any(|forbidden| method.eq_ignore_ascii_case(forbidden))
}

/// [Normalizes a method](https://fetch.spec.whatwg.org/#concept-method-normalize): six names are
/// put into upper case, all others kept as they are.
pub fn normalize_method(method: &[u8]) -> Vec<u8> {
    let normalized = NORMALIZED.iter().find(|name| method.eq_ignore_ascii_case(name));
    normalized.copied().unwrap_or(method).to_vec()
}

const FORBIDDEN: [&[u8]; 3] = [b"CONNECT", b"TRACE", b"TRACK"];

const NORMALIZED: [&[u8]; 6] = [b"DELETE", b"GET", b"HEAD", b"OPTIONS", b"POST", b"PUT"];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patch_keeps_its_case() {
        assert_eq!(normalize_method(b"patch"), b"patch");
        for name in NORMALIZED {
            assert_eq!(normalize_method(&name.to_ascii_lowercase()), name);
        }
    }

    #[test]
    fn forbidden_methods_are_forbidden_in_any_case() {
        assert!(is_forbidden_method(b"cOnNeCt") && is_forbidden_method(b"TRACK"));
        assert!(!is_forbidden_method(b"TRACKS"));
    }

    #[test]
    fn safelisted_methods_are_matched_byte_for_byte() {
        assert!(is_cors_safelisted_method(b"POST"));
        for method in [&b"post"[..], b"PUT", b"*", b"GETX", b""] {
            assert!(!is_cors_safelisted_method(method));
        }
    }
}
