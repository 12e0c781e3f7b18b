//! `corsproof subjects outdated`: what each registry's own tool says is the newest version.

use std::path::Path;
use std::time::Duration;

use crate::build::{answer_of, missing_tool};
use crate::exit::Exit;
use crate::registry::{Availability, Entries, Entry, Place};

/// The longest that a registry is waited for.
const WITHIN: Duration = Duration::from_secs(60);

/// Asks. `folder` is where tools are run that have no folder of their own to run in.
pub(super) fn run(entries: &Entries, folder: &Path) -> Exit {
    let mut exit = Exit::Conforms;
    println!("{:20} {:18} newest", "subject", "pinned");
    for (name, entry) in entries {
        match entry {
            Ok(entry) => {
                let newest =
                    newest(entry, folder).unwrap_or_else(|why| format!("not available: {why}"));
                println!("{name:20} {:18} {newest}", pinned(entry));
            }
            Err(error) => {
                exit = Exit::Broken;
                println!("{name:20} broken: {error}");
            }
        }
    }
    exit
}

fn pinned(entry: &Entry) -> String {
    match (entry.file.version.clone(), entry.availability()) {
        (Some(version), _) | (None, Availability::Available { version }) => version,
        (None, Availability::NotAvailable { .. }) => "-".to_owned(),
    }
}

fn newest(entry: &Entry, folder: &Path) -> Result<String, String> {
    let package = entry.file.package.as_str();
    let here = match &entry.place {
        Place::Program { sources, .. } => sources.as_path(),
        Place::Embedded | Place::Browser(_) => folder,
    };
    let dependency = format!("-Dincludes={package}");
    let (arguments, read): (Vec<&str>, Reader) = match entry.file.registry.as_str() {
        "cargo" => (vec!["cargo", "info", "--color", "never", package], of_cargo),
        "npm" => (vec!["npm", "view", package, "version"], of_npm),
        "pypi" => (vec!["python3", "-m", "pip", "index", "versions", package], of_pip),
        "golang" => (vec!["go", "list", "-mod=mod", "-m", "-versions", package], of_go),
        "maven" => (
            vec!["mvn", "-B", "-ntp", "versions:display-dependency-updates", &dependency],
            of_maven,
        ),
        "deb" => (vec!["apt-cache", "policy", package], of_apt),
        other => return Err(format!("nobody has said how `{other}` is asked")),
    };
    if let Some(missing) = missing_tool(arguments.first().copied()) {
        return Err(format!("`{}` is not on the PATH; to get it: {}", missing.tool, missing.how));
    }
    let answer = answer_of(&arguments, here, WITHIN)?;
    let unread = || format!("`{}` answered without a version", arguments.join(" "));
    read(&answer, package).ok_or_else(unread)
}

/// The newest version of a package in a tool's answer.
type Reader = fn(&str, &str) -> Option<String>;

/// `version: 1.2.2 (latest 1.2.3)`, or the newest alone
fn of_cargo(answer: &str, _: &str) -> Option<String> {
    let version = answer.lines().find_map(|line| line.strip_prefix("version: "))?;
    let latest = version.split_once("(latest ").and_then(|(_, rest)| rest.split_once(')'));
    latest.map_or(version, |(latest, _)| latest).split_whitespace().next().map(str::to_owned)
}

/// `1.2.3`
fn of_npm(answer: &str, _: &str) -> Option<String> {
    answer.lines().last().map(|line| line.trim().to_owned()).filter(|line| !line.is_empty())
}

/// `name (1.2.3)`, then all of them
fn of_pip(answer: &str, _: &str) -> Option<String> {
    let (_, rest) = answer.lines().next()?.split_once('(')?;
    rest.split_once(')').map(|(version, _)| version.to_owned())
}

/// `module v1.2.2 v1.2.3`; the last that is no pre-release
fn of_go(answer: &str, _: &str) -> Option<String> {
    let released = |version: &&str| !version.contains('-');
    let version = answer.split_whitespace().skip(1).filter(released).last()?;
    Some(version.trim_start_matches('v').to_owned())
}

/// `[INFO]   group:artifact ... 1.2.2 -> 1.2.3`; nothing when there is no newer one
fn of_maven(answer: &str, package: &str) -> Option<String> {
    let newer = answer.lines().find(|line| line.contains(package) && line.contains("->"));
    match newer.and_then(|line| line.rsplit_once("->")) {
        Some((_, version)) => Some(version.trim().to_owned()),
        None if answer.contains("BUILD SUCCESS") => Some("as pinned".to_owned()),
        None => None,
    }
}

/// `  Candidate: 1.2.3-1`
fn of_apt(answer: &str, _: &str) -> Option<String> {
    let candidate = answer.lines().find_map(|line| line.trim().strip_prefix("Candidate:"))?;
    Some(candidate.trim().to_owned()).filter(|version| version != "(none)")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_tool_s_answer_is_read() {
        let maven = "[INFO]   g:a ............ 1.0.0 -> 1.2.3\n[INFO] BUILD SUCCESS\n";
        let cases: [(Reader, &str, &str); 7] = [
            (of_cargo, "g:a #tag\nversion: 1.0.0 (latest 1.2.3)\nlicense: MIT\n", "g:a"),
            (of_cargo, "g:a #tag\nversion: 1.2.3\n", "g:a"),
            (of_npm, "1.2.3\n", "g:a"),
            (of_pip, "g:a (1.2.3)\nAvailable versions: 1.2.3, 1.2.2\n", "g:a"),
            (of_go, "g:a v1.0.0 v1.2.3 v1.3.0-rc.1\n", "g:a"),
            (of_maven, maven, "g:a"),
            (of_apt, "x:\n  Installed: 1\n  Candidate: 1.2.3\n", "g:a"),
        ];
        for (read, answer, package) in cases {
            assert_eq!(read(answer, package).as_deref(), Some("1.2.3"), "{answer}");
            assert_eq!(read("", package), None);
        }
        assert_eq!(of_go("module\n", ""), None);
    }
}
