//! `Cross-Origin-Resource-Policy` (Fetch §3.7), asked for opaque responses.

use url::Url;

use crate::http::responses::Response;
use crate::origin::Origin;
use crate::trace::Step;

const ALGORITHM: &str = "cross-origin-resource-policy-internal-check";

/// The policy says `same-origin`, and the page has another.
pub static SAME_ORIGIN_ONLY: Step = Step::fetch(ALGORITHM, "5b", "same-origin-only");
/// The policy says `same-site`, and the page is of another site, or insecure.
pub static SAME_SITE_ONLY: Step = Step::fetch(ALGORITHM, "5c", "same-site-only");

/// <https://fetch.spec.whatwg.org/#cross-origin-resource-policy-check>
///
/// NOT MODELLED 1 (navigations): script does not navigate.
///
/// NOT MODELLED 2, 4 to 7 (embedder policies): an environment has none, which is `unsafe-none`.
///
/// # Errors
/// Names the step that blocks.
pub fn cross_origin_resource_policy_check(
    origin: &Origin,
    response_url: &Url,
    response: &Response,
) -> Result<(), &'static Step> {
    // 3. The internal check, without an embedder policy.
    cross_origin_resource_policy_internal_check(origin, response_url, response)
}

/// <https://fetch.spec.whatwg.org/#cross-origin-resource-policy-internal-check>
///
/// NOT MODELLED 1 (navigations): script does not navigate.
///
/// NOT MODELLED 4b, 4c (embedder policies): an environment has none.
fn cross_origin_resource_policy_internal_check(
    origin: &Origin,
    response_url: &Url,
    response: &Response,
) -> Result<(), &'static Step> {
    // 2. All lines, joined.
    let policy = response.headers.get_joined(b"Cross-Origin-Resource-Policy");
    // 3, 4a. Whatever is none of three exact values does not count.
    // 5. By value.
    match policy.as_deref() {
        // 5b. For the same origin.
        Some(b"same-origin") if !origin.is_same_origin_with_url(response_url) => {
            Err(&SAME_ORIGIN_ONLY)
        }
        // 5c. For the same site.
        Some(b"same-site") if !is_of_same_secure_site(origin, response_url) => Err(&SAME_SITE_ONLY),
        // 5a. For anybody, or it does not say.
        _ => Ok(()),
    }
}

/// The same site whatever the scheme, but never a secure response for an insecure page.
fn is_of_same_secure_site(origin: &Origin, response_url: &Url) -> bool {
    let secure = matches!(origin, Origin::Tuple { scheme, .. } if scheme == "https");
    origin.schemelessly_same_site(&Origin::of_url(response_url))
        && (secure || response_url.scheme() != "https")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::headers::HeaderList;

    fn check(origin: &str, url: &str, lines: &[&str]) -> Result<(), &'static Step> {
        let headers = HeaderList::from_lines(
            lines.iter().map(|line| ("cross-origin-resource-policy", *line)),
        );
        let origin = Origin::parse_serialized(origin).unwrap();
        cross_origin_resource_policy_check(
            &origin,
            &Url::parse(url).unwrap(),
            &Response::new(200, headers),
        )
    }

    #[test]
    fn only_three_exact_values_count() {
        let blocked = Err(&SAME_ORIGIN_ONLY);
        assert_eq!(check("https://a.example", "https://b.example", &["same-origin"]), blocked);
        assert_eq!(check("null", "https://b.example", &["same-origin"]), blocked);
        assert_eq!(check("https://a.example", "https://a.example", &["same-origin"]), Ok(()));
        for ignored in [
            &["Same-Origin"][..],
            &["same-origin", "same-origin"],
            &["same-origin,"],
            &[""],
            &[],
            &["cross-origin"],
        ] {
            assert_eq!(
                check("https://a.example", "https://b.example", ignored),
                Ok(()),
                "{ignored:?}"
            );
        }
    }

    #[test]
    fn an_insecure_page_is_not_of_a_secure_site() {
        let same_site = &["same-site"][..];
        assert_eq!(check("https://x.a.example", "https://a.example", same_site), Ok(()));
        assert_eq!(check("https://x.a.example", "http://a.example", same_site), Ok(()));
        assert_eq!(check("http://x.a.example", "http://a.example", same_site), Ok(()));
        assert_eq!(
            check("http://x.a.example", "https://a.example", same_site),
            Err(&SAME_SITE_ONLY)
        );
        assert_eq!(
            check("https://b.example", "https://a.example", same_site),
            Err(&SAME_SITE_ONLY)
        );
    }
}
