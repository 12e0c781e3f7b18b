//! Chrome and Chromium, headless, as user agents under test.
//!
//! What is left to the DevTools protocol is launching and navigating; and, for Chrome alone, to show
//! a file and to be asked the plain way, one evaluation a case.

mod launch;
mod live_server;
mod local_page;
mod one_by_one;

pub use launch::{Chrome, ChromeSession};
