//! The generators as proptest strategies; shrinking is the harness's own.

use std::fmt::Debug;

use proptest::strategy::{NewTree, Strategy, ValueTree};
use proptest::test_runner::TestRunner;

use crate::case::UserAgentCase;
use crate::server_case::ServerCase;
use crate::shrink::Shrink;
use crate::subject::Capabilities;

use super::preset::Preset;
use super::server::server_case;
use super::user_agent::user_agent_case;

/// User-agent cases of a preset.
pub fn user_agent_cases(preset: Preset) -> impl Strategy<Value = UserAgentCase> {
    Generated(move |runner: &mut TestRunner| user_agent_case(runner.rng(), preset))
}

/// Server cases of a preset, within what a server can express.
pub fn server_cases(
    preset: Preset,
    capabilities: Capabilities,
) -> impl Strategy<Value = ServerCase> {
    Generated(move |runner: &mut TestRunner| server_case(runner.rng(), preset, &capabilities))
}

/// A strategy made of a generator.
struct Generated<F>(F);

impl<F> Debug for Generated<F> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Generated")
    }
}

impl<C: Shrink + Debug, F: Fn(&mut TestRunner) -> C> Strategy for Generated<F> {
    type Tree = ShrinkTree<C>;
    type Value = C;

    fn new_tree(&self, runner: &mut TestRunner) -> NewTree<Self> {
        Ok(ShrinkTree { failing: (self.0)(runner), offered: None, untried: None })
    }
}

/// Walks the candidates of a case, simplest first; starts over from each that still fails.
#[derive(Debug)]
pub struct ShrinkTree<C> {
    failing: C,
    offered: Option<C>,
    untried: Option<std::vec::IntoIter<C>>,
}

impl<C: Shrink + Debug> ShrinkTree<C> {
    fn offer_next(&mut self) -> bool {
        let failing = &self.failing;
        let untried = self.untried.get_or_insert_with(|| {
            let mut candidates = failing.candidates();
            candidates.retain(|candidate| candidate.weight() < failing.weight());
            candidates.sort_by_key(Shrink::weight);
            candidates.into_iter()
        });
        self.offered = untried.next();
        self.offered.is_some()
    }
}

impl<C: Shrink + Debug> ValueTree for ShrinkTree<C> {
    type Value = C;

    fn current(&self) -> C {
        self.offered.as_ref().unwrap_or(&self.failing).clone()
    }

    /// What was offered last fails too: go on from there.
    fn simplify(&mut self) -> bool {
        if let Some(offered) = self.offered.take() {
            self.failing = offered;
            self.untried = None;
        }
        self.offer_next()
    }

    /// What was offered last does not fail: offer the next.
    fn complicate(&mut self) -> bool {
        self.offered = None;
        self.offer_next()
    }
}
