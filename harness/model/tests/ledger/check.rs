//! Holds code and ledger against each other.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::citations::{Citation, FETCH, Kind, Place, Sources, Steps, parent};

/// `spec/fetch.json`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Ledger {
    #[serde(rename = "standard")]
    _standard: String,
    pub(crate) commit: String,
    #[serde(rename = "date")]
    _date: Option<String>,
    pub(crate) algorithms: BTreeMap<String, Algorithm>,
}

/// An algorithm, or a definition without steps.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Algorithm {
    /// Of what is said around the steps.
    pub(crate) hash: String,
    pub(crate) reviewed: Option<String>,
    pub(crate) steps: Vec<LedgerStep>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct LedgerStep {
    pub(crate) number: String,
    pub(crate) hash: String,
    pub(crate) reviewed: Option<String>,
    #[serde(default)]
    pub(crate) slugs: Vec<String>,
    /// Its number when the code was last read, if that was another.
    pub(crate) was: Option<String>,
}

/// What the code says apart from its comments.
#[derive(Clone, Copy)]
pub(crate) struct Code<'a> {
    pub(crate) commit: &'a str,
    pub(crate) steps: &'a [&'a corsproof_model::Step],
}

/// Everything in which code and ledger do not agree.
pub(crate) fn complaints(sources: &Sources, code: Code<'_>, ledger: &Ledger) -> Vec<String> {
    let citations = sources.citations();
    let mut complaints = Vec::new();
    if code.commit != ledger.commit {
        complaints.push(format!(
            "`SPEC_COMMIT` in src/lib.rs is {}, the ledger's commit {}",
            code.commit, ledger.commit
        ));
    }
    for citation in &citations {
        complaints.extend(misplaced(citation, ledger));
    }
    for (anchor, algorithm) in &ledger.algorithms {
        let of_it: Vec<&Citation> = citations.iter().filter(|one| one.anchor == *anchor).collect();
        if of_it.iter().all(|one| one.kind != Kind::Defines) {
            complaints.push(format!("nothing in the code is #{anchor}, which the ledger has"));
            continue;
        }
        let view = View { anchor, algorithm, citations: of_it };
        complaints.extend(view.gaps());
        complaints.extend(view.contradictions());
        complaints.extend(view.uncovered());
        complaints.extend(view.unread());
    }
    complaints.extend(constants(sources, code.steps, ledger));
    complaints.extend(strangers(sources, code.steps, &citations));
    complaints
}

/// What is wrong with a citation by itself.
fn misplaced(citation: &Citation, ledger: &Ledger) -> Vec<String> {
    let Citation { place, kind, anchor, steps } = citation;
    if *kind == Kind::Unreadable {
        return vec![format!("the comment of {place} cannot be read")];
    }
    let Some(algorithm) = ledger.algorithms.get(anchor) else {
        return vec![format!("{place} names #{anchor}, which the ledger does not have")];
    };
    let missing = |number: &&String| algorithm.position(number).is_none();
    let mut complaints: Vec<String> = steps
        .iter()
        .flat_map(|steps| {
            if steps.first == steps.last {
                vec![&steps.first]
            } else {
                vec![&steps.first, &steps.last]
            }
        })
        .filter(missing)
        .map(|number| format!("{place} names #{anchor} step {number}, which is not there"))
        .collect();
    for Steps { first, last } in steps {
        if parent(first) != parent(last) {
            complaints.push(format!("{place} names a range of unlike steps, {first} to {last}"));
        }
    }
    complaints
}

impl Algorithm {
    fn position(&self, number: &str) -> Option<usize> {
        self.steps.iter().position(|step| step.number == number)
    }

    fn names(&self, citation: &Citation, number: &str) -> bool {
        let position = self.position(number);
        citation.steps.iter().any(|Steps { first, last }| {
            parent(first) == parent(number)
                && self.position(first) <= position
                && position <= self.position(last)
        })
    }
}

/// An algorithm of the ledger with what the code says about it.
struct View<'a> {
    anchor: &'a str,
    algorithm: &'a Algorithm,
    citations: Vec<&'a Citation>,
}

impl View<'_> {
    /// Who says something about exactly this step.
    fn naming(&self, number: &str) -> impl Iterator<Item = &Citation> {
        let says = |one: &&&Citation| !matches!(one.kind, Kind::Defines | Kind::Mentions);
        let named = |one: &&&Citation| self.algorithm.names(one, number);
        self.citations.iter().filter(says).filter(named).copied()
    }

    fn places(&self, kind: Kind) -> Vec<&Place> {
        self.citations.iter().filter(|one| one.kind == kind).map(|one| &one.place).collect()
    }

    /// Who says that a step or one above it is not modelled.
    fn not_modelled(&self, number: &str) -> Option<&Place> {
        let here = self.naming(number).find(|one| one.kind == Kind::NotModelled);
        here.map(|one| &one.place).or_else(|| self.not_modelled(parent(number)?))
    }

    /// Lists of steps that are not numbered 1, 2, 3 and so on: something is missing in the ledger.
    fn gaps(&self) -> Vec<String> {
        let numbers: Vec<&str> =
            self.algorithm.steps.iter().map(|step| step.number.as_str()).collect();
        let is_there = |number: &str| numbers.contains(&number);
        let before = |number: &&&str| {
            let (above, last) = number.rsplit_once('.').map_or(("", **number), |(a, l)| (a, l));
            let last: u32 = last.parse().ok()?;
            let dot = if above.is_empty() { "" } else { "." };
            (last > 1).then(|| format!("{above}{dot}{}", last - 1))
        };
        // An entry of a switch, such as 12c, stands where the list goes on: 12 itself is a step.
        let missing = numbers.iter().filter_map(|number| before(&number)).filter(|b| !is_there(b));
        missing
            .map(|number| format!("the ledger of #{} lacks step {number}", self.anchor))
            .collect()
    }

    fn contradictions(&self) -> Vec<String> {
        let mut complaints = Vec::new();
        for step in &self.algorithm.steps {
            if let (Some(slug), Some(declared)) =
                (step.slugs.first(), self.not_modelled(&step.number))
            {
                complaints.push(format!(
                    "#{} step {} decides, as `{slug}`, and is not modelled, {declared}",
                    self.anchor, step.number
                ));
            }
            let cited = self.naming(&step.number).find(|one| one.kind != Kind::NotModelled);
            if let (Some(cited), Some(declared)) = (cited, self.not_modelled(&step.number)) {
                complaints.push(format!(
                    "#{} step {} is cited, {}, and not modelled, {declared}",
                    self.anchor, step.number, cited.place
                ));
            }
        }
        complaints
    }

    /// Steps without parts that nobody cites; a step whose parts are cited is cited with them.
    fn uncovered(&self) -> Vec<String> {
        let has_parts = |number: &str| {
            self.algorithm.steps.iter().any(|step| parent(&step.number) == Some(number))
        };
        let covered = |number: &str| {
            self.naming(number).next().is_some() || self.not_modelled(number).is_some()
        };
        self.algorithm
            .steps
            .iter()
            .map(|step| step.number.as_str())
            .filter(|number| !has_parts(number) && !covered(number))
            .map(|number| {
                let place = listed(&self.places(Kind::Defines));
                format!("#{} step {number} is neither cited nor declared: {place}", self.anchor)
            })
            .collect()
    }

    /// What has changed since the code was held against it.
    fn unread(&self) -> Vec<String> {
        let mut complaints = Vec::new();
        let url = format!("{FETCH}{}", self.anchor);
        if self.algorithm.reviewed.as_ref() != Some(&self.algorithm.hash) {
            complaints.push(format!("read {url} again: {}", listed(&self.places(Kind::Defines))));
        }
        for step in &self.algorithm.steps {
            if step.reviewed.as_ref() != Some(&step.hash) {
                let place = listed(&self.concerned(&step.number));
                complaints.push(format!("read {url} step {} again: {place}", step.number));
            }
            if let Some(was) = &step.was
                && !self.moved_with_parent(&step.number, was)
            {
                complaints.push(format!(
                    "#{} step {was} is step {} now; have the citations been adjusted? {}",
                    self.anchor,
                    step.number,
                    listed(&self.places(Kind::Defines))
                ));
            }
        }
        complaints
    }

    /// Whether a step has another number only because the one above it has.
    fn moved_with_parent(&self, number: &str, was: &str) -> bool {
        let Some((above, above_was)) = parent(number).zip(parent(was)) else { return false };
        let suffixes_agree = number.strip_prefix(above) == was.strip_prefix(above_was);
        let step = self.algorithm.steps.iter().find(|step| step.number == above);
        suffixes_agree
            && match step {
                Some(step) => step.was.as_deref() == Some(above_was),
                None => self.moved_with_parent(above, above_was),
            }
    }

    /// Who says something about this step, or about the one above it, or is the algorithm.
    fn concerned(&self, number: &str) -> Vec<&Place> {
        let places: Vec<&Place> = self.naming(number).map(|one| &one.place).collect();
        match parent(number) {
            _ if !places.is_empty() => places,
            Some(parent) => self.concerned(parent),
            None => self.places(Kind::Defines),
        }
    }
}

/// In what the `Step` constants and the ledger's slugs differ.
fn constants(sources: &Sources, steps: &[&corsproof_model::Step], ledger: &Ledger) -> Vec<String> {
    let steps: Vec<_> = steps.iter().filter(|step| step.url().starts_with(FETCH)).collect();
    let mut complaints = Vec::new();
    for step in &steps {
        let listed = ledger.algorithms.get(step.algorithm);
        let entries = listed.map_or(&[][..], |algorithm| &algorithm.steps);
        let entry = entries.iter().find(|entry| entry.slugs.iter().any(|slug| slug == step.slug));
        let what = match entry {
            Some(entry) if entry.number == step.number => continue,
            Some(entry) => format!("the ledger at {}", entry.number),
            None => "the ledger nowhere".to_owned(),
        };
        let place = sources.constant(step.slug).map_or_else(String::new, |place| place.to_string());
        complaints.push(format!(
            "{place} puts `{}` at #{} step {}, {what}",
            step.slug, step.algorithm, step.number
        ));
    }
    for (anchor, algorithm) in &ledger.algorithms {
        for slug in algorithm.steps.iter().flat_map(|step| &step.slugs) {
            if !steps.iter().any(|step| step.algorithm == anchor && step.slug == slug) {
                complaints.push(format!("the ledger has `{slug}` at #{anchor}, no `Step` has"));
            }
        }
    }
    complaints
}

/// Constants that are used where the nearest comment is about another step.
fn strangers(
    sources: &Sources,
    steps: &[&corsproof_model::Step],
    citations: &[Citation],
) -> Vec<String> {
    let mut complaints = Vec::new();
    for step in steps.iter().filter(|step| step.url().starts_with(FETCH)) {
        let Some(constant) = sources.constant(step.slug) else { continue };
        for (file, line) in sources.uses(&constant) {
            let says = |one: &&Citation| matches!(one.kind, Kind::Cites | Kind::Exception);
            let above = |one: &Citation| one.place.is_above(&file, line);
            let nearest = citations.iter().filter(says).filter_map(above).max();
            let names_it = citations.iter().filter(says).any(|one| {
                above(one).is_some()
                    && above(one) == nearest
                    && one.anchor == step.algorithm
                    && one.steps.iter().any(|steps| is_near(steps, step.number))
            });
            if !names_it {
                complaints.push(format!(
                    "{constant} is used in line {line}, where the comment above is not about step {}",
                    step.number
                ));
            }
        }
    }
    complaints
}

/// Whether the steps are this one, one above it, a part of it, or a range that holds one of these.
fn is_near(steps: &Steps, number: &str) -> bool {
    let Steps { first, last } = steps;
    let in_range = |number: &str| {
        let last_part = |text: &str| text.rsplit('.').next().and_then(|n| n.parse::<u32>().ok());
        number == first
            || number == last
            || (parent(first) == parent(number)
                && (last_part(first)..=last_part(last)).contains(&last_part(number)))
    };
    let is_part =
        |cited: &str| std::iter::successors(parent(cited), |n| parent(n)).any(|n| n == number);
    in_range(number) || is_part(first) || parent(number).is_some_and(|above| is_near(steps, above))
}

fn listed(places: &[&Place]) -> String {
    places.iter().map(|place| place.to_string()).collect::<Vec<_>>().join(", ")
}
