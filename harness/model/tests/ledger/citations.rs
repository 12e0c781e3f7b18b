//! What the model's comments say about the Standard.
//!
//! - `/// <https://fetch.spec.whatwg.org/#anchor>`: what the item is. Comments after it number the
//!   steps of that algorithm; of two links in a row, of the first.
//! - `// 7.1, 7.2. What it does.` and `// 7.11 to 7.15. What they do.`: steps cited. Where it is not
//!   the function's own algorithm, its anchor comes first: `// concept-cors-check 4. As there.`
//! - `NOT MODELLED 3, 4.2 (what): why` and `EXCEPTION 3 (what): why`, in either kind of comment.
//! - `/// Steps 1 to 6.` and `<…#anchor>, step 7.10`: steps mentioned; they have to exist.

use std::fmt;

use crate::comments::comments;

pub(crate) const FETCH: &str = "https://fetch.spec.whatwg.org/#";

/// The model's sources: name and text of each file, without tests.
pub(crate) struct Sources(pub(crate) Vec<(String, String)>);

/// An item and its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Place {
    item: String,
    file: String,
    line: usize,
}

impl fmt::Display for Place {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "`{}` in {}:{}", self.item, self.file, self.line)
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// The item is the algorithm.
    Defines,
    Cites,
    NotModelled,
    Exception,
    Mentions,
    /// It looks like one of these, but is none.
    Unreadable,
}

/// A place that names an algorithm, and steps of it.
#[derive(Debug)]
pub(crate) struct Citation {
    pub(crate) place: Place,
    pub(crate) kind: Kind,
    pub(crate) anchor: String,
    pub(crate) steps: Vec<Steps>,
}

/// A step, or a step and all up to another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Steps {
    pub(crate) first: String,
    pub(crate) last: String,
}

/// The number of the step that this one is a part of.
pub(crate) fn parent(number: &str) -> Option<&str> {
    let head = number.trim_end_matches(|c: char| c.is_ascii_lowercase());
    if head.len() < number.len() {
        return Some(head);
    }
    number.rsplit_once('.').map(|(head, _)| head)
}

impl Sources {
    pub(crate) fn citations(&self) -> Vec<Citation> {
        self.0.iter().flat_map(|(file, text)| citations_in(file, text)).collect()
    }

    /// The `Step` that has this slug, and where it is.
    pub(crate) fn constant(&self, slug: &str) -> Option<Place> {
        self.0.iter().find_map(|(file, text)| {
            let mut statements = text.match_indices("pub static ");
            statements.find_map(|(start, opening)| {
                let statement = text[start + opening.len()..].split(';').next()?;
                let fits = statement.contains("Step::fetch(")
                    && statement.contains(&format!("\"{slug}\""));
                let item = statement.split(':').next()?.to_owned();
                let line = text[..start].matches('\n').count() + 1;
                fits.then(|| Place { item, file: file.clone(), line })
            })
        })
    }
}

impl Sources {
    /// Every place, in the file where it is defined, that uses the `Step` of this slug.
    pub(crate) fn uses(&self, constant: &Place) -> Vec<(String, usize)> {
        let Some((_, text)) = self.0.iter().find(|(file, _)| *file == constant.file) else {
            return Vec::new();
        };
        let is_word = |c: char| c.is_ascii_alphanumeric() || c == '_';
        let uses = text.lines().enumerate().filter(|(_, line)| {
            let code = line.split("//").next().unwrap_or_default();
            !code.contains("pub static ") && code.split(|c| !is_word(c)).any(|w| w == constant.item)
        });
        uses.map(|(index, _)| (constant.file.clone(), index + 1)).collect()
    }
}

impl Place {
    /// Whether it is in this file, at this line or above.
    pub(crate) fn is_above(&self, file: &str, line: usize) -> Option<usize> {
        (self.file == file && self.line <= line).then_some(self.line)
    }
}

/// What the comments at a place are about.
enum Context {
    /// No link so far.
    Nothing,
    Fetch(String),
    /// Another Standard, which the ledger does not know.
    Elsewhere,
}

fn citations_in(file: &str, text: &str) -> Vec<Citation> {
    let lines: Vec<&str> = text.lines().collect();
    let mut context = Context::Nothing;
    let mut citations = Vec::new();
    for comment in comments(&lines) {
        let place = Place { item: comment.item(&lines), file: file.to_owned(), line: comment.line };
        let mut add = |kind, anchor: &str, steps| {
            citations.push(Citation {
                place: place.clone(),
                kind,
                anchor: anchor.to_owned(),
                steps,
            });
        };
        if let Some(anchor) = comment.defines() {
            let is_second = lines[..comment.line - 1].last().is_some_and(|line| is_link(line));
            if !is_second {
                let of_fetch = |anchor: &str| Context::Fetch(anchor.to_owned());
                context = anchor.map_or(Context::Elsewhere, of_fetch);
            }
        }
        for (start, anchor, steps) in comment.links() {
            add(if start == 0 { Kind::Defines } else { Kind::Mentions }, anchor, steps);
        }
        match (comment.statement(), &context) {
            (Some((kind, Some(anchor), steps)), _) => add(kind, anchor, steps),
            (Some((kind, None, steps)), Context::Fetch(anchor)) => add(kind, anchor, steps),
            (Some((_, None, steps)), Context::Nothing) => add(Kind::Unreadable, "", steps),
            (None, _) | (_, Context::Elsewhere) => {}
        }
    }
    citations
}

fn is_link(line: &str) -> bool {
    line.trim().starts_with("/// <http")
}
