//! Statuses (Fetch §2.2.3).

/// <https://fetch.spec.whatwg.org/#ok-status>
pub fn is_ok_status(status: u16) -> bool {
    matches!(status, 200..=299)
}

/// <https://fetch.spec.whatwg.org/#redirect-status>
pub fn is_redirect_status(status: u16) -> bool {
    matches!(status, 301 | 302 | 303 | 307 | 308)
}

/// Whether a response of this status is only the first of others (RFC 9110, 15.2).
pub fn is_interim_status(status: u16) -> bool {
    matches!(status, 100..=199)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ok_is_two_hundred_to_two_ninety_nine() {
        for status in [200, 201, 204, 206, 226, 299] {
            assert!(is_ok_status(status));
        }
        for status in
            [199, 300, 301, 304, 308, 400, 401, 403, 404, 405, 407, 421, 500, 501, 600, 680, 999]
        {
            assert!(!is_ok_status(status), "{status}");
        }
    }

    #[test]
    fn five_statuses_redirect() {
        let redirects: Vec<u16> =
            (100..=999).filter(|status| is_redirect_status(*status)).collect();
        assert_eq!(redirects, [301, 302, 303, 307, 308]);
    }

    #[test]
    fn the_first_hundred_is_interim() {
        assert!(is_interim_status(100) && is_interim_status(199));
        assert!(!is_interim_status(200) && !is_interim_status(99));
    }
}
