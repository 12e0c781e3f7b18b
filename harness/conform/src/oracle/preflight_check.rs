//! The preflight: an exchange by any preflight response head, held against a naive reader of its
//! lists.
//!
//! Input: credentials mode, method and header name, then the field lines of the preflight's
//! response. Whatever the preflight lets through is then readable.

use super::cors_check::is_readable;
use super::exchange::{PAGE, case, credentials, header_lines, is_token, split_line, trim, values};
use super::{Disagreement, Oracle};
use crate::byte_string::HeaderLine;
use crate::case::Credentials;
use crate::explain::explain;
use crate::observe::Outcome;

/// The property.
pub const PREFLIGHT_CHECK: Oracle = Oracle {
    name: "preflight_check",
    check: preflight_check,
    classes: &["no exchange", "malformed list", "allowed", "blocked"],
};

/// Methods and header names that tell the rules apart.
const METHODS: [&[u8]; 4] = [b"GET", b"PUT", b"patch", b"*"];
const NAMES: [&[u8]; 3] = [b"x-a", b"Authorization", b"*"];

/// A request is let through exactly when the preflight's response allows its method and header.
fn preflight_check(input: &[u8]) -> Result<&'static str, Disagreement> {
    let Some((mode, method, name, lines)) = read(input) else {
        return Ok("no exchange");
    };
    let include = mode == Credentials::Include;
    let methods = list(&lines, "access-control-allow-methods");
    let names = list(&lines, "access-control-allow-headers");
    let (allowed, class) = match (methods, names) {
        (Some(methods), Some(names)) => {
            let star = |list: &[&[u8]]| !include && list.contains(&b"*".as_slice());
            let method_allowed = method == b"GET" || methods.contains(&method) || star(&methods);
            let name_allowed = names.iter().any(|listed| listed.eq_ignore_ascii_case(name))
                || name != b"Authorization" && star(&names);
            let allowed = method_allowed && name_allowed && is_readable(&lines, mode);
            (allowed, if allowed { "allowed" } else { "blocked" })
        }
        _ => (false, "malformed list"),
    };
    let readable = vec![
        (b"Access-Control-Allow-Origin".as_slice().into(), PAGE.into()),
        (b"Access-Control-Allow-Credentials".as_slice().into(), "true".into()),
    ];
    let header = (name.into(), "1".into());
    let verdict = explain(&case(method, vec![header], mode, Some(lines), readable))
        .map_err(|error| Disagreement { input: input.to_vec(), claim: error.to_string() })?;
    Disagreement::unless((verdict.outcome == Outcome::Allow) == allowed, input, || {
        format!("the model says {:?}, the witness {allowed}", verdict.outcome)
    })?;
    Disagreement::unless(verdict.hops.iter().any(|hop| hop.preflight), input, || {
        "no preflight was sent".to_owned()
    })?;
    Ok(class)
}

type Exchange<'a> = (Credentials, &'a [u8], &'a [u8], Vec<HeaderLine>);

fn read(input: &[u8]) -> Option<Exchange<'_>> {
    let (first, lines) = split_line(input);
    let mut words = first.split(|&byte| byte == b' ');
    let mode = credentials(words.next()?)?;
    let method = words.next().filter(|method| METHODS.contains(method))?;
    let name = words.next().filter(|name| NAMES.contains(name))?;
    words.next().is_none().then_some(())?;
    Some((mode, method, name, header_lines(lines)?))
}

/// The members of all lines of a name, without empty ones; `None` if one is not a token.
fn list<'a>(lines: &'a [HeaderLine], name: &str) -> Option<Vec<&'a [u8]>> {
    let members = values(lines, name).into_iter().flat_map(|line| line.split(|&b| b == b','));
    let members: Vec<&[u8]> = members.map(trim).filter(|member| !member.is_empty()).collect();
    members.iter().all(|member| is_token(member)).then_some(members)
}
