//! The table of subjects: names, and what stands behind them.

use std::fs;
use std::path::{Path, PathBuf};

use corsproof_conform::known::KnownFile;

use super::browsers::KnownBrowser;
use super::entry::{Entry, Place};
use super::error::RegistryError;
use super::folder::{FolderArguments, cache_of, subfolders};
use super::subject_file::{Role, SubjectFile, known};
use crate::build::{Repin, is_version};
use crate::embedded;

/// Subjects by name, each with what is wrong with its files.
pub type Entries = Vec<(String, Result<Entry, RegistryError>)>;

/// All subjects that can be named.
#[derive(Debug, Clone)]
pub struct Registry {
    folder: Option<PathBuf>,
    in_folder: Vec<String>,
}

impl Registry {
    /// Looks what there is.
    ///
    /// # Errors
    /// When the folder of subjects cannot be read.
    pub fn open(arguments: &FolderArguments) -> Result<Self, RegistryError> {
        let folder = arguments.find()?;
        let mut in_folder = folder.as_deref().map_or_else(|| Ok(Vec::new()), subfolders)?;
        in_folder.retain(|name| !is_built_in(name));
        Ok(Self { folder, in_folder })
    }

    /// The subjects that this build holds, without those of any folder.
    pub fn built_in() -> Self {
        Self { folder: None, in_folder: Vec::new() }
    }

    /// The names of all subjects: those that are linked in, browsers, programs.
    pub fn names(&self) -> Vec<String> {
        let browsers = KnownBrowser::ALL.map(KnownBrowser::name);
        let built_in = embedded::names().iter().copied().chain(browsers);
        built_in.map(str::to_owned).chain(self.in_folder.iter().cloned()).collect()
    }

    /// The subjects that are named, or else all. One whose files are broken is broken alone; one
    /// that nobody knows, or in a version that cannot be, is a mistake of whoever named it.
    ///
    /// # Errors
    /// As said.
    pub fn entries(&self, named: &[String]) -> Result<Entries, RegistryError> {
        let all = self.names();
        let names = if named.is_empty() { all.as_slice() } else { named };
        let entry = |name: &String| match self.entry(name) {
            Err(error) if !matches!(error, RegistryError::File { .. }) => Err(error),
            entry => Ok((name.clone(), entry)),
        };
        names.iter().map(entry).collect()
    }

    /// The subject of this name, or of `NAME@VERSION`.
    ///
    /// # Errors
    /// When there is none, it cannot run in this version, or a file of its folder is broken.
    pub fn entry(&self, given: &str) -> Result<Entry, RegistryError> {
        let (name, version) = match given.split_once('@') {
            Some((name, version)) => (name, Some(version)),
            None => (given, None),
        };
        let entry = if is_built_in(name) {
            built_in(name)
        } else {
            match &self.folder {
                Some(folder) if self.in_folder.iter().any(|known| known == name) => {
                    program(folder, name)
                }
                _ => Err(RegistryError::Unknown {
                    name: given.to_owned(),
                    known: self.names().join(", "),
                }),
            }
        }?;
        match version {
            None => Ok(entry),
            Some(version) => in_version(entry, version),
        }
    }
}

fn is_built_in(name: &str) -> bool {
    KnownBrowser::named(name).is_some() || embedded::names().contains(&name)
}

fn built_in(name: &str) -> Result<Entry, RegistryError> {
    let (place, texts) = match KnownBrowser::named(name) {
        Some(browser) => (Place::Browser(browser), browser.files()),
        None => (Place::Embedded, embedded::files(name).unwrap_or_default()),
    };
    let path = |file: &str| Path::new("harness/subjects").join(name).join(file);
    Ok(Entry {
        name: name.to_owned(),
        file: SubjectFile::parse(name, &path("subject.toml"), texts.0)?,
        known: known(name, &path("known.toml"), texts.1)?,
        place,
    })
}

fn program(folder: &Path, name: &str) -> Result<Entry, RegistryError> {
    let sources = folder.join(name);
    let read = |file: &str| {
        let path = sources.join(file);
        match fs::read_to_string(&path) {
            Ok(text) => Ok((path, Some(text))),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok((path, None)),
            Err(error) => Err(RegistryError::at(name, &path, 1, error.to_string())),
        }
    };
    let (path, text) = read("subject.toml")?;
    let file = SubjectFile::parse(name, &path, &text.unwrap_or_default())?;
    if file.name != name {
        let detail = format!("`name` is `{}`; it has to be the folder's", file.name);
        return Err(RegistryError::at(name, &path, 1, detail));
    }
    let known = match read("known.toml")? {
        (path, Some(text)) => known(name, &path, &text)?,
        (_, None) => KnownFile::default(),
    };
    let place = Place::Program { sources, cache: cache_of(folder), repin: None };
    Ok(Entry { name: name.to_owned(), file, known, place })
}

/// The same subject in another version.
fn in_version(entry: Entry, version: &str) -> Result<Entry, RegistryError> {
    let name = format!("{}@{version}", entry.name);
    let cannot = |why: &str| RegistryError::Version {
        subject: entry.name.clone(),
        version: version.to_owned(),
        why: why.to_owned(),
    };
    if !is_version(version) {
        return Err(cannot("that is not an exact version"));
    }
    let Place::Program { sources, cache, .. } = &entry.place else {
        return Err(cannot(match entry.file.role {
            Role::Server => "it is linked into this program, in the version that it lists",
            Role::UserAgent => "the browser that is installed is the one that runs",
        }));
    };
    let repin = Repin::of(&entry.file, version).ok_or_else(|| {
        cannot(&format!("nobody has said how a version of `{}` is chosen", entry.file.registry))
    })?;
    let place =
        Place::Program { sources: sources.clone(), cache: cache.clone(), repin: Some(repin) };
    let file = SubjectFile { version: Some(version.to_owned()), ..entry.file };
    Ok(Entry { name, file, place, ..entry })
}
