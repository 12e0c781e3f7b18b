//! Chrome and Chromium, headless, as user agents under test.
//!
//! The browser opens the control page of an [`crate::origin_server`] and everything else happens
//! over HTTP; what is left to the DevTools protocol is launching and navigating.

mod askable;
mod binary;
mod error;
mod guard;
mod join;
mod launch;
mod live_server;
mod local_page;
mod one_by_one;
mod run;
mod user_agent;

pub use askable::obstacle;
pub use binary::{Binary, ChromeMissing};
pub use error::ChromeError;
pub use user_agent::{Chrome, ChromeOptions};
