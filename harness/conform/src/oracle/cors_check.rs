//! The CORS check: an exchange by any response head, held against three sentences of prose.
//!
//! Input: the credentials mode, then the response's field lines.

use super::exchange::{PAGE, case, credentials, header_lines, split_line, values};
use super::{Disagreement, Oracle};
use crate::byte_string::HeaderLine;
use crate::case::Credentials;
use crate::explain::explain;
use crate::observe::Outcome;

/// The property.
pub const CORS_CHECK: Oracle = Oracle {
    name: "cors_check",
    check: cors_check,
    classes: &["no exchange", "allowed", "blocked"],
};

/// A simple request is readable exactly when its response's head says so.
fn cors_check(input: &[u8]) -> Result<&'static str, Disagreement> {
    let (mode, lines) = split_line(input);
    let (Some(mode), Some(lines)) = (credentials(mode), header_lines(lines)) else {
        return Ok("no exchange");
    };
    let allowed = is_readable(&lines, mode);
    let verdict = explain(&case(b"GET", Vec::new(), mode, None, lines))
        .map_err(|error| Disagreement { input: input.to_vec(), claim: error.to_string() })?;
    Disagreement::unless((verdict.outcome == Outcome::Allow) == allowed, input, || {
        format!("the model says {:?}, the witness {allowed}", verdict.outcome)
    })?;
    Ok(if allowed { "allowed" } else { "blocked" })
}

/// There is one `Access-Control-Allow-Origin`; it is the page's origin, or `*` when no credentials
/// are included; and when they are, there is one `Access-Control-Allow-Credentials`: `true`.
/// Several lines are read as one with commas, which is neither an origin, nor `*`, nor `true`.
pub(super) fn is_readable(lines: &[HeaderLine], mode: Credentials) -> bool {
    let allow_origin = values(lines, "access-control-allow-origin");
    let allow_credentials = values(lines, "access-control-allow-credentials");
    if mode == Credentials::Include {
        allow_origin == [PAGE.as_bytes()] && allow_credentials == [b"true"]
    } else {
        allow_origin == [PAGE.as_bytes()] || allow_origin == [b"*"]
    }
}
