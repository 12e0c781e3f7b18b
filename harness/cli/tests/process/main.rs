//! Subjects that are programs: those that go wrong, each in one way, and the real ones.
//!
//! The programs that go wrong are this program itself, started as `fake-subject WAY`, so that
//! nothing they need can be missing.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

mod campaigns;
mod commands;
mod conversations;
mod fake;
mod fake_server;
mod folder;
mod real;

use std::process::ExitCode;

use libtest_mimic::{Arguments, Trial};

type Test = fn();

const TESTS: [(&str, Test); 25] = [
    ("a_program_that_does_as_it_should_is_mounted_and_stops", conversations::a_good_one),
    ("garbage_is_named_and_shown", conversations::garbage_is_named_and_shown),
    ("silence_ends_at_the_deadline", conversations::silence_ends_at_the_deadline),
    ("gigabytes_without_a_line_s_end_are_given_up", conversations::gigabytes_are_given_up),
    ("an_answer_to_another_question_is_refused", conversations::another_seq_is_refused),
    ("answers_out_of_order_are_refused", conversations::out_of_order_is_refused),
    ("a_program_that_exits_midway_is_named_with_its_log", conversations::exiting_midway),
    ("errored_is_an_error_in_its_own_words", conversations::errored_is_an_error),
    ("unknown_fields_are_refused", conversations::unknown_fields_are_refused),
    ("two_answers_in_one_are_refused", conversations::two_answers_are_refused),
    ("another_name_is_refused", conversations::another_name_is_refused),
    ("another_version_is_refused", conversations::another_version_is_refused),
    ("a_user_agent_is_no_server", conversations::a_user_agent_is_no_server),
    ("a_base_elsewhere_is_refused", conversations::a_base_elsewhere_is_refused),
    ("children_that_are_left_are_ended_and_reported", conversations::children_are_ended),
    ("a_program_that_does_not_stop_is_killed", conversations::not_stopping_is_killed),
    ("after_a_breach_every_question_is_told_why", conversations::after_a_breach),
    ("a_bad_subject_fails_alone_and_the_good_one_s_results_stand", campaigns::a_bad_one_alone),
    ("broken_files_fail_alone_with_file_and_line", campaigns::broken_files_fail_alone),
    ("known_bad_subjects_run_only_when_named", campaigns::known_bad_only_when_named),
    ("smoke_finds_what_is_wrong_with_an_app", commands::smoke_finds_a_bad_app),
    ("build_makes_once_and_shows_what_failed", commands::build_makes_once),
    ("a_missing_tool_is_not_available_and_no_failure", commands::a_missing_tool),
    ("another_version_is_a_copy_that_says_it_is_that_version", commands::another_version),
    ("what_cannot_be_another_version_says_so", commands::no_other_version),
];

fn main() -> ExitCode {
    let given: Vec<String> = std::env::args().collect();
    if given.get(1).is_some_and(|first| first == fake::ROLE) {
        return fake::run(given.get(2).map_or("", String::as_str));
    }
    let arguments = Arguments::from_args();
    let trial = |(name, test): (&'static str, Test)| {
        Trial::test(name, move || {
            test();
            Ok(())
        })
    };
    let mut trials: Vec<Trial> = TESTS.into_iter().map(trial).collect();
    trials.extend(real::trials(&arguments));
    libtest_mimic::run(&arguments, trials).exit_code()
}
