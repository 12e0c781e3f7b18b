//! An X server without a screen, on a display that is free.

use std::io;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};

use crate::browser::line_of;

/// Longest time for it to start.
const START: Duration = Duration::from_secs(20);

/// Longest time for it to end by itself.
const END: Duration = Duration::from_secs(2);

const PLACES: [&str; 3] = ["/usr/bin/Xvfb", "/usr/local/bin/Xvfb", "/usr/libexec/Xvfb"];

/// The program, if it is there.
pub(super) fn program() -> Option<PathBuf> {
    PLACES.iter().map(PathBuf::from).find(|path| path.is_file())
}

/// A running display.
#[derive(Debug)]
pub(super) struct Display {
    process: Child,
    name: String,
}

impl Display {
    /// Starts one, with this variable in its environment. It speaks to nobody over the network.
    pub(super) fn start(program: &Path, mark: (String, String)) -> io::Result<Self> {
        let mut process = Command::new(program)
            .args(["-displayfd", "1", "-screen", "0", "800x600x24", "-nolisten", "tcp"])
            .envs([mark])
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()?;
        let said = process.stdout.take();
        let mut display = Self { process, name: String::new() };
        let number = said.and_then(|said| line_of(said, START, number));
        let number = number.ok_or_else(|| {
            io::Error::other(format!("it named no display within {} s", START.as_secs()))
        })?;
        display.name = format!(":{number}");
        Ok(display)
    }

    /// What `DISPLAY` has to say.
    pub(super) fn name(&self) -> &str {
        &self.name
    }

    pub(super) fn process_id(&self) -> u32 {
        self.process.id()
    }

    /// Ends it. Asks first, so that it takes its socket with it.
    pub(super) fn end(&mut self) {
        let start = Instant::now();
        if let Some(pid) = i32::try_from(self.process.id()).ok().and_then(Pid::from_raw)
            && self.ended().is_none()
        {
            // If it cannot be asked, it is killed below.
            let _ = kill_process(pid, Signal::TERM);
            while self.ended().is_none() && start.elapsed() < END {
                std::thread::sleep(Duration::from_millis(5));
            }
        }
        let _ = self.process.kill();
        let _ = self.process.wait();
    }

    /// How it ended, if it did.
    pub(super) fn ended(&mut self) -> Option<ExitStatus> {
        self.process.try_wait().ok()?
    }
}

impl Drop for Display {
    fn drop(&mut self) {
        self.end();
    }
}

fn number(line: &str) -> Option<u32> {
    line.trim().parse().ok()
}
