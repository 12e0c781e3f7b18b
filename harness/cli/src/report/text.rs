//! The table and the divergences, as they stand on the terminal.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use corsproof_conform::judge::finding::Direction;

use crate::campaign::tally::{CaseVerdict, Divergence, Tally};
use crate::commands::replay::words;
use crate::commands::run::Ran;

/// How many divergences of one rule and subject are shown here; the report has all.
const SHOWN_A_RULE: usize = 4;

/// The whole page.
pub fn page(all: &[Ran]) -> String {
    let mut page = table(all);
    for tally in tallies(all) {
        let mut shown: BTreeMap<&str, usize> = BTreeMap::new();
        for divergence in tally.fresh() {
            let count = shown.entry(&divergence.finding.rule).or_default();
            *count += 1;
            if *count <= SHOWN_A_RULE {
                let _ = write!(page, "\n{}", five_lines(tally, divergence));
            }
        }
        for (rule, count) in shown.into_iter().filter(|(_, count)| *count > SHOWN_A_RULE) {
            let more = count - SHOWN_A_RULE;
            let _ = writeln!(page, "\n{}: {more} more of {rule}, in the report", tally.subject);
        }
    }
    let advice: Vec<String> = tallies(all).flat_map(advice).collect();
    if !advice.is_empty() {
        let _ = write!(page, "\nAdvice, which fails nobody:\n{}\n", advice.join("\n"));
    }
    for line in remarks(all) {
        let _ = write!(page, "\n{line}");
    }
    page.push('\n');
    page
}

/// The subjects that ran.
pub fn tallies(all: &[Ran]) -> impl Iterator<Item = &Tally> {
    all.iter().filter_map(|ran| match ran {
        Ran::Tally(tally) => Some(tally.as_ref()),
        Ran::NotAvailable { .. } => None,
    })
}

/// The heads of the table's columns.
pub fn heads() -> Vec<&'static str> {
    let mut heads = vec!["subject", "version", "cases", "cases/s"];
    heads.extend(CaseVerdict::ALL.map(CaseVerdict::name));
    heads.extend(Direction::ALL.map(Direction::name));
    heads
}

/// The cells of a subject's row.
pub fn cells(tally: &Tally) -> Vec<String> {
    let mut cells = vec![
        tally.subject.clone(),
        tally.version.clone(),
        tally.cases.to_string(),
        format!("{:.0}", tally.rate()),
    ];
    cells.extend(CaseVerdict::ALL.map(|verdict| tally.of(verdict).to_string()));
    cells.extend(Direction::ALL.map(|direction| tally.in_direction(direction).to_string()));
    cells
}

/// What fails nobody, a line each.
pub fn advice(tally: &Tally) -> Vec<String> {
    let name = &tally.subject;
    let mut rules: BTreeMap<&str, Vec<&Divergence>> = BTreeMap::new();
    for divergence in tally.advised() {
        rules.entry(&divergence.finding.rule).or_default().push(divergence);
    }
    let met = rules.into_iter().map(|(rule, all)| {
        let cases: u64 = all.iter().map(|divergence| divergence.cases).sum();
        let first = all.first().map(|d| (d.vector.id.as_str(), d.finding.observed.as_str()));
        let (id, observed) = first.unwrap_or_default();
        format!("{name}: {rule} ({cases} cases; vector {id}): {observed}")
    });
    let mut asked: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for finding in &tally.advice {
        asked.entry(&finding.rule).or_default().push(&finding.label);
    }
    let asked = asked
        .into_iter()
        .map(|(rule, labels)| format!("{name}: {rule}: {} (in the report)", labels.join(", ")));
    met.chain(asked).collect()
}

/// What else has to be said: stale entries, flakes, broken and missing subjects.
pub fn remarks(all: &[Ran]) -> Vec<String> {
    let mut lines = Vec::new();
    for ran in all {
        match ran {
            Ran::NotAvailable { name, why, how } => {
                lines.push(format!("{name}: not available: {why}; to get it: {how}"));
            }
            Ran::Tally(tally) => {
                let name = &tally.subject;
                lines.extend(
                    tally.stale.iter().map(|s| format!("{name}: stale in known.toml: {s}")),
                );
                if !tally.below.is_empty() {
                    let rules: Vec<&str> = tally.below.keys().map(String::as_str).collect();
                    lines.push(format!(
                        "{name}: for information, with --level informative: {}",
                        rules.join(", ")
                    ));
                }
                lines.extend(tally.flaky.iter().map(|f| format!("{name}: flaky: {f}")));
                lines.extend(
                    tally
                        .inconclusive
                        .iter()
                        .map(|(why, n)| format!("{name}: inconclusive ({n}): {why}")),
                );
                lines.extend(
                    tally
                        .not_judged
                        .iter()
                        .map(|(why, n)| format!("{name}: not judged ({n}): {why}")),
                );
                lines.extend(tally.broken.iter().map(|b| format!("{name}: broken: {b}")));
                if !tally.complete && tally.broken.is_none() {
                    lines.push(format!("{name}: ended early, after {} cases", tally.cases));
                }
            }
        }
    }
    lines
}

fn table(all: &[Ran]) -> String {
    let heads = heads();
    let rows: Vec<Vec<String>> = tallies(all).map(cells).collect();
    let widths: Vec<usize> = heads
        .iter()
        .enumerate()
        .map(|(column, head)| {
            let longest = rows.iter().filter_map(|row| row.get(column)).map(String::len).max();
            longest.unwrap_or_default().max(head.len())
        })
        .collect();
    let mut table = String::new();
    let mut row = |cells: Vec<&str>| {
        for (column, (cell, width)) in cells.iter().zip(&widths).enumerate() {
            // Names to the left, numbers to the right.
            let _ = if column < 2 {
                write!(table, "{cell:width$}  ")
            } else {
                write!(table, "{cell:>width$}  ")
            };
        }
        table.truncate(table.trim_end().len());
        table.push('\n');
    };
    row(heads);
    for cells in &rows {
        row(cells.iter().map(String::as_str).collect());
    }
    table
}

/// One divergence in five lines: what, expected, observed, how to see it, how to run it again.
fn five_lines(tally: &Tally, divergence: &Divergence) -> String {
    let finding = &divergence.finding;
    format!(
        "{} {} {} ({}): {} cases, vector {}\n  expected: {}\n  observed: {}\n  see it:   {}\n  replay:   corsproof replay {} ({})\n",
        tally.subject,
        tally.version,
        finding.rule,
        finding.direction.name(),
        divergence.cases,
        divergence.vector.id,
        finding.expected,
        finding.observed,
        divergence.curl.as_deref().unwrap_or("(no single request shows it)"),
        divergence.vector.id,
        words(&divergence.replayed),
    )
}
