//! Campaigns against subjects whose faults are known, so that what they report can be checked.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on panics")]

use corsproof::campaign::plan::Plan;
use corsproof::campaign::tally::{CaseVerdict, Divergence, Replayed, Tally};
use corsproof::campaign::{server, user_agent};
use corsproof::sink::Sink;
use corsproof_conform::case::{AgentName, UserAgentCase};
use corsproof_conform::generate::preset::Preset;
use corsproof_conform::judge::finding::Level;
use corsproof_conform::known::KnownFile;
use corsproof_conform::model_user_agent::ModelUserAgent;
use corsproof_conform::observe::{WireRequest, WireResponse};
use corsproof_conform::policy::Policy;
use corsproof_conform::reference::{OriginFault, ReferenceServer};
use corsproof_conform::shrink::Shrink as _;
use corsproof_conform::subject::{
    About, Asked, Capabilities, Mount, Server, ServerAdapter, SubjectError, Support, UserAgent,
};
use corsproof_conform::vector::Test;
use corsproof_model::UserAgent as ModelAgent;

/// Remembers what it was told, when it was told.
#[derive(Default)]
struct Heard {
    divergences: Vec<String>,
}

impl Sink for Heard {
    fn progress(&mut self, _: u64) {}

    fn divergence(&mut self, _: &Tally, divergence: &Divergence) {
        self.divergences.push(divergence.vector.id.clone());
    }
}

fn plan(cases: u64) -> Plan {
    Plan {
        seed: 3,
        preset: Preset::Mixed,
        cases,
        time: None,
        shard: "1/1".parse().unwrap(),
        level: Level::Required,
    }
}

fn ask(agent: &mut dyn UserAgent, preset: AgentName) -> Tally {
    user_agent::run(agent, preset, &KnownFile::default(), &plan(3_000), &mut Heard::default())
}

#[test]
fn a_user_agent_that_does_what_the_standard_says_conforms_in_every_case() {
    let tally = ask(&mut ModelUserAgent::new(ModelAgent::spec()), AgentName::Spec);
    assert_eq!(tally.of(CaseVerdict::Conforms), 3_000, "{:?}", tally.verdicts);
    assert!(tally.complete && tally.allowed > 600 && tally.blocked > 600);
}

#[test]
fn each_deviation_of_a_preset_is_attributed_to_its_fields() {
    for (preset, agent) in [
        (AgentName::Chromium, ModelAgent::chromium()),
        (AgentName::Firefox, ModelAgent::firefox()),
        (AgentName::Webkitgtk, ModelAgent::webkitgtk()),
    ] {
        let tally = ask(&mut ModelUserAgent::new(agent), preset);
        assert!(tally.divergences.len() > 3, "{preset:?}");
        for divergence in &tally.divergences {
            assert!(divergence.preset_field.is_some(), "{:#?}", divergence.finding);
            assert_eq!(divergence.replayed, Replayed::StillFailing);
        }
    }
}

/// Takes an `Access-Control-Allow-Origin` with a slash behind for the origin.
struct IgnoresSlash(ModelUserAgent);

impl UserAgent for IgnoresSlash {
    fn about(&self) -> &About {
        self.0.about()
    }

    fn fetch_all(&mut self, cases: &[UserAgentCase]) -> Result<Vec<Asked>, SubjectError> {
        let mut cases = cases.to_vec();
        let answers = cases
            .iter_mut()
            .flat_map(|case| &mut case.hops)
            .flat_map(|hop| [&mut hop.preflight_response, &mut hop.response].into_iter().flatten());
        for (name, value) in answers.flat_map(|answer| &mut answer.headers) {
            if name.eq_ignore_ascii_case(b"access-control-allow-origin") && value.ends_with(b"/") {
                *value = value.strip_suffix(b"/").unwrap().into();
            }
        }
        self.0.fetch_all(&cases)
    }
}

#[test]
fn a_planted_fault_is_found_and_shrunk_to_what_it_is_about() {
    let mut agent = IgnoresSlash(ModelUserAgent::new(ModelAgent::spec()));
    let tally = ask(&mut agent, AgentName::Spec);
    assert!(tally.divergences.iter().all(|d| d.finding.label == "allow-origin-mismatch"));
    let smallest = tally
        .divergences
        .iter()
        .filter_map(|divergence| match &divergence.vector.test {
            Test::UserAgent { case, .. } => Some(case),
            Test::Sequence { .. } | Test::Server { .. } => None,
        })
        .min_by_key(|case| case.weight())
        .unwrap();
    let lines: Vec<_> = smallest
        .hops
        .iter()
        .flat_map(|hop| [&hop.preflight_response, &hop.response])
        .flatten()
        .flat_map(|answer| &answer.headers)
        .collect();
    // The line with the slash, and at most what a preflight needs to pass.
    assert!(lines.len() <= 2, "{smallest:#?}");
    assert_eq!(lines.iter().filter(|(_, value)| value.ends_with(b"/")).count(), 1);
    assert!(smallest.request.headers.is_empty(), "{smallest:#?}");
}

/// Gives a wrong answer once.
struct WrongOnce {
    model: ModelUserAgent,
    asked: u32,
}

impl UserAgent for WrongOnce {
    fn about(&self) -> &About {
        self.model.about()
    }

    fn fetch_all(&mut self, cases: &[UserAgentCase]) -> Result<Vec<Asked>, SubjectError> {
        let mut answers = self.model.fetch_all(cases)?;
        self.asked += 1;
        let allowed = answers.iter_mut().find_map(|answer| match answer {
            Asked::Observed(observed) if !observed.hops.is_empty() => Some(observed),
            _ => None,
        });
        if let (1, Some(observed)) = (self.asked, allowed) {
            observed.hops.clear();
        }
        Ok(answers)
    }
}

#[test]
fn what_does_not_repeat_is_flaky_and_told_with_its_evidence() {
    let model = ModelUserAgent::new(ModelAgent::spec());
    let tally = ask(&mut WrongOnce { model, asked: 0 }, AgentName::Spec);
    assert_eq!(tally.of(CaseVerdict::Flaky), 1);
    assert_eq!(tally.flaky.len(), 1);
    assert!(tally.flaky[0].contains("once observed"), "{}", tally.flaky[0]);
    assert!(tally.divergences.is_empty());
}

/// Dies after so many exchanges.
struct Dies {
    server: ReferenceServer,
    exchanges_left: u32,
}

impl ServerAdapter for Dies {
    fn about(&self) -> &About {
        self.server.about()
    }

    fn capabilities(&self) -> &Capabilities {
        self.server.capabilities()
    }

    fn configure(&mut self, policy: &Policy) -> Result<Support, SubjectError> {
        self.server.configure(policy)
    }

    fn release(&mut self, mount: &Mount) {
        self.server.release(mount);
    }
}

impl Server for Dies {
    fn exchange(
        &mut self,
        mount: &Mount,
        request: &WireRequest,
    ) -> Result<WireResponse, SubjectError> {
        self.exchanges_left = self.exchanges_left.saturating_sub(1);
        if self.exchanges_left == 0 {
            return Err(SubjectError::Closed {
                subject: "dies".to_owned(),
                request: "GET /plain".to_owned(),
                detail: "it is gone".to_owned(),
            });
        }
        self.server.exchange(mount, request)
    }
}

#[test]
fn a_server_that_dies_is_named_and_what_was_found_before_stands() {
    let server = ReferenceServer::new(Some(OriginFault::ReflectsAny.into()));
    let mut dies = Dies { server, exchanges_left: 3_000 };
    let mut heard = Heard::default();
    let tally = server::run(&mut dies, &KnownFile::default(), &plan(100_000), &mut heard);
    assert!(tally.broken.as_ref().unwrap().contains("`dies`"), "{:?}", tally.broken);
    assert!(!tally.complete);
    assert!(tally.cases < 100_000);
    assert!(!heard.divergences.is_empty());
    assert_eq!(heard.divergences.len(), tally.divergences.len());
}
