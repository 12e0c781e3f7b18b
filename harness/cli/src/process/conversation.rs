//! A program that is running, and what is said between us: a line each way, in turn.
//!
//! After a line that the protocol does not allow, or none in time, nothing it says could be
//! trusted to answer what it is asked: it is ended, and every later question is told why.

use std::io::{self, Write as _};
use std::path::Path;
use std::process::{ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::thread;
use std::time::{Duration, Instant};

use corsproof_conform::subject::SubjectError;

use super::group::Group;
use super::lines::{Heard, MAX_LINE, listen};
use super::protocol::{Answer, Message, Request, parse};
use super::tail::Tail;

/// How long a program whose output ended is given to end itself, so that its exit code is known.
const LAST_BREATH: Duration = Duration::from_millis(500);

/// So much of a line that is not understood is shown.
const SHOWN: usize = 120;

/// How a program ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parting {
    /// Its exit code; none when it was killed, by us or otherwise.
    pub code: Option<i32>,
    /// How many children it left behind. They were ended.
    pub left: usize,
}

impl Parting {
    /// What is wrong with it.
    pub fn complaint(&self) -> Option<String> {
        let code = match self.code {
            Some(0) => None,
            Some(code) => Some(format!("it ended with exit code {code}")),
            None => Some("it did not end by itself and was killed".to_owned()),
        };
        let left = match self.left {
            0 => None,
            1 => Some("it left a child behind, which was ended".to_owned()),
            more => Some(format!("it left {more} children behind, which were ended")),
        };
        match (code, left) {
            (Some(code), Some(left)) => Some(format!("{code}; {left}")),
            (one, other) => one.or(other),
        }
    }
}

/// A conversation with a program.
pub(super) struct Conversation {
    subject: String,
    group: Group,
    /// Lines go out on a thread of their own: a program that does not read cannot hold us.
    lines: Option<SyncSender<Vec<u8>>>,
    heard: Receiver<Heard>,
    log: Tail,
    seq: u64,
    /// Why nothing more is asked.
    over: Option<String>,
}

impl Conversation {
    /// Starts a command line in a folder.
    pub(super) fn start(subject: &str, folder: &Path, line: &str) -> Result<Self, SubjectError> {
        let started = || -> io::Result<Self> {
            let mut command = Command::new("/bin/sh");
            // The shell gives way to the program: who is killed is who answers.
            command.args(["-c", &format!("exec {line}")]).current_dir(folder);
            command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
            let mut group = Group::spawn(&mut command)?;
            let leader = group.leader();
            let missing = || io::Error::from(io::ErrorKind::BrokenPipe);
            let (stdin, stdout, stderr) =
                (leader.stdin.take(), leader.stdout.take(), leader.stderr.take());
            Ok(Self {
                subject: subject.to_owned(),
                group,
                lines: Some(speak(stdin.ok_or_else(missing)?)?),
                heard: listen(stdout.ok_or_else(missing)?)?,
                log: Tail::follow(stderr.ok_or_else(missing)?)?,
                seq: 0,
                over: None,
            })
        };
        started().map_err(|error| SubjectError::NotRunning {
            subject: subject.to_owned(),
            detail: format!("`{line}` in `{}`: {error}", folder.display()),
        })
    }

    /// Asks, and waits for the answer at most so long.
    pub(super) fn ask(
        &mut self,
        message: &Message<'_>,
        within: Duration,
    ) -> Result<Answer, SubjectError> {
        if let Some(why) = &self.over {
            return Err(self.not_running(why.clone()));
        }
        let name = message.name();
        let answer = self.say_and_hear(message, within);
        match answer {
            Ok(Answer::Errored(errored)) => Err(SubjectError::Errored {
                subject: self.subject.clone(),
                request: name,
                message: self.with_log(errored.words()),
            }),
            Ok(answer) => Ok(answer),
            Err(failure) => Err(self.break_off(failure, name, within)),
        }
    }

    /// Breaks off: what it answered cannot be what it was asked.
    pub(super) fn refuse(&mut self, request: String, detail: String) -> SubjectError {
        self.break_off(Failure::Protocol(detail), request, Duration::ZERO)
    }

    /// Tells it to stop, waits at most so long, and ends whatever is left of it.
    pub(super) fn stop(&mut self, within: Duration) -> Parting {
        let deadline = Instant::now() + within;
        if self.over.is_none() {
            // What it says to it does not matter: how it ends does.
            let _ = self.ask(&Message::Stop {}, within);
        }
        self.over.get_or_insert_with(|| "it was stopped".to_owned());
        drop(self.lines.take());
        let status = self.group.wait_until(deadline).ok().flatten();
        Parting { code: status.and_then(|status| status.code()), left: self.group.end() }
    }

    /// Whether it was ended already.
    pub(super) fn is_over(&self) -> bool {
        self.over.is_some()
    }

    fn say_and_hear(&mut self, message: &Message<'_>, within: Duration) -> Result<Answer, Failure> {
        let deadline = Instant::now() + within;
        let seq = self.seq;
        self.seq += 1;
        let mut line = serde_json::to_vec(&Request { seq, message })
            .map_err(|error| Failure::Protocol(format!("it cannot be asked: {error}")))?;
        line.push(b'\n');
        // When the writer is gone, the pipe is: hearing tells why.
        if let Some(lines) = &self.lines {
            let _ = lines.send(line);
        }
        let heard = self.heard.recv_timeout(deadline.saturating_duration_since(Instant::now()));
        let line = match heard {
            Ok(Heard::Line(line)) => line,
            Ok(Heard::TooLong) => {
                let detail = format!("its answer has no end within {MAX_LINE} bytes");
                return Err(Failure::Protocol(detail));
            }
            Ok(Heard::Failed(error)) => return Err(Failure::Gone(error.to_string())),
            Err(RecvTimeoutError::Timeout) => return Err(Failure::TimedOut),
            Err(RecvTimeoutError::Disconnected) => return Err(Failure::Gone(self.last_words())),
        };
        match parse(&line) {
            Ok((answered, answer)) if answered == seq => Ok(answer),
            Ok((answered, _)) => {
                let detail = format!("it answered request {answered} instead of request {seq}");
                Err(Failure::Protocol(detail))
            }
            Err(error) => {
                let detail = format!("not an answer: {error}; it was `{}`", shown(&line));
                Err(Failure::Protocol(detail))
            }
        }
    }

    /// How it ended, after its output did.
    fn last_words(&mut self) -> String {
        match self.group.wait_until(Instant::now() + LAST_BREATH) {
            Ok(Some(status)) => format!("it ended ({status})"),
            Ok(None) => "it closed its output and went on".to_owned(),
            Err(error) => format!("it closed its output: {error}"),
        }
    }

    fn break_off(&mut self, failure: Failure, request: String, within: Duration) -> SubjectError {
        let subject = self.subject.clone();
        let error = match failure {
            Failure::Protocol(detail) => {
                SubjectError::Protocol { subject, request, detail: self.with_log(detail) }
            }
            Failure::TimedOut => {
                let detail = format!("no answer within {} s", within.as_secs_f32());
                SubjectError::Protocol { subject, request, detail: self.with_log(detail) }
            }
            Failure::Gone(detail) => {
                self.not_running(self.with_log(format!("on `{request}` {detail}")))
            }
        };
        self.group.end();
        drop(self.lines.take());
        self.over = Some(format!("it was ended after this: {error}"));
        error
    }

    fn not_running(&self, detail: String) -> SubjectError {
        SubjectError::NotRunning { subject: self.subject.clone(), detail }
    }

    fn with_log(&self, detail: String) -> String {
        match self.log.text() {
            log if log.is_empty() => detail,
            log => format!("{detail}; the last it wrote to its log: `{log}`"),
        }
    }
}

enum Failure {
    Protocol(String),
    TimedOut,
    Gone(String),
}

/// Writes lines on a thread of its own, and closes the pipe when there are no more.
fn speak(mut stdin: ChildStdin) -> io::Result<SyncSender<Vec<u8>>> {
    // Each question waits for its answer before the next: one place is enough.
    let (lines, receiver) = sync_channel::<Vec<u8>>(1);
    let write = move || {
        for line in receiver {
            if stdin.write_all(&line).and_then(|()| stdin.flush()).is_err() {
                return;
            }
        }
    };
    thread::Builder::new().name("stdin".to_owned()).spawn(write)?;
    Ok(lines)
}

fn shown(line: &[u8]) -> String {
    let text = String::from_utf8_lossy(line);
    let mut shown: String = text.chars().take(SHOWN).flat_map(char::escape_debug).collect();
    if text.chars().nth(SHOWN).is_some() {
        shown.push('…');
    }
    shown
}
