//! Firefox, headless, as a user agent under test.
//!
//! A profile of preferences leads every host and port to the origin server, which is its SOCKS
//! proxy; a WebDriver BiDi session takes our certificate for good and opens the control page.

mod bidi;
mod launch;
mod preferences;

pub use launch::{Firefox, FirefoxSession};
