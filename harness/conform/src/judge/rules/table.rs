//! The table of the rules. A rule is named by what is wrong when it is broken.
//!
//! `required` is kept for what changes a browser's decision against the policy: now, at the next
//! cache, or from one request to the next. What only offends our taste is `recommended`, and what
//! is somebody's documented choice `informative`.

use super::{blocked, granted, headers, history, options, robust, shared_cache, vary};
use crate::judge::finding::Direction::{
    CacheUnsafe, Fragile, OverPermissive, OverRestrictive, Unhygienic,
};
use crate::judge::finding::Level::{Informative, Recommended, Required};
use crate::judge::rule::Rule;

const CORS_CHECK: &str = "https://fetch.spec.whatwg.org/#concept-cors-check";
const PREFLIGHT_FETCH: &str = "https://fetch.spec.whatwg.org/#cors-preflight-fetch-0";
const HEADER_SYNTAX: &str = "https://fetch.spec.whatwg.org/#http-new-header-syntax";
const CREDENTIALS: &str = "https://fetch.spec.whatwg.org/#cors-protocol-and-credentials";
const CACHES: &str = "https://fetch.spec.whatwg.org/#cors-protocol-and-http-caches";
const RFC_9110: &str = "https://httpwg.org/specs/rfc9110.html";
const RFC_9111: &str = "https://httpwg.org/specs/rfc9111.html";
const LOCAL_NETWORK_ACCESS: &str = "https://wicg.github.io/local-network-access/";

/// The rule of this name.
pub fn rule(slug: &str) -> Option<&'static Rule> {
    RULES.iter().find(|rule| rule.slug == slug)
}

/// All rules over server cases.
pub const RULES: [Rule; 39] = [
    Rule {
        slug: "unlisted-origin-allowed",
        level: Required,
        direction: OverPermissive,
        asks: "A page of an origin that the policy does not name gets no response.",
        sources: &[CORS_CHECK],
        check: granted::unlisted_origin,
    },
    Rule {
        slug: "null-origin-allowed",
        level: Required,
        direction: OverPermissive,
        asks: "An opaque origin gets no response unless the policy names `null`.",
        sources: &[CORS_CHECK],
        check: granted::null_origin,
    },
    Rule {
        slug: "credentials-allowed-unasked",
        level: Required,
        direction: OverPermissive,
        asks: "A request with credentials gets no response under a policy without them.",
        sources: &[CORS_CHECK, CREDENTIALS],
        check: granted::credentials,
    },
    Rule {
        slug: "unlisted-method-allowed",
        level: Required,
        direction: OverPermissive,
        asks: "A method that needs a preflight and that the policy does not name is refused.",
        sources: &[PREFLIGHT_FETCH],
        check: granted::method,
    },
    Rule {
        slug: "unlisted-header-allowed",
        level: Required,
        direction: OverPermissive,
        asks: "A request header that needs a preflight and that the policy does not name is refused.",
        sources: &[PREFLIGHT_FETCH],
        check: granted::header,
    },
    Rule {
        slug: "blocked-call-executed",
        level: Required,
        direction: OverPermissive,
        asks: "No handler runs for a request that the policy blocks and a preflight announced.",
        sources: &[PREFLIGHT_FETCH],
        check: granted::executed,
    },
    Rule {
        slug: "path-policy-bypassed",
        level: Required,
        direction: OverPermissive,
        asks: "The policy of the handler that answers holds, however its path is written.",
        sources: &["https://url.spec.whatwg.org/", RFC_9110],
        check: granted::path,
    },
    Rule {
        slug: "path-read-unlike-router",
        level: Recommended,
        direction: OverPermissive,
        asks: "The policy of a path is that of the path which the router reads, however it is written.",
        sources: &["https://url.spec.whatwg.org/", RFC_9110],
        check: granted::path_of_router,
    },
    Rule {
        slug: "unlisted-name-exposed",
        level: Required,
        direction: OverPermissive,
        asks: "Script reads no response header but the safelist and those that the policy exposes.",
        sources: &["https://fetch.spec.whatwg.org/#main-fetch"],
        check: granted::exposed_name,
    },
    Rule {
        slug: "unlisted-origin-allowed-by-handler",
        level: Informative,
        direction: OverPermissive,
        asks: "What a handler grants on its own account lets in no origin that the policy leaves out.",
        sources: &[HEADER_SYNTAX],
        check: granted::by_handler,
    },
    Rule {
        slug: "any-origin-with-credentials-allowed",
        level: Recommended,
        direction: OverPermissive,
        asks: "A policy of all origins with credentials is refused, or becomes a literal `*`.",
        sources: &[CREDENTIALS],
        check: granted::any_origin_with_credentials,
    },
    Rule {
        slug: "private-network-allowed-unasked",
        level: Recommended,
        direction: OverPermissive,
        asks: "Private networks are opened on request of the policy alone.",
        sources: &[LOCAL_NETWORK_ACCESS],
        check: granted::private_network,
    },
    Rule {
        slug: "allowed-call-blocked",
        level: Required,
        direction: OverRestrictive,
        asks: "A call whose origin, method, headers and credentials the policy names gets through.",
        sources: &[CORS_CHECK, PREFLIGHT_FETCH],
        check: blocked::allowed_call,
    },
    Rule {
        slug: "listed-name-hidden",
        level: Required,
        direction: OverRestrictive,
        asks: "Script reads the response headers that the policy exposes.",
        sources: &["https://fetch.spec.whatwg.org/#main-fetch"],
        check: blocked::hidden_name,
    },
    Rule {
        slug: "allowed-call-blocked-by-handler",
        level: Informative,
        direction: OverRestrictive,
        asks: "What a handler grants on its own account shuts out no origin that the policy allows.",
        sources: &[HEADER_SYNTAX],
        check: blocked::by_handler,
    },
    Rule {
        slug: "equivalent-request-blocked",
        level: Recommended,
        direction: OverRestrictive,
        asks: "What intermediaries may do to the form of a request does not get it blocked.",
        sources: &[RFC_9110, HEADER_SYNTAX],
        check: blocked::equivalent,
    },
    Rule {
        slug: "private-network-not-allowed",
        level: Informative,
        direction: OverRestrictive,
        asks: "A preflight into a private network is told that it may, where the policy says so.",
        sources: &[LOCAL_NETWORK_ACCESS],
        check: blocked::private_network,
    },
    Rule {
        slug: "foreign-origin-refused",
        level: Informative,
        direction: OverRestrictive,
        asks: "A request that needs no preflight is answered, whoever sends it; script cannot read it.",
        sources: &[HEADER_SYNTAX],
        check: blocked::foreign_origin,
    },
    Rule {
        slug: "vary-origin-missing",
        level: Required,
        direction: CacheUnsafe,
        asks: "An answer that grants is not reused for an origin that it does not grant.",
        sources: &[CACHES, RFC_9111],
        check: shared_cache::granted,
    },
    Rule {
        slug: "vary-origin-missing-on-denied",
        level: Required,
        direction: CacheUnsafe,
        asks: "An answer to an origin that was refused is not reused for one that is allowed.",
        sources: &[CACHES, RFC_9111],
        check: shared_cache::refused,
    },
    Rule {
        slug: "vary-origin-missing-without-origin",
        level: Required,
        direction: CacheUnsafe,
        asks: "An answer to a request without `Origin` is not reused for a page.",
        sources: &[CACHES, RFC_9111],
        check: shared_cache::without_origin,
    },
    Rule {
        slug: "vary-member-lost",
        level: Recommended,
        direction: CacheUnsafe,
        asks: "What the application says in `Vary` survives.",
        sources: &[RFC_9110],
        check: vary::member_lost,
    },
    Rule {
        slug: "vary-copied-from-request",
        level: Recommended,
        direction: Unhygienic,
        asks: "A `Vary` in the request is not copied into the response.",
        sources: &[RFC_9110],
        check: vary::copied,
    },
    Rule {
        slug: "vary-excessive",
        level: Informative,
        direction: Unhygienic,
        asks: "An answer that is the same for all origins does not vary by `Origin`.",
        sources: &[CACHES],
        check: vary::excessive,
    },
    Rule {
        slug: "vary-star",
        level: Informative,
        direction: Unhygienic,
        asks: "`Vary` names what matters, and does not switch caches off.",
        sources: &[RFC_9110],
        check: vary::star,
    },
    Rule {
        slug: "preflight-vary-missing",
        level: Informative,
        direction: CacheUnsafe,
        asks: "A preflight's answer that repeats the headers asked for varies by them.",
        sources: &[RFC_9110],
        check: vary::preflight,
    },
    Rule {
        slug: "allow-origin-malformed",
        level: Recommended,
        direction: Unhygienic,
        asks: "`Access-Control-Allow-Origin` is one origin or `*`, on one line.",
        sources: &[HEADER_SYNTAX],
        check: headers::malformed_origin,
    },
    Rule {
        slug: "allow-origin-names-another",
        level: Informative,
        direction: Unhygienic,
        asks: "`Access-Control-Allow-Origin` does not name an origin that did not ask.",
        sources: &[HEADER_SYNTAX],
        check: headers::another_origin,
    },
    Rule {
        slug: "allow-credentials-malformed",
        level: Recommended,
        direction: Unhygienic,
        asks: "`Access-Control-Allow-Credentials` is `true` or absent.",
        sources: &[HEADER_SYNTAX],
        check: headers::malformed_credentials,
    },
    Rule {
        slug: "granted-names-malformed",
        level: Recommended,
        direction: Unhygienic,
        asks: "Lists of methods and header names hold tokens alone: with anything else, none counts.",
        sources: &[HEADER_SYNTAX, "https://fetch.spec.whatwg.org/#extract-header-values"],
        check: headers::malformed_names,
    },
    Rule {
        slug: "allow-credentials-unasked",
        level: Recommended,
        direction: Unhygienic,
        asks: "`Access-Control-Allow-Credentials` is sent under a policy with credentials alone.",
        sources: &[HEADER_SYNTAX, CREDENTIALS],
        check: headers::unasked_credentials,
    },
    Rule {
        slug: "max-age-malformed",
        level: Recommended,
        direction: Unhygienic,
        asks: "`Access-Control-Max-Age` is a whole number of seconds.",
        sources: &[HEADER_SYNTAX],
        check: headers::malformed_max_age,
    },
    Rule {
        slug: "max-age-differs",
        level: Recommended,
        direction: Unhygienic,
        asks: "A granted preflight may be cached for as long as the policy says.",
        sources: &[PREFLIGHT_FETCH],
        check: headers::other_max_age,
    },
    Rule {
        slug: "options-not-forwarded",
        level: Informative,
        direction: OverRestrictive,
        asks: "An OPTIONS request that is no preflight reaches the application.",
        sources: &["https://fetch.spec.whatwg.org/#cors-preflight-request", RFC_9110],
        check: options::not_forwarded,
    },
    Rule {
        slug: "preflight-runs-handler",
        level: Informative,
        direction: Fragile,
        asks: "A preflight does not run the application's handler.",
        sources: &[PREFLIGHT_FETCH],
        check: options::preflight_runs_handler,
    },
    Rule {
        slug: "answer-depends-on-history",
        level: Required,
        direction: Fragile,
        asks: "The same request has the same answer, whatever came before or at once.",
        sources: &[CORS_CHECK],
        check: history::depends,
    },
    Rule {
        slug: "odd-origin-breaks-server",
        level: Recommended,
        direction: Fragile,
        asks: "An `Origin` that no browser sends does not break the server.",
        sources: &["https://fetch.spec.whatwg.org/#origin-header"],
        check: robust::breaks,
    },
    Rule {
        slug: "odd-request-breaks-server",
        level: Recommended,
        direction: Fragile,
        asks: "A request that no browser sends does not break the server.",
        sources: &[RFC_9110],
        check: robust::breaks_on_request,
    },
    Rule {
        slug: "odd-origin-granted",
        level: Recommended,
        direction: Fragile,
        asks: "An `Origin` that is none is not granted by a policy that names origins.",
        sources: &["https://fetch.spec.whatwg.org/#origin-header"],
        check: robust::granted,
    },
];
