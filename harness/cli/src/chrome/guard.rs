//! A small process that outlives us long enough to end the browser and remove its profile.
//!
//! It reads a pipe whose other end only we hold. However we end, the pipe does too, and then it
//! ends every process whose command line names our profile directory, which no other browser can
//! have, and what that process has started: a browser's children go with it of their own accord,
//! but not when they hang. Ending a browser that hangs goes the same way. Where there is no
//! `/proc`, it knows the process id that it was told. A child that is on its way out may write its
//! cache once more, so the profile counts as removed when it stays so.

use std::io::{self, Write};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, ChildStdin, Command, Stdio};

/// First line: the profile. Further lines: process ids.
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
  left=$(printf '%s\n' "--user-data-dir=$profile" | grep -lasFf - /proc/[0-9]*/cmdline)
  for entry in $left; do
    entry=${entry#/proc/}
    end "${entry%/cmdline}"
  done
  if [ -z "$left" ] && ! [ -e "$profile" ]; then clean=$((clean + 1)); else clean=0; fi
  rm -rf -- "$profile"
  tries=$((tries + 1))
  sleep 0.05
done
"#;

/// The guard of one browser.
#[derive(Debug)]
pub(super) struct Guard {
    process: Child,
    pipe: Option<ChildStdin>,
}

impl Guard {
    /// Starts a guard for the browser that will use this profile.
    pub(super) fn start(profile: &Path) -> io::Result<Self> {
        // A group of its own: an interrupt from the terminal is for us and the browser.
        let mut process = Command::new("/bin/sh")
            .args(["-c", SCRIPT])
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .process_group(0)
            .spawn()?;
        let pipe = process.stdin.take();
        let mut guard = Self { process, pipe };
        guard.tell(&profile.to_string_lossy())?;
        Ok(guard)
    }

    /// Names the browser's process.
    pub(super) fn watch(&mut self, pid: u32) -> io::Result<()> {
        self.tell(&pid.to_string())
    }

    /// Ends the browser, hung or not, and waits until it is gone.
    pub(super) fn end(&mut self) {
        drop(self.pipe.take());
        // It ends on its own; there is nobody to tell if it cannot be waited for.
        let _ = self.process.wait();
    }

    fn tell(&mut self, line: &str) -> io::Result<()> {
        let pipe = self.pipe.as_mut().ok_or(io::ErrorKind::BrokenPipe)?;
        writeln!(pipe, "{line}")?;
        pipe.flush()
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        self.end();
    }
}
