//! A real Chrome against the origin server: what it is asked, what is seen, and that nothing is
//! lost or left behind when it, or we, go down. Without a browser the trials are not available.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

mod asking;
mod observing;
mod reporting;
mod surviving;

use std::process::ExitCode;

use corsproof::chrome::Chrome;
use libtest_mimic::{Arguments, Trial};

type Test = fn();

const TESTS: [(&str, Test); 21] = [
    ("a_simple_get_is_allowed", observing::a_simple_get_is_allowed),
    (
        "a_simple_get_without_permission_is_blocked",
        observing::a_simple_get_without_permission_is_blocked,
    ),
    ("a_preflight_is_recorded_as_sent", observing::a_preflight_is_recorded_as_sent),
    ("a_refused_preflight_sends_nothing_more", observing::a_refused_preflight_sends_nothing_more),
    ("exposed_names_are_those_script_can_read", observing::exposed_names_are_those_script_can_read),
    ("an_http_page_and_target_work_too", observing::an_http_page_and_target_work_too),
    ("an_opaque_page_sends_null", observing::an_opaque_page_sends_null),
    ("odd_statuses_arrive", observing::odd_statuses_arrive),
    ("two_allow_origin_lines_stay_two", observing::two_allow_origin_lines_stay_two),
    ("xhr_is_asked_as_xhr", observing::xhr_is_asked_as_xhr),
    ("upload_listeners_cause_a_preflight", observing::upload_listeners_cause_a_preflight),
    ("bodies_carry_their_content_type", observing::bodies_carry_their_content_type),
    ("a_redirect_is_followed_hop_by_hop", observing::a_redirect_is_followed_hop_by_hop),
    ("a_server_that_hangs_up_blocks", observing::a_server_that_hangs_up_blocks),
    ("an_api_that_throws_sends_nothing", observing::an_api_that_throws_sends_nothing),
    (
        "more_page_origins_than_frames_are_served",
        observing::more_page_origins_than_frames_are_served,
    ),
    ("a_report_reads_as_it_should", reporting::a_report_reads_as_it_should),
    ("a_killed_browser_loses_nothing", surviving::a_killed_browser_loses_nothing),
    ("a_hung_browser_loses_nothing", surviving::a_hung_browser_loses_nothing),
    ("a_dead_parent_leaves_no_browser", surviving::a_dead_parent_leaves_no_browser),
    ("a_local_file_can_be_read_and_pictured", observing::a_local_file_can_be_read_and_pictured),
];

fn main() -> ExitCode {
    if std::env::var_os(surviving::DOOMED).is_some() {
        return surviving::be_doomed();
    }
    let arguments = Arguments::from_args();
    if let Err(missing) = Chrome::find() {
        for (name, _) in TESTS {
            println!("test {name} ... not available: {missing}");
        }
        return ExitCode::SUCCESS;
    }
    let trial = |(name, test): (&'static str, Test)| {
        Trial::test(name, move || {
            test();
            Ok(())
        })
    };
    let conclusion = libtest_mimic::run(&arguments, TESTS.into_iter().map(trial).collect());
    // Nothing drops a static: without this the guard would still end it, but later.
    drop(asking::shared().take());
    conclusion.exit_code()
}
