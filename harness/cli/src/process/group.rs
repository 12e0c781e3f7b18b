//! A program in a process group of its own, which ends as a whole.
//!
//! A child that leaves the group on purpose (`setsid`) leaves our reach as well.

use std::fs;
use std::io;
use std::os::unix::process::CommandExt as _;
use std::process::{Child, Command, ExitStatus};
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process_group, test_kill_process_group};

/// How often is looked whether it has ended.
const PAUSE: Duration = Duration::from_millis(5);

/// A program, and what it starts.
#[derive(Debug)]
pub struct Group {
    leader: Child,
    ended: bool,
}

impl Group {
    /// Starts the command as the leader of a group.
    ///
    /// # Errors
    /// When it cannot be started.
    pub fn spawn(command: &mut Command) -> io::Result<Self> {
        Ok(Self { leader: command.process_group(0).spawn()?, ended: false })
    }

    /// The leader, for its pipes.
    pub fn leader(&mut self) -> &mut Child {
        &mut self.leader
    }

    /// Waits for the leader. None: it had not ended by then.
    ///
    /// # Errors
    /// When it cannot be waited for.
    pub fn wait_until(&mut self, deadline: Instant) -> io::Result<Option<ExitStatus>> {
        loop {
            if let Some(status) = self.leader.try_wait()? {
                return Ok(Some(status));
            }
            if Instant::now() >= deadline {
                return Ok(None);
            }
            thread::sleep(PAUSE);
        }
    }

    /// Kills whoever is still there, the leader too, and says how many others there were.
    pub fn end(&mut self) -> usize {
        if self.ended {
            return 0;
        }
        self.ended = true;
        let Some(id) = i32::try_from(self.leader.id()).ok().and_then(Pid::from_raw) else {
            return 0;
        };
        let others = self.others(id);
        // An error says that nobody was there any more.
        let _ = kill_process_group(id, Signal::KILL);
        let _ = self.leader.wait();
        others
    }

    /// How many processes of the group run besides its leader.
    fn others(&mut self, id: Pid) -> usize {
        if let Some(members) = members(id) {
            return members.into_iter().filter(|member| *member != id.as_raw_pid()).count();
        }
        // Where there is no `/proc`: whether the group outlives its leader.
        let gone = matches!(self.leader.try_wait(), Ok(Some(_)));
        usize::from(gone && test_kill_process_group(id).is_ok())
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        self.end();
    }
}

/// The members of a group that run, by `/proc`; those that only wait to be reaped do not count.
fn members(group: Pid) -> Option<Vec<i32>> {
    let mut members = Vec::new();
    for entry in fs::read_dir("/proc").ok()?.flatten() {
        let Some(process) = entry.file_name().to_str().and_then(|name| name.parse().ok()) else {
            continue;
        };
        let Ok(stat) = fs::read_to_string(entry.path().join("stat")) else { continue };
        // `pid (name) state parent group …`; a name may hold anything.
        let Some((_, rest)) = stat.rsplit_once(')') else { continue };
        let mut fields = rest.split_ascii_whitespace();
        let state = fields.next();
        let of_group = fields.nth(1).and_then(|field| field.parse().ok());
        if of_group == Some(group.as_raw_pid()) && !matches!(state, Some("Z" | "X")) {
            members.push(process);
        }
    }
    Some(members)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shell(script: &str) -> Group {
        Group::spawn(Command::new("sh").args(["-c", script])).unwrap()
    }

    fn soon() -> Instant {
        Instant::now() + Duration::from_secs(10)
    }

    #[test]
    fn a_child_that_outlives_the_leader_is_counted_and_ended() {
        let mut group = shell("sleep 60 & exit 3");
        let id = Pid::from_child(group.leader());
        let status = group.wait_until(soon()).unwrap().unwrap();
        assert_eq!(status.code(), Some(3));
        assert_eq!(group.end(), 1);
        let deadline = soon();
        while members(id).is_some_and(|left| !left.is_empty()) {
            assert!(Instant::now() < deadline, "somebody is left");
            thread::sleep(PAUSE);
        }
    }

    #[test]
    fn a_leader_that_does_not_end_is_ended() {
        let mut group = shell("exec sleep 60");
        assert!(group.wait_until(Instant::now()).unwrap().is_none());
        assert_eq!(group.end(), 0);
        assert!(group.leader().try_wait().unwrap().is_some());
    }
}
