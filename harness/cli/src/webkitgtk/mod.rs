//! WebKitGTK's MiniBrowser, on a display that nobody sees, as a user agent under test.
//!
//! It needs no driver: its command line names a proxy, which leads every host and port to the origin
//! server, has it take any certificate, and names the page to open. (The proxy of a WebDriver
//! session leads only `http:` here: WebKitGTK takes a `socksProxy` for URLs of the scheme `socks:`,
//! and speaks to an `sslProxy` over TLS, whose certificate it then does not forgive.)

mod display;
mod launch;

pub use launch::{WebKitGtk, WebKitGtkSession};
