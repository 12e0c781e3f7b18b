//! Shrinking: from a failing case to the smallest one that fails in the same way.
//!
//! A [`Shrinker`] works in rounds: it hands out every candidate that is one step simpler, is told
//! which of them still fail, and goes on from the simplest of those. So the failing cases of a
//! batch shrink side by side, a round a batch, and a slow subject sees few rounds.

use crate::byte_string::{ByteString, HeaderLine};
use crate::case::{
    Api, Credentials, Hop, Mode, Redirect, ReferrerPolicy, ScriptedResponse, UserAgentCase,
};
use crate::generate::origins::OriginRecipe;
use crate::policy::{Policy, RawOriginSet, RawOrigins, RawPolicy, TokenList, Tokens};
use crate::server_case::{HeaderRecipe, MethodRecipe, ServerCase};

/// Something that has simpler variants.
pub trait Shrink: Clone {
    /// Variants that are one step simpler; each weighs less.
    fn candidates(&self) -> Vec<Self>;
    /// How much there is of it. Shrinking goes strictly down.
    fn weight(&self) -> usize;
}

/// Shrinks one case, a round at a time.
#[derive(Debug, Clone)]
pub struct Shrinker<C> {
    current: C,
    rounds: usize,
    shrinks: usize,
    done: bool,
}

/// Most rounds that one case is given.
pub const MAX_ROUNDS: usize = 200;

impl<C: Shrink> Shrinker<C> {
    /// Starts from a case that fails.
    pub fn new(failing: C) -> Self {
        Self { current: failing, rounds: 0, shrinks: 0, done: false }
    }

    /// The candidates of the next round, simplest first; none: it is done.
    pub fn round(&mut self) -> Vec<C> {
        if self.done || self.rounds >= MAX_ROUNDS {
            return Vec::new();
        }
        self.rounds += 1;
        let weight = self.current.weight();
        let mut candidates = self.current.candidates();
        candidates.retain(|candidate| candidate.weight() < weight);
        candidates.sort_by_key(Shrink::weight);
        self.done = candidates.is_empty();
        candidates
    }

    /// Says which case of the round was found to fail still, if any did; the caller names the
    /// simplest.
    pub fn settle(&mut self, failing: Option<C>) {
        match failing {
            Some(simpler) => {
                self.current = simpler;
                self.shrinks += 1;
            }
            None => self.done = true,
        }
    }

    /// The smallest case so far.
    pub fn current(&self) -> &C {
        &self.current
    }

    /// How many steps were taken.
    pub fn shrinks(&self) -> usize {
        self.shrinks
    }
}

/// Shrinks a case to its end against a test that answers at once.
pub fn shrink<C: Shrink>(failing: C, mut fails: impl FnMut(&C) -> bool) -> (C, usize) {
    let mut shrinker = Shrinker::new(failing);
    loop {
        let round = shrinker.round();
        if round.is_empty() {
            return (shrinker.current, shrinker.shrinks);
        }
        let simplest = round.into_iter().find(|candidate| fails(candidate));
        shrinker.settle(simplest);
    }
}

impl Shrink for UserAgentCase {
    fn candidates(&self) -> Vec<Self> {
        let mut all = Vec::new();
        let mut offer = |change: &dyn Fn(&mut Self)| {
            let mut candidate = self.clone();
            change(&mut candidate);
            all.push(candidate);
        };
        for (from, to) in [
            (self.page_origin.as_str(), "https://app.example"),
            (self.page_origin.as_str(), "http://app.example"),
        ] {
            offer(&|case| case.move_page(from, to));
        }
        for url in ["https://api.example/", "http://api.example/"] {
            offer(&|case| case.request.url = url.to_owned());
        }
        for method in ["GET", "POST", "PUT"] {
            offer(&|case| case.set_method(method));
        }
        offer(&|case| case.request.credentials = Credentials::SameOrigin);
        offer(&|case| case.request.credentials = Credentials::Omit);
        offer(&|case| case.request.mode = Mode::Cors);
        offer(&|case| case.request.redirect = Redirect::Follow);
        offer(&|case| case.request.upload_listeners = false);
        offer(&|case| case.request.stream_body = false);
        offer(&|case| case.request.referrer_policy = ReferrerPolicy::default());
        offer(&|case| case.request.api = Api::Fetch);
        offer(&|case| case.request.body = None);
        for lines in shrink_lines(&self.request.headers) {
            offer(&|case| case.request.headers.clone_from(&lines));
        }
        for (index, (name, _)) in self.request.headers.iter().enumerate() {
            let name = name.clone();
            offer(&|case| case.rename_header(index, &name, "x"));
        }
        offer(&|case| {
            case.hops.pop();
        });
        for (index, hop) in self.hops.iter().enumerate() {
            for simpler in shrink_hop(hop) {
                offer(&|case| {
                    if let Some(hop) = case.hops.get_mut(index) {
                        hop.clone_from(&simpler);
                    }
                });
            }
        }
        all
    }

    fn weight(&self) -> usize {
        let request = &self.request;
        let oddness = [
            usize::from(request.mode != Mode::Cors) * 8,
            usize::from(request.redirect != Redirect::Follow) * 4,
            usize::from(request.upload_listeners) * 4,
            usize::from(request.stream_body) * 4,
            usize::from(request.referrer_policy != ReferrerPolicy::default()) * 4,
            usize::from(request.api != Api::Fetch) * 4,
            usize::from(request.body.is_some()) * 6,
            match request.credentials {
                Credentials::Omit => 0,
                Credentials::SameOrigin => 1,
                Credentials::Include => 3,
            },
            match &*request.method {
                b"GET" => 0,
                b"POST" => 2,
                b"PUT" => 3,
                other => 4 + other.len(),
            },
        ];
        let hops: usize = self.hops.iter().map(|hop| 40 + hop_weight(hop)).sum();
        oddness.iter().sum::<usize>()
            + page_weight(&self.page_origin)
            + request.url.len()
            + usize::from(request.url.starts_with("http:")) * 4
            + lines_weight(&request.headers)
            + hops
    }
}

impl UserAgentCase {
    /// Moves the page, and with it whatever the answers say of its origin.
    fn move_page(&mut self, from: &str, to: &str) {
        self.page_origin = to.to_owned();
        self.replace_in_answers(from.as_bytes(), to.as_bytes());
    }

    /// Changes the method, and with it whatever the answers say of it.
    fn set_method(&mut self, method: &str) {
        let from = std::mem::replace(&mut self.request.method, method.into());
        self.replace_in_answers(&from, method.as_bytes());
    }

    /// Renames a request header, and with it whatever the answers say of it.
    fn rename_header(&mut self, index: usize, from: &[u8], to: &str) {
        if let Some((name, _)) = self.request.headers.get_mut(index) {
            *name = to.into();
        }
        self.replace_in_answers(&from.to_ascii_lowercase(), to.as_bytes());
    }

    fn replace_in_answers(&mut self, from: &[u8], to: &[u8]) {
        let answers = self
            .hops
            .iter_mut()
            .flat_map(|hop| [hop.preflight_response.as_mut(), hop.response.as_mut()])
            .flatten();
        for (_, value) in answers.flat_map(|answer| answer.headers.iter_mut()) {
            *value = replace(value, from, to).into();
        }
    }
}

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
            let mut offer = |change: &dyn Fn(&mut crate::server_case::ServerCall)| {
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
                    OriginRecipe::Null | OriginRecipe::Unrelated => 10,
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

fn shrink_hop(hop: &Hop) -> Vec<Hop> {
    let preflight = shrink_answer(hop.preflight_response.as_ref(), 204)
        .into_iter()
        .map(|answer| Hop { preflight_response: answer, response: hop.response.clone() });
    let actual = shrink_answer(hop.response.as_ref(), 200)
        .into_iter()
        .map(|answer| Hop { preflight_response: hop.preflight_response.clone(), response: answer });
    preflight.chain(actual).collect()
}

fn shrink_answer(answer: Option<&ScriptedResponse>, plain: u16) -> Vec<Option<ScriptedResponse>> {
    let Some(answer) = answer else { return Vec::new() };
    let mut all = vec![None];
    if answer.status != plain {
        all.push(Some(ScriptedResponse { status: plain, headers: answer.headers.clone() }));
    }
    all.extend(
        shrink_lines(&answer.headers)
            .into_iter()
            .map(|headers| Some(ScriptedResponse { status: answer.status, headers })),
    );
    all
}

/// One line less, or one value simpler.
fn shrink_lines(lines: &[HeaderLine]) -> Vec<Vec<HeaderLine>> {
    let mut all = Vec::new();
    for (index, (_, value)) in lines.iter().enumerate() {
        let mut fewer = lines.to_vec();
        fewer.remove(index);
        all.push(fewer);
        for simpler in shrink_value(value) {
            let mut changed = lines.to_vec();
            if let Some((_, value)) = changed.get_mut(index) {
                *value = simpler;
            }
            all.push(changed);
        }
    }
    all
}

fn shrink_value(value: &ByteString) -> Vec<ByteString> {
    let length = value.len();
    let mut all: Vec<ByteString> = vec!["1".into(), "*".into(), "true".into()];
    for keep in [length / 2, length.saturating_sub(1)] {
        all.extend(value.get(..keep).map(ByteString::from));
        all.extend(value.get(length - keep..).map(ByteString::from));
    }
    let elements: Vec<&[u8]> = value.split(|b| *b == b',').collect();
    for skip in 0..elements.len() {
        if elements.len() > 1 {
            let rest: Vec<&[u8]> =
                elements.iter().enumerate().filter(|(n, _)| *n != skip).map(|(_, e)| *e).collect();
            all.push(rest.join(&b","[..]).into());
        }
    }
    all.retain(|candidate| candidate != value);
    all
}

fn hop_weight(hop: &Hop) -> usize {
    let answer = |answer: &Option<ScriptedResponse>, plain: u16| {
        answer
            .as_ref()
            .map_or(0, |a| 10 + usize::from(a.status != plain) * 4 + lines_weight(&a.headers))
    };
    answer(&hop.preflight_response, 204) + answer(&hop.response, 200)
}

fn lines_weight(lines: &[HeaderLine]) -> usize {
    lines
        .iter()
        .map(|(name, value)| {
            let odd = value.iter().filter(|b| !(0x20..0x7f).contains(*b)).count();
            8 + name.len() + value.len() + odd * 2
        })
        .sum()
}

fn page_weight(origin: &str) -> usize {
    match origin {
        "https://app.example" => 0,
        "http://app.example" => 1,
        other => 4 + other.len(),
    }
}

fn replace(value: &[u8], from: &[u8], to: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(value.len());
    let mut rest = value;
    while !rest.is_empty() {
        match rest.strip_prefix(from) {
            Some(behind) if !from.is_empty() => {
                out.extend_from_slice(to);
                rest = behind;
            }
            _ => {
                out.extend(rest.first());
                rest = rest.get(1..).unwrap_or_default();
            }
        }
    }
    out
}
