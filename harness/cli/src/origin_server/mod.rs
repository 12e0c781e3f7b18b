//! A scripted server for every origin that a case names, and the pages that a browser under test
//! opens.
//!
//! One loopback port speaks HTTP/1.1 and TLS, and is a SOCKS 5 proxy that leads everywhere to
//! itself (`socks`). A request whose query carries a case's token (`token`) is answered by that
//! case's script, byte for byte, or by a live server where one stands in for its host
//! (`live_server`), and written down (`case_log`). Paths below `/__corsproof/` serve the control
//! page, its frames and its long polls (`pages`, `desk`). Which browser opens the control page, and
//! how all hosts lead here, is left to a driver: [`crate::browser`].

mod case_log;
mod certificate;
mod connection;
mod desk;
mod http_message;
mod listener;
mod live_server;
mod page_message;
mod pages;
mod script;
mod socks;
mod token;

pub use desk::{Desk, Settled, Ticket, Waited};
pub use listener::{OriginServer, OriginServerError};
pub use live_server::LiveServer;
pub use page_message::{Pace, PageCase, PageOutcome, PageResult};
pub(crate) use pages::control_url;
pub use pages::{CONTROL_ORIGIN, FRAME_PATH};
