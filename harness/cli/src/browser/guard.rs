//! A small process that outlives us long enough to end the browser and remove its profile.
//!
//! It reads a pipe whose other end only we hold. However we end, the pipe does too, and then it
//! ends every process whose command line or environment names our profile directory, which no
//! other browser can have, and what that process has started: a browser's children go with it of
//! their own accord, but not when they hang. Ending a browser that hangs goes the same way. Where
//! there is no `/proc`, it knows the process ids that it was told. A child that is on its way out
//! may write its cache once more, so the profile counts as removed when it stays so.

use std::io::{self, Write};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};

use super::error::BrowserError;

/// Environment variable that marks what belongs to a profile.
const MARK: &str = "CORSPROOF_PROFILE";

/// First line: the profile. Further lines: process ids. `grep` finds the words anywhere in a command
/// line or an environment, which is exact enough: a profile's name is drawn at random.
const SCRIPT: &str = r#"
end() {
  kill -STOP "$1"
  for child in $(cat /proc/"$1"/task/*/children); do end "$child"; done
  kill -KILL "$1"
}
read -r profile || exit 0
pids=
while read -r pid; do pids="$pids $pid"; done
for pid in $pids; do end "$pid"; done
tries=0
clean=0
while [ "$clean" -lt 2 ] && [ "$tries" -lt 50 ]; do
  left=$(printf '%s\n' "--user-data-dir=$profile" "CORSPROOF_PROFILE=$profile" |
    grep -lasFf - /proc/[0-9]*/cmdline /proc/[0-9]*/environ)
  for entry in $left; do
    entry=${entry#/proc/}
    end "${entry%/*}"
  done
  if [ -z "$left" ] && ! [ -e "$profile" ]; then clean=$((clean + 1)); else clean=0; fi
  rm -rf -- "$profile"
  tries=$((tries + 1))
  sleep 0.05
done
"#;

/// The guard of one life of one browser, and the profile that it guards.
#[derive(Debug)]
pub(crate) struct Guard {
    profile: PathBuf,
    process: Child,
    pipe: Option<ChildStdin>,
}

impl Guard {
    /// Makes a profile directory, named after the browser, and starts a guard for whoever uses it.
    pub(crate) fn start(browser: &str) -> Result<Self, BrowserError> {
        let profile = tempfile::Builder::new()
            .prefix(&format!("corsproof-{browser}-"))
            .tempdir()
            .map_err(BrowserError::Profile)?;
        // A group of its own: an interrupt from the terminal is for us and the browser.
        let mut process = Command::new("/bin/sh")
            .args(["-c", SCRIPT])
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .process_group(0)
            .spawn()
            .map_err(BrowserError::Guard)?;
        let pipe = process.stdin.take();
        let profile = profile.keep();
        let name = profile.to_string_lossy().into_owned();
        let mut guard = Self { profile, process, pipe };
        guard.tell(&name)?;
        Ok(guard)
    }

    /// The profile directory: all that the browser may write to.
    pub(crate) fn profile(&self) -> &Path {
        &self.profile
    }

    /// The variable of its environment by which a process is known to use the profile.
    pub(crate) fn mark(&self) -> (String, String) {
        (MARK.to_owned(), self.profile.to_string_lossy().into_owned())
    }

    /// Names a process of the browser.
    pub(crate) fn watch(&mut self, pid: u32) -> Result<(), BrowserError> {
        self.tell(&pid.to_string())
    }

    /// Ends the browser, hung or not, and waits until it is gone.
    pub(crate) fn end(&mut self) {
        drop(self.pipe.take());
        // It ends on its own; there is nobody to tell if it cannot be waited for.
        let _ = self.process.wait();
    }

    fn tell(&mut self, line: &str) -> Result<(), BrowserError> {
        let Some(pipe) = self.pipe.as_mut() else {
            return Err(BrowserError::Guard(io::ErrorKind::BrokenPipe.into()));
        };
        writeln!(pipe, "{line}").and_then(|()| pipe.flush()).map_err(BrowserError::Guard)
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        self.end();
    }
}
