//! A campaign against a user agent: batches of cases, compared with the Standard.
//!
//! A difference that the engine's preset predicts is attributed to the preset's fields; all
//! others are new. Failing cases of a batch are confirmed and shrunk side by side, a round a
//! batch.
//!
//! Longer than most files here: the stations of a batch are read in their order.

use std::collections::BTreeMap;
use std::time::Instant;

use corsproof_conform::author::compute;
use corsproof_conform::case::{AgentName, UserAgentCase};
use corsproof_conform::encode;
use corsproof_conform::explain::explain;
use corsproof_conform::generate::{GENERATOR_VERSION, user_agent as generate};
use corsproof_conform::judge::finding::{Finding, Level};
use corsproof_conform::judge::user_agent::{judge, predicts};
use corsproof_conform::known::{Known, KnownFile};
use corsproof_conform::observe::{Observation, Outcome};
use corsproof_conform::shrink::{Shrink as _, Shrinker};
use corsproof_conform::subject::{Asked, SubjectError, UserAgent};
use corsproof_conform::vector::{
    EDITION, Provenance, SCHEMA_VERSION, Test, Vector, Witness, id_of,
};
use corsproof_model::UserAgent as ModelAgent;

use crate::campaign::plan::Plan;
use crate::campaign::tally::{CaseVerdict, Divergence, Replayed, Tally};
use crate::commands::replay::load;
use crate::curl;
use crate::sink::Sink;

/// Cases that a browser is given at a time.
pub const BATCH: usize = 500;

/// Most candidates that one failing case puts into a round.
const CANDIDATES: usize = 120;

/// Runs the plan's cases against a user agent whose deviations the named preset predicts.
pub fn run(
    agent: &mut dyn UserAgent,
    preset: AgentName,
    known: &KnownFile,
    plan: &Plan,
    sink: &mut dyn Sink,
) -> Tally {
    let about = agent.about().clone();
    let tally = Tally {
        subject: about.name,
        version: about.version,
        role: "user-agent".to_owned(),
        ..Tally::default()
    };
    let mut campaign = Campaign { agent, preset, known, plan, sink, tally, seen: BTreeMap::new() };
    if let Err(error) = campaign.run_all() {
        campaign.tally.broken = Some(error.to_string());
    }
    campaign.tally
}

struct Campaign<'a> {
    agent: &'a mut dyn UserAgent,
    preset: AgentName,
    known: &'a KnownFile,
    plan: &'a Plan,
    sink: &'a mut dyn Sink,
    tally: Tally,
    seen: BTreeMap<String, usize>,
}

/// A case that differs from the Standard.
#[derive(Clone)]
struct Failing {
    case: UserAgentCase,
    index: u64,
    finding: Finding,
    fields: Vec<&'static str>,
}

impl Failing {
    /// What stays the same while the case shrinks: the fields that predict it, or else the
    /// finding itself.
    fn signature(&self) -> String {
        if self.fields.is_empty() { self.finding.signature() } else { self.fields.join("+") }
    }
}

impl Campaign<'_> {
    fn run_all(&mut self) -> Result<(), SubjectError> {
        let indices: Vec<u64> = (0..self.plan.length()).collect();
        let mut wanted = self.plan.indices();
        for _ in indices.chunks(BATCH) {
            let batch: Vec<(u64, UserAgentCase)> = wanted
                .by_ref()
                .take(BATCH)
                .map(|index| (index, generate::nth(self.plan.seed, self.plan.preset, index)))
                .collect();
            self.run_batch(&batch)?;
            self.sink.progress(self.tally.cases);
        }
        self.tally.complete = self.tally.cases == self.plan.length();
        Ok(())
    }

    fn run_batch(&mut self, batch: &[(u64, UserAgentCase)]) -> Result<(), SubjectError> {
        let cases: Vec<UserAgentCase> = batch.iter().map(|(_, case)| case.clone()).collect();
        let started = Instant::now();
        let answers = self.agent.fetch_all(&cases)?;
        self.tally.elapsed += started.elapsed();
        let mut failing = Vec::new();
        for ((index, case), answer) in batch.iter().zip(answers) {
            let observed = match answer {
                Asked::Observed(observed) => observed,
                Asked::Inconclusive { reason } => {
                    self.tally.count_inconclusive(reason);
                    continue;
                }
            };
            self.weigh(case);
            match self.compare(case, *index, &observed) {
                None => self.tally.count(CaseVerdict::Conforms),
                Some(found) => failing.push(found),
            }
        }
        let new: Vec<Failing> = self.first_of_each(&failing);
        self.investigate(new)?;
        for found in failing {
            self.settle(&found);
        }
        Ok(())
    }

    fn weigh(&mut self, case: &UserAgentCase) {
        match explain(case).map(|verdict| verdict.outcome) {
            Ok(Outcome::Allow) => self.tally.allowed += 1,
            _ => self.tally.blocked += 1,
        }
    }

    fn compare(&self, case: &UserAgentCase, index: u64, observed: &Observation) -> Option<Failing> {
        let finding = judge(case, observed).ok()??;
        let mut fields = attribute(self.preset, case, observed);
        // Several known deviations at once are none that is new.
        if fields.iter().all(|field| self.known_field(field).is_some()) {
            fields.truncate(1);
        }
        Some(Failing { case: case.clone(), index, finding, fields })
    }

    fn first_of_each(&self, failing: &[Failing]) -> Vec<Failing> {
        let mut first: BTreeMap<String, Failing> = BTreeMap::new();
        for found in failing {
            if !self.seen.contains_key(&found.signature()) {
                first.entry(found.signature()).or_insert_with(|| found.clone());
            }
        }
        first.into_values().collect()
    }

    fn settle(&mut self, found: &Failing) {
        let verdict = match self.seen.get(&found.signature()) {
            Some(number) => match self.tally.divergences.get_mut(*number) {
                Some(divergence) => {
                    divergence.cases += 1;
                    if divergence.known.is_some() {
                        CaseVerdict::Known
                    } else {
                        CaseVerdict::Diverges
                    }
                }
                None => CaseVerdict::Inconclusive,
            },
            None => CaseVerdict::Flaky,
        };
        self.tally.count(verdict);
    }

    fn known_field(&self, field: &str) -> Option<&Known> {
        self.known.for_field(field, &self.tally.version)
    }

    /// Confirms each new difference with a fresh URL, then shrinks all of them side by side. For a
    /// known one its vector is replayed instead.
    fn investigate(&mut self, new: Vec<Failing>) -> Result<(), SubjectError> {
        let mut unknown = Vec::new();
        for found in new {
            if !self.recognise(&found) {
                unknown.push(found);
            }
        }
        self.investigate_unknown(unknown)
    }

    /// Whether a known deviation predicts it; then its own vector stands for it.
    fn recognise(&mut self, found: &Failing) -> bool {
        let [field] = found.fields.as_slice() else { return false };
        let Some(known) = self.known_field(field).cloned() else { return false };
        let Ok(vector) = load(known.vector_id(), None) else { return false };
        let (replayed, finding) = replay_with_finding(self.agent, &vector);
        let divergence = Divergence {
            known: Some((known.reason, known.link)),
            finding: finding.unwrap_or_else(|| found.finding.clone()),
            curl: case_of(&vector).map(curl::of_case),
            vector,
            cases: 0,
            replayed,
            preset_field: Some((*field).to_owned()),
        };
        self.keep(found, divergence);
        true
    }

    fn keep(&mut self, found: &Failing, divergence: Divergence) {
        self.sink.divergence(&self.tally, &divergence);
        self.tally.divergences.push(divergence);
        self.seen.insert(found.signature(), self.tally.divergences.len() - 1);
    }

    fn investigate_unknown(&mut self, new: Vec<Failing>) -> Result<(), SubjectError> {
        let cases: Vec<UserAgentCase> = new.iter().map(|found| found.case.clone()).collect();
        if cases.is_empty() {
            return Ok(());
        }
        let again = self.agent.fetch_all(&cases)?;
        let mut confirmed = Vec::new();
        for (found, answer) in new.into_iter().zip(again) {
            let repeated = match answer {
                Asked::Observed(observed) => self.compare(&found.case, found.index, &observed),
                Asked::Inconclusive { .. } => None,
            };
            if repeated.is_some_and(|again| again.signature() == found.signature()) {
                confirmed.push((Shrinker::new(found.case.clone()), found));
            } else {
                self.tally.flaky.push(format!(
                    "case {}: {}: expected {}; once observed {}, and then not",
                    found.index,
                    found.signature(),
                    found.finding.expected,
                    found.finding.observed
                ));
            }
        }
        self.shrink_all(&mut confirmed)?;
        for (shrinker, found) in confirmed {
            self.save(&shrinker, found)?;
        }
        Ok(())
    }

    fn shrink_all(
        &mut self,
        confirmed: &mut [(Shrinker<UserAgentCase>, Failing)],
    ) -> Result<(), SubjectError> {
        loop {
            let mut batch = Vec::new();
            let mut owners = Vec::new();
            for (owner, (shrinker, _)) in confirmed.iter_mut().enumerate() {
                for candidate in shrinker.round().into_iter().take(CANDIDATES) {
                    batch.push(candidate);
                    owners.push(owner);
                }
            }
            if batch.is_empty() {
                return Ok(());
            }
            let answers = self.agent.fetch_all(&batch)?;
            let mut simplest: Vec<Option<UserAgentCase>> = vec![None; confirmed.len()];
            for ((candidate, owner), answer) in batch.into_iter().zip(owners).zip(answers) {
                let (Asked::Observed(observed), Some(slot), Some((_, found))) =
                    (answer, simplest.get_mut(owner), confirmed.get(owner))
                else {
                    continue;
                };
                let lighter = slot.as_ref().is_none_or(|s| candidate.weight() < s.weight());
                let same = |f: &Failing| f.signature() == found.signature();
                if lighter
                    && self.compare(&candidate, found.index, &observed).is_some_and(|f| same(&f))
                {
                    *slot = Some(candidate);
                }
            }
            for ((shrinker, _), simplest) in confirmed.iter_mut().zip(simplest) {
                shrinker.settle(simplest);
            }
        }
    }

    fn save(
        &mut self,
        shrinker: &Shrinker<UserAgentCase>,
        found: Failing,
    ) -> Result<(), SubjectError> {
        let case = UserAgentCase { id: String::new(), ..shrinker.current().clone() };
        let answer = self.agent.fetch_all(std::slice::from_ref(&case))?.pop();
        let shrunk = match answer {
            Some(Asked::Observed(observed)) => self.compare(&case, found.index, &observed),
            _ => None,
        };
        let replayed = if shrunk.is_some() { Replayed::StillFailing } else { Replayed::Fixed };
        let finding = shrunk.map_or(found.finding.clone(), |shrunk| shrunk.finding);
        let provenance = Provenance {
            subject: self.tally.subject.clone(),
            version: self.tally.version.clone(),
            seed: self.plan.seed,
            index: found.index,
            preset: self.plan.preset.name().to_owned(),
            generator_version: GENERATOR_VERSION,
            shrinks: shrinker.shrinks(),
        };
        let vector = vector(case.clone(), &finding, provenance);
        let known = self.known.covering(&vector.id, &self.tally.version);
        let known = known.map(|known| (known.reason.clone(), known.link.clone()));
        let divergence = Divergence {
            known,
            finding,
            vector,
            cases: 0,
            curl: Some(curl::of_case(&case)),
            replayed,
            preset_field: (!found.fields.is_empty()).then(|| found.fields.join("+")),
        };
        self.keep(&found, divergence);
        Ok(())
    }
}

/// The fields of a preset that together predict an observation which the Standard does not;
/// none when the preset does not predict it either.
pub fn attribute(
    preset: AgentName,
    case: &UserAgentCase,
    observed: &Observation,
) -> Vec<&'static str> {
    let full = encode::user_agent(preset);
    if !predicts(&full, case, observed).unwrap_or_default() {
        return Vec::new();
    }
    // Alone, added to the Standard.
    for field in corsproof_model::fields() {
        let mut agent = ModelAgent::spec();
        (field.adopt)(&mut agent, &full);
        if predicts(&agent, case, observed).unwrap_or_default() {
            return vec![field.name];
        }
    }
    // Several: those that the preset cannot do without.
    let spec = ModelAgent::spec();
    corsproof_model::fields()
        .iter()
        .filter(|field| {
            let mut agent = full.clone();
            (field.adopt)(&mut agent, &spec);
            !predicts(&agent, case, observed).unwrap_or_default()
        })
        .map(|field| field.name)
        .collect()
}

fn case_of(vector: &Vector) -> Option<&UserAgentCase> {
    match &vector.test {
        Test::UserAgent { case, .. } => Some(case),
        Test::Sequence { .. } | Test::Server { .. } => None,
    }
}

/// Runs a user-agent vector against a user agent.
pub fn replay(agent: &mut dyn UserAgent, vector: &Vector) -> Replayed {
    replay_with_finding(agent, vector).0
}

/// The same, with what is wrong where it still fails.
fn replay_with_finding(agent: &mut dyn UserAgent, vector: &Vector) -> (Replayed, Option<Finding>) {
    let cannot_run = |why: String| (Replayed::CannotRun(why), None);
    let Some(case) = case_of(vector) else {
        return cannot_run("it is a vector for servers".to_owned());
    };
    match agent.fetch_all(std::slice::from_ref(case)).map(|mut answers| answers.pop()) {
        Err(error) => cannot_run(error.to_string()),
        Ok(None) => cannot_run("no answer".to_owned()),
        Ok(Some(Asked::Inconclusive { reason })) => cannot_run(reason),
        Ok(Some(Asked::Observed(observed))) => match judge(case, &observed) {
            Err(error) => cannot_run(error.to_string()),
            Ok(None) => (Replayed::Fixed, None),
            Ok(Some(finding)) => (Replayed::StillFailing, Some(finding)),
        },
    }
}

fn vector(case: UserAgentCase, finding: &Finding, provenance: Provenance) -> Vector {
    let witness = Witness {
        subject: provenance.subject.clone(),
        version: provenance.version.clone(),
        agrees: false,
        observed: Some(finding.observed.clone()),
    };
    let mut id_case = case.clone();
    id_case.id = String::new();
    let id = id_of(finding, &id_case);
    let case = UserAgentCase { id: id.clone(), ..case };
    let mut vector = Vector {
        schema: SCHEMA_VERSION,
        id,
        since: EDITION.to_owned(),
        level: Level::Required,
        flags: Vec::new(),
        comment: format!("expected: {}; observed: {}", finding.expected, finding.observed),
        steps: finding.steps.clone(),
        provenance: Some(provenance),
        test: Test::of_case(case),
    };
    if let Err(error) = compute(&mut vector) {
        unreachable!("a case that was run is not a case: {error}");
    }
    if let Test::UserAgent { witnesses, .. } = &mut vector.test {
        witnesses.push(witness);
    }
    vector
}
