//! Statuses: <https://fetch.spec.whatwg.org/#statuses>

/// An [ok status](https://fetch.spec.whatwg.org/#ok-status): 200 to 299.
pub(crate) fn is_ok_status(status: u16) -> bool {
    (200..=299).contains(&status)
}

/// A [redirect status](https://fetch.spec.whatwg.org/#redirect-status).
pub(crate) fn is_redirect_status(status: u16) -> bool {
    matches!(status, 301 | 302 | 303 | 307 | 308)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn three_hundred_and_304_are_neither_ok_nor_redirects() {
        for status in [199, 300, 304, 305, 306] {
            assert!(!is_ok_status(status) && !is_redirect_status(status));
        }
        assert!(is_ok_status(299) && is_redirect_status(308));
    }
}
