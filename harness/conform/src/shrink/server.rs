//! Simpler variants of a server case: fewer calls, a smaller policy, simpler calls. What is left of
//! the calls keeps its order.

use crate::policy::{Policy, RawOriginSet, RawOrigins, RawPolicy, TokenList, Tokens};
use crate::server_case::ServerCase;

use super::{Shrink, server_call};

impl Shrink for ServerCase {
    fn candidates(&self) -> Vec<Self> {
        let mut all = Vec::new();
        for index in 0..self.calls.len() {
            let mut fewer = self.clone();
            fewer.calls.remove(index);
            all.push(fewer);
        }
        all.extend(
            shrink_policy(self.policy.raw())
                .into_iter()
                .filter_map(|raw| Policy::try_from(raw).ok())
                .map(|policy| Self { policy, ..self.clone() }),
        );
        for (index, call) in self.calls.iter().enumerate() {
            all.extend(server_call::simpler(call).into_iter().map(|call| {
                let mut simpler = self.clone();
                simpler.calls.splice(index..=index, [call]);
                simpler
            }));
        }
        all
    }

    fn weight(&self) -> usize {
        let calls: usize = self.calls.iter().map(server_call::weight).sum();
        policy_weight(self.policy.raw()) + calls
    }
}

fn shrink_policy(policy: &RawPolicy) -> Vec<RawPolicy> {
    let mut all = Vec::new();
    let mut offer = |change: &dyn Fn(&mut RawPolicy)| {
        let mut simpler = policy.clone();
        change(&mut simpler);
        all.push(simpler);
    };
    offer(&|p| p.credentials = false);
    offer(&|p| p.max_age = None);
    offer(&|p| p.private_network = false);
    offer(&|p| p.paths.clear());
    for (index, path) in policy.paths.iter().enumerate() {
        offer(&|p| {
            p.paths.remove(index);
        });
        for simpler in shrink_policy(&path.policy) {
            offer(&|p| {
                let path = p.paths.get_mut(index);
                path.into_iter().for_each(|path| path.policy.clone_from(&simpler));
            });
        }
    }
    offer(&|p| p.origins = RawOrigins::list(["https://app.example"]));
    let origins = match &policy.origins {
        RawOrigins::Any(_) => Vec::new(),
        RawOrigins::Some(set) => shrink_origin_set(set),
    };
    for set in origins {
        offer(&|p| p.origins = RawOrigins::Some(set.clone()));
    }
    for methods in shrink_tokens(&policy.methods) {
        offer(&|p| p.methods = methods.clone());
    }
    for names in shrink_tokens(&policy.request_headers) {
        offer(&|p| p.request_headers = names.clone());
    }
    for names in shrink_tokens(&policy.expose_headers) {
        offer(&|p| p.expose_headers = names.clone());
    }
    all
}

fn policy_weight(policy: &RawPolicy) -> usize {
    let origins = match &policy.origins {
        RawOrigins::Any(_) => 60,
        RawOrigins::Some(set) => {
            let named = [&set.list, &set.subdomains_of, &set.patterns];
            let length: usize = named.into_iter().flatten().map(|s| 8 + s.len()).sum();
            length + usize::from(set.null) * 12
        }
    };
    let tokens: usize = [&policy.methods, &policy.request_headers, &policy.expose_headers]
        .into_iter()
        .map(|tokens| match tokens.listed() {
            None => 20,
            Some(list) => list.iter().map(|token| 4 + token.len()).sum(),
        })
        .sum();
    let paths: usize = policy.paths.iter().map(|path| 40 + policy_weight(&path.policy)).sum();
    origins
        + tokens
        + paths
        + usize::from(policy.credentials) * 6
        + usize::from(policy.max_age.is_some()) * 6
        + usize::from(policy.private_network) * 6
}

fn shrink_origin_set(set: &RawOriginSet) -> Vec<RawOriginSet> {
    let mut all: Vec<RawOriginSet> = without_one(&set.list)
        .into_iter()
        .map(|list| RawOriginSet { list, ..set.clone() })
        .collect();
    all.push(RawOriginSet { subdomains_of: Vec::new(), ..set.clone() });
    all.push(RawOriginSet { patterns: Vec::new(), ..set.clone() });
    all.push(RawOriginSet { null: false, ..set.clone() });
    all
}

fn shrink_tokens(tokens: &Tokens) -> Vec<Tokens> {
    match tokens.listed() {
        None => vec![Tokens::none()],
        Some(list) => {
            without_one(list).into_iter().map(|list| Tokens::List(TokenList { list })).collect()
        }
    }
}

fn without_one(list: &[String]) -> Vec<Vec<String>> {
    (0..list.len())
        .map(|skip| {
            list.iter().enumerate().filter(|(n, _)| *n != skip).map(|(_, s)| s.clone()).collect()
        })
        .collect()
}
