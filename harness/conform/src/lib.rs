//! Policies, cases, generators and judges of the CORS conformance harness: everything that is
//! pure. Sockets, processes and browsers are left to the command line's drivers, which meet this
//! crate at the traits in [`subject`].

pub mod author;
mod binding;
pub mod browsable;
pub mod byte_string;
pub mod case;
pub mod drive;
pub mod encode;
pub mod expect;
pub mod explain;
pub mod generate;
pub mod intent;
pub mod judge;
pub mod known;
pub mod miniature;
pub mod model_user_agent;
pub mod mutation;
pub mod observe;
pub mod oracle;
pub mod page;
mod pattern;
pub mod policy;
pub mod reference;
pub mod server_case;
pub mod shrink;
pub mod subject;
pub mod vector;
