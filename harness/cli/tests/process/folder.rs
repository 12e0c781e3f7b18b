//! Folders of subjects that are made for a test.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::time::Duration;

use corsproof::process::{Limits, Program};
use tempfile::TempDir;

use crate::fake::ROLE;

/// A folder of subjects, removed when it is dropped.
pub(crate) struct Folder(TempDir);

impl Folder {
    pub(crate) fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    pub(crate) fn path(&self) -> &Path {
        self.0.path()
    }

    /// Adds a subject that goes wrong in this way, with further lines in its `subject.toml`.
    pub(crate) fn add(&self, name: &str, way: &str, more: &str) {
        let run = run_line(way);
        self.write(
            name,
            &format!(
                "name = {name:?}\nrole = \"server\"\nlanguage = \"Rust\"\npackage = \"fake\"\n\
                 registry = \"none\"\nversion = \"1.0.0\"\nrun = {run:?}\nlicence = \"MIT\"\n\
                 homepage = \"https://fake.example/\"\n{more}\n"
            ),
        );
    }

    /// Adds a subject with this `subject.toml`.
    pub(crate) fn write(&self, name: &str, text: &str) {
        fs::create_dir_all(self.path().join(name)).unwrap();
        fs::write(self.path().join(name).join("subject.toml"), text).unwrap();
    }

    /// Runs the command on this folder, with limits that a test can wait for.
    pub(crate) fn corsproof(&self, arguments: &[&str]) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_corsproof"));
        command
            .args(arguments)
            .env("CORSPROOF_SUBJECTS", self.path())
            .env_remove("CORSPROOF_CACHE");
        command.current_dir(self.path()).output().unwrap()
    }
}

/// The command line of the fake that goes wrong in this way.
pub(crate) fn run_line(way: &str) -> String {
    format!("'{}' {ROLE} {way}", env::current_exe().unwrap().display())
}

/// The fake as a program.
pub(crate) fn program(folder: &Path, way: &str) -> Program {
    Program {
        name: "fake".to_owned(),
        version: Some("1.0.0".to_owned()),
        folder: PathBuf::from(folder),
        run: run_line(way),
    }
}

/// Long enough for a busy machine where an answer comes, short where none does.
pub(crate) fn limits(start: u64) -> Limits {
    Limits {
        start_within: Duration::from_secs(start),
        configure_within: Duration::from_secs(10),
        answer_within: Duration::from_secs(5),
        stop_within: Duration::from_secs(1),
    }
}

pub(crate) fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}
