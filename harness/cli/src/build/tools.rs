//! Which tools a command line needs, and whether they are here.

use std::env;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;

/// What the shell does itself.
const BUILT_IN: [&str; 12] =
    [":", ".", "[", "cd", "echo", "exit", "export", "false", "set", "test", "true", "unset"];

/// A tool that is not here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Missing {
    /// Its name.
    pub tool: String,
    /// How to get it.
    pub how: String,
}

/// The first tool of these command lines that is not on the PATH.
pub fn missing_tool<'a>(lines: impl IntoIterator<Item = &'a str>) -> Option<Missing> {
    let mut needed = lines.into_iter().flat_map(tools);
    let tool = needed.find(|tool| !is_on_path(tool))?;
    Some(Missing { how: how(tool), tool: tool.to_owned() })
}

/// Whether a program of this name is on the PATH.
pub fn is_on_path(tool: &str) -> bool {
    let paths = env::var_os("PATH").unwrap_or_default();
    env::split_paths(&paths).any(|folder| {
        fs::metadata(folder.join(tool))
            .is_ok_and(|found| found.is_file() && found.permissions().mode() & 0o111 != 0)
    })
}

/// The first word of each command of a line, where it is looked up on the PATH: what a build makes
/// itself is named with its path. Quotes are not understood; a `subject.toml` needs none there.
fn tools(line: &str) -> impl Iterator<Item = &str> {
    line.split(['&', '|', ';', '\n']).filter_map(|command| {
        let mut words = command.split_whitespace();
        let first = words.find(|word| !word.contains('=') && *word != "exec")?;
        let looked_up = !first.contains('/') && !BUILT_IN.contains(&first);
        looked_up.then_some(first)
    })
}

fn how(tool: &str) -> String {
    match tool {
        "node" | "npm" => "install Node.js 20 or newer (Debian: `apt-get install nodejs npm`)",
        "python3" => "install Python 3.11 or newer (Debian: `apt-get install python3-venv`)",
        "go" => "install Go (https://go.dev/dl)",
        "mvn" | "java" => "install a JDK and Maven (Debian: `apt-get install default-jdk maven`)",
        _ => return format!("install `{tool}` and put it on the PATH"),
    }
    .to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tools_are_the_first_words_that_are_looked_up() {
        let line =
            "A=1 python3 -m venv .venv && .venv/bin/python -m pip install x; cd y | exec npm ci";
        assert_eq!(tools(line).collect::<Vec<_>>(), ["python3", "npm"]);
        assert_eq!(tools("./subject").count(), 0);
    }

    #[test]
    fn a_tool_that_is_not_there_is_named() {
        assert_eq!(missing_tool(["sh -c true"]), None);
        let missing = missing_tool(["sh x", "no-such-tool-anywhere y"]).unwrap();
        assert_eq!(missing.tool, "no-such-tool-anywhere");
    }
}
