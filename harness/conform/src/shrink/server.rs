//! Simpler variants of a server case: fewer calls, a smaller policy, plainer recipes.

use crate::case::Credentials;
use crate::generate::origins::OriginRecipe;
use crate::policy::{Policy, RawOriginSet, RawOrigins, RawPolicy, TokenList, Tokens};
use crate::server_case::{HeaderRecipe, MethodRecipe, ServerCall, ServerCase};

use super::Shrink;

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
            let mut offer = |change: &dyn Fn(&mut ServerCall)| {
                let mut simpler = self.clone();
                if let Some(call) = simpler.calls.get_mut(index) {
                    change(call);
                }
                all.push(simpler);
            };
            offer(&|call| call.path = "/plain".to_owned());
            offer(&|call| call.method = MethodRecipe::Literal("GET".into()));
            offer(&|call| call.method = MethodRecipe::Listed(0));
            offer(&|call| {
                if let MethodRecipe::CaseFlipped(n) = &mut call.method {
                    *n = 0;
                }
            });
            offer(&|call| call.credentials = Credentials::SameOrigin);
            for header in 0..call.headers.len() {
                offer(&|call| {
                    call.headers.remove(header);
                });
                offer(&|call| {
                    if let Some(recipe) = call.headers.get_mut(header) {
                        *recipe = HeaderRecipe::Listed(0);
                    }
                });
                offer(&|call| {
                    if let Some(HeaderRecipe::ListedUpper(n)) = call.headers.get_mut(header) {
                        *n = 0;
                    }
                });
            }
            offer(&|call| call.origin = OriginRecipe::Listed(0));
            offer(&|call| {
                if let OriginRecipe::Changed { of, .. } = &mut call.origin {
                    *of = 0;
                }
            });
        }
        all
    }

    fn weight(&self) -> usize {
        let calls: usize = self
            .calls
            .iter()
            .map(|call| {
                let origin = match &call.origin {
                    OriginRecipe::Listed(n) => n + 1,
                    OriginRecipe::Null | OriginRecipe::Unrelated | OriginRecipe::Absent => 10,
                    OriginRecipe::Changed { of, .. } => 12 + of,
                    OriginRecipe::Literal(literal) => 20 + literal.len(),
                };
                let method = match &call.method {
                    MethodRecipe::Literal(method) if *method == *"GET" => 0,
                    MethodRecipe::Listed(n) => 3 + n,
                    MethodRecipe::CaseFlipped(n) => 4 + n,
                    MethodRecipe::Unlisted => 4,
                    MethodRecipe::Literal(method) => 6 + method.len(),
                };
                let headers: usize = call
                    .headers
                    .iter()
                    .map(|header| match header {
                        HeaderRecipe::Listed(n) => 10 + n,
                        HeaderRecipe::ListedUpper(n) => 12 + n,
                        HeaderRecipe::Unlisted => 12,
                        HeaderRecipe::Literal((name, value)) => 14 + name.len() + value.len(),
                    })
                    .sum();
                let credentials = usize::from(call.credentials == Credentials::Include) * 2;
                let path = if call.path == "/plain" { 0 } else { 6 + call.path.len() };
                40 + origin + method + headers + credentials + path
            })
            .sum();
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
