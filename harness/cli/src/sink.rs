//! Where a campaign reports to while it runs: a progress bar, and files that hold whatever was
//! found so far, each line whole.

use std::fs::{self, File};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use corsproof_conform::vector::VectorError;
use indicatif::{ProgressBar, ProgressStyle};
use serde::Serialize;
use serde_json::json;

use crate::campaign::plan::Plan;
use crate::campaign::tally::{Divergence, Tally};

/// Hears of a campaign's progress.
pub trait Sink {
    /// So many cases are judged.
    fn progress(&mut self, cases: u64);
    /// A new divergence was confirmed and shrunk.
    fn divergence(&mut self, tally: &Tally, divergence: &Divergence);
}

/// Why results could not be kept.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OutError {
    /// The folder or the file could not be written.
    #[error("results `{}`: {source}", .path.display())]
    Io {
        /// Which.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// A vector could not be written.
    #[error(transparent)]
    Vector(#[from] VectorError),
}

/// The folder of one run: `results.ndjson`, `vectors/`, `report.html`.
pub struct OutFolder {
    path: PathBuf,
    results: File,
    failed: Option<OutError>,
}

impl OutFolder {
    /// Makes the folder and begins its results with a header line.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn create(path: &Path, plan: &Plan, subjects: &[String]) -> Result<Self, OutError> {
        let io = |path: &Path, source| OutError::Io { path: path.to_owned(), source };
        fs::create_dir_all(path).map_err(|source| io(path, source))?;
        let file = path.join("results.ndjson");
        let results = File::create(&file).map_err(|source| io(&file, source))?;
        let mut folder = Self { path: path.to_owned(), results, failed: None };
        folder.line(&json!({"header": {
            "format": 1,
            "corsproof": env!("CARGO_PKG_VERSION"),
            "spec": corsproof_model::SPEC_COMMIT,
            "generator_version": corsproof_conform::generate::GENERATOR_VERSION,
            "seed": plan.seed,
            "preset": plan.preset,
            "cases": plan.cases,
            "shard": [plan.shard.number, plan.shard.of],
            "subjects": subjects,
        }}));
        folder.check()?;
        Ok(folder)
    }

    /// The folder.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Keeps what a subject's campaign came to.
    ///
    /// # Errors
    /// When it, or anything before it, could not be written.
    pub fn tally(&mut self, tally: &Tally) -> Result<(), OutError> {
        self.line(&json!({"subject": tally}));
        self.check()
    }

    /// Ends the results: a file without this line is not whole.
    ///
    /// # Errors
    /// When it, or anything before it, could not be written.
    pub fn finish(&mut self, subjects: usize, complete: bool) -> Result<(), OutError> {
        self.line(&json!({"footer": {"subjects": subjects, "complete": complete}}));
        self.check()
    }

    /// Writes a file of the folder.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn write(&self, name: &str, text: &str) -> Result<PathBuf, OutError> {
        let path = self.path.join(name);
        fs::write(&path, text).map_err(|source| OutError::Io { path: path.clone(), source })?;
        Ok(path)
    }

    fn divergence(&mut self, tally: &Tally, divergence: &Divergence, after: Duration) {
        if let Err(error) = divergence.vector.write(&self.path.join("vectors")) {
            self.failed.get_or_insert(error.into());
        }
        self.line(&json!({"divergence": {
            "subject": tally.subject,
            "version": tally.version,
            "vector": divergence.vector.id,
            "finding": divergence.finding,
            "known": divergence.known.is_some(),
            "replayed": divergence.replayed,
            "found_after_seconds": after.as_secs_f64(),
            "found_at_case": tally.cases,
        }}));
    }

    /// One line, in one write.
    fn line(&mut self, value: &impl Serialize) {
        let mut line = serde_json::to_string(value).unwrap_or_default();
        line.push('\n');
        if let Err(source) = self.results.write_all(line.as_bytes()) {
            let path = self.path.join("results.ndjson");
            self.failed.get_or_insert(OutError::Io { path, source });
        }
    }

    fn check(&mut self) -> Result<(), OutError> {
        self.failed.take().map_or(Ok(()), Err)
    }
}

/// A progress bar over an [`OutFolder`].
pub struct Progress<'a> {
    bar: ProgressBar,
    out: &'a mut OutFolder,
    started: Instant,
}

impl<'a> Progress<'a> {
    /// The bar of one subject, whose campaign begins now.
    pub fn new(subject: &str, cases: u64, out: &'a mut OutFolder) -> Self {
        let bar = ProgressBar::new(cases);
        let template = "{prefix:14} {bar:32} {pos}/{len} cases, {per_sec}, {msg} {eta} left";
        if let Ok(style) = ProgressStyle::with_template(template) {
            bar.set_style(style);
        }
        bar.set_prefix(subject.to_owned());
        Self { bar, out, started: Instant::now() }
    }

    /// Takes the bar away.
    pub fn finish(self) {
        self.bar.finish_and_clear();
    }
}

impl Sink for Progress<'_> {
    fn progress(&mut self, cases: u64) {
        self.bar.set_position(cases);
    }

    fn divergence(&mut self, tally: &Tally, divergence: &Divergence) {
        let count = tally.divergences.len() + 1;
        self.bar.set_message(format!("{count} divergence{},", if count == 1 { "" } else { "s" }));
        self.out.divergence(tally, divergence, self.started.elapsed());
    }
}
