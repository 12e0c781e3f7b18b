//! Slips that keep somebody out, spoil a cache or offend hygiene.

use crate::server_case::OWN_CORS_ORIGIN;

use super::answer::{
    ALLOW_CREDENTIALS, ALLOW_ORIGIN, ASKED_HEADERS, Answer, EXPOSE_HEADERS, MAX_AGE,
};

pub(super) fn errors_are_bare(answer: &mut Answer<'_>) {
    if answer.response.status == 404 && !answer.is_preflight() {
        answer.drop(ALLOW_ORIGIN);
    }
}

pub(super) fn exposes_nothing(answer: &mut Answer<'_>) {
    answer.drop(EXPOSE_HEADERS);
}

pub(super) fn refuses_spaces(answer: &mut Answer<'_>) {
    if answer.asked(ASKED_HEADERS).is_some_and(|names| names.contains(&b' ')) {
        answer.drop(ALLOW_ORIGIN);
    }
}

pub(super) fn refuses_foreign(answer: &mut Answer<'_>) {
    let simple = !answer.is_preflight() && answer.request.method != *"OPTIONS";
    if simple && answer.is_foreign() && answer.path() == "/plain" {
        answer.response.status = 403;
    }
}

pub(super) fn grants_without_vary(answer: &mut Answer<'_>) {
    if answer.is_granted() && !answer.is_preflight() {
        answer.vary_no_more("origin");
    }
}

pub(super) fn refuses_without_vary(answer: &mut Answer<'_>) {
    if !answer.is_granted() && answer.asked("origin").is_some() && !answer.is_preflight() {
        answer.vary_no_more("origin");
    }
}

pub(super) fn no_vary_without_origin(answer: &mut Answer<'_>) {
    if answer.asked("origin").is_none() {
        answer.vary_no_more("origin");
    }
}

pub(super) fn loses_vary(answer: &mut Answer<'_>) {
    answer.vary_no_more("accept-language");
}

pub(super) fn copies_vary(answer: &mut Answer<'_>) {
    if let Some(names) = answer.asked("vary") {
        answer.add("Vary", names);
    }
}

pub(super) fn varies_for_nothing(answer: &mut Answer<'_>) {
    let everyone = answer.here().origins().is_none() && !answer.here().credentials();
    if everyone && !answer.is_preflight() {
        answer.add("Vary", "Origin");
    }
}

pub(super) fn varies_by_everything(answer: &mut Answer<'_>) {
    if !answer.is_preflight() {
        answer.add("Vary", "*");
    }
}

pub(super) fn preflight_does_not_vary(answer: &mut Answer<'_>) {
    if answer.is_preflight() {
        answer.vary_no_more("access-control-request-headers");
    }
}

pub(super) fn empty_allow_origin(answer: &mut Answer<'_>) {
    if answer.is_foreign() && !answer.is_granted() {
        answer.set(ALLOW_ORIGIN, "");
    }
}

pub(super) fn names_the_first_listed(answer: &mut Answer<'_>) {
    let first = answer.here().origins().and_then(|set| set.list.first()).cloned();
    if let (Some(first), true) = (first, answer.is_foreign() && !answer.is_granted()) {
        answer.set(ALLOW_ORIGIN, first);
    }
}

pub(super) fn says_false(answer: &mut Answer<'_>) {
    if !answer.here().credentials() && answer.is_granted() {
        answer.set(ALLOW_CREDENTIALS, "false");
    }
}

pub(super) fn credentials_beside_wildcard(answer: &mut Answer<'_>) {
    let star = |line: &crate::byte_string::HeaderLine| line.1 == *"*";
    if answer.response.headers.iter().any(star) && !answer.here().credentials() {
        answer.set(ALLOW_CREDENTIALS, "true");
    }
}

pub(super) fn adds_to_the_handlers_grant(answer: &mut Answer<'_>) {
    if answer.path() == "/own-cors" && !answer.is_preflight() && answer.is_granted() {
        answer.add(ALLOW_ORIGIN, OWN_CORS_ORIGIN);
    }
}

pub(super) fn max_age_with_unit(answer: &mut Answer<'_>) {
    if answer.is_preflight() && answer.here().max_age().is_none() {
        answer.set(MAX_AGE, "600s");
    }
}

pub(super) fn max_age_of_zero_is_dropped(answer: &mut Answer<'_>) {
    if answer.here().max_age() == Some(0) {
        answer.drop(MAX_AGE);
    }
}

pub(super) fn ends_every_options(answer: &mut Answer<'_>) {
    if answer.request.method == *"OPTIONS" && !answer.is_preflight() {
        answer.response.status = 204;
        answer.drop("X-Total");
    }
}

pub(super) fn runs_handler_on_preflight(answer: &mut Answer<'_>) {
    if answer.is_preflight() && answer.path() == "/plain" {
        answer.add("X-Total", "7");
    }
}

/// Every other answer says more; nothing depends on it yet.
pub(super) fn remembers(answer: &mut Answer<'_>) {
    if answer.count % 2 == 1 && !answer.is_preflight() {
        answer.add(MAX_AGE, "1");
    }
}

pub(super) fn forgets_private_network(answer: &mut Answer<'_>) {
    answer.drop("Access-Control-Allow-Private-Network");
}
