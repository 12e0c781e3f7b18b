//! Policies, cases, generators and judges of the CORS conformance harness.

pub mod byte_string;
pub mod case;
pub mod observe;
pub mod oracle;
pub mod policy;
pub mod subject;
