//! Taint, and what else a request knows of itself.

use super::*;

/// A request of `https://a.example` that has been at these URLs.
pub(crate) fn at(urls: &[&str]) -> Request {
    let mut urls = urls.iter().map(|url| Url::parse(url).unwrap());
    let mut url_list = UrlList::new(urls.next().unwrap());
    urls.for_each(|url| url_list.append(url));
    let origin = Origin::parse_serialized("https://a.example").unwrap();
    Request {
        method: b"GET".to_vec(),
        url_list,
        headers: HeaderList::new(),
        client: Arc::new(Client::new(&Environment::new(origin.clone()))),
        body: RequestBody::Null,
        mode: Mode::Cors,
        credentials_mode: CredentialsMode::SameOrigin,
        redirect_mode: RedirectMode::Follow,
        referrer_policy: ReferrerPolicy::Empty,
        use_cors_preflight: false,
        response_tainting: ResponseTainting::Cors,
        redirect_count: 0,
        target_address_space: None,
    }
}

#[test]
fn leaving_a_foreign_origin_taints_and_leaving_the_own_does_not() {
    use RedirectTaint::{CrossSite, SameOrigin, SameSite};
    for (urls, taint) in [
        (&["https://b.example"][..], SameOrigin),
        (&["https://a.example/1", "https://a.example/2"], SameOrigin),
        (&["https://a.example", "https://b.example"], SameOrigin),
        (&["https://b.example/1", "https://b.example/2"], SameOrigin),
        (&["https://b.example", "https://a.example"], CrossSite),
        (&["https://b.example", "https://c.example"], CrossSite),
        (&["https://x.a.example", "https://a.example"], SameSite),
        (&["https://x.a.example", "https://y.a.example"], SameSite),
        (&["https://x.a.example", "https://b.example"], SameSite),
        (&["https://b.example:1", "https://b.example:2"], SameSite),
        (
            &["https://a.example", "https://b.example", "https://a.example", "https://a.example/2"],
            CrossSite,
        ),
        (
            &["https://x.a.example", "https://a.example", "https://b.example", "https://a.example"],
            CrossSite,
        ),
    ] {
        let request = at(urls);
        assert_eq!(request.redirect_taint(), taint, "{urls:?}");
        let serialized: &[u8] = if taint == SameOrigin { b"https://a.example" } else { b"null" };
        assert_eq!(request.byte_serialized_origin(), serialized, "{urls:?}");
    }
}

#[test]
fn every_referrer_policy_has_a_token() {
    let tokens: [&[u8]; 8] = [
        b"no-referrer",
        b"no-referrer-when-downgrade",
        b"same-origin",
        b"origin",
        b"strict-origin",
        b"origin-when-cross-origin",
        b"strict-origin-when-cross-origin",
        b"unsafe-url",
    ];
    let mut seen = std::collections::HashSet::new();
    assert!(tokens.iter().all(|token| seen.insert(ReferrerPolicy::of_token(token).unwrap())));
    assert_eq!(ReferrerPolicy::of_token(b""), None);
    assert_eq!(ReferrerPolicy::of_token(b"Origin"), None);
}

#[test]
fn a_page_s_site_is_its_partition() {
    let key = |origin: &str| {
        Client::new(&Environment::new(Origin::parse_serialized(origin).unwrap()))
            .network_partition_key
    };
    assert_eq!(key("https://x.a.example:8443"), "https://a.example");
    assert_eq!(key("http://127.0.0.1:80".strip_suffix(":80").unwrap()), "http://127.0.0.1");
    assert_eq!(key("null"), "null");
}
