//! What is an origin, and which are the same.

use super::*;

fn of(url: &str) -> Origin {
    Origin::of_url(&Url::parse(url).unwrap())
}

#[test]
fn only_what_serializing_gives_is_parsed() {
    for good in [
        "null",
        "http://a.example",
        "https://a.example:8443",
        "http://a.example:443",
        "https://127.0.0.1",
        "http://[::1]:65535",
        "http://[2001:db8::1]",
        "https://xn--bcher-kva.example",
        "https://a.example.",
        "http://a_b.example",
        "http://localhost:80800".strip_suffix('0').unwrap(),
        "chrome-extension://abcdef",
        "moz-extension://0f8-1",
        "app://[::1]",
        "wss://a.example",
        "capacitor://localhost",
        "http://a.example:0",
    ] {
        let origin = Origin::parse_serialized(good).unwrap_or_else(|| panic!("{good}"));
        assert_eq!(origin.serialize(), good);
    }
    for bad in [
        "",
        "*",
        "Null",
        "NULL",
        "null ",
        "http://a.example/",
        "http://A.example",
        "HTTP://a.example",
        "http://a.example:80",
        "https://a.example:443",
        "http://a.example:080",
        "http://a.example:",
        "http://a.example:65536",
        "http://u@a.example",
        "http://a.example?",
        "http://a.example#",
        " http://a.example",
        "http://a.example ",
        "https://b\u{fc}cher.example",
        "http://[::0]",
        "http://[0:0:0:0:0:0:0:1]",
        "http://[::127.0.0.1]",
        "http://127.1",
        "http://0x7f.0.0.1",
        "http://",
        "http:a.example",
        "//a.example",
        "a.example",
        "file://",
        "file://a",
        "data:,x",
        "blob:https://a.example",
        "http://a.example,http://b.example",
        "app://",
        "app://-a",
        "app://A",
        "1pp://a",
        "app://a:080",
        "app://[::0]",
        "http://a\tb.example",
        "http://a%2eexample",
    ] {
        assert_eq!(Origin::parse_serialized(bad), None, "{bad}");
    }
}

#[test]
fn scheme_host_and_port_make_an_origin() {
    assert!(of("http://a.example/x").same_origin(&of("HTTP://A.example:80/y?z")));
    assert!(of("https://b\u{fc}cher.example").same_origin(&of("https://xn--bcher-kva.example")));
    assert!(of("http://[0:0::1]").same_origin(&of("http://[::1]/")));
    for other in
        ["https://a.example", "http://a.example:8080", "http://a.example.", "http://www.a.example"]
    {
        assert!(!of("http://a.example").same_origin(&of(other)), "{other}");
    }
}

#[test]
fn an_opaque_origin_is_the_same_as_no_url() {
    for url in
        ["data:,x", "about:blank", "file:///x", "app://a.example", "blob:null/x", "blob:file:///x"]
    {
        assert!(of(url).is_opaque(), "{url}");
        let url = Url::parse(url).unwrap();
        assert!(!Origin::Opaque.is_same_origin_with_url(&url));
        assert!(!urls_have_same_origin(&url, &url));
    }
}

#[test]
fn a_blob_url_has_the_origin_inside() {
    let inner = of("https://a.example:8443");
    let blob = Url::parse("blob:https://a.example:8443/1-2").unwrap();
    assert_eq!(Origin::of_url(&blob), inner);
    assert!(inner.is_same_origin_with_url(&blob));
    assert!(urls_have_same_origin(&blob, &Url::parse("https://a.example:8443/").unwrap()));
}

#[test]
fn comparing_with_a_url_is_comparing_with_its_origin() {
    let urls = [
        "http://a.example/x",
        "http://a.example:8080/",
        "https://a.example/",
        "data:,x",
        "ftp://a.example",
    ];
    for left in urls {
        for right in urls {
            let expected = of(left).same_origin(&of(right));
            let (left, right) = (Url::parse(left).unwrap(), Url::parse(right).unwrap());
            assert_eq!(Origin::of_url(&left).is_same_origin_with_url(&right), expected);
            assert_eq!(urls_have_same_origin(&left, &right), expected);
        }
    }
}

#[test]
fn a_site_is_scheme_and_last_two_labels() {
    for (left, right, same) in [
        ("https://a.example", "https://b.a.example", true),
        ("https://a.example", "https://a.example:8443", true),
        ("https://a.example", "http://a.example", false),
        ("https://a.example", "https://ab.example", false),
        ("https://a.example.", "https://b.a.example.", true),
        ("https://a.example.", "https://a.example", false),
        ("http://localhost", "http://localhost:8080", true),
        ("http://localhost", "http://a.localhost", false),
        ("http://127.0.0.1", "http://127.0.0.1:1", true),
        ("http://127.0.0.1", "http://1.0.0.1", false),
        ("http://[::1]", "http://[::1]:1", true),
    ] {
        assert_eq!(of(left).same_site(&of(right)), same, "{left} {right}");
    }
    assert!(of("http://x.a.example").schemelessly_same_site(&of("https://y.a.example")));
    assert!(!Origin::Opaque.same_site(&Origin::Opaque));
    assert!(!Origin::Opaque.schemelessly_same_site(&of("https://a.example")));
}
