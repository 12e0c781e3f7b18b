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
    let of = (seed, preset, index / CASES_PER_POLICY);
    let (policy, mut choices) = LAST.with_borrow_mut(|last| {
        let block = match last.take() {
            Some(block) if block.of == of && block.capabilities == *capabilities => block,
            _ => Block::make(of, capabilities),
        };
        let block = last.insert(block);
        (block.policy.clone(), Seeded::for_case(seed, &block.scope, index))
    });
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

thread_local! {
    /// The last block that was asked for: its cases share it, and compiling patterns costs more than
    /// all the rest of a case.
    static LAST: RefCell<Option<Block>> = const { RefCell::new(None) };
}

/// What neighbouring cases share.
struct Block {
    /// Seed, preset and number.
    of: (u64, Preset, u64),
    capabilities: Capabilities,
    /// What the choices of its cases depend on besides seed and number.
    scope: String,
    policy: Policy,
}

impl Block {
    fn make(of: (u64, Preset, u64), capabilities: &Capabilities) -> Self {
        let (seed, preset, number) = of;
        let scope = format!("server/{}/{}", preset.name(), fingerprint(capabilities));
        let stream = format!("{scope}/policy");
        let policy = policy(&mut Seeded::for_case(seed, &stream, number), capabilities);
        Self { of, capabilities: capabilities.clone(), scope, policy }
    }
}

fn fingerprint(capabilities: &Capabilities) -> String {
    serde_json::to_string(capabilities).unwrap_or_default()
}
