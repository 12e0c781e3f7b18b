//! Methods (Fetch §2.2.1).

use crate::infra::is_token;

/// <https://fetch.spec.whatwg.org/#concept-method>
pub fn is_method(method: &[u8]) -> bool {
    is_token(method)
}

/// <https://fetch.spec.whatwg.org/#cors-safelisted-method>
pub fn is_cors_safelisted_method(method: &[u8]) -> bool {
    matches!(method, b"GET" | b"HEAD" | b"POST")
}

/// <https://fetch.spec.whatwg.org/#forbidden-method>
pub fn is_forbidden_method(method: &[u8]) -> bool {
    [&b"CONNECT"[..], b"TRACE", b"TRACK"]
        .iter()
        .any(|forbidden| method.eq_ignore_ascii_case(forbidden))
}

/// <https://fetch.spec.whatwg.org/#concept-method-normalize>
pub fn normalize_method(method: &[u8]) -> Vec<u8> {
    let normalized = [&b"DELETE"[..], b"GET", b"HEAD", b"OPTIONS", b"POST", b"PUT"]
        .into_iter()
        .find(|known| method.eq_ignore_ascii_case(known));
    normalized.unwrap_or(method).to_vec()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn six_methods_are_upper_cased_and_no_other() {
        for method in ["delete", "gEt", "Head", "options", "posT", "put"] {
            assert_eq!(normalize_method(method.as_bytes()), method.to_ascii_uppercase().as_bytes());
        }
        for method in ["patch", "PATCH", "Patch", "GETX", "GE", "*", "chicken", "trace"] {
            assert_eq!(normalize_method(method.as_bytes()), method.as_bytes());
        }
    }

    #[test]
    fn three_methods_are_safelisted_to_the_byte() {
        for method in ["GET", "HEAD", "POST"] {
            assert!(is_cors_safelisted_method(method.as_bytes()));
        }
        for method in ["get", "PUT", "OPTIONS", "", "GETS", "GE", "*", "PATCH"] {
            assert!(!is_cors_safelisted_method(method.as_bytes()), "{method}");
        }
    }

    #[test]
    fn case_does_not_hide_a_forbidden_method() {
        for method in ["CONNECT", "trace", "TrAcK"] {
            assert!(is_forbidden_method(method.as_bytes()));
        }
        for method in ["TRACED", "CONNEC", "", "OPTIONS"] {
            assert!(!is_forbidden_method(method.as_bytes()));
        }
    }

    #[test]
    fn a_method_is_a_token() {
        for method in [&b""[..], b"A B", b"A,B", b"G\xc9T", b"GET\r\n"] {
            assert!(!is_method(method), "{method:?}");
        }
        assert!(is_method(b"*"));
        assert!(is_method(b"m-search"));
    }
}
