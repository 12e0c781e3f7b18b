//! The sources of a subject: what lies in its folder, without what building makes.

use std::fs;
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use super::error::BuildError;

/// What package managers make, whatever a `subject.toml` says.
const NEVER: [&str; 5] = [".git", ".venv", "__pycache__", "node_modules", "target"];

/// What is about a subject, and does not go into its program.
const ABOUT: [&str; 3] = ["known.toml", "subject.toml", "README.md"];

const MOST_FILES: usize = 5_000;
const MOST_BYTES: u64 = 64 << 20;

/// The paths of all sources, relative to the folder, sorted.
pub(super) fn list(folder: &Path, produces: &[String]) -> Result<Vec<PathBuf>, BuildError> {
    let mut found = Vec::new();
    let mut bytes = 0;
    let mut folders = vec![PathBuf::new()];
    while let Some(inner) = folders.pop() {
        let path = folder.join(&inner);
        for entry in fs::read_dir(&path).map_err(BuildError::io(&path))? {
            let entry = entry.map_err(BuildError::io(&path))?;
            let relative = inner.join(entry.file_name());
            let made = produces.iter().any(|product| relative == Path::new(product));
            if made || NEVER.iter().any(|never| entry.file_name() == *never) {
                continue;
            }
            // A link is followed to a file, not to a folder, which could be its own.
            let kind = entry.file_type().map_err(BuildError::io(entry.path()))?;
            if kind.is_dir() {
                folders.push(relative);
                continue;
            }
            bytes += fs::metadata(entry.path()).map_err(BuildError::io(entry.path()))?.len();
            found.push(relative);
            let too_much = |most| BuildError::TooMuch { path: folder.to_owned(), most };
            if found.len() > MOST_FILES {
                return Err(too_much(format!("{MOST_FILES} files")));
            }
            if bytes > MOST_BYTES {
                return Err(too_much(format!("{MOST_BYTES} bytes")));
            }
        }
    }
    found.sort();
    Ok(found)
}

/// A hash of all sources, and of what else decides what is built.
pub(super) fn hash(
    folder: &Path,
    produces: &[String],
    besides: &[&str],
) -> Result<String, BuildError> {
    let mut hasher = Sha256::new();
    let mut part = |bytes: &[u8]| {
        hasher.update((bytes.len() as u64).to_be_bytes());
        hasher.update(bytes);
    };
    besides.iter().for_each(|text| part(text.as_bytes()));
    for path in list(folder, produces)? {
        if ABOUT.iter().any(|about| path == Path::new(about)) {
            continue;
        }
        let full = folder.join(&path);
        part(path.to_string_lossy().as_bytes());
        part(&fs::read(&full).map_err(BuildError::io(full))?);
    }
    Ok(hasher.finalize().iter().map(|byte| format!("{byte:02x}")).collect())
}

/// Makes a copy of all sources, in place of whatever is there.
pub(super) fn copy(from: &Path, produces: &[String], to: &Path) -> Result<(), BuildError> {
    let paths = list(from, produces)?;
    if to.exists() {
        fs::remove_dir_all(to).map_err(BuildError::io(to))?;
    }
    fs::create_dir_all(to).map_err(BuildError::io(to))?;
    for path in paths {
        let target = to.join(&path);
        if let Some(parent) = target.parent() {
            fs::create_dir_all(parent).map_err(BuildError::io(parent))?;
        }
        fs::copy(from.join(&path), &target).map_err(BuildError::io(target))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hash_of(folder: &Path) -> String {
        hash(folder, &["made".to_owned()], &["line"]).unwrap()
    }

    #[test]
    fn the_hash_is_that_of_the_sources_alone() {
        let folder = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &str| {
            let path = folder.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        };
        write("a/b.js", "one");
        let before = hash_of(folder.path());
        for made in ["made", "node_modules/x.js", "a/__pycache__/y", "known.toml"] {
            write(made, "x");
            assert_eq!(hash_of(folder.path()), before, "{made}");
        }
        write("a/b.js", "two");
        let after = hash_of(folder.path());
        assert_ne!(after, before);
        assert_ne!(hash(folder.path(), &["made".to_owned()], &["other"]).unwrap(), after);
    }
}
