//! A server that is right, and servers that are wrong on purpose.

mod fault;
mod server;

pub use fault::{
    AnswerFault, CredentialsFault, ErrorFault, Fault, HeaderFault, MethodFault, OriginFault,
    PathFault, PreflightFault, RobustnessFault, StateFault, SubdomainFault, TrustFault, VaryFault,
};
pub use server::ReferenceServer;
