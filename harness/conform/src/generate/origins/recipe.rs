//! An origin as it is stored: by its relation to a policy, so that it means the same against any
//! other.

use corsproof_model::Origin;
use serde::{Deserialize, Serialize};

use crate::case::AgentName;
use crate::policy::{Policy, RawOriginSet};
use crate::server_case::SERVER_ORIGIN;

use super::change::OriginChange;
use super::combination::Combination;
use super::engines;

/// An origin, by its relation to a policy.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum OriginRecipe {
    /// The *n*-th origin that the policy names (counted over its list, then a member of each
    /// `subdomains_of`, then one two labels deep, then a match of each pattern), modulo their
    /// number.
    Listed(usize),
    /// A change to the *n*-th origin that the policy names.
    Changed {
        /// Which one.
        of: usize,
        /// How.
        change: OriginChange,
    },
    /// Two origins that the policy names, made into a third.
    Combined {
        /// The one.
        of: usize,
        /// The other.
        with: usize,
        /// How.
        how: Combination,
    },
    /// A change to the origin of the server itself, which frameworks treat as no cross-origin one.
    Own(OriginChange),
    /// The opaque origin.
    Null,
    /// An origin that has nothing to do with the policy.
    Unrelated,
    /// None: the request has no `Origin`, as a navigation or a program that is no browser.
    Absent,
    /// Exactly these characters.
    Literal(String),
}

/// An origin as it would stand in a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RealizedOrigin {
    /// The characters (isomorphic); empty: there is no `Origin`.
    pub serialized: String,
    /// The origin, when a browser can have a page there.
    pub producible: Option<Origin>,
}

impl RealizedOrigin {
    fn of(serialized: String) -> Self {
        let producible = Origin::parse_serialized(&serialized)
            .filter(|origin| !engines::with_a_page_at(origin).is_empty());
        Self { serialized, producible }
    }

    /// The browsers that can have a page there.
    pub fn producible_by(&self) -> Vec<AgentName> {
        self.producible
            .as_ref()
            .map(|origin| engines::with_a_page_at(origin).to_vec())
            .unwrap_or_default()
    }
}

impl OriginRecipe {
    /// The origin that this recipe makes against a policy; `None` where the policy names nothing
    /// that the recipe could start from, where the change does not apply there, or where what
    /// comes of it is an origin that the policy names, too.
    pub fn realize(&self, policy: &Policy) -> Option<RealizedOrigin> {
        let serialized = match self {
            Self::Listed(n) => named(policy, *n)?,
            Self::Changed { of, change } => {
                return changed(policy, change.apply(&named(policy, *of)?)?, change.is_raw());
            }
            Self::Combined { of, with, how } => {
                let combined = how.apply(&named(policy, *of)?, &named(policy, *with)?)?;
                return changed(policy, combined, false);
            }
            Self::Own(change) => {
                return changed(policy, change.apply(SERVER_ORIGIN)?, change.is_raw());
            }
            Self::Null => "null".to_owned(),
            Self::Unrelated => "https://unrelated.test".to_owned(),
            Self::Absent => String::new(),
            Self::Literal(literal) => literal.clone(),
        };
        Some(RealizedOrigin::of(serialized))
    }

    /// A short stable word for it, part of a finding's id.
    pub fn label(&self) -> String {
        match self {
            Self::Listed(_) => "listed".to_owned(),
            Self::Changed { change, .. } => change.label(),
            Self::Combined { .. } => "combined".to_owned(),
            Self::Own(change) => format!("own-{}", change.label()),
            Self::Null => "null".to_owned(),
            Self::Unrelated => "unrelated".to_owned(),
            Self::Absent => "absent".to_owned(),
            Self::Literal(_) => "literal".to_owned(),
        }
    }
}

/// What a change gave, if it is what the change says: bytes of no browser where it is raw, and
/// else an origin, and none that the policy names. A policy that names all leaves any as it is.
fn changed(policy: &Policy, serialized: String, raw: bool) -> Option<RealizedOrigin> {
    let origin = Origin::parse_serialized(&serialized);
    let is_named = |origin: &Origin| policy.origins().is_some() && policy.names_origin(origin);
    if origin.as_ref().is_some_and(is_named) {
        return None;
    }
    let producible = origin.filter(|origin| !engines::with_a_page_at(origin).is_empty());
    (producible.is_none() == raw).then_some(RealizedOrigin { serialized, producible })
}

/// The *n*-th origin that a policy names, modulo their number; where it names all, one of its own.
fn named(policy: &Policy, n: usize) -> Option<String> {
    let Some(set) = policy.origins() else {
        return Some("https://app.example".to_owned());
    };
    let RawOriginSet { list, subdomains_of: parents, .. } = set;
    let matches = policy.pattern_members();
    let index = n.checked_rem(list.len() + 2 * parents.len() + matches.len())?;
    if let Some(listed) = list.get(index) {
        return Some(listed.clone());
    }
    let index = index - list.len();
    if let Some(parent) = parents.get(index) {
        return below("member", parent);
    }
    let index = index - parents.len();
    match parents.get(index) {
        Some(parent) => below("deep.member", parent),
        None => matches.get(index - parents.len()).cloned(),
    }
}

fn below(label: &str, parent: &str) -> Option<String> {
    let (scheme, rest) = parent.split_once("://")?;
    Some(format!("{scheme}://{label}.{rest}"))
}
