//! Slips that let somebody in, or odd bytes through.

use corsproof_model::infra::is_token;

use crate::policy::{Policy, RawPolicy};

use crate::server_case::OWN_CORS_ORIGIN;

use super::answer::{
    ALLOW_CREDENTIALS, ALLOW_HEADERS, ALLOW_METHODS, ALLOW_ORIGIN, ASKED_HEADERS, ASKED_METHOD,
    Answer, EXPOSE_HEADERS,
};

pub(super) fn reflects_unlisted(answer: &mut Answer<'_>) {
    let tuple = answer.origin().is_some_and(|origin| !origin.is_opaque());
    if tuple && answer.is_foreign() && !answer.is_preflight() {
        answer.grant();
    }
}

pub(super) fn reflects_null(answer: &mut Answer<'_>) {
    let opaque = answer.origin().is_some_and(|origin| origin.is_opaque());
    if opaque && answer.is_foreign() && !answer.is_preflight() {
        answer.grant();
    }
}

pub(super) fn allows_credentials(answer: &mut Answer<'_>) {
    let lists = answer.here().origins().is_some() && !answer.here().credentials();
    if lists && answer.is_granted() && !answer.is_preflight() {
        answer.set(ALLOW_CREDENTIALS, "true");
    }
}

pub(super) fn echoes_method(answer: &mut Answer<'_>) {
    let granted = answer.is_preflight() && answer.is_granted();
    if let Some(method) = answer.asked(ASKED_METHOD).filter(|_| granted) {
        answer.add(ALLOW_METHODS, method);
    }
}

pub(super) fn echoes_headers(answer: &mut Answer<'_>) {
    let lists = answer.here().request_headers().is_some();
    let granted = answer.is_preflight() && answer.is_granted() && lists;
    if let Some(names) = answer.asked(ASKED_HEADERS).filter(|_| granted) {
        answer.add(ALLOW_HEADERS, names);
    }
}

/// The preflight grants what the request itself is then refused.
pub(super) fn grants_preflight(answer: &mut Answer<'_>) {
    if answer.is_preflight() && answer.is_foreign() {
        answer.grant();
        answer.set(ALLOW_METHODS, answer.asked(ASKED_METHOD).unwrap_or_default());
        answer.set(ALLOW_HEADERS, answer.asked(ASKED_HEADERS).unwrap_or_default());
    }
}

/// The router ignores case, the middleware does not.
pub(super) fn routes_without_case(answer: &mut Answer<'_>) {
    let path = answer.path();
    if path != "/plain" && path.eq_ignore_ascii_case("/plain") {
        let raw = RawPolicy { paths: Vec::new(), ..answer.policy.raw().clone() };
        let policy = Policy::try_from(raw).ok();
        if let Some(response) = policy.and_then(|policy| answer.right_at(&policy, "/plain")) {
            answer.response = response;
        }
    }
}

pub(super) fn exposes_more(answer: &mut Answer<'_>) {
    let listed = answer.here().expose_headers().map(<[String]>::to_vec);
    let named = listed.is_some_and(|l| l.iter().any(|n| n.eq_ignore_ascii_case("x-total")));
    if !named && answer.here().expose_headers().is_some() && !answer.is_preflight() {
        answer.add(EXPOSE_HEADERS, "X-Total");
    }
}

pub(super) fn reflects_any_with_credentials(answer: &mut Answer<'_>) {
    if answer.here().origins().is_none() && answer.here().credentials() && answer.is_granted() {
        answer.grant();
        answer.set(ALLOW_CREDENTIALS, "true");
        answer.add("Vary", "Origin");
    }
}

pub(super) fn merges_slashes(answer: &mut Answer<'_>) {
    let policy = answer.policy.at("/plain");
    let named = answer.origin().is_some_and(|origin| policy.names_origin(&origin));
    if answer.path() == "//plain" && !answer.is_preflight() && answer.is_foreign() && named {
        answer.grant();
    }
}

pub(super) fn leaves_the_handlers_grant(answer: &mut Answer<'_>) {
    let own = answer.path() == "/own-cors" && !answer.is_preflight();
    if own && answer.is_foreign() {
        answer.set(ALLOW_ORIGIN, OWN_CORS_ORIGIN);
    }
}

pub(super) fn echoes_odd_names(answer: &mut Answer<'_>) {
    let asked = answer.asked(ASKED_HEADERS).unwrap_or_default();
    let mut members = asked.split(|byte| *byte == b',').map(<[u8]>::trim_ascii);
    if answer.is_preflight() && members.any(|member| !member.is_empty() && !is_token(member)) {
        answer.set(ALLOW_HEADERS, asked);
    }
}

pub(super) fn opens_private_network(answer: &mut Answer<'_>) {
    let asked = answer.asked("access-control-request-private-network").is_some();
    if asked && answer.is_preflight() && answer.is_granted() {
        answer.set("Access-Control-Allow-Private-Network", "true");
    }
}

pub(super) fn breaks_on_space(answer: &mut Answer<'_>) {
    if answer.asked("origin").is_some_and(|origin| origin.contains(&b' ')) {
        answer.response.status = 500;
    }
}

pub(super) fn grants_odd_bytes(answer: &mut Answer<'_>) {
    let present = answer.asked("origin").is_some_and(|origin| !origin.is_empty());
    if present && answer.origin().is_none() && answer.here().origins().is_some() {
        answer.grant();
    }
}

pub(super) fn breaks_on_empty_list(answer: &mut Answer<'_>) {
    let odd = answer.asked("origin").is_some() && answer.origin().is_none();
    if answer.asked(ASKED_HEADERS).is_some_and(|names| names.is_empty()) && !odd {
        answer.response.status = 500;
    }
}
