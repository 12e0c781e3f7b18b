//! A campaign against a server: configure, call, judge; confirm, shrink and save what is wrong.
//!
//! Longer than most files here: the stations of a case are read in their order.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use corsproof_conform::drive::{ServerObservation, play};
use corsproof_conform::generate::{GENERATOR_VERSION, server as generate};
use corsproof_conform::judge::cost::Curve;
use corsproof_conform::judge::finding::{Finding, Level};
use corsproof_conform::judge::server::judge_played;
use corsproof_conform::known::KnownFile;
use corsproof_conform::server_case::ServerCase;
use corsproof_conform::shrink::shrink;
use corsproof_conform::subject::{Mount, Server, SubjectError, Support};
use corsproof_conform::vector::{
    EDITION, Guards, Provenance, SCHEMA_VERSION, Test, Vector, Witness, id_of,
};

use crate::campaign::plan::Plan;
use crate::campaign::probes;
use crate::campaign::tally::{CaseVerdict, Divergence, Replayed, Tally};
use crate::curl;
use crate::sink::Sink;

/// After so many cases in a row without an answer the subject counts as broken.
const MAX_SILENT: u32 = 25;

/// Runs the plan's cases against a server.
pub fn run(server: &mut dyn Server, known: &KnownFile, plan: &Plan, sink: &mut dyn Sink) -> Tally {
    let about = server.about().clone();
    let tally = Tally {
        subject: about.name,
        version: about.version,
        role: "server".to_owned(),
        ..Tally::default()
    };
    let mut campaign = Campaign {
        server,
        known,
        plan,
        sink,
        tally,
        mounted: None,
        seen: BTreeMap::new(),
        started: Instant::now(),
        repeating: Duration::ZERO,
    };
    campaign.run_all();
    campaign.unmount();
    campaign.probe();
    campaign.tally
}

/// What a server made of a case.
pub enum Answer {
    /// It was asked and answered.
    Observed(ServerObservation, Vec<Finding>),
    /// It cannot be configured so.
    Inexpressible(String),
    /// It refused the policy.
    Rejected(String),
}

struct Campaign<'a> {
    server: &'a mut dyn Server,
    known: &'a KnownFile,
    plan: &'a Plan,
    sink: &'a mut dyn Sink,
    tally: Tally,
    mounted: Option<(ServerCase, Support)>,
    /// The divergences of each signature that was met, as numbers into the tally's.
    seen: BTreeMap<String, Vec<usize>>,
    started: Instant,
    /// How long signatures were investigated that had been met before.
    repeating: Duration,
}

/// How many cases of one signature are shrunk: different faults can look alike, and show their
/// difference only once they are small.
const INVESTIGATED: usize = 6;

impl Campaign<'_> {
    fn run_all(&mut self) {
        let mut silent = 0;
        for index in self.plan.indices() {
            let capabilities = self.server.capabilities();
            let case = generate::nth(self.plan.seed, self.plan.preset, capabilities, index);
            let started = Instant::now();
            let answer = self.ask(&case).or_else(|_| {
                // Once more, on a mount of its own: what repeats is the subject's.
                self.forget();
                self.ask(&case)
            });
            self.tally.elapsed += started.elapsed();
            match answer {
                Ok(answer) => {
                    silent = 0;
                    self.settle(&case, index, answer);
                }
                Err(error) => {
                    silent += 1;
                    self.forget();
                    self.tally.unanswered += 1;
                    self.tally.count_inconclusive(error.to_string());
                    if silent > MAX_SILENT || matches!(error, SubjectError::NotRunning { .. }) {
                        self.tally.broken = Some(error.to_string());
                        return;
                    }
                }
            }
            self.sink.progress(self.tally.cases);
        }
        self.tally.complete = self.tally.cases == self.plan.length();
    }

    /// What is asked once a campaign, at its end: it may hurt the subject.
    fn probe(&mut self) {
        let advises = self.plan.level >= Level::Recommended;
        if self.tally.broken.is_some() || self.plan.shard.number > 1 || !advises {
            return;
        }
        let unusable = probes::unusable(self.server);
        let cost = probes::cost(self.server);
        match (unusable, cost) {
            (Ok(findings), Ok(curves)) => {
                self.tally.advice = findings;
                self.tally.advice.extend(curves.iter().filter_map(Curve::judge));
                self.tally.curves = curves;
            }
            (Err(error), _) | (_, Err(error)) => self.tally.broken = Some(error.to_string()),
        }
    }

    fn settle(&mut self, case: &ServerCase, index: u64, answer: Answer) {
        let (observed, findings) = match answer {
            Answer::Inexpressible(reason) => {
                return self.tally.count_not_judged(CaseVerdict::Inexpressible, reason);
            }
            Answer::Rejected(message) => {
                return self.tally.count_not_judged(CaseVerdict::Rejected, message);
            }
            Answer::Observed(observed, findings) => (observed, findings),
        };
        self.tally.exchanges += observed.calls.iter().map(|c| c.len() as u64).sum::<u64>();
        let mut verdict = CaseVerdict::Conforms;
        for finding in findings {
            verdict = graver(verdict, self.settle_finding(case, index, &finding));
        }
        self.tally.count(verdict);
    }

    /// Counts a finding; the first ones of a signature are investigated, later ones are taken for
    /// the last of these.
    fn settle_finding(&mut self, case: &ServerCase, index: u64, finding: &Finding) -> CaseVerdict {
        if finding.level > self.plan.level {
            *self.tally.below.entry(finding.rule.clone()).or_default() += 1;
            return CaseVerdict::Conforms;
        }
        let met = self.seen.get(&finding.signature()).map_or(0, Vec::len);
        if met == 0 || (met < INVESTIGATED && self.has_time_to_repeat()) {
            let start = Instant::now();
            let Some(number) = self.investigate(case, index, finding) else {
                return CaseVerdict::Flaky;
            };
            if met > 0 {
                self.repeating += start.elapsed();
            }
            self.seen.entry(finding.signature()).or_default().push(number);
        }
        let number = self.seen.get(&finding.signature()).and_then(|met| met.last()).copied();
        let Some(divergence) = number.and_then(|n| self.tally.divergences.get_mut(n)) else {
            return CaseVerdict::Flaky;
        };
        divergence.cases += 1;
        match (&divergence.known, finding.level) {
            (Some(_), _) => CaseVerdict::Known,
            (None, Level::Required) => CaseVerdict::Diverges,
            (None, _) => CaseVerdict::Conforms,
        }
    }

    /// Where time is short, at most a fifth of it goes into what looks as something seen before.
    fn has_time_to_repeat(&self) -> bool {
        self.plan.time.is_none() || self.repeating * 5 <= self.started.elapsed()
    }

    /// Confirms a finding on a fresh mount, shrinks its case and saves the vector; gives the
    /// number of its divergence, new or met before. None: it did not repeat.
    fn investigate(&mut self, case: &ServerCase, index: u64, finding: &Finding) -> Option<usize> {
        self.forget();
        if !self.still_fails(case, finding) {
            self.tally.flaky.push(format!(
                "case {index}: {}: expected {}; once observed {}, and then not",
                finding.signature(),
                finding.expected,
                finding.observed
            ));
            return None;
        }
        let (smallest, shrinks) =
            shrink(case.clone(), |candidate| self.still_fails(candidate, finding));
        let (finding, curl) = match self.ask(&smallest) {
            Ok(Answer::Observed(observed, findings)) => {
                let same = findings.into_iter().find(|f| f.signature() == finding.signature());
                let finding = same.unwrap_or_else(|| finding.clone());
                let curl = curl::of_call(&observed, finding.call);
                (finding, curl)
            }
            _ => (finding.clone(), None),
        };
        let provenance = Provenance {
            subject: self.tally.subject.clone(),
            version: self.tally.version.clone(),
            seed: self.plan.seed,
            index,
            preset: self.plan.preset.name().to_owned(),
            generator_version: GENERATOR_VERSION,
            shrinks,
        };
        let vector = vector(smallest, &finding, provenance);
        let same = |divergence: &Divergence| divergence.vector.id == vector.id;
        if let Some(number) = self.tally.divergences.iter().position(same) {
            return Some(number);
        }
        let replayed = replay(self.server, &vector);
        let known = self.known.covering(&vector.id, &self.tally.version);
        let divergence = Divergence {
            known: known.map(|k| (k.reason.clone(), k.link.clone())),
            finding,
            vector,
            cases: 0,
            curl,
            replayed,
            preset_field: None,
        };
        self.sink.divergence(&self.tally, &divergence);
        self.tally.divergences.push(divergence);
        Some(self.tally.divergences.len() - 1)
    }

    fn still_fails(&mut self, case: &ServerCase, finding: &Finding) -> bool {
        match self.ask(case) {
            Ok(Answer::Observed(_, findings)) => {
                findings.iter().any(|f| f.signature() == finding.signature())
            }
            Ok(_) => false,
            Err(_) => {
                self.forget();
                false
            }
        }
    }

    /// Asks on the mount that is there when the policy is the same, and on a new one otherwise.
    fn ask(&mut self, case: &ServerCase) -> Result<Answer, SubjectError> {
        let same = self.mounted.as_ref().is_some_and(|(mounted, _)| mounted.policy == case.policy);
        if !same {
            self.unmount();
            let support = self.server.configure(&case.policy)?;
            self.mounted = Some((case.clone(), support));
        }
        match &self.mounted {
            Some((_, support)) => ask_mounted(self.server, support, case),
            None => Ok(Answer::Inexpressible("nothing is mounted".to_owned())),
        }
    }

    fn unmount(&mut self) {
        if let Some((_, Support::Mounted(mount))) = self.mounted.take() {
            self.server.release(&mount);
        }
    }

    /// The next case gets a mount of its own.
    fn forget(&mut self) {
        self.unmount();
    }
}

/// The graver of two verdicts on one case.
fn graver(one: CaseVerdict, other: CaseVerdict) -> CaseVerdict {
    let gravity = |verdict| match verdict {
        CaseVerdict::Diverges => 3,
        CaseVerdict::Flaky => 2,
        CaseVerdict::Known => 1,
        _ => 0,
    };
    if gravity(other) > gravity(one) { other } else { one }
}

/// Runs a server vector against a server.
pub fn replay(server: &mut dyn Server, vector: &Vector) -> Replayed {
    let Test::Server { case, guards, .. } = &vector.test else {
        return Replayed::CannotRun("it is a vector for user agents".to_owned());
    };
    let support = match server.configure(&case.policy) {
        Ok(support) => support,
        Err(error) => return Replayed::CannotRun(error.to_string()),
    };
    let answer = ask_mounted(server, &support, case);
    if let Support::Mounted(mount) = &support {
        server.release(mount);
    }
    match answer {
        Err(error) => Replayed::CannotRun(error.to_string()),
        Ok(Answer::Inexpressible(reason)) => Replayed::CannotRun(reason),
        // Refusing the policy is an answer, and none that lets anybody read.
        Ok(Answer::Rejected(_)) => Replayed::Fixed,
        Ok(Answer::Observed(_, findings)) => {
            if findings.iter().any(|f| f.rule == guards.rule) {
                Replayed::StillFailing
            } else {
                Replayed::Fixed
            }
        }
    }
}

fn ask_mounted(
    server: &mut dyn Server,
    support: &Support,
    case: &ServerCase,
) -> Result<Answer, SubjectError> {
    let mount: &Mount = match support {
        Support::Mounted(mount) => mount,
        Support::Unsupported { feature, reason } => {
            return Ok(Answer::Inexpressible(format!("{feature}: {reason}")));
        }
        Support::Rejected { message } => return Ok(Answer::Rejected(message.clone())),
    };
    let calls = match case.bind() {
        Ok(calls) => calls,
        Err(unbound) => return Ok(Answer::Inexpressible(unbound.to_string())),
    };
    let (observed, played) = play(server, mount, &case.policy, calls)?;
    let findings = judge_played(case, &observed, played);
    Ok(Answer::Observed(observed, findings))
}

fn vector(case: ServerCase, finding: &Finding, provenance: Provenance) -> Vector {
    let case = ServerCase { id: String::new(), ..case };
    let witness = Witness {
        subject: provenance.subject.clone(),
        version: provenance.version.clone(),
        agrees: false,
        observed: Some(finding.observed.clone()),
    };
    Vector {
        schema: SCHEMA_VERSION,
        id: id_of(finding, &case),
        since: EDITION.to_owned(),
        level: finding.level,
        flags: Vec::new(),
        comment: format!("expected: {}; observed: {}", finding.expected, finding.observed),
        steps: finding.steps.clone(),
        provenance: Some(provenance),
        test: Test::Server {
            case,
            guards: Guards {
                rule: finding.rule.clone(),
                direction: finding.direction,
                label: finding.label.clone(),
            },
            witnesses: vec![witness],
        },
    }
}
