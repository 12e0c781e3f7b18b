//! Browsers as user agents under test, whichever engine is inside.
//!
//! The browser opens the control page of an [`crate::origin_server`] and everything else happens
//! over HTTP. What is left to an [`Engine`] is to start a browser whose every host leads there, to
//! open the page, and to end what it started; [`Browser`] does the rest, and starts it again when
//! it goes down.

mod askable;
mod binary;
mod channel;
mod engine;
mod error;
mod guard;
mod join;
mod lives;
mod output;
mod run;
mod user_agent;

pub(crate) use askable::obstacle;
pub use binary::Binary;
pub(crate) use binary::Wanted;
pub(crate) use channel::Channel;
pub use engine::{Engine, Session};
pub use error::{BrowserError, NotAvailable};
pub(crate) use guard::Guard;
pub(crate) use join::{Joined, join};
pub(crate) use output::line_of;
pub use user_agent::{Browser, Options};
