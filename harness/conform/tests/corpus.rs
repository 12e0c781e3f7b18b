//! Replays `corpus/` on any toolchain: what a fuzz target holds of the bytes it finds is held of
//! the bytes that are committed.
#![expect(clippy::unwrap_used, clippy::panic, reason = "helpers of tests fail as tests do")]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use corsproof_conform::oracle::ORACLES;

#[test]
fn every_committed_input_holds_and_every_class_is_met() {
    for oracle in ORACLES {
        let mut met = BTreeSet::new();
        for path in entries(&corpus().join(oracle.name)) {
            let input = fs::read(&path).unwrap();
            match (oracle.check)(&input) {
                Ok(class) => met.insert(class),
                Err(disagreement) => panic!("{}: {disagreement}", path.display()),
            };
        }
        let classes: BTreeSet<&str> = oracle.classes.iter().copied().collect();
        assert_eq!(met, classes, "corpus/{} does not meet every class", oracle.name);
    }
}

#[test]
fn every_folder_of_the_corpus_and_every_fuzz_target_is_an_oracle_s() {
    let oracles: BTreeSet<String> = ORACLES.iter().map(|oracle| oracle.name.to_owned()).collect();
    assert_eq!(stems(&corpus()), oracles);
    assert_eq!(stems(&root().join("fuzz/fuzz_targets")), oracles);
}

fn stems(folder: &Path) -> BTreeSet<String> {
    let stem = |path: PathBuf| path.file_stem().unwrap().to_str().unwrap().to_owned();
    entries(folder).into_iter().map(stem).collect()
}

fn entries(folder: &Path) -> Vec<PathBuf> {
    let read = fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    read.map(|entry| entry.unwrap().path()).collect()
}

fn corpus() -> PathBuf {
    root().join("corpus")
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}
