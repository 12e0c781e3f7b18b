//! What user agents may choose, and where engines are known to differ from the Standard.
//!
//! Each field is one implementation-defined phrase of the Standard or one deviation that was
//! measured in an engine; `spec()` has none of the latter.

use std::time::Duration;

/// The choices and deviations of a user agent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UserAgent {
    /// The imposed limit on `Access-Control-Max-Age`
    /// (<https://fetch.spec.whatwg.org/#cors-preflight-fetch-0>, step 7.10); `None`: no limit.
    pub max_age_cap: Option<Duration>,
    /// A `*` in `Access-Control-Allow-Headers` covers `Authorization` (against step 7.6 of
    /// CORS-preflight fetch; <https://github.com/whatwg/fetch/issues/1919>).
    pub wildcard_covers_authorization: bool,
    /// An absent `Access-Control-Allow-Methods` does not grant the method of a request whose
    /// use-CORS-preflight flag is set (against step 7.4 of CORS-preflight fetch).
    pub absent_methods_grant_nothing: bool,
    /// The numbers of a `Range` are read into 64 bits (against
    /// <https://fetch.spec.whatwg.org/#simple-range-header-value>, which has no limit).
    pub range_numbers_have_64_bits: bool,
    /// Client hints that scripts set are safelisted
    /// (<https://fetch.spec.whatwg.org/#cors-safelisted-request-header> has none).
    pub safelists_client_hints: bool,
    /// `User-Agent` set by script is safelisted.
    pub safelists_user_agent: bool,
    /// Request headers of one name are joined before they are judged (against step 4 of
    /// <https://fetch.spec.whatwg.org/#cors-unsafe-request-header-names>).
    pub joins_request_headers: bool,
    /// Bytes from 0x80 are CORS-unsafe request-header bytes.
    pub high_bytes_are_unsafe: bool,
    /// `Access-Control-Request-Headers` has a name once for every header of it.
    pub repeats_request_header_names: bool,
    /// The sum of safelisted values has no limit (against step 5 of CORS-unsafe request-header
    /// names).
    pub ignores_the_sum_of_safelisted_values: bool,
    /// A `*` in `Access-Control-Expose-Headers` counts beside an element that is no token
    /// (against <https://fetch.spec.whatwg.org/#extract-header-list-values>).
    pub exposes_all_despite_failure: bool,
    /// `Origin` is not hidden by the referrer policy (against step 4.1 of
    /// <https://fetch.spec.whatwg.org/#append-a-request-origin-header>).
    pub sends_origin_despite_referrer_policy: bool,
    /// An `Access-Control-Max-Age` of `-1` means: do not cache (the Standard: failure, so 5 s).
    pub negative_max_age_is_zero: bool,
    /// A repeated `Access-Control-Max-Age` means: do not cache (the Standard: failure, so 5 s).
    pub repeated_max_age_is_zero: bool,
    /// A redirect with user information is blocked also where the Standard would follow it.
    pub blocks_embedded_credentials: bool,
    /// Several `Location` lines with one value are followed (the Standard: failure).
    pub follows_repeated_location: bool,
    /// A successful preflight replaces all cache entries of its URL (against steps 7.12 to 7.15
    /// of CORS-preflight fetch, which merge).
    pub replaces_cache_entries: bool,
    /// A network error leaves the preflight cache as it is (against step 12 of main fetch).
    pub keeps_cache_after_network_error: bool,
    /// A cached `*` matches nothing but itself.
    pub ignores_cached_wildcard: bool,
    /// A cache entry made with credentials does not serve requests without.
    pub separates_cache_by_credentials: bool,
    /// A cached `*` made with credentials is a literal (against the method cache entry match,
    /// which does not ask).
    pub credentialed_cached_wildcard_is_literal: bool,
}

impl UserAgent {
    /// The Standard to the letter, without limits.
    pub fn spec() -> Self {
        Self {
            max_age_cap: None,
            wildcard_covers_authorization: false,
            absent_methods_grant_nothing: false,
            range_numbers_have_64_bits: false,
            safelists_client_hints: false,
            safelists_user_agent: false,
            joins_request_headers: false,
            high_bytes_are_unsafe: false,
            repeats_request_header_names: false,
            ignores_the_sum_of_safelisted_values: false,
            exposes_all_despite_failure: false,
            sends_origin_despite_referrer_policy: false,
            negative_max_age_is_zero: false,
            repeated_max_age_is_zero: false,
            blocks_embedded_credentials: false,
            follows_repeated_location: false,
            replaces_cache_entries: false,
            keeps_cache_after_network_error: false,
            ignores_cached_wildcard: false,
            separates_cache_by_credentials: false,
            credentialed_cached_wildcard_is_literal: false,
        }
    }

    /// Chromium, as measured in version 156.
    pub fn chromium() -> Self {
        Self {
            max_age_cap: Some(Duration::from_secs(7_200)),
            wildcard_covers_authorization: true,
            absent_methods_grant_nothing: true,
            range_numbers_have_64_bits: true,
            safelists_client_hints: true,
            safelists_user_agent: true,
            joins_request_headers: true,
            sends_origin_despite_referrer_policy: true,
            negative_max_age_is_zero: true,
            blocks_embedded_credentials: true,
            follows_repeated_location: true,
            replaces_cache_entries: true,
            keeps_cache_after_network_error: true,
            credentialed_cached_wildcard_is_literal: true,
            ..Self::spec()
        }
    }

    /// Firefox, as measured in version 153 ESR.
    pub fn firefox() -> Self {
        Self {
            max_age_cap: Some(Duration::from_secs(86_400)),
            wildcard_covers_authorization: true,
            absent_methods_grant_nothing: true,
            range_numbers_have_64_bits: true,
            high_bytes_are_unsafe: true,
            repeats_request_header_names: true,
            ignores_the_sum_of_safelisted_values: true,
            exposes_all_despite_failure: true,
            negative_max_age_is_zero: true,
            repeated_max_age_is_zero: true,
            follows_repeated_location: true,
            ignores_cached_wildcard: true,
            separates_cache_by_credentials: true,
            credentialed_cached_wildcard_is_literal: true,
            ..Self::spec()
        }
    }

    /// WebKitGTK, as measured in version 2.50.
    pub fn webkitgtk() -> Self {
        Self {
            max_age_cap: Some(Duration::from_secs(600)),
            wildcard_covers_authorization: true,
            absent_methods_grant_nothing: true,
            range_numbers_have_64_bits: true,
            joins_request_headers: true,
            negative_max_age_is_zero: true,
            replaces_cache_entries: true,
            keeps_cache_after_network_error: true,
            credentialed_cached_wildcard_is_literal: true,
            ..Self::spec()
        }
    }

    /// Whether a name is safelisted that the Standard does not know.
    pub(crate) fn safelists_beyond_the_standard(&self, name: &[u8]) -> bool {
        (self.safelists_client_hints
            && CLIENT_HINTS.iter().any(|hint| name.eq_ignore_ascii_case(hint.as_bytes())))
            || (self.safelists_user_agent && name.eq_ignore_ascii_case(b"user-agent"))
    }
}

const CLIENT_HINTS: [&str; 9] = [
    "dpr", "device-memory", "downlink", "ect", "rtt", "save-data", "viewport-width", "width",
    "intervention",
];

/// A field of [`UserAgent`] that one user agent can take over from another.
#[derive(Debug)]
pub struct AgentField {
    /// The field's name.
    pub name: &'static str,
    /// Takes over its value.
    pub adopt: fn(&mut UserAgent, &UserAgent),
}

/// All fields.
pub fn fields() -> &'static [AgentField] {
    FIELDS
}

macro_rules! agent_fields {
    ($($name:ident)+) => {
        &[$(AgentField {
            name: stringify!($name),
            adopt: |agent, from| agent.$name.clone_from(&from.$name),
        }),+]
    };
}

const FIELDS: &[AgentField] = agent_fields! {
    max_age_cap
    wildcard_covers_authorization
    absent_methods_grant_nothing
    range_numbers_have_64_bits
    safelists_client_hints
    safelists_user_agent
    joins_request_headers
    high_bytes_are_unsafe
    repeats_request_header_names
    ignores_the_sum_of_safelisted_values
    exposes_all_despite_failure
    sends_origin_despite_referrer_policy
    negative_max_age_is_zero
    repeated_max_age_is_zero
    blocks_embedded_credentials
    follows_repeated_location
    replaces_cache_entries
    keeps_cache_after_network_error
    ignores_cached_wildcard
    separates_cache_by_credentials
    credentialed_cached_wildcard_is_literal
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn adopting_every_field_makes_the_other_user_agent() {
        for preset in [UserAgent::chromium(), UserAgent::firefox(), UserAgent::webkitgtk()] {
            let mut agent = UserAgent::spec();
            for field in fields() {
                (field.adopt)(&mut agent, &preset);
            }
            assert_eq!(agent, preset);
        }
    }
}
