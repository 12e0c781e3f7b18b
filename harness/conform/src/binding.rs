//! Binding a case to another policy: the same calls, by the roles that origins, methods and
//! headers play in them.
//!
//! A case *applies* to a policy if the policy has what the case is about. What it may lack, and
//! then says so ([`Lack::Inapplicable`]):
//!
//! - an origin, method or header of the kind that a recipe starts from: a listed one under a policy
//!   that lists none, a port under one without ports, an IPv6 address, a third dot;
//! - somebody outside: an unlisted origin, method or header under a policy that names all, a
//!   subdomain that is not named under one that names all subdomains;
//! - the same answer to a fixed one: `null`, a literal, credentials, a private network, a path with
//!   a policy of its own, that the one policy names and the other does not.
//!
//! Where a policy has all that and a recipe still makes nothing, the case should have bound:
//! [`Lack::NotMade`].

use corsproof_model::{
    HeaderList, UserAgent, cors_unsafe_request_header_names, is_cors_safelisted_method,
};

use crate::byte_string::{ByteString, HeaderLine};
use crate::case::Credentials;
use crate::generate::origins::{OriginRecipe, RealizedOrigin};
use crate::policy::Policy;
use crate::server_case::{Lack, ServerCall, ServerCase, Unbound, path_of};

impl ServerCase {
    /// The same case under another policy, under the same id. Where the *n*-th origin does not take
    /// a change, the next one that does stands for it.
    ///
    /// # Errors
    /// The first call that means nothing there, or something else, and why.
    pub fn bound_to(&self, policy: &Policy) -> Result<Self, Unbound> {
        let roles = |call| Roles { call, here: &self.policy, there: policy };
        let calls = self.calls.iter().enumerate().map(|(number, call)| {
            let (field, reason, lack) = match roles(call).rebind() {
                Ok(call) => return Ok(call),
                Err(why) => why,
            };
            Err(Unbound { call: number, field, reason, lack })
        });
        let calls = calls.collect::<Result<_, _>>()?;
        let bound = Self { id: self.id.clone(), policy: policy.clone(), calls };
        bound.bind()?;
        Ok(bound)
    }
}

type Why = (&'static str, &'static str, Lack);

/// A call, the policy that it was made for, and another.
struct Roles<'a> {
    call: &'a ServerCall,
    here: &'a Policy,
    there: &'a Policy,
}

impl Roles<'_> {
    fn rebind(&self) -> Result<ServerCall, Why> {
        let (recipe, origin) = self.origin()?;
        let call = ServerCall { origin: recipe, ..self.call.clone() };
        let path = path_of(&call.path);
        let below = |policy: &Policy| policy.paths().iter().any(|(p, _)| path.starts_with(&**p));
        if below(self.here) && !below(self.there) {
            return Err(("path", "no policy of its own holds there", Lack::Inapplicable));
        }
        let (here, there) = (self.here.at(path), self.there.at(path));
        self.method(here, there)?;
        self.headers(here, there)?;
        // Who is not named is blocked, whatever else there is.
        let named = origin.producible.as_ref().is_some_and(|origin| there.names_origin(origin));
        let credentialed = call.credentials == Credentials::Include;
        if named && credentialed && here.credentials() != there.credentials() {
            return Err(("credentials", "only one policy allows them", Lack::Inapplicable));
        }
        let private = |policy: &Policy| policy.raw().private_network;
        if call.wire.private_network && private(here) != private(there) {
            return Err(("wire", "only one policy opens private networks", Lack::Inapplicable));
        }
        Ok(call)
    }

    fn origin(&self) -> Result<(OriginRecipe, RealizedOrigin), Why> {
        let taken = self.call.origin.alternatives(self.there).into_iter().find_map(|recipe| {
            let realized = recipe.realize(self.there)?;
            Some((recipe, realized))
        });
        let Some((recipe, realized)) = taken else { return Err(self.no_origin()) };
        let named = |policy: &Policy, origin: &RealizedOrigin| {
            origin.producible.as_ref().map(|origin| policy.names_origin(origin))
        };
        let here = self.call.origin.realize(self.here).and_then(|origin| named(self.here, &origin));
        match (here, named(self.there, &realized)) {
            (Some(false), Some(true)) => {
                Err(("origin", "the policy names this origin, too", Lack::Inapplicable))
            }
            (Some(true), Some(false)) => {
                Err(("origin", "the policy does not name this origin", Lack::Inapplicable))
            }
            _ => Ok((recipe, realized)),
        }
    }

    fn no_origin(&self) -> Why {
        if !self.call.origin.applies_to(self.there) {
            return ("origin", "the policy has no origin with what it alters", Lack::Inapplicable);
        }
        let alternatives = self.call.origin.alternatives(self.there);
        if alternatives.iter().any(|recipe| recipe.comes_to_a_named_one(self.there)) {
            ("origin", "the policy names what comes of it", Lack::Inapplicable)
        } else {
            ("origin", "the policy has what it alters, but nothing came of it", Lack::NotMade)
        }
    }

    fn method(&self, here: &Policy, there: &Policy) -> Result<(), Why> {
        let method = &self.call.method;
        let Some(made) = method.realize(there) else {
            let none = there.methods().is_some_and(<[_]>::is_empty);
            return Err(missing("method", none));
        };
        let passes = |policy: &Policy, method: &ByteString| {
            let named = policy.methods().is_none_or(|list| list.iter().any(|m| *method == **m));
            named || is_cors_safelisted_method(method)
        };
        same("method", method.realize(here).map(|m| passes(here, &m)), passes(there, &made))
    }

    fn headers(&self, here: &Policy, there: &Policy) -> Result<(), Why> {
        self.call.headers.iter().try_for_each(|header| {
            let Some(made) = header.realize(there) else {
                let none = there.request_headers().is_some_and(<[_]>::is_empty);
                return Err(missing("headers", none));
            };
            let was = header.realize(here).map(|line| passes_header(here, &line));
            same("headers", was, passes_header(there, &made))
        })
    }
}

fn missing(field: &'static str, none: bool) -> Why {
    if none {
        (field, "the policy names none that it could start from", Lack::Inapplicable)
    } else {
        (field, "the policy names some, but nothing came of them", Lack::NotMade)
    }
}

fn same(field: &'static str, was: Option<bool>, is: bool) -> Result<(), Why> {
    match (was, is) {
        (Some(false), true) => Err((field, "the policy names it, too", Lack::Inapplicable)),
        (Some(true), false) => Err((field, "the policy does not name it", Lack::Inapplicable)),
        _ => Ok(()),
    }
}

fn passes_header(policy: &Policy, (name, value): &HeaderLine) -> bool {
    let is = |listed: &String| listed.as_bytes().eq_ignore_ascii_case(name);
    let mut headers = HeaderList::default();
    headers.append(name, value);
    let named = policy.request_headers().is_none_or(|list| list.iter().any(is));
    named || cors_unsafe_request_header_names(&UserAgent::spec(), &headers).is_empty()
}
