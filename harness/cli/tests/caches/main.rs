//! Real caches in front of servers that are right, and of servers that are wrong on purpose. A
//! cache that is not installed is listed as not available, and its trials are ignored.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod fronts;
mod loopback;
mod verdicts;

use std::process::ExitCode;

use corsproof::caches::{Cache, Kind};
use libtest_mimic::{Arguments, Trial};

type Test = fn(&Cache);

const TESTS: [(&str, Test); 10] = [
    ("answers_from_its_store", fronts::answers_from_its_store),
    ("keeps_nothing_that_is_private", fronts::keeps_nothing_that_is_private),
    ("ends_with_its_folder", fronts::ends_with_its_folder),
    ("ends_when_we_are_killed", fronts::ends_when_we_are_killed),
    ("that_cannot_start_says_why", fronts::that_cannot_start_says_why),
    ("catches_grants_without_vary", verdicts::catches_grants_without_vary),
    ("catches_refusals_without_vary", verdicts::catches_refusals_without_vary),
    ("catches_answers_without_origin", verdicts::catches_answers_without_origin),
    ("is_blamed_for_reuse_against_vary", verdicts::is_blamed_for_reuse_against_vary),
    ("finds_nothing_in_servers_that_vary", verdicts::finds_nothing_in_servers_that_vary),
];

fn main() -> ExitCode {
    let arguments = Arguments::from_args();
    let trials = Kind::ALL.into_iter().flat_map(|kind| {
        let found = Cache::find(kind);
        if let (Err(missing), false) = (&found, arguments.list) {
            println!("{missing}");
        }
        TESTS.map(|(name, test)| trial(format!("{}_{name}", kind.name()), found.clone().ok(), test))
    });
    libtest_mimic::run(&arguments, trials.collect()).exit_code()
}

fn trial(name: String, cache: Option<Cache>, test: Test) -> Trial {
    let missing = cache.is_none();
    let run = move || {
        test(cache.as_ref().ok_or("it is not installed")?);
        Ok(())
    };
    Trial::test(name, run).with_ignored_flag(missing)
}
