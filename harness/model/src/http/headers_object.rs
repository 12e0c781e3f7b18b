//! The `Headers` class (Fetch §5.1), as a request's: what script may put into it.

use crate::http::forbidden::is_forbidden_request_header;
use crate::http::headers::{HeaderList, is_header_name, is_header_value, normalize_header_value};
use crate::http::safelist::{
    is_no_cors_safelisted_request_header, is_privileged_no_cors_request_header_name,
};
use crate::trace::Step;
use crate::user_agent::UserAgent;

const VALIDATE: &str = "headers-validate";

/// The name is no token.
pub static HEADER_NAME_INVALID: Step = Step::fetch(VALIDATE, "1", "header-name-invalid");
/// The value has a NUL or a newline inside.
pub static HEADER_VALUE_INVALID: Step = Step::fetch(VALIDATE, "1", "header-value-invalid");

/// <https://fetch.spec.whatwg.org/#concept-headers-guard>, the two that requests have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Guard {
    /// `request`
    Request,
    /// `request-no-cors`
    RequestNoCors,
}

/// Whether validating lets a header in, if it does not throw.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Validated {
    Valid,
    Dropped,
}

/// <https://fetch.spec.whatwg.org/#concept-headers-append>
///
/// # Errors
/// Names the step that throws.
pub fn append(
    agent: &UserAgent,
    guard: Guard,
    headers: &mut HeaderList,
    name: &[u8],
    value: &[u8],
) -> Result<(), &'static Step> {
    // 1. White space around a value does not count.
    let value = normalize_header_value(value);
    // 2. What is forbidden is dropped without a word.
    if validate(guard, name, value)? == Validated::Dropped {
        return Ok(());
    }
    if guard == Guard::RequestNoCors {
        // 3.1, 3.2, 3.3. What the header would be, with what is there already.
        let mut temporary_value = headers.get(name).unwrap_or_default();
        if headers.contains(name) {
            temporary_value.extend_from_slice(b", ");
        }
        temporary_value.extend_from_slice(value);
        // 3.4. If that is not safelisted, it is dropped.
        if !is_no_cors_safelisted_request_header(agent, name, &temporary_value) {
            return Ok(());
        }
    }
    // 4. Into the list.
    headers.append(name, value);
    // 5. A change by script removes what only privileged code may set.
    if guard == Guard::RequestNoCors {
        remove_privileged_no_cors_request_headers(headers);
    }
    Ok(())
}

/// <https://fetch.spec.whatwg.org/#headers-validate>
///
/// NOT MODELLED 2, 4 (immutable and response guards): a request has neither.
fn validate(guard: Guard, name: &[u8], value: &[u8]) -> Result<Validated, &'static Step> {
    // 1. Name and value by their grammars.
    if !is_header_name(name) {
        return Err(&HEADER_NAME_INVALID);
    }
    if !is_header_value(value) {
        return Err(&HEADER_VALUE_INVALID);
    }
    // 3. Some headers are the user agent's.
    if guard == Guard::Request && is_forbidden_request_header(name, value) {
        return Ok(Validated::Dropped);
    }
    // 5. Any other goes.
    Ok(Validated::Valid)
}

/// <https://fetch.spec.whatwg.org/#concept-headers-remove-privileged-no-cors-request-headers>
fn remove_privileged_no_cors_request_headers(headers: &mut HeaderList) {
    // 1, 1.1. Each of them.
    let privileged: Vec<Vec<u8>> = headers
        .iter()
        .filter(|header| is_privileged_no_cors_request_header_name(&header.name))
        .map(|header| header.name.clone())
        .collect();
    privileged.iter().for_each(|name| headers.delete(name));
}

#[cfg(test)]
mod tests {
    use super::*;

    fn filled(guard: Guard, lines: &[(&str, &str)]) -> Result<HeaderList, &'static Step> {
        let mut headers = HeaderList::new();
        for (name, value) in lines {
            append(&UserAgent::spec(), guard, &mut headers, name.as_bytes(), value.as_bytes())?;
        }
        Ok(headers)
    }

    #[test]
    fn values_are_normalised_before_they_are_judged() {
        let headers = filled(Guard::Request, &[("X-A", "\r\n x \t\n"), ("x-a", "")]).unwrap();
        assert_eq!(headers, HeaderList::from_lines([("X-A", "x"), ("X-A", "")]));
        for bad in ["a\nb", "a\rb", "a\0b", "\0"] {
            assert_eq!(filled(Guard::Request, &[("X-A", bad)]), Err(&HEADER_VALUE_INVALID));
        }
        for bad in ["", "a b", "\u{e9}", "a:"] {
            assert_eq!(filled(Guard::Request, &[(bad, "x")]), Err(&HEADER_NAME_INVALID));
        }
    }

    #[test]
    fn forbidden_headers_are_dropped_without_a_word() {
        let headers =
            filled(Guard::Request, &[("Cookie", "x"), ("Sec-A", "x"), ("Secure", "x")]).unwrap();
        assert_eq!(headers, HeaderList::from_lines([("Secure", "x")]));
        assert!(filled(Guard::Request, &[("Cookie", "a\nb")]).is_err());
    }

    #[test]
    fn without_cors_the_combined_value_has_to_be_safelisted() {
        let lines = [("X-A", "1"), ("Range", "bytes=0-"), ("Content-Type", "x/y"), ("Accept", "a")];
        assert_eq!(
            filled(Guard::RequestNoCors, &lines).unwrap(),
            HeaderList::from_lines([("Accept", "a")])
        );
        let headers = |second: usize| {
            filled(
                Guard::RequestNoCors,
                &[("Accept", &"a".repeat(63)), ("Accept", &"a".repeat(second))],
            )
            .unwrap()
            .len()
        };
        assert_eq!((headers(63), headers(64)), (2, 1));
    }
}
