//! Real browsers against the origin server: what they are asked, what is seen, and that nothing is
//! lost or left behind when they, or we, go down. Without a browser its trials are not available.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

mod asking;
mod attaching;
mod confirming;
mod observing;
mod reporting;
mod surviving;

use std::process::ExitCode;

use corsproof::registry::KnownBrowser;
use libtest_mimic::{Arguments, Trial};

type Test = fn(KnownBrowser);

/// Of files of ours, which only Chrome is asked to show, of live servers, which only Chrome stands
/// before, and of browsers that are started like one.
const TESTS_OF_CHROME: [(&str, Test); 10] = [
    (
        "a_call_that_a_live_server_lets_nobody_read_is_blocked",
        confirming::a_call_that_a_live_server_lets_nobody_read_is_blocked,
    ),
    (
        "a_call_that_a_live_server_allows_is_allowed",
        confirming::a_call_that_a_live_server_allows_is_allowed,
    ),
    (
        "a_preflighted_call_reaches_the_live_server",
        confirming::a_preflighted_call_reaches_the_live_server,
    ),
    ("a_call_without_origin_is_no_browser_s", confirming::a_call_without_origin_is_no_browser_s),
    (
        "a_server_that_treats_the_browser_otherwise_is_noticed",
        confirming::a_server_that_treats_the_browser_otherwise_is_noticed,
    ),
    (
        "a_live_server_gets_what_the_browser_sends",
        confirming::a_live_server_gets_what_the_browser_sends,
    ),
    ("a_report_reads_as_it_should", reporting::a_report_reads_as_it_should),
    ("a_local_file_can_be_read_and_pictured", reporting::a_local_file_can_be_read_and_pictured),
    (
        "a_running_chromium_is_asked_and_left_as_it_was",
        attaching::a_running_chromium_is_asked_and_left_as_it_was,
    ),
    ("a_browser_that_somebody_opens_is_asked", attaching::a_browser_that_somebody_opens_is_asked),
];

/// Of its WebDriver server, where that is here.
const TESTS_OF_WEBKITGTK: [(&str, Test); 1] = [(
    "a_browser_behind_a_webdriver_server_is_asked",
    attaching::a_browser_behind_a_webdriver_server_is_asked,
)];

const TESTS: [(&str, Test); 19] = [
    ("a_simple_get_is_allowed", observing::a_simple_get_is_allowed),
    (
        "a_simple_get_without_permission_is_blocked",
        observing::a_simple_get_without_permission_is_blocked,
    ),
    ("a_preflight_is_recorded_as_sent", observing::a_preflight_is_recorded_as_sent),
    ("a_refused_preflight_sends_nothing_more", observing::a_refused_preflight_sends_nothing_more),
    ("exposed_names_are_those_script_can_read", observing::exposed_names_are_those_script_can_read),
    (
        "pages_and_targets_of_every_kind_of_host_work",
        observing::pages_and_targets_of_every_kind_of_host_work,
    ),
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
    ("a_killed_browser_loses_nothing", surviving::a_killed_browser_loses_nothing),
    ("a_hung_browser_loses_nothing", surviving::a_hung_browser_loses_nothing),
    ("a_dead_parent_leaves_no_browser", surviving::a_dead_parent_leaves_no_browser),
];

fn main() -> ExitCode {
    if let Ok(which) = std::env::var(surviving::DOOMED) {
        return surviving::be_doomed(&which);
    }
    let trials = KnownBrowser::ALL.into_iter().flat_map(trials).collect();
    let conclusion = libtest_mimic::run(&Arguments::from_args(), trials);
    asking::end_shared();
    conclusion.exit_code()
}

/// The trials of a browser, if it is here.
fn trials(which: KnownBrowser) -> Vec<Trial> {
    let own: &[_] = match which {
        KnownBrowser::Chromium => &TESTS_OF_CHROME,
        KnownBrowser::Firefox => &[],
        KnownBrowser::WebKitGtk => match attaching::no_webdriver() {
            None => &TESTS_OF_WEBKITGTK,
            Some(why) => {
                println!("test webkitgtk::{} ... not available: {why}", TESTS_OF_WEBKITGTK[0].0);
                &[]
            }
        },
    };
    let tests = TESTS.iter().chain(own);
    let named = tests.map(|(test, run)| (format!("{}::{test}", which.name()), *run));
    if let Err(missing) = which.version() {
        named.for_each(|(name, _)| println!("test {name} ... not available: {missing}"));
        return Vec::new();
    }
    let trial = |(name, run): (String, Test)| {
        Trial::test(name, move || {
            run(which);
            Ok(())
        })
    };
    named.map(trial).collect()
}
