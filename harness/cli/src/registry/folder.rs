//! Where subjects that are programs lie.

use std::fs;
use std::path::{Path, PathBuf};

use clap::Args;

use super::error::RegistryError;

/// Names the folder for copies in other versions, stamps and logs of builds.
pub const CACHE: &str = "CORSPROOF_CACHE";

/// Where it is when nothing names it: the place in a checkout.
const IN_A_CHECKOUT: &str = "harness/subjects";

/// Which folder.
#[derive(Debug, Clone, Default, Args)]
pub struct FolderArguments {
    /// The folder whose subfolders are subjects; if absent, `harness/subjects` here or further up.
    #[arg(long = "subjects", env = "CORSPROOF_SUBJECTS", value_name = "FOLDER", global = true)]
    pub folder: Option<PathBuf>,
}

impl FolderArguments {
    /// The folder, if there is one.
    ///
    /// # Errors
    /// When the one that was named is not there.
    pub fn find(&self) -> Result<Option<PathBuf>, RegistryError> {
        if let Some(named) = &self.folder {
            return match fs::canonicalize(named) {
                Ok(path) => Ok(Some(path)),
                Err(source) => Err(RegistryError::Folder { path: named.clone(), source }),
            };
        }
        let Ok(here) = std::env::current_dir() else { return Ok(None) };
        let found = here.ancestors().map(|up| up.join(IN_A_CHECKOUT)).find(|path| path.is_dir());
        Ok(found)
    }
}

/// The names of the subfolders that hold a `subject.toml`, sorted.
pub(super) fn subfolders(folder: &Path) -> Result<Vec<String>, RegistryError> {
    let unreadable = |source| RegistryError::Folder { path: folder.to_owned(), source };
    let mut names = Vec::new();
    for entry in fs::read_dir(folder).map_err(unreadable)? {
        let entry = entry.map_err(unreadable)?;
        let name = entry.file_name().to_string_lossy().into_owned();
        if !name.starts_with('.') && entry.path().join("subject.toml").is_file() {
            names.push(name);
        }
    }
    names.sort();
    Ok(names)
}

/// Where copies, stamps and logs go.
pub(super) fn cache_of(folder: &Path) -> PathBuf {
    let named = std::env::var_os(CACHE).filter(|named| !named.is_empty());
    named.map_or_else(|| folder.join(".versions"), PathBuf::from)
}
