//! Comments of a source, and the step numbers in them.

use crate::citations::{FETCH, Kind, Steps};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Marker {
    Doc,
    Plain,
}

/// A comment, joined from its lines.
pub(crate) struct Comment {
    /// Of its first line, from 1.
    pub(crate) line: usize,
    marker: Marker,
    text: String,
}

impl Comment {
    /// What documentation is about, or the function that a comment is in.
    pub(crate) fn item(&self, lines: &[&str]) -> String {
        let mut words = match self.marker {
            Marker::Doc => lines[self.line..]
                .iter()
                .find(|line| !line.trim().starts_with("//") && !line.trim().starts_with("#["))
                .map(|line| line.trim())
                .unwrap_or_default(),
            Marker::Plain => lines[..self.line]
                .iter()
                .rev()
                .find_map(|line| line.find("fn ").map(|start| &line[start..]))
                .unwrap_or_default(),
        }
        .split([' ', '(', '<', ':', ',', ';', '{']);
        let keywords = ["pub", "crate)", "const", "static", "fn", "struct", "enum", "trait", ""];
        words.find(|word| !keywords.contains(word)).unwrap_or_default().to_owned()
    }

    /// If the item is what a link leads to: the anchor, if that is in Fetch.
    pub(crate) fn defines(&self) -> Option<Option<&str>> {
        let link = self.text.strip_prefix('<').filter(|link| link.starts_with("http"))?;
        let (link, _) = link.split_once('>').filter(|_| self.marker == Marker::Doc)?;
        Some(link.strip_prefix(FETCH))
    }

    /// Each link to Fetch: where it begins, its anchor, and the steps behind it.
    pub(crate) fn links(&self) -> impl Iterator<Item = (usize, &str, Vec<Steps>)> {
        self.text.match_indices('<').filter_map(|(start, _)| {
            let (anchor, after) = self.text[start + 1..].strip_prefix(FETCH)?.split_once('>')?;
            Some((start, anchor, mentioned(after)))
        })
    }

    /// What it says about steps: of which algorithm, if it says so, and which.
    pub(crate) fn statement(&self) -> Option<(Kind, Option<&str>, Vec<Steps>)> {
        if let Some((kind, text)) = declaration(&self.text) {
            let (anchor, text) = named_anchor(text);
            return match numbers(text) {
                Some((steps, rest)) if has_reason(rest) => Some((kind, anchor, steps)),
                None if text.starts_with('(') && has_reason(&format!(" {text}")) => None,
                _ => Some((Kind::Unreadable, Some(""), Vec::new())),
            };
        }
        if self.marker == Marker::Doc {
            let openings = ["Step ", "Steps ", "The conditions of step "];
            let scope = openings.iter().find_map(|opening| self.text.strip_prefix(opening));
            return scope.and_then(numbers).map(|(steps, _)| (Kind::Mentions, None, steps));
        }
        let (anchor, text) = named_anchor(&self.text);
        let (steps, _) = numbers(text).filter(|(_, rest)| rest.starts_with(". "))?;
        Some((Kind::Cites, anchor, steps))
    }
}

/// The comments, but those that head a file.
pub(crate) fn comments(lines: &[&str]) -> Vec<Comment> {
    let mut comments: Vec<Comment> = Vec::new();
    let mut goes_on = false;
    for (index, line) in lines.iter().enumerate() {
        let line = line.trim();
        let (marker, text) = match (line.strip_prefix("///"), line.strip_prefix("//")) {
            (Some(text), _) => (Marker::Doc, text.trim()),
            (None, Some(text)) if !text.starts_with('!') => (Marker::Plain, text.trim()),
            _ => (Marker::Plain, ""),
        };
        match comments.last_mut() {
            Some(last)
                if goes_on && !text.is_empty() && last.marker == marker && !opens(marker, text) =>
            {
                last.text = format!("{} {text}", last.text);
            }
            _ if !text.is_empty() => {
                comments.push(Comment { line: index + 1, marker, text: text.to_owned() });
            }
            _ => {}
        }
        goes_on = !text.is_empty();
    }
    comments
}

/// Whether a line of a comment begins a new one.
fn opens(marker: Marker, text: &str) -> bool {
    let cites = || numbers(named_anchor(text).1).is_some_and(|(_, rest)| rest.starts_with('.'));
    declaration(text).is_some()
        || match marker {
            Marker::Doc => text.starts_with("<http"),
            Marker::Plain => cites(),
        }
}

fn declaration(text: &str) -> Option<(Kind, &str)> {
    let not_modelled = text.strip_prefix("NOT MODELLED ").map(|rest| (Kind::NotModelled, rest));
    not_modelled.or_else(|| text.strip_prefix("EXCEPTION ").map(|rest| (Kind::Exception, rest)))
}

/// ` (what): why` or `: why`.
fn has_reason(text: &str) -> bool {
    let after = match text.strip_prefix(" (") {
        Some(what) => what.split_once(')').map(|(_, after)| after),
        None => Some(text),
    };
    after.and_then(|after| after.strip_prefix(": ")).is_some_and(|why| !why.trim().is_empty())
}

/// An anchor in front of step numbers, if there is one, and what follows.
fn named_anchor(text: &str) -> (Option<&str>, &str) {
    match text.split_once(' ') {
        Some((word, rest))
            if word.contains('-')
                && word.bytes().all(|b| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'-'))
                && numbers(rest).is_some() =>
        {
            (Some(word), rest)
        }
        _ => (None, text),
    }
}

/// The steps behind a link, if it goes on with them.
fn mentioned(after_link: &str) -> Vec<Steps> {
    let text = after_link.strip_prefix(", step").map(|text| text.strip_prefix('s').unwrap_or(text));
    let steps = text.and_then(|text| text.strip_prefix(' ')).and_then(numbers);
    steps.map_or_else(Vec::new, |(steps, _)| steps)
}

/// `7.1, 7.3 to 7.5 and 9b` at the front, and what follows.
fn numbers(text: &str) -> Option<(Vec<Steps>, &str)> {
    let (first, mut rest) = number(text)?;
    let mut steps = vec![Steps { first: first.to_owned(), last: first.to_owned() }];
    loop {
        let next = |separator| rest.strip_prefix(separator).and_then(number);
        if let Some((last, after)) = next(" to ") {
            steps.last_mut()?.last = last.to_owned();
            rest = after;
        } else if let Some((first, after)) = next(", ").or_else(|| next(" and ")) {
            steps.push(Steps { first: first.to_owned(), last: first.to_owned() });
            rest = after;
        } else {
            return Some((steps, rest));
        }
    }
}

/// `12b.1` at the front, and what follows.
fn number(text: &str) -> Option<(&str, &str)> {
    let mut end = 0;
    loop {
        let part = &text[end..];
        let digits = part.bytes().take_while(u8::is_ascii_digit).count();
        if digits == 0 {
            // Not a part: the dot before it ends a sentence.
            return (end > 1).then(|| text.split_at(end - 1));
        }
        let letters = part[digits..].bytes().take_while(u8::is_ascii_lowercase).count();
        end += digits + letters;
        if letters > 1 {
            return None;
        }
        if !text[end..].starts_with('.') {
            return Some(text.split_at(end));
        }
        end += 1;
    }
}
