//! Which program of a browser is there.

use std::env;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use corsproof_model::{Engine, Version, preset, presets};

use super::error::NotAvailable;

/// Longest time for a program to tell its version.
const TELL: Duration = Duration::from_secs(20);

/// Most bytes that are read of what it tells.
const MAX_TOLD: u64 = 4096;

/// A browser that is looked for.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Wanted {
    /// Its name.
    pub(crate) browser: &'static str,
    /// The environment variable that names a program to use instead of those that are looked for.
    pub(crate) overridden_by: &'static str,
    /// Where its programs are, the best first.
    pub(crate) places: &'static [&'static str],
    /// The packages that bring it.
    pub(crate) packages: &'static str,
}

/// A browser's program.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Binary {
    /// Where it is.
    pub path: PathBuf,
    /// What it calls itself, in lower case.
    pub product: String,
    /// Its version: digits, dots, perhaps letters at the end.
    pub version: String,
}

impl Wanted {
    /// The program that the variable names, or else the first in the usual places.
    pub(crate) fn path(&self) -> Result<PathBuf, NotAvailable> {
        if let Some(path) = env::var_os(self.overridden_by).filter(|path| !path.is_empty()) {
            return Ok(path.into());
        }
        let found = self.places.iter().map(Path::new).find(|path| path.is_file());
        found
            .map(Path::to_owned)
            .ok_or_else(|| self.missing(format!("none of `{}` exists", self.places.join("`, `"))))
    }

    /// That it is not there.
    pub(crate) fn missing(&self, why: String) -> NotAvailable {
        let (packages, variable) = (self.packages, self.overridden_by);
        let how =
            format!("apt-get install {packages}, or set {variable} to the path of such a program");
        NotAvailable { browser: self.browser, why, how }
    }

    /// The program at this path, which tells its version when it is run like this.
    pub(crate) fn ask(&self, path: PathBuf, command: &mut Command) -> Result<Binary, NotAvailable> {
        let said = said(command.arg("--version")).map_err(|error| {
            self.missing(format!("`{}` cannot be run: {error}", path.display()))
        })?;
        let (product, version) = parse_version(&said).ok_or_else(|| {
            self.missing(format!("`{} --version` says `{}`", path.display(), said.trim()))
        })?;
        Ok(Binary { path, product, version })
    }

    /// The same, unless it is older than what was measured of its engine: nothing is known of how
    /// it departs from the Standard.
    pub(crate) fn measured(&self, found: Binary, engine: Engine) -> Result<Binary, NotAvailable> {
        let version = found.version.parse::<Version>();
        if version.is_ok_and(|version| preset(engine, version).is_some()) {
            return Ok(found);
        }
        let first = presets().iter().find(|preset| preset.engine == engine);
        let first = first.map_or_else(String::new, |preset| preset.since.to_string());
        Err(self.missing(format!(
            "`{}` is {}, and how {} departs from the Standard was first measured in {first}",
            found.path.display(),
            found.version,
            self.browser
        )))
    }
}

fn said(command: &mut Command) -> std::io::Result<String> {
    let mut program =
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn()?;
    let start = Instant::now();
    while program.try_wait()?.is_none() {
        if start.elapsed() > TELL {
            program.kill()?;
            program.wait()?;
            return Err(std::io::ErrorKind::TimedOut.into());
        }
        std::thread::sleep(Duration::from_millis(5));
    }
    let mut told = Vec::new();
    if let Some(stdout) = program.stdout {
        stdout.take(MAX_TOLD).read_to_end(&mut told)?;
    }
    Ok(String::from_utf8_lossy(&told).into_owned())
}

/// `Chromium 156.0.8078.79 built on …`: words, then a version, then anything.
fn parse_version(said: &str) -> Option<(String, String)> {
    let words: Vec<_> = said.split_whitespace().collect();
    let at = words.iter().position(|word| {
        word.starts_with(|c: char| c.is_ascii_digit())
            && word.contains('.')
            && word.chars().all(|c| c.is_ascii_alphanumeric() || c == '.')
    })?;
    let (product, rest) = words.split_at(at);
    Some((product.join(" ").to_ascii_lowercase(), (*rest.first()?).to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    const WANTED: Wanted = Wanted {
        browser: "Firefox",
        overridden_by: "CORSPROOF_TEST_NO_SUCH_VARIABLE",
        places: &["/nonexistent/one", "/nonexistent/two"],
        packages: "firefox-esr",
    };

    #[test]
    fn product_and_version_are_read_from_what_browsers_say() {
        for (said, product, version) in [
            ("Chromium 156.0.8078.79 built on Debian 12.1\n", "chromium", "156.0.8078.79"),
            ("Google Chrome 140.0.1.2 \n", "google chrome", "140.0.1.2"),
            ("Mozilla Firefox 153.7.0esr\n", "mozilla firefox", "153.7.0esr"),
            ("WebKitGTK 2.50.6\n", "webkitgtk", "2.50.6"),
        ] {
            assert_eq!(parse_version(said), Some((product.to_owned(), version.to_owned())));
        }
        assert_eq!(parse_version("usage: something"), None);
    }

    #[test]
    fn a_missing_browser_says_where_it_was_looked_for_and_how_to_get_it() {
        let missing = WANTED.path().unwrap_err().to_string();
        for part in ["/nonexistent/two", "apt-get install firefox-esr", WANTED.overridden_by] {
            assert!(missing.contains(part), "`{part}` in {missing}");
        }
        let path = PathBuf::from("/nonexistent/one");
        let missing = WANTED.ask(path.clone(), &mut Command::new(&path)).unwrap_err().to_string();
        assert!(missing.contains("`/nonexistent/one` cannot be run"), "{missing}");
    }

    #[test]
    fn what_was_never_measured_is_too_old() {
        let found = |version: &str| {
            let binary = Binary {
                path: "/x".into(),
                product: "firefox".to_owned(),
                version: version.to_owned(),
            };
            WANTED.measured(binary, Engine::Firefox)
        };
        assert!(found("153.7.0esr").is_ok() && found("999.0").is_ok());
        let missing = found("60.0").unwrap_err().to_string();
        assert!(missing.contains("60.0") && missing.contains("measured in 153.0"), "{missing}");
    }
}
