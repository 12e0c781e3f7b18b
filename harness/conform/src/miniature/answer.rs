//! A right answer on its way to becoming wrong: what was asked, under which policy, and what the
//! reference server says to it.

use corsproof_model::Origin;

use crate::byte_string::{ByteString, HeaderLine};
use crate::generate::origins::OriginRecipe;
use crate::judge::record::members;
use crate::observe::{WireRequest, WireResponse};
use crate::policy::Policy;
use crate::reference::ReferenceServer;
use crate::server_case::path_of;
use crate::subject::{Server as _, ServerAdapter as _, Support};

/// What a miniature sees and changes.
pub(super) struct Answer<'a> {
    /// The policy of the whole server.
    pub(super) policy: &'a Policy,
    /// What was asked.
    pub(super) request: &'a WireRequest,
    /// The number of the request, from 0.
    pub(super) count: u64,
    /// The right answer.
    pub(super) response: WireResponse,
}

impl Answer<'_> {
    pub(super) fn path(&self) -> String {
        path_of(&self.request.target.isomorphic_decode()).to_owned()
    }

    /// The policy that holds at its path.
    pub(super) fn here(&self) -> &Policy {
        self.policy.at(&self.path())
    }

    /// The value of the request header of this name.
    pub(super) fn asked(&self, name: &str) -> Option<ByteString> {
        let named = |line: &&HeaderLine| line.0.eq_ignore_ascii_case(name.as_bytes());
        self.request.headers.iter().find(named).map(|(_, value)| value.clone())
    }

    pub(super) fn is_preflight(&self) -> bool {
        self.request.method == *"OPTIONS" && self.asked("access-control-request-method").is_some()
    }

    /// The origin that asks, when a browser can have a page there.
    pub(super) fn origin(&self) -> Option<Origin> {
        let literal = OriginRecipe::Literal(self.asked("origin")?.isomorphic_decode());
        literal.realize(self.policy)?.producible
    }

    /// Whether an origin asks that the policy does not name.
    pub(super) fn is_foreign(&self) -> bool {
        self.origin().is_some_and(|origin| !self.here().names_origin(&origin))
    }

    pub(super) fn is_granted(&self) -> bool {
        self.response.headers.iter().any(|line| is(line, ALLOW_ORIGIN))
    }

    /// Sends this header, and no other of its name.
    pub(super) fn set(&mut self, name: &str, value: impl Into<ByteString>) {
        self.drop(name);
        self.add(name, value);
    }

    pub(super) fn add(&mut self, name: &str, value: impl Into<ByteString>) {
        self.response.headers.push((name.into(), value.into()));
    }

    pub(super) fn drop(&mut self, name: &str) {
        self.response.headers.retain(|line| !is(line, name));
    }

    /// Takes a name out of `Vary`.
    pub(super) fn vary_no_more(&mut self, name: &str) {
        let others: Vec<Vec<u8>> = members(&self.response.headers, "vary")
            .into_iter()
            .filter(|member| !member.eq_ignore_ascii_case(name.as_bytes()))
            .collect();
        self.drop("vary");
        if !others.is_empty() {
            self.add("Vary", others.join(&b", "[..]));
        }
    }

    /// Grants the origin that asks.
    pub(super) fn grant(&mut self) {
        if let Some(origin) = self.asked("origin") {
            self.set(ALLOW_ORIGIN, origin);
        }
    }

    /// The right answer if the request had gone to this path, under this policy.
    pub(super) fn right_at(&self, policy: &Policy, path: &str) -> Option<WireResponse> {
        let request = WireRequest { target: path.into(), ..self.request.clone() };
        let mut right = ReferenceServer::default();
        match right.configure(policy).ok()? {
            Support::Mounted(mount) => right.exchange(&mount, &request).ok(),
            _ => None,
        }
    }
}

pub(super) const ALLOW_ORIGIN: &str = "Access-Control-Allow-Origin";
pub(super) const ALLOW_CREDENTIALS: &str = "Access-Control-Allow-Credentials";
pub(super) const ALLOW_HEADERS: &str = "Access-Control-Allow-Headers";
pub(super) const ALLOW_METHODS: &str = "Access-Control-Allow-Methods";
pub(super) const ASKED_HEADERS: &str = "Access-Control-Request-Headers";
pub(super) const ASKED_METHOD: &str = "Access-Control-Request-Method";
pub(super) const EXPOSE_HEADERS: &str = "Access-Control-Expose-Headers";
pub(super) const MAX_AGE: &str = "Access-Control-Max-Age";

fn is(line: &HeaderLine, name: &str) -> bool {
    line.0.eq_ignore_ascii_case(name.as_bytes())
}
