//! Cases bind by role: made under one policy, they mean the same under unlike others, or say why
//! they do not.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on panics")]
#![expect(clippy::print_stdout, reason = "the table is what it is for: cargo test -- --nocapture")]

use std::collections::BTreeMap;

use corsproof_conform::case::Credentials;
use corsproof_conform::drive::drive;
use corsproof_conform::generate::origins::{Combination, OriginRecipe, PRODUCIBLE, RAW};
use corsproof_conform::judge::server::judge;
use corsproof_conform::policy::Policy;
use corsproof_conform::reference::ReferenceServer;
use corsproof_conform::server_case::{
    HeaderRecipe, Lack, MethodRecipe, ServerCall, ServerCase, Unbound, Wire,
};
use corsproof_conform::subject::{ServerAdapter as _, Support};
use corsproof_conform::vector::{Test, Vector};

/// Has something of everything, so that every recipe makes something.
const HOME: &str = r#"{
    "origins": {"list": ["https://www.app.example", "http://other.example:8080",
            "https://xn--bcher-kva.example", "http://[2001:db8::1]:8080", "http://192.168.0.10:8080"],
        "subdomains_of": ["https://sub.example"]},
    "methods": {"list": ["PUT", "patch"]},
    "request_headers": {"list": ["x-a", "x-b"]}
}"#;

const POLICIES: [(&str, &str); 24] = [
    (
        "one origin",
        r#"{"origins": {"list": ["https://app.example"]}, "methods": {"list": ["PUT"]}, "request_headers": {"list": ["x-a"]}}"#,
    ),
    (
        "two origins",
        r#"{"origins": {"list": ["https://a.example", "https://b.test"]}, "methods": {"list": ["DELETE"]}}"#,
    ),
    (
        "many origins",
        r#"{"origins": {"list": ["https://a.example", "https://b.example", "https://c.test", "http://a.example:81", "http://d.e.f.test"]}, "methods": {"any": true}, "request_headers": {"any": true}}"#,
    ),
    (
        "ports",
        r#"{"origins": {"list": ["http://app.example:3000", "https://app.example:8443"]}, "methods": {"list": ["PUT"]}}"#,
    ),
    ("highest port", r#"{"origins": {"list": ["https://app.example:65535"]}}"#),
    ("one digit", r#"{"origins": {"list": ["https://app.example:8"]}}"#),
    (
        "deep",
        r#"{"origins": {"list": ["https://one.two.three.example"]}, "methods": {"list": ["PATCH", "CHICKEN"]}}"#,
    ),
    (
        "single label",
        r#"{"origins": {"list": ["http://intranet"]}, "request_headers": {"list": ["content-type"]}}"#,
    ),
    ("localhost", r#"{"origins": {"list": ["http://localhost:3000", "http://127.0.0.1:3000"]}}"#),
    ("IPv6", r#"{"origins": {"list": ["http://[::1]:5173"]}, "methods": {"list": ["PUT"]}}"#),
    ("IPv6 without port", r#"{"origins": {"list": ["https://[2001:db8:1:2:3:4:5:6]"]}}"#),
    ("IPv4", r#"{"origins": {"list": ["http://10.0.0.1"]}}"#),
    (
        "IDNA",
        r#"{"origins": {"list": ["https://xn--e1afmkfd.xn--p1ai"]}, "request_headers": {"any": true}}"#,
    ),
    ("public suffix", r#"{"origins": {"list": ["https://app.github.io"]}}"#),
    (
        "shared suffix",
        r#"{"origins": {"list": ["https://foo.example", "https://barfoo.example", "https://foo.example.com"]}}"#,
    ),
    (
        "subdomains only",
        r#"{"origins": {"subdomains_of": ["https://b.example"]}, "methods": {"list": ["PUT"]}}"#,
    ),
    ("subdomains at a port", r#"{"origins": {"subdomains_of": ["http://b.example:8080"]}}"#),
    ("pattern only", r#"{"origins": {"patterns": ["^https://[a-z]+\\.tenant\\.example$"]}}"#),
    ("null only", r#"{"origins": {"null": true}, "methods": {"list": ["PUT"]}}"#),
    ("null and one", r#"{"origins": {"list": ["https://app.example"], "null": true}}"#),
    (
        "any",
        r#"{"origins": {"any": true}, "methods": {"list": ["PUT"]}, "request_headers": {"list": ["x-a"]}}"#,
    ),
    (
        "any of all",
        r#"{"origins": {"any": true}, "methods": {"any": true}, "request_headers": {"any": true}, "credentials": true}"#,
    ),
    (
        "single method",
        r#"{"origins": {"list": ["https://app.example"]}, "methods": {"list": ["GET"]}}"#,
    ),
    (
        "app scheme",
        r#"{"origins": {"list": ["capacitor://localhost"]}, "methods": {"list": ["PUT"]}}"#,
    ),
];

fn call() -> ServerCall {
    ServerCall {
        origin: OriginRecipe::Listed(0),
        path: "/plain".to_owned(),
        method: MethodRecipe::Literal("GET".into()),
        headers: Vec::new(),
        credentials: Credentials::SameOrigin,
        wire: Wire::default(),
        overlaps: false,
    }
}

/// A case for each kind of recipe, and the published ones.
fn cases() -> Vec<ServerCase> {
    let home: Policy = serde_json::from_str(HOME).unwrap();
    let first = |make: &dyn Fn(usize) -> OriginRecipe| {
        (0..49).map(make).find(|recipe| recipe.realize(&home).is_some()).unwrap()
    };
    let changes = PRODUCIBLE.into_iter().chain(RAW);
    let changed = changes.clone().map(|change| first(&|of| OriginRecipe::Changed { of, change }));
    let combined = Combination::ALL
        .map(|how| first(&|n| OriginRecipe::Combined { of: n / 7, with: n % 7, how }));
    let own = changes.map(OriginRecipe::Own).filter(|own| own.realize(&home).is_some());
    let others = [
        OriginRecipe::Listed(0),
        OriginRecipe::Listed(1),
        OriginRecipe::Null,
        OriginRecipe::Unrelated,
        OriginRecipe::Absent,
        OriginRecipe::Literal("https://[".to_owned()),
    ];
    let origins = changed.chain(combined).chain(own).chain(others);
    let of_origins = origins.map(|origin| ServerCall { origin, ..call() });
    let methods = [
        MethodRecipe::Listed(0),
        MethodRecipe::CaseFlipped(0),
        MethodRecipe::CaseFlipped(1),
        MethodRecipe::Unlisted,
        MethodRecipe::Literal("POST".into()),
    ];
    let of_methods = methods.map(|method| ServerCall { method, ..call() });
    let headers = [
        HeaderRecipe::Listed(0),
        HeaderRecipe::ListedUpper(1),
        HeaderRecipe::Unlisted,
        HeaderRecipe::Literal(("Accept-Language".into(), "en".into())),
    ];
    let of_headers = headers.map(|header| ServerCall { headers: vec![header], ..call() });
    let of_credentials = ServerCall { credentials: Credentials::Include, ..call() };
    let calls = of_origins.chain(of_methods).chain(of_headers).chain([of_credentials]);
    let made = calls.enumerate().map(|(n, call)| ServerCase {
        id: format!("role-{n}"),
        policy: home.clone(),
        calls: vec![call.clone(), call],
    });
    let published = corsproof_vectors::all().iter().filter_map(|(path, text)| {
        let vector = Vector::parse(path, text).unwrap();
        match vector.test {
            Test::Server { case, .. } => Some(ServerCase { id: vector.id, ..case }),
            _ => None,
        }
    });
    made.chain(published).collect()
}

fn policies() -> impl Iterator<Item = (&'static str, Policy)> {
    POLICIES.into_iter().map(|(name, text)| (name, serde_json::from_str(text).unwrap()))
}

#[test]
fn nine_in_ten_of_the_cases_that_apply_bind_to_unlike_policies() {
    let cases = cases();
    println!("{:<22} {:>5} {:>10} {:>5}  why not", "policy", "cases", "applicable", "bound");
    for (name, policy) in policies() {
        let (mut bound, mut not_made) = (0, Vec::new());
        let mut inapplicable: BTreeMap<String, u32> = BTreeMap::new();
        for case in &cases {
            match case.bound_to(&policy) {
                Ok(again) => {
                    assert_eq!((&again.id, again.calls.len()), (&case.id, case.calls.len()));
                    assert_eq!(again.policy, policy);
                    bound += 1;
                }
                Err(Unbound { field, reason, lack: Lack::Inapplicable, .. }) => {
                    *inapplicable.entry(format!("{field}: {reason}")).or_default() += 1;
                }
                Err(Unbound { call, lack: Lack::NotMade, .. }) => {
                    let recipe = &case.calls[call].origin;
                    not_made.push(serde_json::to_string(recipe).unwrap());
                }
            }
        }
        let applicable = bound + not_made.len();
        println!("{name:<22} {:>5} {applicable:>10} {bound:>5}", cases.len());
        inapplicable.iter().for_each(|(why, n)| println!("{:>47} inapplicable, {why}", n));
        if !not_made.is_empty() {
            println!("{:>47} not made: {}", not_made.len(), not_made.join(" "));
        }
        assert!(bound * 10 >= applicable * 9, "{name}: {bound} of {applicable} bind: {not_made:?}");
        // Vacuous if hardly anything applied: an own host and bytes of no browser always do.
        assert!(applicable >= 40, "{name}: {applicable}");
    }
}

/// Vacuous if nothing was bound: the test above counts.
#[test]
fn the_reference_server_conforms_to_what_is_bound() {
    for (name, policy) in policies() {
        for case in cases().iter().filter_map(|case| case.bound_to(&policy).ok()) {
            let mut server = ReferenceServer::default();
            let Support::Mounted(mount) = server.configure(&case.policy).unwrap() else {
                unreachable!("the reference server expresses every policy")
            };
            let calls = case.bind().unwrap();
            let observed = drive(&mut server, &mount, &case.policy, &calls).unwrap();
            let found = judge(&case, &observed).unwrap();
            assert!(found.is_empty(), "{name}: {case:?}\n{found:#?}");
        }
    }
}

#[test]
fn a_role_that_would_change_does_not_bind() {
    let home: Policy = serde_json::from_str(HOME).unwrap();
    let why = |call: ServerCall, text: &str| {
        let case = ServerCase { id: String::new(), policy: home.clone(), calls: vec![call] };
        case.bound_to(&serde_json::from_str(text).unwrap()).unwrap_err()
    };
    for (call, text, field) in [
        (
            ServerCall { origin: OriginRecipe::Unrelated, ..call() },
            r#"{"origins": {"any": true}}"#,
            "origin",
        ),
        (
            ServerCall { origin: OriginRecipe::Null, ..call() },
            r#"{"origins": {"null": true}}"#,
            "origin",
        ),
        (call(), r#"{"origins": {"null": true}}"#, "origin"),
        (
            ServerCall { method: MethodRecipe::Unlisted, ..call() },
            r#"{"origins": {"list": ["https://a.example"]}, "methods": {"any": true}}"#,
            "method",
        ),
        (
            ServerCall { method: MethodRecipe::Listed(0), ..call() },
            r#"{"origins": {"list": ["https://a.example"]}}"#,
            "method",
        ),
        (
            ServerCall { headers: vec![HeaderRecipe::Unlisted], ..call() },
            r#"{"origins": {"list": ["https://a.example"]}, "request_headers": {"any": true}}"#,
            "headers",
        ),
        (
            ServerCall { credentials: Credentials::Include, ..call() },
            r#"{"origins": {"list": ["https://a.example"]}, "credentials": true}"#,
            "credentials",
        ),
        (
            ServerCall { wire: Wire { private_network: true, ..Wire::default() }, ..call() },
            r#"{"origins": {"list": ["https://a.example"]}, "private_network": true}"#,
            "wire",
        ),
    ] {
        let unbound = why(call, text);
        assert_eq!((unbound.field, unbound.lack), (field, Lack::Inapplicable), "{text}: {unbound}");
    }
}

#[test]
fn a_case_binds_to_its_own_policy_as_it_is() {
    for case in cases() {
        assert_eq!(case.bound_to(&case.policy).as_ref(), Ok(&case));
    }
}
