//! Which browsers can have a page at an origin, by its scheme and the characters of its host.

use corsproof_model::Origin;
use corsproof_model::http::port_blocking::is_bad_port;

use crate::case::AgentName;

use AgentName::{Chromium, Firefox, Webkitgtk};

/// The browsers that can have a page there; none: the bytes can only come from a program that is
/// no browser.
pub fn with_a_page_at(origin: &Origin) -> &'static [AgentName] {
    let Origin::Tuple { scheme, host, port } = origin else {
        return &[Chromium, Firefox, Webkitgtk];
    };
    match scheme.as_str() {
        "http" | "https" if port.is_some_and(is_bad_port) => &[],
        "http" | "https" => that_resolve(host),
        // Nothing that is fetched over these becomes a page: WebSockets give none, and no engine
        // speaks FTP any more.
        "ws" | "wss" | "ftp" => &[],
        "chrome-extension" => &[Chromium],
        "moz-extension" => &[Firefox],
        "safari-web-extension" => &[Webkitgtk],
        // Programs that embed Chromium or WebKit register schemes of their own (`app`,
        // `capacitor`, `ionic`, `tauri`).
        _ => &[Chromium, Webkitgtk],
    }
}

/// Seen in browsers' URL parsers: Chromium escapes or refuses more of what the URL Standard lets
/// stand in a host than Firefox does, and Firefox more than WebKit.
fn that_resolve(host: &str) -> &'static [AgentName] {
    if host.starts_with('[') {
        return &[Chromium, Firefox, Webkitgtk];
    }
    // DNS has no empty label but the last, and none of more than 63 octets.
    let labels = host.strip_suffix('.').unwrap_or(host);
    if labels.split('.').any(|label| label.is_empty() || label.len() > 63) {
        return &[];
    }
    let everywhere = |b: u8| b.is_ascii_alphanumeric() || b"-._".contains(&b);
    if host.bytes().all(everywhere) {
        &[Chromium, Firefox, Webkitgtk]
    } else if host.bytes().all(|b| everywhere(b) || b"+$".contains(&b)) {
        &[Firefox, Webkitgtk]
    } else {
        &[Webkitgtk]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(serialized: &str) -> &'static [AgentName] {
        with_a_page_at(&Origin::parse_serialized(serialized).unwrap())
    }

    #[test]
    fn engines_differ_by_the_characters_of_the_host_and_by_scheme() {
        let all: &[AgentName] = &[Chromium, Firefox, Webkitgtk];
        for (serialized, engines) in [
            ("null", all),
            ("https://a-b_c.example:8443", all),
            ("https://a.example.", all),
            ("http://[::1]:3000", all),
            ("https://a.+.b.test", &[Firefox, Webkitgtk]),
            ("https://a.$.b.test", &[Firefox, Webkitgtk]),
            ("https://a.+.=.b.test", &[Webkitgtk]),
            ("https://a{b.test", &[Webkitgtk]),
            ("chrome-extension://abcdef", &[Chromium]),
            ("moz-extension://abcdef", &[Firefox]),
            ("capacitor://localhost", &[Chromium, Webkitgtk]),
            ("ws://a.example", &[]),
            ("ftp://a.example", &[]),
            ("https://a..example", &[]),
            ("https://a.example:0", &[]),
            ("https://a.example:6000", &[]),
        ] {
            assert_eq!(at(serialized), engines, "{serialized}");
        }
    }
}
