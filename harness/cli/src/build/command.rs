//! Commands of other people's tools, bounded in time, whose output is kept.

use std::fs::{File, OpenOptions};
use std::io::{Read, Seek, SeekFrom};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use super::error::BuildError;
use crate::process::{Group, Tail};

/// The longest that one build command takes.
const BUILD_WITHIN: Duration = Duration::from_secs(600);

/// So much of a log's end is looked at for its last lines.
const TAIL: u64 = 4096;

/// So many last lines are shown.
const LAST_LINES: usize = 6;

/// The most that a short answer holds.
const MOST_ANSWERED: u64 = 1 << 20;

/// Runs a command line in a folder; its output goes to the end of the log.
///
/// # Errors
/// When it fails, or does not end in time.
pub fn run_logged(line: &str, folder: &Path, log: &Path) -> Result<(), BuildError> {
    let file =
        OpenOptions::new().create(true).append(true).open(log).map_err(BuildError::io(log))?;
    let also = file.try_clone().map_err(BuildError::io(log))?;
    let mut command = Command::new("/bin/sh");
    command.args(["-c", line]).current_dir(folder);
    command.stdin(Stdio::null()).stdout(file).stderr(also);
    let failed = |outcome: String| BuildError::Failed {
        command: line.to_owned(),
        outcome,
        last: last_lines(log),
        log: log.to_owned(),
    };
    let mut group = Group::spawn(&mut command).map_err(BuildError::io(folder))?;
    match group.wait_until(Instant::now() + BUILD_WITHIN) {
        Ok(Some(status)) if status.success() => Ok(()),
        Ok(Some(status)) => Err(failed(format!("failed ({status})"))),
        Ok(None) => Err(failed(format!("did not end within {} s", BUILD_WITHIN.as_secs()))),
        Err(source) => Err(BuildError::io(folder)(source)),
    }
}

/// What a command answers on its standard output.
///
/// # Errors
/// Why it does not answer, in words.
pub fn answer_of(arguments: &[&str], folder: &Path, within: Duration) -> Result<String, String> {
    let line = arguments.join(" ");
    let (program, rest) = arguments.split_first().ok_or("no command")?;
    let mut command = Command::new(program);
    command.args(rest).current_dir(folder);
    command.stdin(Stdio::null()).stderr(Stdio::piped());
    let mut output = tempfile::tempfile().map_err(|error| error.to_string())?;
    command.stdout(output.try_clone().map_err(|error| error.to_string())?);
    let mut group = Group::spawn(&mut command).map_err(|error| format!("`{line}`: {error}"))?;
    let log = match group.leader().stderr.take() {
        Some(stderr) => Tail::follow(stderr).map_err(|error| error.to_string())?,
        None => Tail::default(),
    };
    let status = group.wait_until(Instant::now() + within).map_err(|error| error.to_string())?;
    group.end();
    let said = last_of(&log.text());
    match status {
        Some(status) if status.success() => {
            let mut text = Vec::new();
            output.seek(SeekFrom::Start(0)).map_err(|error| error.to_string())?;
            let mut bounded = output.take(MOST_ANSWERED);
            bounded.read_to_end(&mut text).map_err(|error| error.to_string())?;
            Ok(String::from_utf8_lossy(&text).into_owned())
        }
        Some(status) => Err(format!("`{line}` failed ({status}): {said}")),
        None => Err(format!("`{line}` did not end within {} s: {said}", within.as_secs())),
    }
}

/// The last lines of a log, on one line.
fn last_lines(log: &Path) -> String {
    let read = || -> std::io::Result<String> {
        let mut file = File::open(log)?;
        let length = file.metadata()?.len();
        file.seek(SeekFrom::Start(length.saturating_sub(TAIL)))?;
        let mut bytes = Vec::new();
        file.take(TAIL).read_to_end(&mut bytes)?;
        Ok(String::from_utf8_lossy(&bytes).into_owned())
    };
    read().map_or_else(|error| format!("its log cannot be read: {error}"), |text| last_of(&text))
}

fn last_of(text: &str) -> String {
    let lines: Vec<&str> = text.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    let last = lines.get(lines.len().saturating_sub(LAST_LINES)..).unwrap_or_default();
    if last.is_empty() { "it said nothing".to_owned() } else { last.join(" / ") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_that_fails_is_shown_with_its_last_lines() {
        let folder = tempfile::tempdir().unwrap();
        let log = folder.path().join("x.log");
        let line = "for i in 1 2 3 4 5 6 7 8 9; do echo line $i; done; exit 3";
        let error = run_logged(line, folder.path(), &log).unwrap_err().to_string();
        assert!(error.contains("exit status: 3"), "{error}");
        assert!(error.contains("line 9") && !error.contains("line 3"), "{error}");
    }

    #[test]
    fn an_answer_is_what_stands_on_standard_output() {
        let here = Path::new("/");
        let within = Duration::from_secs(10);
        let answer = answer_of(&["sh", "-c", "echo out; echo err >&2"], here, within);
        assert_eq!(answer.as_deref(), Ok("out\n"));
        let late = answer_of(&["sleep", "60"], here, Duration::from_millis(50));
        assert!(late.unwrap_err().contains("did not end"));
        assert!(answer_of(&["no-such-program-anywhere"], here, within).is_err());
    }
}
