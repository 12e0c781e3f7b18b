//! Browsers that somebody else started: behind a WebDriver server, with a DevTools port, or opened by
//! hand.
//!
//! None of them is ours to end. What they have in common with those that are is all that matters:
//! every host leads to the origin server, here through its SOCKS proxy, and they open the control
//! page.

mod by_hand;
mod devtools;
mod http;
mod web_driver;

pub use by_hand::{ByHand, ByHandSession};
pub use devtools::{DevTools, DevToolsSession};
pub use web_driver::{WebDriver, WebDriverSession};
