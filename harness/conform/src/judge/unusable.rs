//! Policies that no browser could ever match: an implementation that takes them in silence leaves
//! its user with a server that refuses everybody, or lets in more than was meant. The best answer
//! is to refuse them when it starts; to read them as they were meant is as good.

use crate::case::Credentials;
use crate::generate::origins::OriginRecipe;
use crate::policy::{RawOriginSet, RawOrigins, RawPolicy, Tokens};
use crate::server_case::{MethodRecipe, ServerCall, Wire};

use super::finding::{Direction, Finding, Level};

/// The rule.
pub const UNUSABLE_POLICY_ACCEPTED: &str = "unusable-policy-accepted";

/// A policy that cannot be meant as it stands.
#[derive(Debug, Clone)]
pub struct Trap {
    /// What is wrong with it, as a short stable word.
    pub label: &'static str,
    /// The policy.
    pub policy: RawPolicy,
    /// The origin that was meant, where there is one: if its pages can read, it was understood.
    pub meant: Option<&'static str>,
}

/// All of them.
pub fn traps() -> Vec<Trap> {
    let mut traps: Vec<Trap> = ORIGINS
        .iter()
        .map(|(label, written, meant)| Trap {
            label,
            policy: listing(written),
            meant: meant.then_some(MEANT),
        })
        .collect();
    traps.push(Trap {
        label: "unicode-host",
        policy: listing("https://b\u{fc}cher.example"),
        meant: Some("https://xn--bcher-kva.example"),
    });
    traps.push(Trap {
        label: "subdomains-of-a-public-suffix",
        policy: RawPolicy {
            origins: RawOrigins::Some(RawOriginSet {
                subdomains_of: vec!["https://com".to_owned()],
                ..RawOriginSet::default()
            }),
            ..listing(MEANT)
        },
        meant: None,
    });
    for method in ["CONNECT", "TRACE", "not a token"] {
        let policy = RawPolicy { methods: Tokens::list([method]), ..listing(MEANT) };
        let label = if method.contains(' ') { "method-no-token" } else { "method-forbidden" };
        traps.push(Trap { label, policy, meant: None });
    }
    for (label, name) in [("header-forbidden", "Cookie"), ("header-no-token", "x a")] {
        let policy = RawPolicy { request_headers: Tokens::list([name]), ..listing(MEANT) };
        traps.push(Trap { label, policy, meant: None });
    }
    traps
}

/// The origin that most traps mean.
const MEANT: &str = "https://app.example";

/// What is written, and whether [`MEANT`] is meant by it.
const ORIGINS: [(&str, &str, bool); 8] = [
    ("trailing-slash", "https://app.example/", true),
    ("path", "https://app.example/app", true),
    ("upper-case", "HTTPS://App.Example", true),
    ("default-port", "https://app.example:443", true),
    ("white-space", " https://app.example", true),
    ("no-scheme", "app.example", true),
    ("user-information", "https://user@app.example", true),
    ("empty", "", false),
];

impl Trap {
    /// A call of a page of the origin that was meant.
    pub fn probe(&self) -> Option<ServerCall> {
        Some(ServerCall {
            origin: OriginRecipe::Literal(self.meant?.to_owned()),
            path: "/plain".to_owned(),
            method: MethodRecipe::Literal("GET".into()),
            headers: Vec::new(),
            credentials: Credentials::SameOrigin,
            wire: Wire::default(),
            overlaps: false,
        })
    }

    /// What is wrong with an implementation that took the policy; `understood`: whether the probe
    /// could be read.
    pub fn judge(&self, understood: bool) -> Option<Finding> {
        (!understood).then(|| Finding {
            rule: UNUSABLE_POLICY_ACCEPTED.to_owned(),
            level: Level::Recommended,
            direction: Direction::OverRestrictive,
            label: self.label.to_owned(),
            call: None,
            producible: Vec::new(),
            expected: "refused when it is configured, or read as it was meant".to_owned(),
            observed: match self.meant {
                Some(origin) => format!("taken, and `{origin}` is then blocked"),
                None => "taken in silence".to_owned(),
            },
            steps: Vec::new(),
        })
    }
}

fn listing(origin: &str) -> RawPolicy {
    RawPolicy {
        origins: RawOrigins::list([origin]),
        methods: Tokens::list(["GET"]),
        request_headers: Tokens::none(),
        expose_headers: Tokens::none(),
        credentials: false,
        max_age: None,
        private_network: false,
        paths: Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::Policy;

    #[test]
    fn a_trap_is_no_policy_or_names_a_public_suffix_or_a_header_that_script_cannot_set() {
        for trap in traps() {
            let usable = Policy::try_from(trap.policy.clone()).is_ok();
            let hidden = ["subdomains-of-a-public-suffix", "header-forbidden"];
            assert_eq!(usable, hidden.contains(&trap.label), "{}", trap.label);
        }
    }

    #[test]
    fn who_understands_what_was_meant_breaks_nothing() {
        for trap in traps() {
            assert!(trap.judge(true).is_none());
            assert_eq!(trap.judge(false).unwrap().label, trap.label);
        }
    }
}
