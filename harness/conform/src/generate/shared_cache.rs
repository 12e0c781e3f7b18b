//! Sequences for shared caches: one URL, asked for again and again by pages of different origins
//! and by programs that send no `Origin`, with and without credentials.
//!
//! It makes no other method than GET, since caches keep nothing else, and no request header that
//! needs a preflight. Each sequence has a URL of its own, so that none meets another's answers.

use crate::case::Credentials;
use crate::server_case::{MethodRecipe, ServerCall, ServerCase, Wire};
use crate::subject::Capabilities;

use super::calls::bindable;
use super::choices::{Choices, Seeded};
use super::origins::{OriginRecipe, PRODUCIBLE};
use super::policies::policy;

/// How many consecutive sequences share a policy.
pub const SEQUENCES_PER_POLICY: u64 = 8;

/// The *i*-th sequence against a server with these capabilities.
pub fn nth(seed: u64, capabilities: &Capabilities, index: u64) -> ServerCase {
    let fingerprint = serde_json::to_string(capabilities).unwrap_or_default();
    let scope = format!("shared-cache/{fingerprint}");
    let block = index / SEQUENCES_PER_POLICY;
    let policy =
        policy(&mut Seeded::for_case(seed, &format!("{scope}/policy"), block), capabilities);
    let mut choices = Seeded::for_case(seed, &scope, index);
    let path = format!("{}?sequence={seed}-{index}", choices.pick(&PATHS));
    let count = 3 + choices.below(3);
    let mut calls: Vec<ServerCall> =
        (0..count).map(|_| bindable(call(&mut choices, &path), &policy)).collect();
    // The first call once more: whatever is kept at all, answers it.
    calls.extend(calls.first().cloned());
    ServerCase { id: format!("{seed}-{index}"), policy, calls }
}

/// What the standard app answers with statuses that are kept by default, and with one that is not.
const PATHS: [&str; 9] = [
    "/plain",
    "/plain",
    "/plain",
    "/vary",
    "/status/404",
    "/status/405",
    "/status/204",
    "/status/500",
    "/missing",
];

fn call(choices: &mut impl Choices, path: &str) -> ServerCall {
    let origin = match choices.weighted(&[4, 4, 2, 2, 1, 3]) {
        0 => OriginRecipe::Listed(0),
        1 => OriginRecipe::Listed(1),
        2 => OriginRecipe::Unrelated,
        3 => OriginRecipe::Changed { of: choices.below(3), change: choices.pick(&PRODUCIBLE) },
        4 => OriginRecipe::Null,
        _ => OriginRecipe::Absent,
    };
    // Without an origin it is no page's call.
    let bare = origin == OriginRecipe::Absent;
    let credentials =
        if choices.chance(1, 2) { Credentials::Include } else { Credentials::SameOrigin };
    ServerCall {
        origin,
        path: path.to_owned(),
        method: MethodRecipe::Literal("GET".into()),
        headers: Vec::new(),
        credentials,
        wire: Wire { bare, ..Wire::default() },
        overlaps: false,
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::reference::ReferenceServer;
    use crate::subject::ServerAdapter as _;

    fn sequences() -> Vec<ServerCase> {
        let server = ReferenceServer::default();
        (0..1_200).map(|index| nth(7, server.capabilities(), index)).collect()
    }

    #[test]
    fn every_sequence_binds_and_repeats_its_first_call() {
        for case in sequences() {
            assert!(case.calls.len() >= 2 && case.bind().is_ok(), "{case:?}");
            assert_eq!(case.calls.first(), case.calls.last(), "{case:?}");
        }
    }

    #[test]
    fn no_two_sequences_share_a_url() {
        let urls: BTreeSet<_> =
            sequences().into_iter().map(|case| case.calls[0].path.clone()).collect();
        assert_eq!(urls.len(), 1_200);
    }

    #[test]
    fn every_kind_of_origin_meets_both_credentials_modes() {
        let calls = sequences().into_iter().flat_map(|case| case.calls);
        let seen: BTreeSet<_> =
            calls.map(|call| (call.origin.label(), format!("{:?}", call.credentials))).collect();
        for label in ["listed", "unrelated", "null", "absent", "subdomain", "suffixed"] {
            assert_eq!(seen.iter().filter(|(seen, _)| seen == label).count(), 2, "{label}");
        }
    }
}
