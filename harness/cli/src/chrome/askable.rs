//! Which cases a browser cannot be asked, decided before anything is sent.
//!
//! What turns out only on the way (a host that is upgraded to HTTPS, a frame that does not load)
//! is told by the page and the wire; see [`super::join`].

use corsproof_conform::case::{Api, Credentials, Mode, Redirect, UserAgentCase};
use url::{Host, ParseError, Url};

/// Top-level domains that browsers know to be HTTPS only, whatever the port.
const HTTPS_ONLY: [&str; 41] = [
    "android",
    "app",
    "bank",
    "boo",
    "channel",
    "chrome",
    "dad",
    "day",
    "dev",
    "eat",
    "esq",
    "fly",
    "foo",
    "gle",
    "gmail",
    "google",
    "hangout",
    "ing",
    "insurance",
    "meet",
    "meme",
    "mov",
    "new",
    "nexus",
    "page",
    "phd",
    "play",
    "prof",
    "rsvp",
    "search",
    "youtube",
    "zip",
    "azure",
    "bing",
    "hotmail",
    "microsoft",
    "office",
    "skype",
    "windows",
    "xbox",
    "amazon",
];

/// Ports to which no page can be had (<https://fetch.spec.whatwg.org/#port-blocking>).
const BAD_PORTS: [u16; 83] = [
    0, 1, 7, 9, 11, 13, 15, 17, 19, 20, 21, 22, 23, 25, 37, 42, 43, 53, 69, 77, 79, 87, 95, 101,
    102, 103, 104, 109, 110, 111, 113, 115, 117, 119, 123, 135, 137, 139, 143, 161, 179, 389, 427,
    465, 512, 513, 514, 515, 526, 530, 531, 532, 540, 548, 554, 556, 563, 587, 601, 636, 989, 990,
    993, 995, 1719, 1720, 1723, 2049, 3659, 4045, 4190, 5060, 5061, 6000, 6566, 6665, 6666, 6667,
    6668, 6669, 6679, 6697, 10080,
];

/// Why the case cannot be asked, if it cannot.
pub(super) fn obstacle(case: &UserAgentCase) -> Option<String> {
    page_obstacle(&case.page_origin)
        .or_else(|| api_obstacle(case))
        .or_else(|| url_obstacle(case))
}

fn page_obstacle(page_origin: &str) -> Option<String> {
    if page_origin == "null" {
        return None;
    }
    let Ok(url) = Url::parse(page_origin) else {
        return Some(format!("page origin `{page_origin}` is not an origin"));
    };
    if !matches!(url.scheme(), "http" | "https") {
        return Some(format!(
            "a browser has no page of our own at `{page_origin}`"
        ));
    }
    if url.origin().ascii_serialization() != page_origin {
        return Some(format!(
            "page origin `{page_origin}` is not serialized as browsers do"
        ));
    }
    if url.port().is_some_and(|port| BAD_PORTS.contains(&port)) {
        return Some(format!(
            "page origin `{page_origin}` is on a port that browsers block"
        ));
    }
    https_only(&url)
}

fn api_obstacle(case: &UserAgentCase) -> Option<String> {
    let request = &case.request;
    if request.stream_body {
        return Some(
            "a streaming body needs HTTP/2, which the origin server does not speak".into(),
        );
    }
    let reason = match request.api {
        Api::Fetch if request.upload_listeners => "`fetch()` has no upload listeners",
        Api::Xhr if request.mode != Mode::Cors => "`XMLHttpRequest` has no mode but `cors`",
        Api::Xhr if request.credentials == Credentials::Omit => {
            "`XMLHttpRequest` cannot omit credentials"
        }
        Api::Xhr if request.redirect != Redirect::Follow => {
            "`XMLHttpRequest` cannot but follow redirects"
        }
        Api::Fetch | Api::Xhr => return None,
    };
    Some(reason.to_owned())
}

fn url_obstacle(case: &UserAgentCase) -> Option<String> {
    if Url::parse(&case.request.url) == Err(ParseError::RelativeUrlWithoutBase) {
        return Some(format!(
            "`{}` is relative to a page that is ours",
            case.request.url
        ));
    }
    let secure_page = case.page_origin.starts_with("https:");
    urls(case).find_map(|url| {
        if secure_page && url.scheme() == "http" && !is_trustworthy(&url) {
            return Some(format!(
                "mixed content: `{url}` from `{}`",
                case.page_origin
            ));
        }
        https_only(&url)
    })
}

/// The URLs that the case leads to, hop after hop, as far as its redirects can be read here.
pub(super) fn urls(case: &UserAgentCase) -> impl Iterator<Item = Url> {
    let mut hops = case.hops.iter();
    std::iter::successors(Url::parse(&case.request.url).ok(), move |url| {
        let response = hops.next()?.response.as_ref()?;
        let (_, location) = response
            .headers
            .iter()
            .filter(|_| matches!(response.status, 301 | 302 | 303 | 307 | 308))
            .find(|(name, _)| name.eq_ignore_ascii_case(b"location"))?;
        url.join(&location.isomorphic_decode()).ok()
    })
}

fn https_only(url: &Url) -> Option<String> {
    let host = url.host_str().filter(|_| url.scheme() == "http")?;
    let top_level = host.trim_end_matches('.').rsplit('.').next()?;
    HTTPS_ONLY.contains(&top_level).then(|| {
        format!("browsers have `.{top_level}` on their HTTPS-only list, so `{host}` is upgraded")
    })
}

/// <https://w3c.github.io/webappsec-secure-contexts/#is-origin-trustworthy>
fn is_trustworthy(url: &Url) -> bool {
    match url.host() {
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        Some(Host::Domain(domain)) => {
            let domain = domain.trim_end_matches('.');
            domain == "localhost" || domain.ends_with(".localhost")
        }
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use corsproof_conform::case::{CaseRequest, Hop, ScriptedResponse};

    use super::*;

    fn case(page_origin: &str, url: &str) -> UserAgentCase {
        let request = format!(
            r#"{{"url": "{url}", "method": "GET", "headers": [], "credentials": "omit", "mode": "cors"}}"#
        );
        UserAgentCase {
            id: "c".to_owned(),
            page_origin: page_origin.to_owned(),
            request: serde_json::from_str::<CaseRequest>(&request).unwrap(),
            hops: Vec::new(),
            user_agent: Default::default(),
        }
    }

    #[test]
    fn what_a_browser_can_do_has_no_obstacle() {
        for (page, url) in [
            ("https://a.example", "https://b.example/"),
            ("http://a.example:8080", "http://[2001:db8::1]:81/"),
            ("null", "http://b.example/"),
            ("https://a.example", "http://localhost/"),
            ("https://a.example", "https://b.dev/"),
            ("https://a.example", "https://b.example:22/"),
            ("https://a.example", "https://b.example:port/"),
        ] {
            assert_eq!(obstacle(&case(page, url)), None, "{page} {url}");
        }
    }

    #[test]
    fn what_it_cannot_do_has_one() {
        for (page, url, word) in [
            ("file://", "https://b.example/", "no page"),
            ("https://A.example", "https://b.example/", "serialized"),
            ("https://a.example/", "https://b.example/", "serialized"),
            ("https://a.example:443", "https://b.example/", "serialized"),
            ("http://a.example:22", "https://b.example/", "port"),
            ("http://a.dev", "https://b.example/", "HTTPS-only"),
            ("https://a.example", "http://b.example/", "mixed content"),
            ("http://a.example", "http://b.app:81/", "HTTPS-only"),
            ("http://a.example", "/x", "relative"),
        ] {
            let reason = obstacle(&case(page, url)).unwrap();
            assert!(reason.contains(word), "{page} {url}: {reason}");
        }
    }

    #[test]
    fn mixed_content_is_seen_behind_a_redirect() {
        let mut redirected = case("https://a.example", "https://b.example/");
        let headers = vec![("Location".into(), "http://c.example/".into())];
        let response = Some(ScriptedResponse {
            status: 302,
            headers,
        });
        redirected.hops.push(Hop {
            preflight_response: None,
            response,
        });
        assert!(obstacle(&redirected).unwrap().contains("mixed content"));
    }
}
