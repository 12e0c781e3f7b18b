//! Which Chrome is there.

use std::env;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::browser::NotAvailable;

/// Names a browser to use instead of those that are looked for.
const OVERRIDE: &str = "CORSPROOF_CHROME";

/// Where browsers are, the best first. Debian's `/usr/bin/chromium` is a shell script that adds
/// switches of its own, so it is not among them.
const PLACES: [&str; 6] = [
    "/usr/lib/chromium/chromium-headless-shell",
    "/usr/lib/chromium/chromium",
    "/usr/lib/chromium-browser/chromium-browser",
    "/opt/google/chrome/chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
];

/// A browser's program.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Binary {
    /// Where it is.
    pub path: PathBuf,
    /// What it calls itself, in lower case.
    pub product: String,
    /// Its version, digits and dots.
    pub version: String,
}

fn missing(why: String) -> NotAvailable {
    let how = format!(
        "apt-get install chromium-headless-shell, or set {OVERRIDE} to the path of a Chrome or \
         Chromium program"
    );
    NotAvailable { browser: "Chrome", why, how }
}

impl Binary {
    /// The browser that `CORSPROOF_CHROME` names, or else the first in the usual places.
    ///
    /// # Errors
    /// When there is none, or it does not tell its version.
    pub fn find() -> Result<Self, NotAvailable> {
        match env::var_os(OVERRIDE) {
            Some(path) => Self::at(Path::new(&path)),
            None => PLACES
                .iter()
                .map(Path::new)
                .find(|path| path.is_file())
                .ok_or_else(|| missing(format!("none of `{}` exists", PLACES.join("`, `"))))
                .and_then(Self::at),
        }
    }

    /// The browser at this path.
    ///
    /// # Errors
    /// When it cannot be run or does not tell its version.
    pub fn at(path: &Path) -> Result<Self, NotAvailable> {
        let said = Command::new(path)
            .arg("--version")
            .stdin(Stdio::null())
            .stderr(Stdio::null())
            .output()
            .map_err(|error| missing(format!("`{}` cannot be run: {error}", path.display())))?;
        let said = String::from_utf8_lossy(&said.stdout);
        let (product, version) = parse_version(&said).ok_or_else(|| {
            missing(format!("`{} --version` says `{}`", path.display(), said.trim()))
        })?;
        Ok(Self { path: path.to_owned(), product, version })
    }
}

/// `Chromium 156.0.8078.79 built on …`: words, then a version, then anything.
fn parse_version(said: &str) -> Option<(String, String)> {
    let words: Vec<_> = said.split_whitespace().collect();
    let at = words.iter().position(|word| {
        word.contains('.') && word.chars().all(|c| c.is_ascii_digit() || c == '.')
    })?;
    let (product, rest) = words.split_at(at);
    Some((product.join(" ").to_ascii_lowercase(), (*rest.first()?).to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn product_and_version_are_read_from_what_browsers_say() {
        for (said, product, version) in [
            ("Chromium 156.0.8078.79 built on Debian\n", "chromium", "156.0.8078.79"),
            ("Google Chrome 140.0.1.2 \n", "google chrome", "140.0.1.2"),
        ] {
            assert_eq!(parse_version(said), Some((product.to_owned(), version.to_owned())));
        }
        assert_eq!(parse_version("usage: something"), None);
    }

    #[test]
    fn a_missing_browser_says_how_to_get_one() {
        let missing = Binary::at(Path::new("/nonexistent/chrome")).unwrap_err().to_string();
        assert!(missing.contains("/nonexistent/chrome"), "{missing}");
        assert!(missing.contains("apt-get install chromium-headless-shell"), "{missing}");
    }
}
