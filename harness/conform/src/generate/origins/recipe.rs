//! An origin as it is stored: by its relation to a policy, so that it means the same against any
//! other.

use corsproof_model::Origin;
use serde::{Deserialize, Serialize};

use crate::case::AgentName;
use crate::policy::{Policy, RawOriginSet};
use crate::server_case::SERVER_ORIGIN;

use super::change::OriginChange;
use super::combination::Combination;
use super::{engines, needs};

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
        let serialized = self.write(policy)?;
        let origin = Origin::parse_serialized(&serialized);
        let producible =
            origin.clone().filter(|origin| !engines::with_a_page_at(origin).is_empty());
        if let Self::Changed { .. } | Self::Combined { .. } | Self::Own(_) = self {
            let is_named = origin.as_ref().is_some_and(|origin| leaves_in(policy, origin));
            // Bytes of no browser where the change is raw, and else an origin of a page.
            if is_named || producible.is_none() != self.is_raw() {
                return None;
            }
        }
        Some(RealizedOrigin { serialized, producible })
    }

    /// Whether what comes of it is an origin that the policy names.
    pub(crate) fn comes_to_a_named_one(&self, policy: &Policy) -> bool {
        let origin = self.write(policy).and_then(|written| Origin::parse_serialized(&written));
        origin.is_some_and(|origin| leaves_in(policy, &origin))
    }

    fn is_raw(&self) -> bool {
        match self {
            Self::Changed { change, .. } | Self::Own(change) => change.is_raw(),
            _ => false,
        }
    }

    fn write(&self, policy: &Policy) -> Option<String> {
        match self {
            Self::Listed(n) => named(policy, *n),
            Self::Changed { of, change } => change.apply(&named(policy, *of)?),
            Self::Combined { of, with, how } => {
                how.apply(&named(policy, *of)?, &named(policy, *with)?)
            }
            Self::Own(change) => change.apply(SERVER_ORIGIN),
            Self::Null => Some("null".to_owned()),
            Self::Unrelated => Some("https://unrelated.test".to_owned()),
            Self::Absent => Some(String::new()),
            Self::Literal(literal) => Some(literal.clone()),
        }
    }

    /// This recipe first, then the same with the other origins that the policy names.
    pub(crate) fn alternatives(&self, policy: &Policy) -> Vec<Self> {
        let mut all = vec![self.clone()];
        let count = count(policy).min(MAX_TRIED);
        match self {
            Self::Changed { of, change } => {
                let others = (1..count).map(|n| Self::Changed { of: of + n, change: *change });
                all.extend(others);
            }
            Self::Combined { of, with, how } => {
                let pairs = (0..count).flat_map(|i| (0..count).map(move |j| (of + i, with + j)));
                all.extend(pairs.skip(1).map(|(of, with)| Self::Combined { of, with, how: *how }));
            }
            _ => {}
        }
        all
    }

    /// Whether the policy has what this recipe starts from and, if it is to be an origin that is
    /// not named, leaves one out.
    pub(crate) fn applies_to(&self, policy: &Policy) -> bool {
        let mut origins = (0..count(policy).min(MAX_TRIED)).filter_map(|n| named(policy, n));
        match self {
            Self::Listed(_) => count(policy) > 0,
            Self::Changed { change, .. } => {
                origins.any(|origin| needs::has_what_it_alters(*change, &origin))
            }
            Self::Combined { how, .. } => {
                let all: Vec<String> = origins.collect();
                let mut pairs =
                    all.iter().flat_map(|one| all.iter().map(move |other| (one, other)));
                pairs
                    .any(|(one, other)| one != other && needs::have_what_it_mixes(*how, one, other))
            }
            Self::Own(change) => needs::has_what_it_alters(*change, SERVER_ORIGIN),
            _ => true,
        }
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

/// Of how many of a policy's origins another is looked for: pairs are tried, too.
const MAX_TRIED: usize = 32;

/// Whether a policy that does not name all origins names this one.
fn leaves_in(policy: &Policy, origin: &Origin) -> bool {
    policy.origins().is_some() && policy.names_origin(origin)
}

/// The *n*-th origin that a policy names, modulo their number; where it names all, one of its own.
fn named(policy: &Policy, n: usize) -> Option<String> {
    let Some(set) = policy.origins() else {
        return Some("https://app.example".to_owned());
    };
    let RawOriginSet { list, subdomains_of: parents, .. } = set;
    let matches = policy.pattern_members();
    let index = n.checked_rem(count(policy))?;
    if let Some(listed) = list.get(index) {
        return Some(listed.clone());
    }
    let index = index - list.len();
    if let Some(parent) = parents.get(index) {
        return below("member", parent);
    }
    let index = index - parents.len();
    match parents.get(index) {
        Some(parent) => below("deep-1.member", parent),
        None => matches.get(index - parents.len()).cloned(),
    }
}

/// How many origins [`named`] tells apart.
fn count(policy: &Policy) -> usize {
    policy.origins().map_or(1, |set| {
        set.list.len() + 2 * set.subdomains_of.len() + policy.pattern_members().len()
    })
}

fn below(label: &str, parent: &str) -> Option<String> {
    let (scheme, rest) = parent.split_once("://")?;
    Some(format!("{scheme}://{label}.{rest}"))
}
