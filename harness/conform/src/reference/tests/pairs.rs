//! Policies and requests, made by hand so that each fault shows.

use crate::byte_string::HeaderLine;
use crate::observe::WireRequest;
use crate::reference::lines::line;

pub(super) const POLICIES: [&str; 6] = [
    r#"{"origins": {"list": ["https://app.example", "https://a.b.app.example:8443", "http://x.test:8080",
        "http://[::1]:3000", "http://under_score.test", "https://xn--bcher-kva.example",
        "https://last.example"]},
        "methods": {"list": ["PUT", "patch", "HEAD", "OPTIONS", "CHICKEN", "DELETE"]},
        "request_headers": {"list": ["X-A", "x-b", "X-C-D"]}, "expose_headers": {"list": ["x-total", "x-own"]},
        "credentials": true, "max_age": 600, "private_network": true,
        "paths": [{"prefix": "/pub", "policy": {"origins": {"list": ["https://pub.example"]},
                   "methods": {"list": ["PURGE"]}}},
                  {"prefix": "/p+q/", "policy": {"origins": {"list": ["https://in.example"]}}},
                  {"prefix": "/z/deep", "policy": {"origins": {"list": ["https://in.example"]}}},
                  {"prefix": "/z", "policy": {"origins": {"list": ["https://pub.example"]}}},
                  {"prefix": "/pub/in/", "policy": {"origins": {"list": ["https://in.example"]}}}]}"#,
    r#"{"origins": {"any": true}, "methods": {"any": true}, "request_headers": {"any": true},
        "expose_headers": {"any": true}, "credentials": true, "max_age": 0}"#,
    r#"{"origins": {"any": true}, "methods": {"list": []}, "request_headers": {"any": true}}"#,
    r#"{"origins": {"subdomains_of": ["https://app.example", "https://app.example:8443"],
        "patterns": ["^https://p[0-9]\\.example$", "^https://q\\.example|https://r\\.example$"],
        "null": true}, "methods": {"any": true}, "request_headers": {"any": true},
        "credentials": true, "expose_headers": {"any": true}}"#,
    r#"{"origins": {"list": []}}"#,
    r#"{"origins": {"list": ["https://app.example"]}, "methods": {"list": []},
        "request_headers": {"list": []}}"#,
];

pub(super) const ORIGINS: &[&str] = &[
    "https://app.example",
    "https://last.example",
    "https://a.b.app.example:8443",
    "http://x.test:8080",
    "http://[::1]:3000",
    "http://[::5]:3000",
    "http://under_score.test",
    "https://xn--bcher-kva.example",
    "https://evil.example",
    "http://app.example",
    "http://app.example:81",
    "https://app.example.evil.test",
    "https://evilapp.example",
    "https://app.example:443",
    "https://app.example:80",
    "https://app.example:8443",
    "https://app.exam",
    "https://appXexample",
    "https://a.bXapp.example:8443",
    "https://aXb.app.example:8443",
    "https://a.b.appXexample:8443",
    "https://a.b.app.example:84431",
    "https://a.b.app.example",
    "https://APP.example",
    "https://app.example.",
    "https://app.example/",
    "https://evil.test@app.example",
    "https://app\u{e9}.example",
    "https://app.example\u{a0}",
    "https://sub.app.example",
    "https://n1.app.example",
    "https://sub.appXexample",
    "http://sub.app.example",
    "https://sub.app.example:99",
    "https://deep.sub.app.example",
    "https://sub.app.example.evil.test",
    "https://p1.example",
    "https://P1.example",
    "https://p1.example.evil.test",
    "evil:https://p1.example",
    "https://q.example.evil.test",
    "https://r.example",
    "null",
    "odd",
    "",
    "http://localhost:5173",
    "http://localhost.evil.test",
    "http://192.168.0.1",
    "chrome-extension://abcdef",
    "https://api.example",
    "https://[",
    "https://app.example evil",
    "https://app.example:99999",
    "https://app.example, https://evil.test",
    "https://pub.example",
    "https://in.example",
];

pub(super) fn request(method: &str, target: &str, lines: &[(&str, &str)]) -> WireRequest {
    let bytes = |text: &str| text.chars().map(|c| c as u8).collect::<Vec<u8>>();
    let headers: Vec<HeaderLine> = lines.iter().map(|(n, v)| line(n, bytes(v))).collect();
    let target = if target.contains('?') { target.into() } else { format!("{target}?case=c") };
    WireRequest {
        method: method.into(),
        target: target.into(),
        headers: [vec![line("Host", "api.example")], headers].concat(),
        body: false,
        http2: false,
    }
}

pub(super) fn preflight(origin: &str, method: &str, lines: &[(&str, &str)]) -> WireRequest {
    let asks = [("Origin", origin), ("Access-Control-Request-Method", method)];
    request("OPTIONS", "/plain", &[&asks, lines].concat())
}

pub(super) fn requests() -> Vec<WireRequest> {
    const APP: (&str, &str) = ("Origin", "https://app.example");
    const EVIL: (&str, &str) = ("Origin", "https://evil.test");
    const NAMES: &str = "Access-Control-Request-Headers";
    const ASKS_PUT: (&str, &str) = ("Access-Control-Request-Method", "PUT");
    let long = vec!["x-a"; 300].join(",");
    let mut requests = vec![request("GET", "/plain", &[("Origin", "https://last.example"), APP])];
    for origin in ORIGINS {
        requests.push(request("GET", "/plain", &[("Origin", origin)]));
        requests.push(preflight(origin, "PUT", &[(NAMES, "x-a,x-b")]));
        requests.push(request("GET", "/pub/in/x", &[("Origin", origin)]));
    }
    for path in [
        "/vary",
        "/own-cors",
        "/throw",
        "/none",
        "/status/304",
        "/status/204",
        "/status/418",
        "/status/503",
        "/z/deep",
        "/redirect?to=/plain",
        "/PUB/x",
        "/publicity",
        "/pub/in/x",
        "/pub/in",
        "/%70ub/x",
        "/p+q/x",
        "/x/../pub/x",
        "//pub/x",
        "/x/pub/",
        "/plain?next=/pub",
    ] {
        for origin in ["https://app.example", "https://pub.example", "https://in.example"] {
            requests.push(request("GET", path, &[("Origin", origin)]));
        }
        requests.push(request("GET", path, &[EVIL]));
        requests.push(request("GET", path, &[]));
        requests.push(request("OPTIONS", path, &[("Origin", "https://pub.example"), ASKS_PUT]));
    }
    for method in
        ["GET", "POST", "PATCH", "patch", "Patch", "PUTS", "EN", "LEGUME", "chicken", "A B"]
    {
        requests.push(preflight("https://app.example", method, &[]));
        requests.push(preflight("https://sub.app.example", method, &[]));
    }
    for names in [
        "authorization",
        "authorization,x-a",
        "x-a , x-b",
        "x-a,,x-b",
        "x-b,x-a",
        "x-a,x-a",
        "X-A",
        "content-type",
        "x-abc",
        "x-a,evil",
        "evil,x-a",
        "b,x",
        "x_a",
        "x-other",
        "x-a,\u{e9}",
        &long,
        "x-1,x-2,x-3,x-4,x-5,x-6,x-7,x-8,x-9,x-10,x-11,x-12,x-13,x-14,x-15,x-16",
    ] {
        requests.push(preflight("https://app.example", "PUT", &[(NAMES, names)]));
    }
    let private = ("Access-Control-Request-Private-Network", "true");
    for origin in ["https://app.example", "https://evil.test"] {
        requests.push(preflight(origin, "PUT", &[private]));
        requests.push(preflight(origin, "PUT", &[(NAMES, "x-a"), (NAMES, "x-b")]));
    }
    for (name, value) in [
        ("Cookie", "a=1"),
        ("Authorization", "Bearer t"),
        ("X-Requested-With", "XMLHttpRequest"),
        ("Sec-Fetch-Site", "same-site"),
        ("X-Forwarded-Host", "evil.test"),
        ("Vary", "Cookie"),
    ] {
        requests.push(request("GET", "/plain", &[EVIL, (name, value)]));
        requests.push(request("GET", "/plain", &[APP, (name, value)]));
    }
    requests.extend([
        request("GET", "/plain", &[("Referer", "https://app.example/x")]),
        request("GET", "/plain", &[APP, EVIL]),
        request("GET", "/plain", &[EVIL, APP]),
        request("OPTIONS", "/plain", &[]),
        request("OPTIONS", "/plain", &[APP]),
        request("GET", "/plain", &[APP, ASKS_PUT]),
        request("PUT", "/plain", &[APP]),
        request("GET", "/plain", &[APP]),
        request("GET", "/plain", &[("Origin", "https://evil.example")]),
        request("GET", "/plain", &[("Origin", "https://own.example")]),
    ]);
    let over_http2 = |request: WireRequest| WireRequest { http2: true, ..request };
    requests.extend([
        over_http2(request("GET", "/plain", &[APP])),
        over_http2(preflight("https://app.example", "PUT", &[(NAMES, "x-a")])),
    ]);
    requests
}
