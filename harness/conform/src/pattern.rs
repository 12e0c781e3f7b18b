//! A string that a regular expression matches, so that a policy's patterns have members to try.

use regex_syntax::Parser;
use regex_syntax::hir::{Class, Hir, HirKind};

/// A short match of the pattern, if one can be told from its syntax.
pub(crate) fn member(pattern: &str) -> Option<String> {
    let mut written = String::new();
    write(&Parser::new().parse(pattern).ok()?, &mut written)?;
    Some(written)
}

/// The longest that is written: `a{1000000}` is no host.
const MAX_LENGTH: usize = 253;

fn write(hir: &Hir, to: &mut String) -> Option<()> {
    if to.len() > MAX_LENGTH {
        return None;
    }
    match hir.kind() {
        HirKind::Empty | HirKind::Look(_) => Some(()),
        HirKind::Literal(literal) => {
            to.push_str(std::str::from_utf8(&literal.0).ok()?);
            Some(())
        }
        HirKind::Class(class) => {
            to.push(one_of(class)?);
            Some(())
        }
        // What may be left out mostly is: a port, a further label.
        HirKind::Repetition(repetition) => {
            (0..repetition.min).try_for_each(|_| write(&repetition.sub, to))
        }
        HirKind::Capture(capture) => write(&capture.sub, to),
        HirKind::Concat(parts) => parts.iter().try_for_each(|part| write(part, to)),
        HirKind::Alternation(branches) => write(branches.first()?, to),
    }
}

/// A letter where the class has one, a digit, or else what comes first in it.
fn one_of(class: &Class) -> Option<char> {
    let ranges: Vec<(char, char)> = match class {
        Class::Unicode(class) => class.iter().map(|range| (range.start(), range.end())).collect(),
        Class::Bytes(class) => {
            class.iter().map(|range| (char::from(range.start()), char::from(range.end()))).collect()
        }
    };
    let has = |wanted: &char| ranges.iter().any(|(from, to)| (from..=to).contains(&wanted));
    let favourites = ('a'..='z').chain('0'..='9');
    favourites.into_iter().find(has).or_else(|| ranges.first().map(|(from, _)| *from))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_member_matches_its_pattern() {
        for pattern in [
            r"^https://[a-z]+\.tenant\.example$",
            r"^https?://(?:www\.)?app\.example(:\d+)?$",
            r"^https://(?:b|c)\.[^.]{2,5}\.example$",
            r"^https://\w+-\d{3}\.example$",
            "^https://.*$",
        ] {
            let member = member(pattern).unwrap();
            assert!(regex::Regex::new(pattern).unwrap().is_match(&member), "{pattern}: {member}");
        }
    }

    #[test]
    fn what_has_no_short_member_has_none() {
        assert_eq!(member("^https://a{1000}$"), None);
        assert_eq!(member("^[a&&b]$"), None);
    }
}
