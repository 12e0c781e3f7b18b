//! What the rules look at: each call of a case with what the policy wants of it, what went over the
//! wire, and what a browser makes of that.

use corsproof_model::{Fetched, Origin, ResponseType, Step};
use url::Url;

use crate::byte_string::HeaderLine;
use crate::drive::{Played, ServerObservation};
use crate::intent::{Flag, Intent, server_origin};
use crate::observe::{Exchange, WireResponse};
use crate::page::Page;
use crate::policy::Policy;
use crate::server_case::{
    BoundCall, OWN_CORS_ORIGIN, SERVER_ORIGIN, ServerCall, ServerCase, Unbound, path_of,
};

use super::rule::Breach;

/// A case and what came of it.
pub struct Record<'a> {
    /// The policy of the whole server.
    pub policy: &'a Policy,
    /// Its calls, in order.
    pub calls: Vec<CallRecord<'a>>,
}

/// A call and what came of it.
pub struct CallRecord<'a> {
    /// Its number, from 0.
    pub index: usize,
    /// As the case has it.
    pub recipe: &'a ServerCall,
    /// As it was made.
    pub bound: BoundCall,
    /// The policy that holds where it goes.
    pub policy: &'a Policy,
    /// The policy that holds where its last redirect led.
    pub last_policy: &'a Policy,
    /// What went over the wire.
    pub exchanges: &'a [Exchange],
    /// How often its handler ran, where that was counted.
    pub executed: Option<u64>,
    /// The browser's side of it; `None`: no browser makes this call.
    pub browsed: Option<Browsed>,
}

/// The browser's side of a call.
pub struct Browsed {
    /// The page.
    pub page: Page,
    /// What the policy wants of the call.
    pub intent: Intent,
    /// Whether routers may read its path as one of another policy.
    pub has_two_policies: bool,
    /// What the browser made of the answers.
    pub fetched: Fetched,
}

impl<'a> Record<'a> {
    /// The record of a case.
    ///
    /// # Errors
    /// When a call of the case means nothing under its policy.
    pub fn of(case: &'a ServerCase, observed: &'a ServerObservation) -> Result<Self, Unbound> {
        let calls = case.bind()?.into_iter().zip(&observed.calls);
        let played = calls.map(|(call, exchanges)| Played::again(call, exchanges));
        Ok(Self::with(case, observed, played.collect()))
    }

    /// The same, where the calls were just made.
    pub fn with(
        case: &'a ServerCase,
        observed: &'a ServerObservation,
        played: Vec<Played>,
    ) -> Self {
        let calls = case.calls.iter().zip(played).zip(&observed.calls).enumerate();
        let calls = calls.map(|(index, ((recipe, Played { call: bound, page }), exchanges))| {
            let browsed = page
                .map(|(page, fetched)| Browsed::of(&case.policy, &bound, exchanges, page, fetched));
            let policy = case.policy.at(path_of_call(recipe, browsed.as_ref()));
            let last_policy =
                exchanges.last().map_or(policy, |last| case.policy.at(&path_of_exchange(last)));
            let executed = observed.executed.get(&index).copied();
            CallRecord { index, recipe, bound, policy, last_policy, exchanges, executed, browsed }
        });
        Self { policy: &case.policy, calls: calls.collect() }
    }

    /// The breaches that this finds in single calls.
    pub fn each(&self, check: impl Fn(&CallRecord<'a>) -> Option<Breach>) -> Vec<Breach> {
        self.calls.iter().filter_map(check).collect()
    }

    /// The breaches that this finds between a call and one before it.
    pub fn each_pair(
        &self,
        check: impl Fn(&CallRecord<'a>, &CallRecord<'a>) -> Option<Breach>,
    ) -> Vec<Breach> {
        let pairs =
            self.calls.iter().enumerate().flat_map(|(n, later)| {
                self.calls.iter().take(n).map(move |earlier| (earlier, later))
            });
        pairs.filter_map(|(earlier, later)| check(earlier, later)).collect()
    }
}

impl Browsed {
    fn of(
        policy: &Policy,
        bound: &BoundCall,
        exchanges: &[Exchange],
        page: Page,
        fetched: Fetched,
    ) -> Self {
        let intent = match intent(policy, &page, exchanges) {
            Intent::MustAllow if crosses_unasked(policy, bound, &page) => {
                Intent::May(Flag::PrivateNetwork)
            }
            intent => intent,
        };
        let has_two_policies = !policy.paths().is_empty() && {
            let written = page.request.current_url().path();
            policy.at(written) != policy.at(&respelled(written))
        };
        Self { page, intent, has_two_policies, fetched }
    }

    /// Whether script got the response.
    pub fn allowed(&self) -> bool {
        self.fetched.response_type != ResponseType::Error
    }

    /// The step that decided.
    pub fn step(&self) -> &'static Step {
        self.fetched.trace.decided_by
    }

    /// Whether page and server are of one origin, so that CORS has no say.
    pub fn is_same_origin(&self) -> bool {
        self.page.origin.same_origin(server_origin())
    }
}

impl CallRecord<'_> {
    /// The path it goes to, as it went over the wire.
    pub fn path(&self) -> &str {
        path_of_call(self.recipe, self.browsed.as_ref())
    }

    /// Whether the answer to the request itself led the browser to another server, where nobody
    /// answers.
    pub fn leads_elsewhere(&self) -> bool {
        let Some(last) = self.exchanges.last().filter(|exchange| !is_preflight(exchange)) else {
            return false;
        };
        let target = values(&last.response.headers, "location").next();
        let location = target
            .and_then(|bytes| std::str::from_utf8(bytes).ok())
            .and_then(|l| Url::parse(SERVER_ORIGIN).and_then(|server| server.join(l)).ok());
        [301, 302, 303, 307, 308].contains(&last.response.status)
            && location.is_some_and(|url| !server_origin().is_same_origin_with_url(&url))
    }

    /// Whether the server said that the request head is more than it takes (RFC 6585, 5), whoever asks.
    pub fn is_too_large(&self) -> bool {
        self.exchanges.last().is_some_and(|exchange| exchange.response.status == 431)
    }

    /// The preflight, if the browser sent one.
    pub fn preflight(&self) -> Option<&Exchange> {
        self.exchanges.first().filter(|exchange| self.browsed.is_some() && is_preflight(exchange))
    }

    /// The request itself.
    pub fn actual(&self) -> Option<&Exchange> {
        self.exchanges.iter().find(|exchange| !is_preflight(exchange) || self.browsed.is_none())
    }

    /// The origin that the request names.
    pub fn origin(&self) -> &str {
        &self.bound.origin.serialized
    }

    /// Whether its handler grants on its own account, and so speaks for itself: what else it lets
    /// nobody read is no fault of the middleware's.
    pub fn speaks_for_itself(&self) -> bool {
        self.path() == "/own-cors"
    }

    /// Whether its handler grants this very page: only then is a grant not the middleware's.
    pub fn is_granted_by_its_handler(&self) -> bool {
        self.speaks_for_itself() && self.origin() == OWN_CORS_ORIGIN
    }

    /// The policy that holds here, unless routers may read the path as one of another policy.
    pub fn certain_policy(&self) -> Option<&Policy> {
        let certain = self.browsed.as_ref().is_none_or(|browsed| !browsed.has_two_policies);
        certain.then_some(self.policy)
    }

    /// A breach in this call.
    pub fn breach(&self, label: impl Into<String>, expected: &str, observed: String) -> Breach {
        Breach {
            call: self.index,
            label: label.into(),
            expected: expected.to_owned(),
            observed,
            step: self.browsed.as_ref().map(Browsed::step),
        }
    }
}

/// What the policy wants of a call: every path that its redirects lead to has a say.
fn intent(policy: &Policy, page: &Page, exchanges: &[Exchange]) -> Intent {
    // One policy for all paths wants the same on each.
    if policy.paths().is_empty() {
        return policy.intends_page(page);
    }
    let mut all = vec![intent_here(policy, page, exchanges)];
    let written = page.request.current_url().path();
    let elsewhere = exchanges.iter().map(path_of_exchange).filter(|path| path != written);
    all.extend(elsewhere.map(|path| policy.intends_page_at(page, &path)));
    let first = |wanted: fn(&Intent) -> bool| all.iter().copied().find(wanted);
    first(|intent| matches!(intent, Intent::MustBlock(_)))
        .or_else(|| first(|intent| matches!(intent, Intent::May(_))))
        .unwrap_or(Intent::MustAllow)
}

/// What it wants where the call goes first: open only if this router reads the path as another, or
/// some may, and the policy treats the two differently.
fn intent_here(policy: &Policy, page: &Page, exchanges: &[Exchange]) -> Intent {
    let as_written = policy.intends_page(page);
    let blocks = |intent| matches!(intent, Intent::MustBlock(_));
    let agrees = |path: &str| {
        let otherwise = policy.intends_page_at(page, path);
        as_written == otherwise || (blocks(as_written) && blocks(otherwise))
    };
    let written = page.request.current_url().path();
    let answer = exchanges.iter().rfind(|exchange| path_of_exchange(exchange) == written);
    let is_plain = answer.is_some_and(|exchange| is_plain_handler_s(&exchange.response));
    if agrees(&respelled(written)) && (!is_plain || agrees("/plain")) {
        as_written
    } else {
        Intent::May(Flag::PathSpelling)
    }
}

/// Whether the preflight says that it crosses into a private network that nobody opened.
fn crosses_unasked(policy: &Policy, bound: &BoundCall, page: &Page) -> bool {
    let here = policy.at(page.request.current_url().path());
    bound.wire.private_network && !here.raw().private_network
}

/// The path as lenient routers read it: percent-decoded, with single slashes and none at its end,
/// without parameters. Case is kept: paths that differ in it are two (RFC 9110, 4.2.3).
fn respelled(path: &str) -> String {
    let decoded = percent_decoded(path);
    let segments = decoded.split('/').map(|part| part.split(';').next().unwrap_or_default());
    let kept: Vec<&str> = segments.filter(|part| !part.is_empty() && *part != ".").collect();
    format!("/{}", kept.join("/"))
}

/// <https://url.spec.whatwg.org/#string-percent-decode>, byte for byte.
fn percent_decoded(path: &str) -> String {
    let mut decoded = String::new();
    let mut rest = path;
    while let Some((before, behind)) = rest.split_once('%') {
        decoded.push_str(before);
        let digits = behind.get(..2).and_then(|digits| u8::from_str_radix(digits, 16).ok());
        decoded.push(digits.map_or('%', char::from));
        rest = if digits.is_some() { behind.get(2..).unwrap_or_default() } else { behind };
    }
    decoded + rest
}

/// The path of a request as it went over the wire.
fn path_of_exchange(exchange: &Exchange) -> String {
    let target: &[u8] = &exchange.request.target;
    let path = target.split(|byte| *byte == b'?').next().unwrap_or_default();
    path.iter().map(|byte| char::from(*byte)).collect()
}

/// Browsers write dot segments away; other programs send what they are given.
fn path_of_call<'r>(recipe: &'r ServerCall, browsed: Option<&'r Browsed>) -> &'r str {
    match browsed {
        Some(browsed) => browsed.page.request.current_url().path(),
        None => path_of(&recipe.path),
    }
}

/// Whether the handler of `/plain` made this answer.
pub fn is_plain_handler_s(response: &WireResponse) -> bool {
    values(&response.headers, "x-total").next().is_some()
}

/// The values of the lines of this name.
pub fn values<'h>(
    headers: &'h [HeaderLine],
    name: &'static str,
) -> impl Iterator<Item = &'h [u8]> + use<'h> {
    let is = move |line: &&HeaderLine| line.0.eq_ignore_ascii_case(name.as_bytes());
    headers.iter().filter(is).map(|(_, value)| value.as_ref())
}

/// The members of a list-valued header, trimmed, lower-case, without empty ones.
pub fn members(headers: &[HeaderLine], name: &'static str) -> Vec<Vec<u8>> {
    values(headers, name)
        .flat_map(|value| value.split(|b| *b == b','))
        .map(|member| member.trim_ascii().to_ascii_lowercase())
        .filter(|member| !member.is_empty())
        .collect()
}

/// Whether a browser asks by this exchange whether it may send another.
pub fn is_preflight(exchange: &Exchange) -> bool {
    let asks = "access-control-request-method";
    exchange.request.method == *"OPTIONS"
        && values(&exchange.request.headers, asks).next().is_some()
}

/// The origin that these characters serialize, if a browser can have it.
pub fn parse_origin(value: &[u8]) -> Option<Origin> {
    std::str::from_utf8(value).ok().and_then(Origin::parse_serialized)
}

#[cfg(test)]
mod tests {
    use crate::mutation::{findings, name_of};
    use crate::reference::Fault;

    use super::*;

    /// The rules that a server breaks which reflects any origin.
    fn broken_by_reflection(path: &str, origin: &str) -> Vec<String> {
        let fault = Fault::ALL.into_iter().find(|fault| name_of(*fault) == "origin/reflects-any");
        let case: ServerCase = serde_json::from_value(serde_json::json!({
            "id": "", "policy": {"origins": {"list": ["https://a.example"]}, "paths": [
                {"prefix": "/plain", "policy": {"origins": {"list": ["https://b.example"]}}}]},
            "calls": [{"origin": {"literal": origin}, "path": path, "method": {"literal": "GET"},
                "credentials": "same-origin"}],
        }))
        .unwrap();
        findings(fault, &case).into_iter().map(|finding| finding.rule).collect()
    }

    #[test]
    fn a_path_that_may_be_read_twice_leaves_open_only_what_its_policies_differ_in() {
        let unlisted = "unlisted-origin-allowed".to_owned();
        assert!(broken_by_reflection("//plain", "https://evil.example").contains(&unlisted));
        for either in ["https://a.example", "https://b.example"] {
            assert!(!broken_by_reflection("//plain", either).contains(&unlisted), "{either}");
        }
    }

    #[test]
    fn a_preflight_leaves_open_what_its_request_leaves_open() {
        let fault = Fault::ALL.into_iter().find(|fault| name_of(*fault) == "path/decodes");
        let case: ServerCase = serde_json::from_value(serde_json::json!({
            "id": "", "policy": {"origins": {"list": ["https://a.example"]}, "paths": [
                {"prefix": "/plain", "policy": {"origins": {"list": ["https://a.example"]},
                    "request_headers": {"any": true}}}]},
            "calls": [{"origin": {"listed": 0}, "path": "/%70lain", "method": {"literal": "GET"},
                "headers": ["unlisted"], "credentials": "same-origin"}],
        }))
        .unwrap();
        assert!(fault.is_some());
        let rules: Vec<String> = findings(fault, &case).into_iter().map(|f| f.rule).collect();
        assert_eq!(rules, ["path-read-unlike-router"]);
    }

    #[test]
    fn a_handler_that_grants_speaks_for_the_origin_that_it_grants() {
        let unlisted = "unlisted-origin-allowed".to_owned();
        assert!(broken_by_reflection("/own-cors", "https://evil.example").contains(&unlisted));
        assert!(!broken_by_reflection("/own-cors", OWN_CORS_ORIGIN).contains(&unlisted));
    }

    #[test]
    fn lenient_routers_read_these_as_one_path() {
        for spelled in
            ["/plain", "//plain", "/%70lain", "/plain%2F", "/plain/", "/plain;a", "/./plain"]
        {
            assert_eq!(respelled(spelled), "/plain", "{spelled}");
        }
        for other in ["/PLAIN", "/plain%", "/plain%zz", "/plain.", "/plain%2e"] {
            assert_ne!(respelled(other), "/plain", "{other}");
        }
    }
}
