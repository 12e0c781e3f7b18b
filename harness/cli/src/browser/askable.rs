//! Which cases a browser cannot be asked, decided before anything is sent.
//!
//! What turns out only on the way (a host that is upgraded to HTTPS, a frame that does not load)
//! is told by the page and the wire; see [`super::join`].

use corsproof_conform::case::{Api, Credentials, Mode, Redirect, UserAgentCase};
use corsproof_model::Origin;
use corsproof_model::fetching::mixed_content::is_mixed;
use corsproof_model::http::port_blocking::should_be_blocked_due_to_a_bad_port;
use url::{ParseError, Url};

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

/// Why the case cannot be asked, if it cannot.
pub(crate) fn obstacle(case: &UserAgentCase) -> Option<String> {
    page_obstacle(&case.page_origin).or_else(|| api_obstacle(case)).or_else(|| url_obstacle(case))
}

fn page_obstacle(page_origin: &str) -> Option<String> {
    if page_origin == "null" {
        return None;
    }
    let Ok(url) = Url::parse(page_origin) else {
        return Some(format!("page origin `{page_origin}` is not an origin"));
    };
    if !matches!(url.scheme(), "http" | "https") {
        return Some(format!("a browser has no page of our own at `{page_origin}`"));
    }
    if url.origin().ascii_serialization() != page_origin {
        return Some(format!("page origin `{page_origin}` is not serialized as browsers do"));
    }
    if should_be_blocked_due_to_a_bad_port(&url) {
        return Some(format!("page origin `{page_origin}` is on a port that browsers block"));
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
        Api::Websocket => "the page does not open WebSockets yet",
        Api::Fetch | Api::Xhr => return None,
    };
    Some(reason.to_owned())
}

fn url_obstacle(case: &UserAgentCase) -> Option<String> {
    if Url::parse(&case.request.url) == Err(ParseError::RelativeUrlWithoutBase) {
        return Some(format!("`{}` is relative to a page that is ours", case.request.url));
    }
    let page = Origin::parse_serialized(&case.page_origin)?;
    urls(case).find_map(|url| {
        if is_mixed(&page, &url) {
            return Some(format!("mixed content: `{url}` from `{}`", case.page_origin));
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
        let response = Some(ScriptedResponse { status: 302, headers });
        redirected.hops.push(Hop { preflight_response: None, response });
        assert!(obstacle(&redirected).unwrap().contains("mixed content"));
    }
}
