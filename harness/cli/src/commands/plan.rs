//! The arguments that say what a campaign is, and where its results go.

use std::path::PathBuf;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use clap::Args;
use corsproof_conform::generate::preset::Preset;
use corsproof_conform::judge::finding::Level;

use crate::campaign::plan::{Plan, Shard};

/// What is asked, and where the results go.
#[derive(Debug, Args)]
pub(super) struct CampaignArguments {
    /// Names the campaign: the same seed makes the same cases. Drawn from the clock if absent.
    #[arg(long)]
    seed: Option<u64>,
    /// Cases a subject.
    #[arg(long, default_value_t = 5_000)]
    cases: u64,
    /// Longest time a subject is given, in seconds.
    #[arg(long, value_name = "SECONDS")]
    time: Option<u64>,
    /// How hostile the material is: well-formed, near-miss, raw or mixed.
    #[arg(long, default_value = "mixed", value_parser = preset)]
    preset: Preset,
    /// The lowest level of findings that are shrunk and shown: required, recommended or
    /// informative. Only required ones are failures.
    #[arg(long, default_value = "recommended", value_parser = level)]
    level: Level,
    /// Run one of N equal parts of the campaign, as K/N.
    #[arg(long, default_value = "1/1", value_name = "K/N")]
    shard: Shard,
    /// Where results, vectors and report go.
    #[arg(long, default_value = "corsproof-out", value_name = "FOLDER")]
    pub(super) out: PathBuf,
}

impl CampaignArguments {
    /// The plan; a seed that is not given is drawn here.
    pub(super) fn plan(&self) -> Plan {
        Plan {
            seed: self.seed.unwrap_or_else(seed_of_the_clock),
            preset: self.preset,
            cases: self.cases,
            time: self.time.map(Duration::from_secs),
            shard: self.shard,
            level: self.level,
        }
    }
}

fn preset(name: &str) -> Result<Preset, String> {
    Preset::named(name)
        .ok_or_else(|| format!("`{name}` is not one of well-formed, near-miss, raw, mixed"))
}

fn level(name: &str) -> Result<Level, String> {
    let levels = [Level::Required, Level::Recommended, Level::Informative];
    let found = levels.into_iter().find(|level| level.name() == name);
    found.ok_or_else(|| format!("`{name}` is not one of required, recommended, informative"))
}

fn seed_of_the_clock() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(1, |since| since.as_secs() % 1_000_000)
}
