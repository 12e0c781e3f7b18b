//! CORS check (Fetch §4.10).

use crate::http::requests::{CredentialsMode, Request};
use crate::http::responses::Response;
use crate::trace::Step;
use crate::user_agent::UserAgent;

const ALGORITHM: &str = "concept-cors-check";

/// There is no `Access-Control-Allow-Origin`.
pub static ALLOW_ORIGIN_MISSING: Step = Step::fetch(ALGORITHM, "2", "allow-origin-missing");
/// `*`, and credentials are not included.
pub static ANY_ORIGIN_WITHOUT_CREDENTIALS: Step =
    Step::fetch(ALGORITHM, "3", "any-origin-without-credentials");
/// `Access-Control-Allow-Origin` is not the request's origin, to the byte.
pub static ALLOW_ORIGIN_MISMATCH: Step = Step::fetch(ALGORITHM, "4", "allow-origin-mismatch");
/// The request's origin is allowed, and credentials are not included.
pub static GRANTED_WITHOUT_CREDENTIALS: Step =
    Step::fetch(ALGORITHM, "5", "granted-without-credentials");
/// The request's origin is allowed with credentials.
pub static GRANTED_WITH_CREDENTIALS: Step = Step::fetch(ALGORITHM, "7", "granted-with-credentials");
/// Credentials are included, and `Access-Control-Allow-Credentials` is not `true`.
pub static ALLOW_CREDENTIALS_NOT_TRUE: Step =
    Step::fetch(ALGORITHM, "8", "allow-credentials-not-true");

/// <https://fetch.spec.whatwg.org/#concept-cors-check>
///
/// Gives the step that returns success.
///
/// # Errors
/// Gives the step that returns failure.
pub fn cors_check(
    agent: &UserAgent,
    request: &Request,
    response: &Response,
) -> Result<&'static Step, &'static Step> {
    // 1. All lines of Access-Control-Allow-Origin, joined.
    let origin = response.headers.get_joined(b"Access-Control-Allow-Origin");
    // 2. None: failure. An empty one is something else.
    let Some(origin) = origin else { return Err(&ALLOW_ORIGIN_MISSING) };
    let include = request.credentials_mode == CredentialsMode::Include;
    // 3. A star allows whoever does not include credentials.
    if !include && *origin == *b"*" {
        return Ok(&ANY_ORIGIN_WITHOUT_CREDENTIALS);
    }
    // 4. Anything but the request's origin, to the byte: failure.
    if *origin != *expected_origin(agent, request) {
        return Err(&ALLOW_ORIGIN_MISMATCH);
    }
    // 5. Without credentials that is enough.
    if !include {
        return Ok(&GRANTED_WITHOUT_CREDENTIALS);
    }
    // 6. All lines of Access-Control-Allow-Credentials, joined.
    let credentials = response.headers.get_joined(b"Access-Control-Allow-Credentials");
    // 7. Exactly true: success.
    if credentials.as_deref() == Some(b"true") {
        return Ok(&GRANTED_WITH_CREDENTIALS);
    }
    // 8. Anything else: failure.
    Err(&ALLOW_CREDENTIALS_NOT_TRUE)
}

fn expected_origin<'a>(agent: &UserAgent, request: &'a Request) -> &'a [u8] {
    if agent.own_origin_checked_unmasked
        && request.origin().is_same_origin_with_url(request.current_url())
    {
        return &request.client.serialized_origin;
    }
    request.byte_serialized_origin()
}

#[cfg(test)]
mod tests {
    use crate::scene::{ANY, NULL, OWN, Scene, WITH};

    fn decided(page: &str, include: bool, lines: &[(&str, &str)]) -> &'static str {
        let scene = Scene::get("https://b.example").page(page).answer(200, lines);
        if include { scene.include() } else { scene }.decided()
    }

    fn origin<'a>(values: &[&'a str]) -> Vec<(&'a str, &'a str)> {
        values.iter().map(|value| ("Access-Control-Allow-Origin", *value)).collect()
    }

    #[test]
    fn without_allow_origin_nothing_is_granted() {
        assert_eq!(decided("https://a.example", false, &[]), "allow-origin-missing");
        assert_eq!(decided("https://a.example", true, &[WITH]), "allow-origin-missing");
    }

    #[test]
    fn a_star_grants_only_without_credentials() {
        assert_eq!(decided("https://a.example", false, &[ANY]), "any-origin-without-credentials");
        assert_eq!(
            decided("https://a.example", false, &[ANY, WITH]),
            "any-origin-without-credentials"
        );
        assert_eq!(decided("null", false, &[ANY]), "any-origin-without-credentials");
        assert_eq!(decided("https://a.example", true, &[ANY, WITH]), "allow-origin-mismatch");
    }

    #[test]
    fn the_origin_has_to_match_to_the_byte() {
        assert_eq!(decided("https://a.example", false, &[OWN]), "granted-without-credentials");
        let spaced = origin(&[" \thttps://a.example\t "]);
        assert_eq!(decided("https://a.example", false, &spaced), "granted-without-credentials");
        for value in [
            "",
            "https://A.example",
            "HTTPS://a.example",
            "https://a.example/",
            "https://a.example:443",
            "https://a.example.",
            "http://a.example",
            "https://a.example:8443",
            "https://www.a.example",
            "https://a.example,",
            "https://a.example, *",
            "*, https://a.example",
            "https://a.example *",
            "**",
            "*.example",
            "null",
            "'*'",
            "\"https://a.example\"",
            "https://a.example\x0b",
            "\x0chttps://a.example",
            "https://a.example\0",
            "\r",
            "https://u@a.example",
            "https://a.example#",
            "https://a.exampl",
            "https://a.example\u{a0}",
        ] {
            assert_eq!(
                decided("https://a.example", false, &origin(&[value])),
                "allow-origin-mismatch",
                "{value:?}"
            );
        }
    }

    #[test]
    fn two_allow_origin_lines_never_match() {
        let own = "https://a.example";
        for lines in [
            &["*", "*"][..],
            &[own, own],
            &[own, ""],
            &["", own],
            &["*", ""],
            &["", "*"],
            &["", ""],
            &[own, "*"],
            &["", own, ""],
        ] {
            assert_eq!(decided(own, false, &origin(lines)), "allow-origin-mismatch", "{lines:?}");
        }
    }

    #[test]
    fn hosts_are_compared_as_they_serialize() {
        for (page, wrong) in [
            ("https://xn--bcher-kva.example", "https://b\u{fc}cher.example"),
            ("http://[::1]", "http://[0:0:0:0:0:0:0:1]"),
            ("http://[2001:db8::1]:8080", "http://[2001:DB8::1]:8080"),
            ("http://127.0.0.1", "http://127.1"),
            ("http://a.example", "http://a.example:80"),
            ("https://a.example.", "https://a.example"),
            ("https://a.example:65535", "https://a.example:065535"),
        ] {
            assert_eq!(decided(page, false, &origin(&[page])), "granted-without-credentials");
            assert_eq!(decided(page, false, &origin(&[wrong])), "allow-origin-mismatch", "{wrong}");
        }
    }

    #[test]
    fn null_is_a_value_like_any_other() {
        assert_eq!(decided("null", false, &[NULL]), "granted-without-credentials");
        assert_eq!(decided("null", true, &[NULL, WITH]), "granted-with-credentials");
        for value in ["Null", "NULL", "", "null,", "\"null\""] {
            assert_eq!(
                decided("null", false, &origin(&[value])),
                "allow-origin-mismatch",
                "{value}"
            );
        }
    }

    #[test]
    fn credentials_take_the_four_bytes_true() {
        let with = |values: &[&'static str]| -> Vec<(&'static str, &'static str)> {
            let credentials =
                values.iter().map(|value| ("Access-Control-Allow-Credentials", *value));
            std::iter::once(OWN).chain(credentials).collect()
        };
        for good in ["true", "true ", "\ttrue"] {
            assert_eq!(
                decided("https://a.example", true, &with(&[good])),
                "granted-with-credentials",
                "{good:?}"
            );
        }
        for bad in [
            "",
            "True",
            "TRUE",
            "\"true\"",
            "true,",
            "true, true",
            "true\x0b",
            "\x0ctrue",
            "1",
            "false",
            "*",
            "tru",
        ] {
            assert_eq!(
                decided("https://a.example", true, &with(&[bad])),
                "allow-credentials-not-true",
                "{bad:?}"
            );
            assert_eq!(
                decided("https://a.example", false, &with(&[bad])),
                "granted-without-credentials"
            );
        }
        assert_eq!(decided("https://a.example", true, &with(&[])), "allow-credentials-not-true");
        assert_eq!(
            decided("https://a.example", true, &with(&["true", "true"])),
            "allow-credentials-not-true"
        );
    }
}
