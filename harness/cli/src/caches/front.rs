//! A cache that runs in front of a server, in a folder of its own.

use std::io;
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use corsproof_conform::subject::Mount;
use tempfile::TempDir;

use super::error::CacheError;
use super::program::{Cache, Kind};
use super::{nginx, varnish};
use crate::process::{Group, Tail};

/// Varnish compiles its configuration first.
const READY_WITHIN: Duration = Duration::from_secs(30);

const PAUSE: Duration = Duration::from_millis(20);

/// The leader of the group runs the cache, and ends the group when the cache ends, or when the
/// pipe does whose other end only we hold: however we end, the cache does too.
const LEADER: &str = r#"
( "$@" </dev/null; kill -KILL 0 ) &
read -r _
kill -KILL 0
"#;

/// A running cache; it ends when this is dropped.
pub struct Front {
    // Fields drop in order: the programs end before their folder goes.
    group: Group,
    log: Tail,
    server: SocketAddr,
    address: SocketAddr,
    _folder: TempDir,
}

impl Front {
    /// Starts the cache in front of the server of this mount.
    ///
    /// # Errors
    /// When it does not start.
    pub fn start(cache: &Cache, mount: &Mount) -> Result<Self, CacheError> {
        let (server, _) = split(&mount.base)?;
        let failed = |source| CacheError::Start { cache: cache.to_string(), source };
        let folder = tempfile::Builder::new().prefix("corsproof-cache-").tempdir();
        let folder = folder.map_err(failed)?;
        let (mut group, chosen) = spawn(cache, folder.path(), server).map_err(failed)?;
        let log = match group.leader().stderr.take() {
            Some(stderr) => Tail::follow(stderr).map_err(failed)?,
            None => Tail::default(),
        };
        let address = wait(cache, &mut group, folder.path(), chosen, &log)?;
        Ok(Self { group, log, server, address, _folder: folder })
    }

    /// Whether it stands in front of the server of this mount.
    pub fn serves(&self, mount: &Mount) -> bool {
        split(&mount.base).is_ok_and(|(server, _)| server == self.server)
    }

    /// The same mount, through the cache.
    ///
    /// # Errors
    /// When the mount is nowhere that a cache could stand in front of.
    pub fn mount(&self, mount: &Mount) -> Result<Mount, CacheError> {
        let (_, path) = split(&mount.base)?;
        Ok(Mount { id: mount.id.clone(), base: format!("http://{}{path}", self.address) })
    }

    /// What it said last.
    pub fn log(&self) -> String {
        self.log.text()
    }

    /// Its leader's process id, which is its group's.
    pub fn id(&mut self) -> u32 {
        self.group.leader().id()
    }
}

fn spawn(
    cache: &Cache,
    folder: &Path,
    server: SocketAddr,
) -> io::Result<(Group, Option<SocketAddr>)> {
    let wrapped = |program: &Path| {
        let mut command = Command::new("/bin/sh");
        command.args(["-c", LEADER, "cache"]).arg(program).current_dir(folder);
        command
    };
    let (mut command, chosen) = match cache.kind {
        Kind::Nginx => {
            let (command, address) = nginx::command(cache, folder, server, wrapped)?;
            (command, Some(address))
        }
        Kind::Varnish => (varnish::command(cache, folder, server, wrapped)?, None),
    };
    let group = Group::spawn(command.stdin(Stdio::piped()).stderr(Stdio::piped()))?;
    Ok((group, chosen))
}

/// Waits until it listens, and says where.
fn wait(
    cache: &Cache,
    group: &mut Group,
    folder: &Path,
    chosen: Option<SocketAddr>,
    log: &Tail,
) -> Result<SocketAddr, CacheError> {
    let not_ready = |why: &str| CacheError::NotReady {
        cache: cache.to_string(),
        detail: format!("{why}; it said: {}", log.text()),
    };
    let deadline = Instant::now() + READY_WITHIN;
    loop {
        let listens = match chosen {
            Some(address) => folder.join(nginx::READY).exists().then_some(address),
            None => varnish::address(folder),
        };
        if let Some(address) = listens {
            return Ok(address);
        }
        match group.wait_until(Instant::now()) {
            Ok(None) if Instant::now() < deadline => thread::sleep(PAUSE),
            Ok(None) => return Err(not_ready("its time is over")),
            Ok(Some(_)) => {
                // Its last words may still be on their way.
                thread::sleep(PAUSE);
                return Err(not_ready("it has ended"));
            }
            Err(source) => return Err(CacheError::Start { cache: cache.to_string(), source }),
        }
    }
}

/// Address and path of a base.
fn split(base: &str) -> Result<(SocketAddr, &str), CacheError> {
    let parsed = base.strip_prefix("http://").and_then(|rest| {
        let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
        let address: SocketAddr = authority.parse().ok()?;
        address.ip().is_loopback().then_some((address, path))
    });
    parsed.ok_or_else(|| CacheError::Base { base: base.to_owned() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_loopback_bases_get_a_cache() {
        assert_eq!(split("http://127.0.0.1:81/p7").unwrap().1, "/p7");
        assert_eq!(split("http://127.0.0.1:81").unwrap().1, "");
        for bad in ["http://192.0.2.1:80/p", "http://localhost:80", "http://127.0.0.1/p", "x"] {
            assert!(split(bad).is_err(), "{bad}");
        }
    }
}
