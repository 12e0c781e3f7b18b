//! How one subject is built, and whether it is.

use std::fs;
use std::path::{Path, PathBuf};

use super::command::run_logged;
use super::error::BuildError;
use super::repin::Repin;
use super::sources;
use crate::registry::SubjectFile;

/// How one subject is built.
#[derive(Debug, Clone)]
pub struct Recipe {
    name: String,
    sources: PathBuf,
    folder: PathBuf,
    cache: PathBuf,
    build: Option<String>,
    run: Option<String>,
    produces: Vec<String>,
    repin: Option<Repin>,
}

/// What building came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Built {
    /// It was built.
    Now,
    /// It was, and nothing has changed since.
    Before,
}

impl Recipe {
    /// The recipe of a subject whose sources are in this folder; with a `repin`, of its copy in
    /// another version, which lies in the cache.
    pub fn new(
        name: &str,
        file: &SubjectFile,
        sources: &Path,
        cache: &Path,
        repin: Option<&Repin>,
    ) -> Self {
        let folder = match repin {
            Some(_) => cache.join(name),
            None => sources.to_owned(),
        };
        Self {
            name: name.to_owned(),
            sources: sources.to_owned(),
            folder,
            cache: cache.to_owned(),
            build: file.build.clone(),
            run: file.run.clone(),
            produces: file.produces.clone(),
            repin: repin.cloned(),
        }
    }

    /// Where it is built and run.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// The command lines whose tools have to be here.
    pub fn tool_lines(&self) -> impl Iterator<Item = &str> {
        [&self.build, &self.run].into_iter().flatten().map(String::as_str)
    }

    /// Where the output of its build goes.
    pub fn log(&self) -> PathBuf {
        self.cache.join(format!("{}.log", self.name))
    }

    /// Whether it is built, of the sources that are there now.
    pub fn is_built(&self) -> bool {
        if self.build.is_none() && self.repin.is_none() {
            return true;
        }
        let stamped = fs::read_to_string(self.stamp()).ok();
        self.missing_product().is_none() && stamped.is_some() && stamped == self.hash().ok()
    }

    /// Builds it, unless it is built.
    ///
    /// # Errors
    /// When a command fails, or does not make what it should.
    pub fn build(&self) -> Result<Built, BuildError> {
        if self.is_built() {
            return Ok(Built::Before);
        }
        let hash = self.hash()?;
        let stamp = self.stamp();
        let log = self.log();
        fs::create_dir_all(&self.cache).map_err(BuildError::io(&self.cache))?;
        // Whatever fails from here on, it is not built.
        if stamp.exists() {
            fs::remove_file(&stamp).map_err(BuildError::io(&stamp))?;
        }
        fs::write(&log, "").map_err(BuildError::io(&log))?;
        if let Some(repin) = &self.repin {
            sources::copy(&self.sources, &self.produces, &self.folder)?;
            repin.apply(&self.folder, &log)?;
        }
        let installed = self.repin.as_ref().is_some_and(Repin::installs);
        if let Some(build) = self.build.as_ref().filter(|_| !installed) {
            run_logged(build, &self.folder, &log)?;
        }
        if let Some(product) = self.missing_product() {
            let command = self.build.clone().unwrap_or_default();
            return Err(BuildError::NothingMade { command, product: product.to_owned() });
        }
        fs::write(&stamp, hash).map_err(BuildError::io(stamp))?;
        Ok(Built::Now)
    }

    fn stamp(&self) -> PathBuf {
        self.cache.join(format!("{}.stamp", self.name))
    }

    fn missing_product(&self) -> Option<&str> {
        let is_missing = |product: &&String| !self.folder.join(product).exists();
        self.produces.iter().find(is_missing).map(String::as_str)
    }

    /// The folder's path goes in: a cache can serve several checkouts.
    fn hash(&self) -> Result<String, BuildError> {
        let folder = self.folder.to_string_lossy();
        let version = self.repin.as_ref().map_or("", Repin::version);
        let line = self.repin.as_ref().and_then(Repin::line).unwrap_or_default();
        let build = self.build.as_deref().unwrap_or_default();
        sources::hash(&self.sources, &self.produces, &[&folder, version, &line, build])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn recipe(folder: &Path, build: &str) -> Recipe {
        let text = format!(
            "name = \"x\"\nrole = \"server\"\nlanguage = \"sh\"\npackage = \"x\"\n\
             registry = \"none\"\nversion = \"1\"\nbuild = {build:?}\nproduces = [\"made\"]\n\
             licence = \"MIT\"\nhomepage = \"https://example.com\"\n"
        );
        let file: SubjectFile = toml::from_str(&text).unwrap();
        Recipe::new("x", &file, &folder.join("x"), &folder.join(".versions"), None)
    }

    fn folder_with_source() -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("x")).unwrap();
        fs::write(folder.path().join("x/source"), "one").unwrap();
        folder
    }

    #[test]
    fn it_is_built_once_until_its_sources_change() {
        let folder = folder_with_source();
        let recipe = recipe(folder.path(), "cp source made && echo >> ../count");
        assert!(!recipe.is_built());
        assert_eq!(recipe.build().unwrap(), Built::Now);
        assert_eq!(recipe.build().unwrap(), Built::Before);
        fs::write(folder.path().join("x/source"), "two").unwrap();
        assert!(!recipe.is_built());
        assert_eq!(recipe.build().unwrap(), Built::Now);
        fs::remove_file(folder.path().join("x/made")).unwrap();
        assert_eq!(recipe.build().unwrap(), Built::Now);
        assert_eq!(fs::read_to_string(folder.path().join("count")).unwrap().len(), 3);
    }

    #[test]
    fn a_build_that_fails_or_makes_nothing_is_not_built() {
        let folder = folder_with_source();
        for line in ["cp source made && exit 1", "true"] {
            let recipe = recipe(folder.path(), line);
            let _ = fs::remove_file(folder.path().join("x/made"));
            assert!(recipe.build().is_err(), "{line}");
            assert!(!recipe.is_built(), "{line}");
        }
    }
}
