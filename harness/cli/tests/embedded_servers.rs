//! The embedded subjects, over real sockets: the standard app answers as the contract says, and
//! the policy reaches the implementation.

#![expect(clippy::unwrap_used, clippy::panic, reason = "what the tests share may fail as they may")]

use corsproof::embedded;
use corsproof::http_client::SocketServer;
use corsproof_conform::observe::{WireRequest, WireResponse};
use corsproof_conform::policy::Policy;
use corsproof_conform::subject::{Mount, OriginForm, Server, ServerAdapter, SubjectError, Support};
use corsproof_subject_actix_cors::ActixCors;
use corsproof_subject_poem::Poem;
use corsproof_subject_tower_http::TowerHttp;
use corsproof_subject_warp::Warp;

const LISTED: &str = "https://a.example";
const UNLISTED: &str = "https://b.example";

const USUAL: &str = r#"{
    "origins": {"list": ["https://a.example", "https://c.example"]},
    "methods": {"list": ["GET", "PUT"]},
    "request_headers": {"list": ["x-token"]},
    "expose_headers": {"list": ["x-total"]},
    "credentials": true,
    "max_age": 600
}"#;

/// The adapters, unboxed where a test needs more than the trait.
fn all() -> Vec<Box<dyn Server>> {
    let start = |name: &&str| embedded::start(name).unwrap();
    embedded::names().iter().map(start).collect()
}

fn policy(json: &str) -> Policy {
    serde_json::from_str(json).unwrap()
}

fn mount(server: &mut dyn Server, json: &str) -> Mount {
    match server.configure(&policy(json)).unwrap() {
        Support::Mounted(mount) => mount,
        other => panic!("{}: {other:?}", server.about().name),
    }
}

fn request(method: &str, target: &str, headers: &[(&str, &str)]) -> WireRequest {
    let host = [("Host", "api.example")];
    let lines = host.iter().chain(headers);
    WireRequest {
        method: method.into(),
        target: target.into(),
        headers: lines.map(|(name, value)| ((*name).into(), (*value).into())).collect(),
        body: false,
        http2: false,
    }
}

fn preflight(origin: &str, method: &str, header: &str) -> WireRequest {
    let asked = [
        ("Origin", origin),
        ("Access-Control-Request-Method", method),
        ("Access-Control-Request-Headers", header),
    ];
    request("OPTIONS", "/plain", &asked)
}

/// All values of a header, joined as Fetch joins them.
fn value(response: &WireResponse, name: &str) -> Option<String> {
    let values: Vec<String> = response
        .headers
        .iter()
        .filter(|(n, _)| n.eq_ignore_ascii_case(name.as_bytes()))
        .map(|(_, value)| value.isomorphic_decode())
        .collect();
    (!values.is_empty()).then(|| values.join(", "))
}

#[test]
fn the_standard_app_answers_as_the_contract_says() {
    for mut server in all() {
        let mount = mount(&mut *server, USUAL);
        let name = server.about().name.clone();
        for method in ["GET", "HEAD", "POST", "DELETE", "PATCH", "FROB"] {
            let plain = server.exchange(&mount, &request(method, "/plain", &[])).unwrap();
            assert_eq!(plain.status, 200, "{name} {method}");
            assert_eq!(value(&plain, "x-total").as_deref(), Some("7"), "{name} {method}");
            assert!(value(&plain, "etag").is_some(), "{name} {method}");
        }
        for (target, status) in [
            ("/vary", 200),
            ("/own-cors", 200),
            ("/status/204", 204),
            ("/status/304", 304),
            ("/status/404", 404),
            ("/status/500", 500),
            ("/status/599", 599),
            ("/status/100", 400),
            ("/throw", 500),
            ("/redirect?to=https%3A%2F%2Fd.example%2F", 302),
            ("/missing", 404),
        ] {
            let response = server.exchange(&mount, &request("GET", target, &[])).unwrap();
            assert_eq!(response.status, status, "{name} {target}");
        }
        let vary = server.exchange(&mount, &request("GET", "/vary", &[])).unwrap();
        assert!(value(&vary, "vary").unwrap().contains("Accept-Language"), "{name}");
        let own = server.exchange(&mount, &request("GET", "/own-cors", &[])).unwrap();
        let granted = value(&own, "access-control-allow-origin");
        assert_eq!(granted.as_deref(), Some("https://own.example"), "{name}");
        let away = request("GET", "/redirect?to=https%3A%2F%2Fd.example%2F", &[]);
        let away = server.exchange(&mount, &away).unwrap();
        assert_eq!(value(&away, "location").as_deref(), Some("https://d.example/"), "{name}");
    }
}

#[test]
fn a_listed_origin_is_granted_what_the_policy_says() {
    for mut server in all() {
        let mount = mount(&mut *server, USUAL);
        let name = server.about().name.clone();
        let granted = server.exchange(&mount, &preflight(LISTED, "PUT", "x-token")).unwrap();
        assert_eq!(granted.status, 200, "{name}");
        for (header, expected) in [
            ("access-control-allow-origin", LISTED),
            ("access-control-allow-credentials", "true"),
            ("access-control-allow-headers", "x-token"),
            ("access-control-max-age", "600"),
        ] {
            assert_eq!(value(&granted, header).as_deref(), Some(expected), "{name} {header}");
        }
        let methods = value(&granted, "access-control-allow-methods").unwrap();
        assert!(methods.split(',').any(|method| method.trim() == "PUT"), "{name}: {methods}");

        let actual = request("GET", "/plain", &[("Origin", LISTED)]);
        let actual = server.exchange(&mount, &actual).unwrap();
        for (header, expected) in [
            ("access-control-allow-origin", LISTED),
            ("access-control-allow-credentials", "true"),
            ("access-control-expose-headers", "x-total"),
        ] {
            assert_eq!(value(&actual, header).as_deref(), Some(expected), "{name} {header}");
        }
    }
}

#[test]
fn an_unlisted_origin_is_granted_nothing() {
    for mut server in all() {
        let mount = mount(&mut *server, USUAL);
        for request in [
            preflight(UNLISTED, "PUT", "x-token"),
            preflight("null", "PUT", "x-token"),
            request("GET", "/plain", &[("Origin", UNLISTED)]),
            request("GET", "/throw", &[("Origin", "https://a.example.b.example")]),
        ] {
            let response = server.exchange(&mount, &request).unwrap();
            let granted = value(&response, "access-control-allow-origin");
            assert_eq!(granted, None, "{} {request:?}", server.about().name);
        }
    }
}

#[test]
fn each_form_of_origins_reaches_the_implementation() {
    use OriginForm::{Any, List, Null, Patterns, SubdomainsOf};
    for (form, json, yes, no) in [
        (Any, r#"{"any": true}"#, UNLISTED, None),
        (List, r#"{"list": ["https://a.example"]}"#, LISTED, Some(UNLISTED)),
        (
            SubdomainsOf,
            r#"{"subdomains_of": ["https://a.example"]}"#,
            "https://x.y.a.example",
            Some(LISTED),
        ),
        (
            Patterns,
            r#"{"patterns": ["^https://[ab]\\.example$"]}"#,
            UNLISTED,
            Some("https://axexample"),
        ),
        (Null, r#"{"null": true}"#, "null", Some(LISTED)),
        (Null, r#"{"list": ["https://a.example"], "null": true}"#, "null", Some(UNLISTED)),
    ] {
        let json = format!(r#"{{"origins": {json}, "request_headers": {{"list": ["x-token"]}}}}"#);
        for mut server in all() {
            let name = server.about().name.clone();
            if !server.capabilities().origins.contains(&form) {
                let support = server.configure(&policy(&json)).unwrap();
                assert!(!matches!(support, Support::Mounted(_)), "{name} {json} {support:?}");
                continue;
            }
            let mount = mount(&mut *server, &json);
            let mut granted = |origin| {
                let request = request("GET", "/plain", &[("Origin", origin)]);
                let response = server.exchange(&mount, &request).unwrap();
                let granted = value(&response, "access-control-allow-origin");
                granted.is_some_and(|value| value == "*" || value == origin)
            };
            assert!(granted(yes), "{name} {json} {yes}");
            assert!(!no.is_some_and(granted), "{name} {json} {no:?}");
        }
    }
}

/// What each package makes of it: tower-http refuses in its own words, the others reflect.
#[test]
fn any_origin_with_credentials_is_what_the_package_makes_of_it() {
    let any = r#"{"origins": {"any": true}, "credentials": true,
        "request_headers": {"list": ["x-token"]}}"#;
    let refused = TowerHttp::start().unwrap().configure(&policy(any)).unwrap();
    let Support::Rejected { message } = refused else {
        panic!("{refused:?}");
    };
    assert!(message.contains("Cannot combine") && message.contains("Origin: *"), "{message}");

    for name in ["actix-cors", "warp", "poem"] {
        let mut server = embedded::start(name).unwrap();
        let mount = mount(&mut *server, any);
        let request = request("GET", "/plain", &[("Origin", UNLISTED)]);
        let response = server.exchange(&mount, &request).unwrap();
        let granted = value(&response, "access-control-allow-origin");
        assert_eq!(granted.as_deref(), Some(UNLISTED), "{name}");
        let credentials = value(&response, "access-control-allow-credentials");
        assert_eq!(credentials.as_deref(), Some("true"), "{name}");
    }
}

/// warp and poem send none where an origin of a list is granted; the judge has its opinion.
#[test]
fn whether_a_preflight_varies_is_what_the_package_makes_of_it() {
    for (name, varies) in
        [("tower-http", true), ("actix-cors", true), ("warp", false), ("poem", false)]
    {
        let mut server = embedded::start(name).unwrap();
        let mount = mount(&mut *server, USUAL);
        let granted = server.exchange(&mount, &preflight(LISTED, "PUT", "x-token")).unwrap();
        let vary = value(&granted, "vary").unwrap_or_default();
        assert_eq!(vary.to_ascii_lowercase().contains("origin"), varies, "{name}: {vary}");
    }
}

#[test]
fn a_package_that_panics_over_a_policy_has_refused_it_in_its_own_words() {
    let null = policy(r#"{"origins": {"null": true}}"#);
    let mut warp = Warp::start().unwrap();
    for _ in 0..2 {
        let refused = warp.configure(&null).unwrap();
        let Support::Rejected { message } = refused else {
            panic!("{refused:?}");
        };
        assert!(message.contains("missing scheme"), "{message}");
    }
    assert!(matches!(warp.configure(&policy(USUAL)).unwrap(), Support::Mounted(_)));
}

#[test]
fn an_empty_list_that_would_mean_any_is_not_expressible() {
    let mut poem = Poem::start().unwrap();
    for (json, feature) in [
        (r#"{"origins": {"any": true}}"#, "request_headers"),
        (r#"{"origins": {"list": []}, "request_headers": {"any": true}}"#, "origins"),
    ] {
        let support = poem.configure(&policy(json)).unwrap();
        let named = matches!(&support, Support::Unsupported { feature: f, .. } if f == feature);
        assert!(named, "{json} {support:?}");
    }
}

#[test]
fn what_cannot_be_expressed_is_unsupported_by_name() {
    let paths = r#"{"origins": {"any": true},
        "paths": [{"prefix": "/x", "policy": {"origins": {"any": true}}}]}"#;
    for mut server in all() {
        let support = server.configure(&policy(paths)).unwrap();
        let named = matches!(&support, Support::Unsupported { feature, .. } if feature == "paths");
        assert!(named && !server.capabilities().paths, "{support:?}");
        let private = policy(r#"{"origins": {"any": true}, "private_network": true}"#);
        let support = server.configure(&private).unwrap();
        let mounted = matches!(support, Support::Mounted(_));
        assert_eq!(mounted, server.capabilities().private_network, "{support:?}");
    }
}

fn executions_are_counted(mut server: SocketServer<impl ServerAdapter>) {
    let mount = mount(&mut server, USUAL);
    let name = server.about().name.clone();
    assert_eq!(server.count_of(&mount, "c1").unwrap(), 0, "{name}");
    for request in [
        request("GET", "/plain?case=c1", &[("Origin", LISTED)]),
        request("DELETE", "/throw?case=c1", &[]),
        request("GET", "/plain?case=c2", &[]),
        request("GET", "/plain", &[]),
        request("GET", "/missing?case=c1", &[]),
        WireRequest { target: "/plain?case=c1".into(), ..preflight(LISTED, "PUT", "x-token") },
    ] {
        server.exchange(&mount, &request).unwrap();
    }
    assert_eq!(server.count_of(&mount, "c1").unwrap(), 2, "{name}");
    assert_eq!(server.count_of(&mount, "c2").unwrap(), 1, "{name}");
    let request = request("GET", "/executed/c1", &[("Origin", LISTED)]);
    let outside = server.exchange(&mount, &request).unwrap();
    assert_eq!(value(&outside, "access-control-allow-origin"), None, "{name}");
}

#[test]
fn handlers_that_ran_are_counted_outside_the_middleware() {
    executions_are_counted(SocketServer::new(TowerHttp::start().unwrap()));
    executions_are_counted(SocketServer::new(ActixCors::start().unwrap()));
    executions_are_counted(SocketServer::new(Warp::start().unwrap()));
    executions_are_counted(SocketServer::new(Poem::start().unwrap()));
}

#[test]
fn a_released_mount_is_gone_and_others_stay() {
    for mut server in all() {
        let first = mount(&mut *server, USUAL);
        let second = mount(&mut *server, USUAL);
        server.release(&first);
        let plain = request("GET", "/plain", &[]);
        assert_eq!(server.exchange(&first, &plain).unwrap().status, 404);
        assert_eq!(server.exchange(&second, &plain).unwrap().status, 200);
    }
}

#[test]
fn a_stopped_subject_is_an_error_and_not_an_answer() {
    for mut server in all() {
        let mounted = mount(&mut *server, USUAL);
        let mut other = embedded::start(&server.about().name).unwrap();
        drop(server);
        let error = other.exchange(&mounted, &request("GET", "/plain", &[])).unwrap_err();
        assert!(matches!(error, SubjectError::NotRunning { .. }), "{error}");
    }
}

#[test]
fn the_files_beside_a_subject_say_what_runs() {
    let lock = include_str!("../../../Cargo.lock");
    for server in all() {
        let about = server.about();
        let (subject, known) = embedded::files(&about.name).unwrap();
        let subject: toml::Table = subject.parse().unwrap();
        known.parse::<toml::Table>().unwrap();
        assert_eq!(subject["name"].as_str(), Some(about.name.as_str()));
        assert_eq!(subject["version"].as_str(), Some(about.version.as_str()));
        let package = subject["package"].as_str().unwrap();
        let locked = format!("name = \"{package}\"\nversion = \"{}\"", about.version);
        assert!(lock.contains(&locked), "{locked}");
    }
    assert!(embedded::start("nobody").is_err());
}
