//! How a copy of a subject becomes another version of its package: by the tool of its registry.

use std::fs;
use std::path::{Path, PathBuf};

use super::command::run_logged;
use super::error::BuildError;
use crate::registry::SubjectFile;

/// Another version of a package.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Repin {
    tool: Tool,
    subject: String,
    package: String,
    pinned: String,
    version: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Tool {
    Npm,
    Pypi,
    Golang,
    Maven,
}

/// Whether this can be a version: it becomes part of paths and of command lines.
pub fn is_version(text: &str) -> bool {
    text.starts_with(|first: char| first.is_ascii_alphanumeric())
        && text.len() <= 64
        && text.chars().all(|c| c.is_ascii_alphanumeric() || "._+-".contains(c))
}

impl Repin {
    /// How this subject becomes this version. None: nobody has said how, for its registry.
    pub fn of(file: &SubjectFile, version: &str) -> Option<Self> {
        let tool = match file.registry.as_str() {
            "npm" => Tool::Npm,
            "pypi" => Tool::Pypi,
            "golang" => Tool::Golang,
            "maven" => Tool::Maven,
            _ => return None,
        };
        Some(Self {
            tool,
            subject: file.name.clone(),
            package: file.package.clone(),
            pinned: file.version.clone()?,
            version: version.to_owned(),
        })
    }

    /// The version.
    pub fn version(&self) -> &str {
        &self.version
    }

    /// The command line that does it; none where a file is edited.
    pub fn line(&self) -> Option<String> {
        let Self { package, version, .. } = self;
        match self.tool {
            Tool::Npm => Some(format!(
                "npm install --save-exact --ignore-scripts --no-audit --no-fund '{package}@{version}'"
            )),
            Tool::Golang => Some(format!("go get '{package}@v{version}' && go mod tidy")),
            Tool::Pypi | Tool::Maven => None,
        }
    }

    /// Whether it also installs, so that nothing is left for the build line.
    pub(super) fn installs(&self) -> bool {
        self.tool == Tool::Npm
    }

    /// Does it, in a copy of the subject's folder.
    pub(super) fn apply(&self, folder: &Path, log: &Path) -> Result<(), BuildError> {
        if let Some(line) = self.line() {
            return run_logged(&line, folder, log);
        }
        let (file, change): (_, fn(&Self, &str) -> Option<String>) = match self.tool {
            Tool::Maven => ("pom.xml", Self::in_pom),
            _ => ("requirements.txt", Self::in_requirements),
        };
        let path = folder.join(file);
        let text = fs::read_to_string(&path).map_err(BuildError::io(&path))?;
        let changed = change(self, &text).ok_or_else(|| self.no_pin(&path))?;
        fs::write(&path, changed).map_err(BuildError::io(path))
    }

    /// The line of the package, under any spelling of its name
    /// (<https://packaging.python.org/en/latest/specifications/name-normalization/>).
    fn in_requirements(&self, text: &str) -> Option<String> {
        let is_meant = |line: &str| {
            let name = line.split_once("==").map(|(name, _)| normal(name));
            name.is_some_and(|name| name == normal(&self.package))
        };
        let mut found = false;
        let lines: Vec<String> = text
            .lines()
            .map(|line| {
                if !is_meant(line) {
                    return line.to_owned();
                }
                found = true;
                format!("{}=={}", self.package, self.version)
            })
            .collect();
        found.then(|| lines.join("\n") + "\n")
    }

    /// The property `subject.version`, or else the version after the package's artifact id.
    fn in_pom(&self, text: &str) -> Option<String> {
        let property = format!("<subject.version>{}</subject.version>", self.pinned);
        if text.contains(&property) {
            let other = format!("<subject.version>{}</subject.version>", self.version);
            return Some(text.replace(&property, &other));
        }
        let artifact = self.package.rsplit(':').next()?;
        let (before, rest) = text.split_once(&format!("<artifactId>{artifact}</artifactId>"))?;
        let (within, after) = rest.split_once("</dependency>")?;
        let pinned = format!("<version>{}</version>", self.pinned);
        let other = format!("<version>{}</version>", self.version);
        within.contains(&pinned).then(|| {
            let within = within.replacen(&pinned, &other, 1);
            format!("{before}<artifactId>{artifact}</artifactId>{within}</dependency>{after}")
        })
    }

    fn no_pin(&self, file: &Path) -> BuildError {
        BuildError::NoPin {
            subject: self.subject.clone(),
            pin: format!("{} {}", self.package, self.pinned),
            file: PathBuf::from(file),
            version: self.version.clone(),
        }
    }
}

fn normal(name: &str) -> String {
    name.trim().to_ascii_lowercase().replace(['_', '.'], "-")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn repin(tool: Tool, package: &str) -> Repin {
        Repin {
            tool,
            subject: "x".to_owned(),
            package: package.to_owned(),
            pinned: "1.0.0".to_owned(),
            version: "0.9.1".to_owned(),
        }
    }

    #[test]
    fn a_version_cannot_reach_out_of_a_path_or_a_command_line() {
        for good in ["1.2.3", "0.7.0-rc.1", "2024a", "1.0.0+incompatible"] {
            assert!(is_version(good), "{good}");
        }
        for bad in ["", "../x", "1;x", "1 2", "-x", "1'", "^1", "a/b", "."] {
            assert!(!is_version(bad), "{bad}");
        }
    }

    #[test]
    fn one_line_of_the_requirements_changes() {
        let text = "# pins\nflask==3\nFlask_Cors==1.0.0\n";
        let changed = repin(Tool::Pypi, "flask-cors").in_requirements(text);
        assert_eq!(changed.as_deref(), Some("# pins\nflask==3\nflask-cors==0.9.1\n"));
        assert_eq!(repin(Tool::Pypi, "other").in_requirements(text), None);
    }

    #[test]
    fn one_version_of_the_pom_changes() {
        let pom = "<dependency><artifactId>a</artifactId><version>1.0.0</version></dependency>\
                   <dependency><artifactId>b</artifactId><version>1.0.0</version></dependency>";
        let changed = repin(Tool::Maven, "g:b").in_pom(pom).unwrap();
        assert_eq!(changed.matches("0.9.1").count(), 1);
        assert!(
            changed.ends_with("<artifactId>b</artifactId><version>0.9.1</version></dependency>")
        );
        let by_property = "<subject.version>1.0.0</subject.version>";
        let changed = repin(Tool::Maven, "g:b").in_pom(by_property);
        assert_eq!(changed.as_deref(), Some("<subject.version>0.9.1</subject.version>"));
        assert_eq!(repin(Tool::Maven, "g:c").in_pom(pom), None);
    }
}
