//! Port blocking (Fetch §2.9).

use url::Url;

/// <https://fetch.spec.whatwg.org/#block-bad-port>
pub fn should_be_blocked_due_to_a_bad_port(url: &Url) -> bool {
    // 1, 2. A bad port of an HTTP(S) URL; a default port is never bad.
    // 3. Any other is allowed.
    matches!(url.scheme(), "http" | "https") && url.port().is_some_and(is_bad_port)
}

/// <https://fetch.spec.whatwg.org/#bad-port>
pub fn is_bad_port(port: u16) -> bool {
    BAD_PORTS.binary_search(&port).is_ok()
}

static BAD_PORTS: [u16; 83] = [
    0, 1, 7, 9, 11, 13, 15, 17, 19, 20, 21, 22, 23, 25, 37, 42, 43, 53, 69, 77, 79, 87, 95, 101,
    102, 103, 104, 109, 110, 111, 113, 115, 117, 119, 123, 135, 137, 139, 143, 161, 179, 389, 427,
    465, 512, 513, 514, 515, 526, 530, 531, 532, 540, 548, 554, 556, 563, 587, 601, 636, 989, 990,
    993, 995, 1719, 1720, 1723, 2049, 3659, 4045, 4190, 5060, 5061, 6000, 6566, 6665, 6666, 6667,
    6668, 6669, 6679, 6697, 10080,
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_sorted() {
        assert!(BAD_PORTS.is_sorted());
    }

    #[test]
    fn bad_ports_are_blocked_for_http_only() {
        let blocked = |url: &str| should_be_blocked_due_to_a_bad_port(&Url::parse(url).unwrap());
        for bad in [
            "http://a.example:0/",
            "https://a.example:25",
            "http://a.example:6667",
            "http://a.example:10080",
        ] {
            assert!(blocked(bad), "{bad}");
        }
        for good in [
            "http://a.example",
            "https://a.example:80",
            "http://a.example:8080",
            "ftp://a.example:25",
            "http://a.example:2",
        ] {
            assert!(!blocked(good), "{good}");
        }
    }
}
