//! The table of the miniatures: for each rule the slip, and the smallest case that shows it.

use crate::server_case::ServerCase;

use super::answer::Answer;
use super::{permissive, restrictive};

/// A server that breaks one rule.
#[derive(Debug)]
pub struct Miniature {
    /// The rule that must notice.
    pub rule: &'static str,
    /// Rules that cannot but notice, too.
    pub implies: &'static [&'static str],
    example: Example,
    pub(super) slip: fn(&mut Answer<'_>),
}

/// A policy and calls, as JSON.
#[derive(Debug)]
struct Example(&'static str, &'static str);

impl Miniature {
    /// The case that the reference server passes and this one fails.
    ///
    /// # Errors
    /// When the example is not a case.
    pub fn example(&self) -> Result<ServerCase, serde_json::Error> {
        let Example(policy, calls) = self.example;
        serde_json::from_str(&format!(r#"{{"id": "", "policy": {policy}, "calls": {calls}}}"#))
    }
}

/// The miniature of a rule.
pub fn of_rule(slug: &str) -> Option<&'static Miniature> {
    MINIATURES.iter().find(|miniature| miniature.rule == slug)
}

const ONE: &str = r#"{"origins": {"list": ["https://app.example"]}, "methods": {"list": ["PUT"]}}"#;
const ANY: &str = r#"{"origins": {"any": true}, "request_headers": {"any": true}}"#;

const LISTED: &str = r#"[{"origin": {"listed": 0}, "path": "/plain", "method": {"literal": "GET"},
    "credentials": "same-origin"}]"#;
const UNLISTED: &str = r#"[{"origin": "unrelated", "path": "/plain", "method": {"literal": "GET"},
    "credentials": "same-origin"}]"#;
const PUT: &str = r#"[{"origin": {"listed": 0}, "path": "/plain", "method": {"listed": 0},
    "credentials": "same-origin"}]"#;
const FOREIGN_PUT: &str = r#"[{"origin": "unrelated", "path": "/plain", "method": {"listed": 0},
    "credentials": "same-origin"}]"#;

/// One for each rule.
pub static MINIATURES: [Miniature; 39] = [
    Miniature {
        rule: "unlisted-origin-allowed",
        implies: &["unlisted-origin-allowed-by-handler"],
        example: Example(ONE, UNLISTED),
        slip: permissive::reflects_unlisted,
    },
    Miniature {
        rule: "null-origin-allowed",
        implies: &[],
        example: Example(
            ONE,
            r#"[{"origin": "null", "path": "/plain", "method": {"literal": "GET"},
                "credentials": "same-origin"}]"#,
        ),
        slip: permissive::reflects_null,
    },
    Miniature {
        rule: "credentials-allowed-unasked",
        implies: &["allow-credentials-unasked"],
        example: Example(
            ONE,
            r#"[{"origin": {"listed": 0}, "path": "/plain", "method": {"literal": "GET"},
                "credentials": "include"}]"#,
        ),
        slip: permissive::allows_credentials,
    },
    Miniature {
        rule: "unlisted-method-allowed",
        implies: &["blocked-call-executed"],
        example: Example(
            ONE,
            r#"[{"origin": {"listed": 0}, "path": "/plain", "method": "unlisted",
                "credentials": "same-origin"}]"#,
        ),
        slip: permissive::echoes_method,
    },
    Miniature {
        rule: "unlisted-header-allowed",
        implies: &["blocked-call-executed"],
        example: Example(
            ONE,
            r#"[{"origin": {"listed": 0}, "path": "/plain", "method": {"literal": "GET"},
                "headers": ["unlisted"], "credentials": "same-origin"}]"#,
        ),
        slip: permissive::echoes_headers,
    },
    Miniature {
        rule: "blocked-call-executed",
        implies: &["granted-names-malformed"],
        example: Example(ONE, FOREIGN_PUT),
        slip: permissive::grants_preflight,
    },
    Miniature {
        rule: "path-policy-bypassed",
        implies: &[],
        example: Example(
            r#"{"origins": {"any": true}, "paths": [{"prefix": "/plain",
                "policy": {"origins": {"list": ["https://app.example"]}}}]}"#,
            r#"[{"origin": "unrelated", "path": "/PLAIN", "method": {"literal": "GET"},
                "credentials": "same-origin"}]"#,
        ),
        slip: permissive::routes_without_case,
    },
    Miniature {
        rule: "path-read-unlike-router",
        implies: &[],
        example: Example(
            r#"{"origins": {"list": ["https://b.example"]}, "methods": {"list": ["GET"]}, "paths": [
                {"prefix": "/plain", "policy": {"origins": {"list": ["https://app.example"]},
                "methods": {"list": ["GET"]}}}]}"#,
            r#"[{"origin": {"literal": "https://app.example"}, "path": "//plain",
                "method": {"literal": "GET"}, "credentials": "same-origin"}]"#,
        ),
        slip: permissive::merges_slashes,
    },
    Miniature {
        rule: "unlisted-name-exposed",
        implies: &[],
        example: Example(ONE, LISTED),
        slip: permissive::exposes_more,
    },
    Miniature {
        rule: "unlisted-origin-allowed-by-handler",
        implies: &[],
        example: Example(
            ONE,
            r#"[{"origin": {"literal": "https://own.example"}, "path": "/own-cors",
                "method": {"literal": "GET"}, "credentials": "same-origin"}]"#,
        ),
        slip: permissive::leaves_the_handlers_grant,
    },
    Miniature {
        rule: "any-origin-with-credentials-allowed",
        implies: &[],
        example: Example(
            r#"{"origins": {"any": true}, "credentials": true}"#,
            r#"[{"origin": "unrelated", "path": "/plain", "method": {"literal": "GET"},
                "credentials": "include"}]"#,
        ),
        slip: permissive::reflects_any_with_credentials,
    },
    Miniature {
        rule: "private-network-allowed-unasked",
        implies: &[],
        example: Example(
            ONE,
            r#"[{"origin": {"listed": 0}, "path": "/plain", "method": {"listed": 0},
                "credentials": "same-origin", "wire": {"private_network": true}}]"#,
        ),
        slip: permissive::opens_private_network,
    },
    Miniature {
        rule: "allowed-call-blocked",
        implies: &[],
        example: Example(
            r#"{"origins": {"list": ["https://app.example"]}, "methods": {"list": ["GET"]}}"#,
            r#"[{"origin": {"listed": 0}, "path": "/status/404", "method": {"literal": "GET"},
                "credentials": "same-origin"}]"#,
        ),
        slip: restrictive::errors_are_bare,
    },
    Miniature {
        rule: "listed-name-hidden",
        implies: &[],
        example: Example(
            r#"{"origins": {"list": ["https://app.example"]},
                "expose_headers": {"list": ["x-total"]}}"#,
            LISTED,
        ),
        slip: restrictive::exposes_nothing,
    },
    Miniature {
        rule: "allowed-call-blocked-by-handler",
        implies: &[],
        example: Example(
            r#"{"origins": {"list": ["https://app.example"]}, "methods": {"list": ["GET"]}}"#,
            r#"[{"origin": {"listed": 0}, "path": "/own-cors", "method": {"literal": "GET"},
                "credentials": "same-origin"}]"#,
        ),
        slip: restrictive::adds_to_the_handlers_grant,
    },
    Miniature {
        rule: "equivalent-request-blocked",
        implies: &[],
        example: Example(
            r#"{"origins": {"list": ["https://app.example"]},
                "request_headers": {"list": ["x-a", "x-b"]}}"#,
            r#"[{"origin": {"listed": 0}, "path": "/plain", "method": {"literal": "GET"},
                "headers": [{"listed": 0}, {"listed": 1}], "credentials": "same-origin"},
                {"origin": {"listed": 0}, "path": "/plain", "method": {"literal": "GET"},
                "headers": [{"listed": 0}, {"listed": 1}], "credentials": "same-origin",
                "wire": {"asked": "spaced"}}]"#,
        ),
        slip: restrictive::refuses_spaces,
    },
    Miniature {
        rule: "private-network-not-allowed",
        implies: &[],
        example: Example(
            r#"{"origins": {"list": ["https://app.example"]}, "methods": {"list": ["PUT"]},
                "private_network": true}"#,
            r#"[{"origin": {"listed": 0}, "path": "/plain", "method": {"listed": 0},
                "credentials": "same-origin", "wire": {"private_network": true}}]"#,
        ),
        slip: restrictive::forgets_private_network,
    },
    Miniature {
        rule: "foreign-origin-refused",
        implies: &[],
        example: Example(ONE, UNLISTED),
        slip: restrictive::refuses_foreign,
    },
    Miniature {
        rule: "vary-origin-missing",
        implies: &[],
        example: Example(
            r#"{"origins": {"list": ["https://app.example", "https://www.example"]}}"#,
            r#"[{"origin": {"listed": 0}, "path": "/plain", "method": {"literal": "GET"},
                "credentials": "same-origin"},
                {"origin": {"listed": 1}, "path": "/plain", "method": {"literal": "GET"},
                "credentials": "same-origin"}]"#,
        ),
        slip: restrictive::grants_without_vary,
    },
    Miniature {
        rule: "vary-origin-missing-on-denied",
        implies: &[],
        example: Example(
            ONE,
            r#"[{"origin": "unrelated", "path": "/plain", "method": {"literal": "GET"},
                "credentials": "same-origin"},
                {"origin": {"listed": 0}, "path": "/plain", "method": {"literal": "GET"},
                "credentials": "same-origin"}]"#,
        ),
        slip: restrictive::refuses_without_vary,
    },
    Miniature {
        rule: "vary-origin-missing-without-origin",
        implies: &[],
        example: Example(
            ONE,
            r#"[{"origin": "absent", "path": "/plain", "method": {"literal": "GET"},
                "credentials": "same-origin"},
                {"origin": {"listed": 0}, "path": "/plain", "method": {"literal": "GET"},
                "credentials": "same-origin"}]"#,
        ),
        slip: restrictive::no_vary_without_origin,
    },
    Miniature {
        rule: "vary-member-lost",
        implies: &[],
        example: Example(
            ONE,
            r#"[{"origin": {"listed": 0}, "path": "/vary", "method": {"literal": "GET"},
                "credentials": "same-origin"}]"#,
        ),
        slip: restrictive::loses_vary,
    },
    Miniature {
        rule: "vary-copied-from-request",
        implies: &[],
        example: Example(
            ONE,
            r#"[{"origin": {"listed": 0}, "path": "/plain", "method": {"literal": "GET"},
                "credentials": "same-origin", "wire": {"lines": [["Vary", "X-Sent"]]}}]"#,
        ),
        slip: restrictive::copies_vary,
    },
    Miniature {
        rule: "vary-excessive",
        implies: &[],
        example: Example(ANY, LISTED),
        slip: restrictive::varies_for_nothing,
    },
    Miniature {
        rule: "vary-star",
        implies: &[],
        example: Example(ONE, LISTED),
        slip: restrictive::varies_by_everything,
    },
    Miniature {
        rule: "preflight-vary-missing",
        implies: &[],
        example: Example(
            ANY,
            r#"[{"origin": {"listed": 0}, "path": "/plain", "method": {"literal": "GET"},
                "headers": [{"listed": 0}], "credentials": "same-origin"}]"#,
        ),
        slip: restrictive::preflight_does_not_vary,
    },
    Miniature {
        rule: "allow-origin-malformed",
        implies: &[],
        example: Example(ONE, UNLISTED),
        slip: restrictive::empty_allow_origin,
    },
    Miniature {
        rule: "allow-origin-names-another",
        implies: &[],
        example: Example(ONE, UNLISTED),
        slip: restrictive::names_the_first_listed,
    },
    Miniature {
        rule: "allow-credentials-malformed",
        implies: &[],
        example: Example(ONE, LISTED),
        slip: restrictive::says_false,
    },
    Miniature {
        rule: "allow-credentials-unasked",
        implies: &[],
        example: Example(ANY, LISTED),
        slip: restrictive::credentials_beside_wildcard,
    },
    Miniature {
        rule: "granted-names-malformed",
        implies: &[],
        example: Example(
            ONE,
            r#"[{"origin": {"listed": 0}, "path": "/plain", "method": {"literal": "OPTIONS"},
                "credentials": "same-origin", "wire": {"bare": true, "lines": [
                ["Access-Control-Request-Method", "PUT"],
                ["Access-Control-Request-Headers", "x a"]]}}]"#,
        ),
        slip: permissive::echoes_odd_names,
    },
    Miniature {
        rule: "max-age-malformed",
        implies: &[],
        example: Example(ONE, PUT),
        slip: restrictive::max_age_with_unit,
    },
    Miniature {
        rule: "max-age-differs",
        implies: &[],
        example: Example(
            r#"{"origins": {"list": ["https://app.example"]}, "methods": {"list": ["PUT"]},
                "max_age": 0}"#,
            PUT,
        ),
        slip: restrictive::max_age_of_zero_is_dropped,
    },
    Miniature {
        rule: "options-not-forwarded",
        implies: &[],
        example: Example(
            ONE,
            r#"[{"origin": "absent", "path": "/plain", "method": {"literal": "OPTIONS"},
                "credentials": "same-origin"}]"#,
        ),
        slip: restrictive::ends_every_options,
    },
    Miniature {
        rule: "preflight-runs-handler",
        implies: &[],
        example: Example(ONE, PUT),
        slip: restrictive::runs_handler_on_preflight,
    },
    Miniature {
        rule: "answer-depends-on-history",
        implies: &[],
        example: Example(
            ONE,
            r#"[{"origin": {"listed": 0}, "path": "/plain", "method": {"literal": "GET"},
                "credentials": "same-origin"},
                {"origin": {"listed": 0}, "path": "/plain", "method": {"literal": "GET"},
                "credentials": "same-origin"}]"#,
        ),
        slip: restrictive::remembers,
    },
    Miniature {
        rule: "odd-origin-breaks-server",
        implies: &[],
        example: Example(
            ONE,
            r#"[{"origin": {"changed": {"of": 0, "change": "space_behind"}}, "path": "/plain",
                "method": {"literal": "GET"}, "credentials": "same-origin"}]"#,
        ),
        slip: permissive::breaks_on_space,
    },
    Miniature {
        rule: "odd-request-breaks-server",
        implies: &["odd-origin-breaks-server"],
        example: Example(
            ONE,
            r#"[{"origin": {"listed": 0}, "path": "/plain", "method": {"literal": "OPTIONS"},
                "credentials": "same-origin", "wire": {"bare": true, "lines": [
                ["Access-Control-Request-Method", "PUT"],
                ["Access-Control-Request-Headers", ""]]}}]"#,
        ),
        slip: permissive::breaks_on_empty_list,
    },
    Miniature {
        rule: "odd-origin-granted",
        implies: &[],
        example: Example(
            ONE,
            r#"[{"origin": {"changed": {"of": 0, "change": "upper_case"}}, "path": "/plain",
                "method": {"literal": "GET"}, "credentials": "same-origin"}]"#,
        ),
        slip: permissive::grants_odd_bytes,
    },
];
