//! `corsproof run`: the main job.

use clap::Args;
use corsproof_conform::known::KnownFile;

use super::CommandError;
use super::attach::Attach;
use super::plan::CampaignArguments;
use super::replay::{load, replayed};
use crate::campaign::plan::Plan;
use crate::campaign::tally::{Replayed, Tally};
use crate::campaign::{server, user_agent};
use crate::exit::Exit;
use crate::process::Limits;
use crate::registry::{Availability, Entry, FolderArguments, Registry, RegistryError, Running};
use crate::report::{html, text};
use crate::sink::{OutFolder, Progress};
use crate::smoke::smoke;

/// Arguments of `corsproof run`.
#[derive(Debug, Args)]
pub struct Arguments {
    /// Subjects to run, each NAME or NAME@VERSION; if none is named, all that this machine has, but
    /// for those that are kept because they are known to be wrong.
    subjects: Vec<String>,
    #[command(flatten)]
    campaign: CampaignArguments,
    #[command(flatten)]
    attach: Attach,
    #[command(flatten)]
    folder: FolderArguments,
    #[command(flatten)]
    limits: Limits,
}

/// What one subject came to.
pub enum Ran {
    /// It ran.
    Tally(Box<Tally>),
    /// It cannot run here.
    NotAvailable {
        /// Which.
        name: String,
        /// Why.
        why: String,
        /// How to get it.
        how: String,
    },
}

/// Runs the campaign.
///
/// # Errors
/// When a subject is unknown, or the results cannot be written.
pub fn run(arguments: &Arguments) -> Result<Exit, CommandError> {
    let plan = arguments.campaign.plan();
    let named = !arguments.subjects.is_empty();
    let registry = Registry::open(&arguments.folder)?;
    let mut entries = registry.entries(&arguments.subjects)?;
    if !named {
        entries.retain(|(_, entry)| !entry.as_ref().is_ok_and(Entry::is_known_bad));
    }
    if arguments.attach.is_asked_for()
        && !matches!(entries.as_slice(), [(_, Ok(one))] if one.is_browser())
    {
        return Err(
            "--webdriver and --cdp say where one browser is: name it, and nothing else".into()
        );
    }
    let names: Vec<String> = entries.iter().map(|(name, _)| name.clone()).collect();
    let mut out = begin(&arguments.campaign, &plan, &names)?;
    let mut all = Vec::new();
    for (name, entry) in &entries {
        let ran = match entry {
            Ok(entry) => run_one(entry, &arguments.attach, &plan, arguments.limits, &mut out),
            Err(error) => broken(name, error),
        };
        if let Ran::Tally(tally) = &ran {
            out.tally(tally)?;
        }
        all.push(ran);
    }
    end(&plan, &all, &mut out)?;
    Ok(exit(&all, named))
}

/// Makes the folder of the results and says which campaign it is.
pub(super) fn begin(
    arguments: &CampaignArguments,
    plan: &Plan,
    names: &[String],
) -> Result<OutFolder, CommandError> {
    let out = OutFolder::create(&arguments.out, plan, names)?;
    println!(
        "seed {} ({} cases a subject, preset {}); run it again with --seed {}",
        plan.seed,
        plan.cases,
        plan.preset.name(),
        plan.seed
    );
    Ok(out)
}

/// Ends the results, and reports.
pub(super) fn end(plan: &Plan, all: &[Ran], out: &mut OutFolder) -> Result<(), CommandError> {
    let complete = all.iter().all(|ran| matches!(ran, Ran::Tally(tally) if tally.complete));
    out.finish(all.len(), complete)?;
    let report = out.write("report.html", &html::page(plan, all))?;
    print!("{}", text::page(all));
    println!("report: {}", report.display());
    Ok(())
}

fn broken(name: &str, error: &RegistryError) -> Ran {
    let broken = Some(error.to_string());
    Ran::Tally(Box::new(Tally { subject: name.to_owned(), broken, ..Tally::default() }))
}

fn run_one(
    entry: &Entry,
    attach: &Attach,
    plan: &Plan,
    limits: Limits,
    out: &mut OutFolder,
) -> Ran {
    match attach.start(&entry.file).map_err(RegistryError::from) {
        Ok(None) => {}
        Ok(Some(browser)) => {
            let running = Running::UserAgent(browser, entry.engine().unwrap_or_default());
            return judged(&entry.name, &entry.known, running, plan, out);
        }
        Err(error) => return broken(&entry.name, &error),
    }
    if let Err(error) = entry.prepare() {
        return broken(&entry.name, &error);
    }
    if let Availability::NotAvailable { why, how } = entry.availability() {
        return Ran::NotAvailable { name: entry.name.clone(), why, how };
    }
    let mut running = match entry.start(limits) {
        Ok(running) => running,
        Err(error) => return broken(&entry.name, &error),
    };
    if let Some(why) = misfit(entry, &mut running, limits) {
        let subject = entry.name.clone();
        return Ran::Tally(Box::new(Tally { subject, broken: Some(why), ..Tally::default() }));
    }
    judged(&entry.name, &entry.known, running, plan, out)
}

/// Runs the campaign against what is running.
pub(super) fn judged(
    name: &str,
    known: &KnownFile,
    mut running: Running,
    plan: &Plan,
    out: &mut OutFolder,
) -> Ran {
    let mut progress = Progress::new(name, plan.length(), out);
    let mut tally = match &mut running {
        Running::Server(subject) => server::run(subject.as_mut(), known, plan, &mut progress),
        Running::Program(subject) => server::run(subject.as_mut(), known, plan, &mut progress),
        Running::UserAgent(subject, preset) => {
            user_agent::run(subject.as_mut(), *preset, known, plan, &mut progress)
        }
    };
    progress.finish();
    tally.stale = stale(known, &mut running, &tally);
    if let Some(complaint) = running.stop() {
        eprintln!("corsproof: {name}: {complaint}");
    }
    Ran::Tally(Box::new(tally))
}

/// Why a program does not fit another version of its package. Nobody has tried the two together,
/// and an adapter that fails could be taken for a package that refuses every policy.
fn misfit(entry: &Entry, running: &mut Running, limits: Limits) -> Option<String> {
    let server = running.server().filter(|_| entry.is_other_version())?;
    let smoked = smoke(server, limits.answer_within);
    let first = smoked.failed.first()?;
    Some(format!(
        "its program does not work with this version ({} of {} checks failed): {first}",
        smoked.failed.len(),
        smoked.checks.max(1)
    ))
}

/// Entries of `known.toml` whose vector the subject passes by now, or whose vector is gone.
fn stale(known: &KnownFile, running: &mut Running, tally: &Tally) -> Vec<String> {
    let mut stale = Vec::new();
    for known in known.known.iter().filter(|known| known.holds_for(&tally.version)) {
        let replayed = match load(known.vector_id(), None) {
            Ok(vector) => replayed(running, &vector),
            Err(error) => Replayed::CannotRun(error.to_string()),
        };
        match replayed {
            Replayed::StillFailing => {}
            Replayed::Fixed => {
                stale.push(format!("`{}`: its vector passes; take the entry out", known.id));
            }
            Replayed::CannotRun(why) => {
                stale.push(format!("`{}`: cannot be replayed: {why}", known.id))
            }
        }
    }
    stale
}

/// The exit code of a run. A finding that did not repeat is not conformance either. Subjects that
/// are not available only matter when they were named.
pub(super) fn exit(all: &[Ran], named: bool) -> Exit {
    let mut exit = Exit::Conforms;
    let mut judged = 0;
    for ran in all {
        exit = exit.max(match ran {
            Ran::NotAvailable { .. } if named => Exit::Broken,
            Ran::NotAvailable { .. } => Exit::Conforms,
            Ran::Tally(tally) => {
                judged += tally.judged();
                if tally.broken.is_some() || tally.unanswered > 0 {
                    Exit::Broken
                } else if tally.fresh().next().is_some()
                    || !tally.stale.is_empty()
                    || !tally.flaky.is_empty()
                {
                    Exit::Diverges
                } else {
                    Exit::Conforms
                }
            }
        });
    }
    if judged == 0 {
        eprintln!("corsproof: nothing was judged");
        return Exit::Broken;
    }
    exit
}
