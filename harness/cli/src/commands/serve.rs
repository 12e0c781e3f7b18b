//! `corsproof serve`: the same campaign, for a browser that somebody opens.

use std::time::Duration;

use clap::Args;
use corsproof_conform::known::KnownFile;
use corsproof_conform::subject::About;

use super::CommandError;
use super::attach::Listen;
use super::plan::CampaignArguments;
use super::run::{Ran, begin, end, exit, judged};
use crate::attached::ByHand;
use crate::exit::Exit;
use crate::registry::{FolderArguments, Registry, Running};

/// What a browser is called that nobody named.
const UNNAMED: &str = "browser";

/// Arguments of `corsproof serve`.
#[derive(Debug, Args)]
pub struct Arguments {
    /// What the browser is: chromium, firefox or webkitgtk, or NAME@VERSION, for what is known of it
    /// to be told from what is new. Any other browser goes unnamed.
    browser: Option<String>,
    /// How long somebody has to open the page, in seconds.
    #[arg(long, value_name = "SECONDS", default_value_t = 900)]
    wait: u64,
    #[command(flatten)]
    campaign: CampaignArguments,
    #[command(flatten)]
    listen: Listen,
    #[command(flatten)]
    folder: FolderArguments,
}

/// Waits for a browser and runs the campaign against it.
///
/// # Errors
/// When no such browser is known, none opens the page, or the results cannot be written.
pub fn run(arguments: &Arguments) -> Result<Exit, CommandError> {
    let plan = arguments.campaign.plan();
    let given = arguments.browser.as_deref().unwrap_or(UNNAMED);
    let (name, version) = given.split_once('@').unwrap_or((given, "unknown"));
    let mut about = About {
        name: name.to_owned(),
        version: version.to_owned(),
        language: "unknown".to_owned(),
        runtime: "opened by hand".to_owned(),
        homepage: String::new(),
        issues: String::new(),
    };
    let (known, preset) = if arguments.browser.is_some() {
        let entry = Registry::open(&arguments.folder)?.entry(name)?;
        let preset = entry.engine().ok_or_else(|| format!("`{name}` is not a browser"))?;
        about.language = entry.file.language;
        about.homepage = entry.file.homepage;
        about.issues = entry.file.issues.unwrap_or_default();
        (entry.known, preset)
    } else {
        (KnownFile::default(), Default::default())
    };
    let mut out = begin(&arguments.campaign, &plan, &[name.to_owned()])?;
    let engine =
        ByHand::new(about, Duration::from_secs(arguments.wait), |words| println!("{words}"));
    let running = Running::UserAgent(arguments.listen.launch(engine)?, preset);
    let all = [judged(name, &known, running, &plan, &mut out)];
    if let [Ran::Tally(tally)] = &all {
        out.tally(tally)?;
    }
    end(&plan, &all, &mut out)?;
    Ok(exit(&all, true))
}
