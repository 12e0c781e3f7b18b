//! `corsproof vectors faults`: server vectors that show the faults of the reference server, each
//! fault at least once, none for nothing.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use corsproof_conform::generate::GENERATOR_VERSION;
use corsproof_conform::judge::rules::rule;
use corsproof_conform::mutation::{Kill, hunt, kills, name_of};
use corsproof_conform::reference::Fault;
use corsproof_conform::vector::{EDITION, Guards, Provenance, SCHEMA_VERSION, Test, Vector, id_of};

use super::CommandError;
use crate::exit::Exit;

/// Hunts for every fault, and writes the vectors that are needed and which fault each kills.
///
/// # Errors
/// When a vector of the set is broken or a file cannot be written.
pub(super) fn run(
    folder: &Path,
    record: &Path,
    seed: u64,
    cases: u64,
    check: bool,
) -> Result<Exit, CommandError> {
    let mut vectors = published(folder)?;
    let before = vectors.len();
    for fault in Fault::ALL {
        match hunt(fault, seed, cases) {
            None => println!("{}: survives {cases} cases", name_of(fault)),
            Some(kill) => {
                let vector = vector(fault, seed, kill);
                // One case may show faults of two rules; then it is two vectors.
                if !vectors.iter().any(|known| known.id == vector.id) {
                    vectors.push(vector);
                }
            }
        }
    }
    let matrix: Vec<BTreeSet<usize>> = vectors.iter().map(killed_by).collect();
    let chosen = cover(&matrix, before);
    let killed: BTreeSet<usize> = matrix.iter().flatten().copied().collect();
    println!(
        "{} of {} faults killed, by {} vectors ({} new)",
        killed.len(),
        Fault::ALL.len(),
        chosen.len(),
        chosen.iter().filter(|index| **index >= before).count()
    );
    if check {
        return Ok(if killed.is_empty() { Exit::Broken } else { Exit::Conforms });
    }
    for index in chosen.iter().filter(|index| **index >= before) {
        if let Some(vector) = vectors.get(*index) {
            vector.write(&folder.join("server"))?;
        }
    }
    fs::write(record, told(&vectors, &matrix, &chosen))
        .map_err(|error| format!("`{}`: {error}", record.display()))?;
    Ok(Exit::Conforms)
}

/// The server vectors that are there.
fn published(folder: &Path) -> Result<Vec<Vector>, CommandError> {
    let mut vectors = Vec::new();
    for path in super::vectors::files_of(&folder.join("server"))? {
        vectors.push(Vector::read(&path)?);
    }
    Ok(vectors)
}

/// The faults that a vector shows, by their numbers.
fn killed_by(vector: &Vector) -> BTreeSet<usize> {
    let Test::Server { case, guards, .. } = &vector.test else { return BTreeSet::new() };
    let shows = |(_, fault): &(usize, &Fault)| kills(**fault, case, guards);
    Fault::ALL.iter().enumerate().filter(shows).map(|(number, _)| number).collect()
}

/// Vectors that show all that any shows: those that were there, then whichever shows the most of
/// what is left.
fn cover(matrix: &[BTreeSet<usize>], before: usize) -> BTreeSet<usize> {
    let mut chosen: BTreeSet<usize> = (0..before).collect();
    let mut left: BTreeSet<usize> = matrix.iter().flatten().copied().collect();
    matrix.iter().take(before).for_each(|kills| left.retain(|fault| !kills.contains(fault)));
    while !left.is_empty() {
        let gain = |(_, kills): &(usize, &BTreeSet<usize>)| kills.intersection(&left).count();
        let Some((index, kills)) = matrix.iter().enumerate().rev().max_by_key(gain) else { break };
        chosen.insert(index);
        left.retain(|fault| !kills.contains(fault));
    }
    chosen
}

fn vector(fault: Fault, seed: u64, kill: Kill) -> Vector {
    let Kill { case, finding, index, shrinks } = kill;
    let asks = rule(&finding.rule).map_or("", |rule| rule.asks);
    Vector {
        schema: SCHEMA_VERSION,
        id: id_of(&finding, &case),
        since: EDITION.to_owned(),
        level: finding.level,
        flags: Vec::new(),
        comment: format!("{asks} One way to break it: {}", fault.story()),
        steps: finding.steps.clone(),
        provenance: Some(Provenance {
            subject: format!("reference/{}", name_of(fault)),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            seed,
            index,
            preset: "mixed".to_owned(),
            generator_version: GENERATOR_VERSION,
            shrinks,
        }),
        test: Test::Server {
            case,
            guards: Guards {
                rule: finding.rule,
                direction: finding.direction,
                label: finding.label,
            },
            witnesses: Vec::new(),
        },
    }
}

/// The record: which vectors of the set show which fault.
fn told(vectors: &[Vector], matrix: &[BTreeSet<usize>], chosen: &BTreeSet<usize>) -> String {
    let mut text = String::from(
        "# Which server vectors show which fault of the reference server: written by `corsproof vectors\n\
         # faults`, held by tests/faults.rs. Survivors, with the reason, are in faults-survivors.toml.\n\n",
    );
    for (number, fault) in Fault::ALL.iter().enumerate() {
        let shown: Vec<String> = chosen
            .iter()
            .filter(|index| matrix.get(**index).is_some_and(|kills| kills.contains(&number)))
            .filter_map(|index| vectors.get(*index))
            .map(|vector| format!("\"{}\"", vector.id))
            .collect();
        if !shown.is_empty() {
            let _ =
                writeln!(text, "\"{}\" = [\n    {},\n]", name_of(*fault), shown.join(",\n    "));
        }
    }
    text
}
