//! The policy of a path, wrongly chosen.

use crate::policy::Policy;
use crate::reference::fault::PathFault;
use crate::reference::heard::Heard;
use crate::reference::lines::{ALLOW_CREDENTIALS, ALLOW_ORIGIN, Lines};
use crate::reference::middleware::{Turn, names};

pub(super) fn policy_at<'a>(
    slip: PathFault,
    root: &'a Policy,
    heard: &Heard<'_>,
    preflight: bool,
) -> &'a Policy {
    let path = heard.path();
    let longest = |fits: &dyn Fn(&str) -> bool| {
        let paths = root.paths().iter().filter(|(prefix, _)| fits(prefix));
        paths.max_by_key(|(prefix, _)| prefix.len()).map_or(root, |(_, policy)| policy)
    };
    match slip {
        PathFault::Ignored => root,
        PathFault::PreflightAtRoot if preflight => root,
        PathFault::WholeSegments => longest(&|prefix| {
            path.strip_prefix(prefix.trim_end_matches('/'))
                .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        }),
        PathFault::FirstMatch => {
            let first = root.paths().iter().find(|(prefix, _)| path.starts_with(prefix.as_str()));
            first.map_or(root, |(_, policy)| policy)
        }
        PathFault::ShortestMatch => {
            let paths = root.paths().iter().filter(|(prefix, _)| path.starts_with(prefix.as_str()));
            paths.min_by_key(|(prefix, _)| prefix.len()).map_or(root, |(_, policy)| policy)
        }
        PathFault::IgnoresCase => {
            let lower = path.to_ascii_lowercase();
            longest(&|prefix| lower.starts_with(&prefix.to_ascii_lowercase()))
        }
        PathFault::IgnoresTrailingSlash => {
            longest(&|prefix| path.starts_with(prefix) || path == prefix.trim_end_matches('/'))
        }
        PathFault::MatchesInside => longest(&|prefix| path.contains(prefix)),
        PathFault::MatchesInQuery => longest(&|prefix| heard.target.contains(prefix)),
        PathFault::ExactOnly => longest(&|prefix| path == prefix),
        _ => root.at(&cleaned(slip, path)),
    }
}

pub(super) fn allows(slip: PathFault, root: &Policy, policy: &Policy, text: &str) -> bool {
    names(policy, text) || slip == PathFault::AddsOriginsOfRoot && names(root, text)
}

pub(super) fn spoil(slip: PathFault, turn: &Turn<'_>, lines: &mut Lines) {
    let names_origin = lines.value(ALLOW_ORIGIN).is_some_and(|origin| origin != b"*");
    if slip == PathFault::InheritsCredentials && turn.root.credentials() && names_origin {
        lines.set(ALLOW_CREDENTIALS, "true");
    }
}

/// The path that is looked up instead of the router's.
fn cleaned(slip: PathFault, path: &str) -> String {
    match slip {
        PathFault::Decodes => decode(path),
        PathFault::PlusIsSpace => path.replace('+', " "),
        PathFault::ResolvesDots => resolved(path),
        PathFault::MergesSlashes => {
            let mut bytes = path.as_bytes().to_vec();
            bytes.dedup_by(|next, before| *next == b'/' && *before == b'/');
            bytes.into_iter().map(char::from).collect()
        }
        _ => path.to_owned(),
    }
}

/// <https://url.spec.whatwg.org/#double-dot-path-segment>, those that are not encoded.
fn resolved(path: &str) -> String {
    let mut segments: Vec<&str> = Vec::new();
    for segment in path.split('/').skip(1) {
        match segment {
            "." => {}
            ".." => drop(segments.pop()),
            _ => segments.push(segment),
        }
    }
    format!("/{}", segments.join("/"))
}

/// Without percent-encoding, once.
fn decode(path: &str) -> String {
    let mut decoded = String::new();
    let mut rest = path;
    while let Some((front, behind)) = rest.split_once('%') {
        decoded.push_str(front);
        let byte = behind.get(..2).and_then(|digits| u8::from_str_radix(digits, 16).ok());
        decoded.push(byte.map_or('%', char::from));
        rest = byte.and_then(|_| behind.get(2..)).unwrap_or(behind);
    }
    decoded + rest
}
