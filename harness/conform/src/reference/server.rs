//! A server that answers every policy as the Standard would have it, but for its fault.

use std::collections::BTreeMap;

use super::fault::{
    AnswerFault, CredentialsFault, ErrorFault, Fault, HeaderFault, MethodFault, OriginFault,
    PreflightFault, RobustnessFault, SubdomainFault, VaryFault,
};
use crate::byte_string::{ByteString, HeaderLine};
use crate::observe::{WireRequest, WireResponse};
use crate::policy::Policy;
use crate::server_case::path_of;
use crate::subject::{
    About, Capabilities, ListForm, Mount, OriginForm, Server, ServerAdapter, SubjectError, Support,
};
use corsproof_model::Origin;

/// The standard app behind a middleware that is right, but for its fault.
pub struct ReferenceServer {
    about: About,
    capabilities: Capabilities,
    fault: Option<Fault>,
    policies: Vec<Policy>,
    executed: BTreeMap<String, u64>,
}

impl Default for ReferenceServer {
    fn default() -> Self {
        Self::new(None)
    }
}

impl ReferenceServer {
    /// A right one, or one with this fault.
    pub fn new(fault: Option<Fault>) -> Self {
        Self {
            about: About {
                name: "reference".to_owned(),
                version: env!("CARGO_PKG_VERSION").to_owned(),
                language: "Rust".to_owned(),
                runtime: "in-process".to_owned(),
                homepage: String::new(),
                issues: String::new(),
            },
            capabilities: Capabilities {
                origins: vec![
                    OriginForm::Any,
                    OriginForm::List,
                    OriginForm::SubdomainsOf,
                    OriginForm::Patterns,
                    OriginForm::Null,
                ],
                methods: vec![ListForm::Any, ListForm::List],
                request_headers: vec![ListForm::Any, ListForm::List],
                expose_headers: vec![ListForm::Any, ListForm::List],
                credentials: true,
                max_age: true,
                private_network: true,
                paths: true,
                dynamic: true,
                http2: true,
            },
            fault,
            policies: Vec::new(),
            executed: BTreeMap::new(),
        }
    }

    /// What it answers under this policy.
    pub fn respond(&self, policy: &Policy, request: &WireRequest) -> WireResponse {
        let target = request.target.isomorphic_decode();
        let path = path_of(&target);
        let policy = policy.at(path);
        let origin = value(request, b"origin");
        let wanted = value(request, b"access-control-request-method");
        let odd = origin.is_some_and(|o| o.contains(&b' '));
        if self.has(RobustnessFault::BreaksOnSpace) && odd {
            return WireResponse { status: 500, headers: Vec::new() };
        }
        let mut response = match (&*request.method, origin, wanted) {
            (b"OPTIONS", Some(_), Some(method)) => self.preflight(policy, request, method),
            _ => self.actual(policy, path, request),
        };
        if !self.has(ErrorFault::BareErrors) || response.status < 400 {
            self.grant(policy, origin, &mut response.headers);
        }
        response
    }

    fn preflight(&self, policy: &Policy, request: &WireRequest, method: &[u8]) -> WireResponse {
        let mut headers: Vec<HeaderLine> = Vec::new();
        let listed = policy.methods();
        let granted = match listed {
            Some(list) if !self.has(MethodFault::Echoes) => list.join(", ").into_bytes(),
            _ => method.to_vec(),
        };
        let granted =
            if self.has(MethodFault::Lowers) { granted.to_ascii_lowercase() } else { granted };
        headers.push(line("Access-Control-Allow-Methods", granted));
        let lines: Vec<&[u8]> = values(request, b"access-control-request-headers").collect();
        let asked = lines.join(&b","[..]);
        let names = match policy.request_headers() {
            Some(list) if self.has(HeaderFault::ComparesCase) => {
                let exact = |name: &&[u8]| list.iter().any(|l| l.as_bytes() == *name);
                asked.split(|b| *b == b',').filter(exact).collect::<Vec<_>>().join(&b","[..])
            }
            Some(list) if !self.has(HeaderFault::EchoesAll) => list.join(", ").into_bytes(),
            _ => asked.to_vec(),
        };
        headers.push(line("Access-Control-Allow-Headers", names));
        if policy.request_headers().is_none() {
            headers.push(line("Vary", b"Access-Control-Request-Headers".to_vec()));
        }
        let private = value(request, b"access-control-request-private-network");
        if private == Some(b"true") && policy.raw().private_network {
            headers.push(line("Access-Control-Allow-Private-Network", b"true".to_vec()));
        }
        if let Some(seconds) = policy.max_age() {
            headers.push(line("Access-Control-Max-Age", seconds.to_string().into_bytes()));
        }
        let status = if self.has(PreflightFault::Redirects) {
            headers.push(line("Location", b"/plain/".to_vec()));
            307
        } else if self.has(PreflightFault::NeedsAuthentication) {
            401
        } else {
            204
        };
        WireResponse { status, headers }
    }

    fn actual(&self, policy: &Policy, path: &str, request: &WireRequest) -> WireResponse {
        let (status, mut headers) = handle(path);
        let present: Vec<String> =
            headers.iter().map(|(name, _)| name.isomorphic_decode().to_ascii_lowercase()).collect();
        let exposed = match policy.expose_headers() {
            _ if self.has(AnswerFault::ExposesAll) => present.join(","),
            _ if self.has(AnswerFault::ExposesNone) => String::new(),
            Some(list) => list.join(","),
            None => present.join(","),
        };
        if value(request, b"origin").is_some() && !exposed.is_empty() {
            headers.push(line("Access-Control-Expose-Headers", exposed.into_bytes()));
        }
        WireResponse { status, headers }
    }

    fn grant(&self, policy: &Policy, origin: Option<&[u8]>, headers: &mut Vec<HeaderLine>) {
        let everyone = policy.origins().is_none() && !policy.credentials();
        let granted = if everyone && !self.has(CredentialsFault::Always) {
            Some(b"*".to_vec())
        } else {
            origin.filter(|origin| self.allows(policy, origin)).map(<[u8]>::to_vec)
        };
        let varies = !everyone
            && !self.has(VaryFault::Never)
            && (granted.is_some() || !self.has(VaryFault::OnlyAllowed));
        if varies {
            headers.push(line("Vary", b"Origin".to_vec()));
        }
        let Some(mut value) = granted else { return };
        if self.has(AnswerFault::SlashBehindOrigin) && value != b"*" {
            value.push(b'/');
        }
        if headers.iter().any(|(name, _)| name.eq_ignore_ascii_case(b"access-control-allow-origin"))
        {
            return;
        }
        for _ in 0..=usize::from(self.has(AnswerFault::OriginTwice)) {
            headers.push(line("Access-Control-Allow-Origin", value.clone()));
        }
        // All origins with credentials: a literal `*` would be useless, reflection a hole.
        let may = policy.credentials() && policy.origins().is_some();
        if (may || self.has(CredentialsFault::Always)) && !self.has(CredentialsFault::Never) {
            headers.push(line("Access-Control-Allow-Credentials", b"true".to_vec()));
        }
    }

    fn allows(&self, policy: &Policy, origin: &[u8]) -> bool {
        let Ok(text) = std::str::from_utf8(origin) else { return false };
        if Origin::parse_serialized(text).is_some_and(|origin| policy.names_origin(&origin)) {
            return true;
        }
        let listed = policy.origins().map(|set| set.list.as_slice()).unwrap_or_default();
        let any = |matches: &dyn Fn(&str) -> bool| listed.iter().any(|l| matches(l));
        match self.fault {
            Some(Fault::Origin(OriginFault::ReflectsAny)) => text != "null",
            Some(Fault::Origin(OriginFault::MatchesPrefix)) => any(&|l| text.starts_with(l)),
            Some(Fault::Origin(OriginFault::MatchesSuffix)) => {
                any(&|l| l.split_once("://").is_some_and(|(_, host)| text.ends_with(host)))
            }
            Some(Fault::Origin(OriginFault::IgnoresScheme)) => {
                any(&|l| after_scheme(l) == after_scheme(text))
            }
            Some(Fault::Origin(OriginFault::IgnoresPort)) => {
                any(&|l| without_port(l) == without_port(text))
            }
            Some(Fault::Origin(OriginFault::EveryDotIsAny)) => any(&|l| {
                l.len() == text.len()
                    && l.bytes().zip(text.bytes()).all(|(l, t)| l == b'.' || l == t)
            }),
            Some(Fault::Subdomain(SubdomainFault::AllowsNull)) => text == "null",
            _ => false,
        }
    }

    /// Counts a handler's run for the case that the query names.
    fn count(&mut self, request: &WireRequest) {
        let target = request.target.isomorphic_decode();
        let id = target.split_once("case=").map(|(_, id)| id.to_owned());
        if let (Some(id), false) = (id, is_preflight(request)) {
            *self.executed.entry(id).or_default() += 1;
        }
    }

    fn has(&self, fault: impl Into<Fault>) -> bool {
        self.fault == Some(fault.into())
    }
}

impl ServerAdapter for ReferenceServer {
    fn about(&self) -> &About {
        &self.about
    }

    fn capabilities(&self) -> &Capabilities {
        &self.capabilities
    }

    fn configure(&mut self, policy: &Policy) -> Result<Support, SubjectError> {
        self.policies.push(policy.clone());
        let id = (self.policies.len() - 1).to_string();
        Ok(Support::Mounted(Mount { id, base: String::new() }))
    }

    fn release(&mut self, _: &Mount) {}
}

impl Server for ReferenceServer {
    fn exchange(
        &mut self,
        mount: &Mount,
        request: &WireRequest,
    ) -> Result<WireResponse, SubjectError> {
        let policy = mount.id.parse().ok().and_then(|n: usize| self.policies.get(n)).cloned();
        match policy {
            Some(policy) => {
                self.count(request);
                Ok(self.respond(&policy, request))
            }
            None => Err(SubjectError::NotRunning {
                subject: self.about.name.clone(),
                detail: format!("no policy is mounted as `{}`", mount.id),
            }),
        }
    }

    fn executed(&mut self, _: &Mount, id: &str) -> Result<Option<u64>, SubjectError> {
        Ok(Some(self.executed.get(id).copied().unwrap_or_default()))
    }
}

/// The standard app: status and headers of its handlers.
fn handle(path: &str) -> (u16, Vec<HeaderLine>) {
    let plain = || vec![line("X-Total", b"7".to_vec()), line("ETag", b"\"1\"".to_vec())];
    match path {
        "/plain" => (200, plain()),
        "/vary" => (200, [plain(), vec![line("Vary", b"Accept-Language".to_vec())]].concat()),
        "/own-cors" => {
            (200, vec![line("Access-Control-Allow-Origin", b"https://own.example".to_vec())])
        }
        "/throw" => (500, Vec::new()),
        _ => match path.strip_prefix("/status/").and_then(|n| n.parse().ok()) {
            Some(status) => (status, Vec::new()),
            None => (404, Vec::new()),
        },
    }
}

fn is_preflight(request: &WireRequest) -> bool {
    let asks = |name: &[u8]| value(request, name).is_some();
    request.method == *"OPTIONS" && asks(b"origin") && asks(b"access-control-request-method")
}

fn values<'a>(
    request: &'a WireRequest,
    name: &'static [u8],
) -> impl Iterator<Item = &'a [u8]> + use<'a> {
    request.headers.iter().filter(|(n, _)| n.eq_ignore_ascii_case(name)).map(|(_, v)| v.as_ref())
}

fn value<'a>(request: &'a WireRequest, name: &[u8]) -> Option<&'a [u8]> {
    request.headers.iter().find(|(n, _)| n.eq_ignore_ascii_case(name)).map(|(_, v)| v.as_ref())
}

fn line(name: &str, value: Vec<u8>) -> HeaderLine {
    (name.into(), ByteString::from(value))
}

fn after_scheme(origin: &str) -> &str {
    origin.split_once("://").map_or(origin, |(_, rest)| rest)
}

fn without_port(origin: &str) -> &str {
    match origin.rsplit_once(':') {
        Some((front, port)) if port.bytes().all(|b| b.is_ascii_digit()) => front,
        _ => origin,
    }
}
