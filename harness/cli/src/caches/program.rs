//! Which caches are installed.

use std::env;
use std::fmt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// A cache that we can start.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// <https://nginx.org/>, with `proxy_cache`.
    Nginx,
    /// <https://varnish-cache.org/>.
    Varnish,
}

/// A cache that is installed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cache {
    /// Which.
    pub kind: Kind,
    /// Its program.
    pub path: PathBuf,
    /// Its version, digits and dots.
    pub version: String,
}

/// It is not installed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}: not available: {why}; to get it: {}", .kind.name(), .kind.how())]
pub struct CacheMissing {
    /// Which.
    pub kind: Kind,
    /// Why not.
    pub why: String,
}

/// Where programs of the system lie that users seldom have on their PATH.
const SYSTEM: [&str; 3] = ["/usr/sbin", "/usr/local/sbin", "/usr/bin"];

impl Kind {
    /// All of them.
    pub const ALL: [Self; 2] = [Self::Nginx, Self::Varnish];

    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Nginx => "nginx",
            Self::Varnish => "varnish",
        }
    }

    /// How to get it.
    pub fn how(self) -> &'static str {
        match self {
            Self::Nginx => "apt-get install nginx-light",
            Self::Varnish => "apt-get install varnish",
        }
    }

    fn program(self) -> &'static str {
        match self {
            Self::Nginx => "nginx",
            Self::Varnish => "varnishd",
        }
    }
}

impl Cache {
    /// The cache of this kind, if it is installed.
    ///
    /// # Errors
    /// When it is not, or does not tell its version.
    pub fn find(kind: Kind) -> Result<Self, CacheMissing> {
        let program = kind.program();
        let missing = |why| CacheMissing { kind, why };
        let path = look_up(program).ok_or_else(|| missing(format!("no `{program}` is here")))?;
        let version = version_of(kind, &path)
            .ok_or_else(|| missing(format!("`{}` tells no version", path.display())))?;
        Ok(Self { kind, path, version })
    }

    /// Whether its version is before this one.
    pub(super) fn is_before(&self, major: u32, minor: u32) -> bool {
        let mut numbers = self.version.split('.').map(|part| part.parse().unwrap_or(0));
        (numbers.next().unwrap_or(0), numbers.next().unwrap_or(0)) < (major, minor)
    }
}

impl fmt::Display for Cache {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.kind.name(), self.version)
    }
}

/// The program of this name, on the PATH or where the system keeps its own.
pub(super) fn look_up(program: &str) -> Option<PathBuf> {
    let paths = env::var_os("PATH").unwrap_or_default();
    let folders = env::split_paths(&paths).chain(SYSTEM.map(PathBuf::from));
    folders.map(|folder| folder.join(program)).find(|path| path.is_file())
}

fn version_of(kind: Kind, path: &Path) -> Option<String> {
    let flag = match kind {
        Kind::Nginx => "-v",
        Kind::Varnish => "-V",
    };
    let said = Command::new(path).arg(flag).stdin(Stdio::null()).output().ok()?;
    parse_version(&String::from_utf8_lossy(&said.stderr))
}

/// `nginx version: nginx/1.22.1`, `varnishd (varnish-7.1.1 revision …)`.
fn parse_version(said: &str) -> Option<String> {
    said.split(|c: char| !c.is_ascii_digit() && c != '.')
        .find(|word| word.contains('.') && word.starts_with(|c: char| c.is_ascii_digit()))
        .map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_read_from_what_caches_say() {
        for (said, version) in [
            ("nginx version: nginx/1.22.1 (Ubuntu)\n", Some("1.22.1")),
            ("varnishd (varnish-7.1.1 revision 7cee1c58)\nCopyright", Some("7.1.1")),
            ("usage: something", None),
        ] {
            assert_eq!(parse_version(said).as_deref(), version, "{said}");
        }
    }

    #[test]
    fn versions_compare_by_number() {
        let cache = |version: &str| Cache {
            kind: Kind::Nginx,
            path: PathBuf::new(),
            version: version.to_owned(),
        };
        assert!(cache("1.9.3").is_before(1, 23) && cache("1.22.1").is_before(1, 23));
        assert!(!cache("1.23.0").is_before(1, 23) && !cache("2.0").is_before(1, 23));
    }

    #[test]
    fn a_cache_that_is_missing_says_how_to_get_it() {
        let missing = CacheMissing { kind: Kind::Varnish, why: "no `varnishd` is here".to_owned() };
        let words =
            "varnish: not available: no `varnishd` is here; to get it: apt-get install varnish";
        assert_eq!(missing.to_string(), words);
    }
}
