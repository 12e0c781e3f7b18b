//! Server cases: a policy within what a server can express, and the calls that probe it.

use std::cell::RefCell;

use crate::policy::Policy;
use crate::server_case::ServerCase;
use crate::subject::Capabilities;

use super::choices::{Choices, Seeded};
use super::policies::policy;
use super::preset::Preset;
use super::sequences::calls;

/// How many consecutive cases of a campaign share a policy: a policy may cost a restart.
pub const CASES_PER_POLICY: u64 = 32;

/// The *i*-th case of a campaign against a server with these capabilities.
pub fn nth(seed: u64, preset: Preset, capabilities: &Capabilities, index: u64) -> ServerCase {
    let scope = format!("server/{}/{}", preset.name(), fingerprint(capabilities));
    let policy = nth_policy(seed, &scope, capabilities, index / CASES_PER_POLICY);
    let mut choices = Seeded::for_case(seed, &scope, index);
    let preset = preset.settle(&mut choices);
    let calls = calls(&mut choices, preset, &policy, capabilities);
    ServerCase { id: format!("{seed}-{index}"), policy, calls }
}

/// A case of its own, policy and all.
pub fn server_case(
    choices: &mut impl Choices,
    preset: Preset,
    capabilities: &Capabilities,
) -> ServerCase {
    let preset = preset.settle(choices);
    let policy = policy(choices, capabilities);
    let calls = calls(choices, preset, &policy, capabilities);
    ServerCase { id: String::new(), policy, calls }
}

/// The policy of a block of cases. The last one made is kept: its neighbours share it, and
/// compiling patterns costs more than all the rest of a case.
fn nth_policy(seed: u64, scope: &str, capabilities: &Capabilities, block: u64) -> Policy {
    type Made = Option<((u64, String, u64), Policy)>;
    thread_local! {
        static LAST: RefCell<Made> = const { RefCell::new(None) };
    }
    LAST.with_borrow_mut(|last| match last {
        Some(((s, of, b), policy)) if (*s, &**of, *b) == (seed, scope, block) => policy.clone(),
        _ => {
            let stream = format!("{scope}/policy");
            let made = policy(&mut Seeded::for_case(seed, &stream, block), capabilities);
            *last = Some(((seed, scope.to_owned(), block), made.clone()));
            made
        }
    })
}

fn fingerprint(capabilities: &Capabilities) -> String {
    serde_json::to_string(capabilities).unwrap_or_default()
}
