//! A server that is right, and servers that are wrong on purpose.
//!
//! [`ReferenceServer`] answers every policy as the Standard would have it; each [`Fault`] makes it
//! wrong in one way. Which rule notices is for the judge's tests to say.

mod app;
mod fault;
mod heard;
mod lines;
mod middleware;
mod server;
mod slips;

pub use fault::{
    AnswerFault, CredentialsFault, ErrorFault, Fault, HeaderFault, MethodFault, OriginFault,
    PathFault, PreflightFault, RobustnessFault, StateFault, SubdomainFault, TrustFault, VaryFault,
};
pub use server::ReferenceServer;

#[cfg(test)]
mod tests;
