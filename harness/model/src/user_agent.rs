//! What the Standard leaves to the user agent, and what engines are known to do otherwise.
//!
//! One field is one phrase, one deviation, or one reading of a passage that readers disagree about.
//! [`UserAgent::spec`] is the Standard to the letter; [`presets`] adds what was measured of engines.

use std::time::Duration;

use presets::Engine;

pub mod presets;

/// How `Range` values are parsed for the safelist.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum RangeParsing {
    /// By the Standard: digits of any number.
    Standard,
    /// The same, but numbers beyond 64 bits fail.
    Limited64Bit,
    /// The unit in any case, signed numbers of 64 bits, minus one for an open end.
    Lenient64Bit,
}

/// One user agent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UserAgent {
    /// The imposed limit on a cache entry's max-age; `None`: no limit
    /// (<https://fetch.spec.whatwg.org/#cors-preflight-fetch-0>, step 7.10).
    pub max_age_cap: Option<Duration>,
    /// Whether there is a CORS-preflight cache
    /// (<https://fetch.spec.whatwg.org/#cors-preflight-fetch-0>, step 7.11).
    pub preflight_cache: bool,
    /// The value of `Accept-Language` that is added before CORS looks at the headers; `None`: none,
    /// or added after (<https://fetch.spec.whatwg.org/#concept-fetch>, step 14).
    pub accept_language: Option<Vec<u8>>,
    /// How many bytes safelisted values may have together; `None`: any number. The Standard says
    /// 1024 (<https://fetch.spec.whatwg.org/#cors-unsafe-request-header-names>, step 5).
    pub safelist_value_limit: Option<usize>,
    /// How `Range` is parsed (<https://fetch.spec.whatwg.org/#simple-range-header-value>).
    pub range_parsing: RangeParsing,
    /// Bytes of 0x80 and above are unsafe in `Accept` and `Content-Type`
    /// (<https://fetch.spec.whatwg.org/#cors-unsafe-request-header-byte>).
    pub high_bytes_unsafe: bool,
    /// Well-formed client hints are safelisted
    /// (<https://fetch.spec.whatwg.org/#cors-safelisted-request-header>, step 2).
    pub client_hints_safelisted: bool,
    /// A `User-Agent` set by script is safelisted
    /// (<https://fetch.spec.whatwg.org/#cors-safelisted-request-header>, step 2).
    pub user_agent_header_safelisted: bool,
    /// Headers of one name are combined before the safelist looks at them
    /// (<https://fetch.spec.whatwg.org/#cors-unsafe-request-header-names>, step 4).
    pub request_headers_combined: bool,
    /// An unsafe name is listed as often as it occurs
    /// (<https://fetch.spec.whatwg.org/#cors-unsafe-request-header-names>, step 6).
    pub unsafe_names_repeat: bool,
    /// A listed `*` covers `Authorization`, too
    /// (<https://fetch.spec.whatwg.org/#cors-preflight-fetch-0>, step 7.6).
    pub authorization_covered_by_wildcard: bool,
    /// Without `Access-Control-Allow-Methods`, the use-CORS-preflight flag does not stand for the
    /// method (<https://fetch.spec.whatwg.org/#cors-preflight-fetch-0>, step 7.4).
    pub flagged_method_must_be_listed: bool,
    /// Listeners on the `upload` object count only with a body
    /// (<https://xhr.spec.whatwg.org/#the-send()-method>, where the upload listener is set).
    pub upload_listeners_need_body: bool,
    /// A redirect that is not followed is a network error if its `Location` does not parse
    /// (<https://fetch.spec.whatwg.org/#concept-http-fetch>, step 6.3).
    pub unfollowed_location_must_parse: bool,
    /// A response with a redirect status and no `Location` is no redirect in any redirect mode
    /// (<https://fetch.spec.whatwg.org/#concept-http-fetch>, step 6, asks for the status only).
    pub redirect_needs_location: bool,
    /// A negative `Access-Control-Max-Age` is zero, not five seconds
    /// (<https://fetch.spec.whatwg.org/#cors-preflight-fetch-0>, step 7.9).
    pub negative_max_age_is_zero: bool,
    /// A repeated `Access-Control-Max-Age` is zero, not five seconds
    /// (<https://fetch.spec.whatwg.org/#cors-preflight-fetch-0>, step 7.9).
    pub repeated_max_age_is_zero: bool,
    /// A preflight after a tainted redirect says the real origin
    /// (<https://fetch.spec.whatwg.org/#append-a-request-origin-header>, step 3).
    pub preflight_origin_ignores_taint: bool,
    /// Once a hop needed a preflight, every later one does
    /// (<https://fetch.spec.whatwg.org/#concept-main-fetch>, step 12).
    pub preflight_need_is_sticky: bool,
    /// Preflights list headers that a redirect dropped
    /// (<https://fetch.spec.whatwg.org/#cors-preflight-fetch-0>, step 4).
    pub preflight_lists_dropped_headers: bool,
    /// The referrer policy does not mask `Origin` outside the CORS protocol
    /// (<https://fetch.spec.whatwg.org/#append-a-request-origin-header>, step 4.1).
    pub origin_ignores_referrer_policy: bool,
    /// A redirect that makes a GET of a POST keeps `Origin`
    /// (<https://fetch.spec.whatwg.org/#append-a-request-origin-header>, step 4).
    pub method_change_keeps_origin: bool,
    /// Back on the page's own origin, a tainted request is checked against the real origin
    /// (<https://fetch.spec.whatwg.org/#concept-cors-check>, step 4).
    pub own_origin_checked_unmasked: bool,
    /// `*, b@d` exposes every header, as the star comes first
    /// (<https://fetch.spec.whatwg.org/#concept-main-fetch>, step 14.1).
    pub exposing_wildcard_survives_bad_name: bool,
    /// A redirect to a URL with credentials is refused, wherever it goes
    /// (<https://fetch.spec.whatwg.org/#concept-http-redirect-fetch>, steps 9 and 10).
    pub location_credentials_refused: bool,
    /// Several `Location` headers are one if they are equal
    /// (<https://fetch.spec.whatwg.org/#concept-response-location-url>, step 2).
    pub identical_locations_accepted: bool,
    /// A preflight replaces what is cached for its URL and origin
    /// (<https://fetch.spec.whatwg.org/#cors-preflight-fetch-0>, steps 7.12 to 7.15).
    pub cache_replaces_entries: bool,
    /// Updating an entry's max-age starts its time anew. The Standard's text does not say so, and
    /// no preset does, as nobody measured it
    /// (<https://fetch.spec.whatwg.org/#cors-preflight-fetch-0>, steps 7.12 and 7.14).
    pub cache_update_restarts_clock: bool,
    /// A network error does not clear cache entries
    /// (<https://fetch.spec.whatwg.org/#concept-main-fetch>, step 12).
    pub cache_survives_network_errors: bool,
    /// An entry stored with credentials serves only requests with credentials
    /// (<https://fetch.spec.whatwg.org/#concept-cache-match>).
    pub cache_separates_credentials: bool,
    /// A cached `*` matches only itself
    /// (<https://fetch.spec.whatwg.org/#concept-cache-match-method>).
    pub cached_wildcard_is_literal: bool,
    /// A `*` cached with credentials matches only itself
    /// (<https://fetch.spec.whatwg.org/#concept-cache-match-method>).
    pub cached_wildcard_with_credentials_is_literal: bool,
    /// A cached `*` covers `Authorization`, too
    /// (<https://fetch.spec.whatwg.org/#concept-cache-match-header>).
    pub cached_wildcard_covers_authorization: bool,
    /// Two URLs that differ in nothing but their fragments share cache entries. The Standard compares
    /// URLs whole; no preset differs, as nobody measured it
    /// (<https://fetch.spec.whatwg.org/#concept-cache-match>).
    pub cache_ignores_fragments: bool,
    /// A redirect that makes the method GET takes the use-CORS-preflight flag away. The Standard leaves
    /// the flag set; no preset differs, as nobody measured it
    /// (<https://fetch.spec.whatwg.org/#concept-http-redirect-fetch>, step 12).
    pub method_change_clears_flag: bool,
    /// Local Network Access is checked, which Fetch does not have
    /// (<https://wicg.github.io/local-network-access/#local-network-access-check>).
    pub local_network_access: bool,
}

impl UserAgent {
    /// The Standard to the letter, with a cache that keeps entries as long as servers say.
    pub fn spec() -> Self {
        Self {
            max_age_cap: None,
            preflight_cache: true,
            accept_language: None,
            safelist_value_limit: Some(1024),
            range_parsing: RangeParsing::Standard,
            high_bytes_unsafe: false,
            client_hints_safelisted: false,
            user_agent_header_safelisted: false,
            request_headers_combined: false,
            unsafe_names_repeat: false,
            authorization_covered_by_wildcard: false,
            flagged_method_must_be_listed: false,
            upload_listeners_need_body: false,
            unfollowed_location_must_parse: false,
            redirect_needs_location: false,
            negative_max_age_is_zero: false,
            repeated_max_age_is_zero: false,
            preflight_origin_ignores_taint: false,
            preflight_need_is_sticky: false,
            preflight_lists_dropped_headers: false,
            origin_ignores_referrer_policy: false,
            method_change_keeps_origin: false,
            own_origin_checked_unmasked: false,
            exposing_wildcard_survives_bad_name: false,
            location_credentials_refused: false,
            identical_locations_accepted: false,
            cache_replaces_entries: false,
            cache_update_restarts_clock: false,
            cache_survives_network_errors: false,
            cache_separates_credentials: false,
            cached_wildcard_is_literal: false,
            cached_wildcard_with_credentials_is_literal: false,
            cached_wildcard_covers_authorization: false,
            cache_ignores_fragments: false,
            method_change_clears_flag: false,
            local_network_access: false,
        }
    }

    /// The newest Chromium that was measured.
    pub fn chromium() -> Self {
        presets::newest(Engine::Chromium)
    }

    /// The newest Firefox that was measured.
    pub fn firefox() -> Self {
        presets::newest(Engine::Firefox)
    }

    /// The newest WebKitGTK that was measured.
    pub fn webkitgtk() -> Self {
        presets::newest(Engine::WebKitGtk)
    }
}

/// A field of [`UserAgent`] by name.
#[derive(Debug, Clone, Copy)]
pub struct AgentField {
    /// The field's name.
    pub name: &'static str,
    /// Gives the first user agent what the second has in this field.
    pub adopt: fn(&mut UserAgent, from: &UserAgent),
}

/// Every field of [`UserAgent`], so that one deviation of a preset can be looked at alone.
pub fn fields() -> &'static [AgentField] {
    FIELDS
}

macro_rules! agent_fields {
    ($($field:ident),+ $(,)?) => {
        static FIELDS: &[AgentField] = &[$(AgentField {
            name: stringify!($field),
            adopt: |agent, from| agent.$field.clone_from(&from.$field),
        }),+];

        /// Does not compile while a field is missing above.
        const _: fn(&UserAgent) = |agent| {
            let UserAgent { $($field: _),+ } = agent;
        };
    };
}

agent_fields! {
    max_age_cap,
    preflight_cache,
    accept_language,
    safelist_value_limit,
    range_parsing,
    high_bytes_unsafe,
    client_hints_safelisted,
    user_agent_header_safelisted,
    request_headers_combined,
    unsafe_names_repeat,
    authorization_covered_by_wildcard,
    flagged_method_must_be_listed,
    upload_listeners_need_body,
    unfollowed_location_must_parse,
    redirect_needs_location,
    negative_max_age_is_zero,
    repeated_max_age_is_zero,
    preflight_origin_ignores_taint,
    preflight_need_is_sticky,
    preflight_lists_dropped_headers,
    origin_ignores_referrer_policy,
    method_change_keeps_origin,
    own_origin_checked_unmasked,
    exposing_wildcard_survives_bad_name,
    location_credentials_refused,
    identical_locations_accepted,
    cache_replaces_entries,
    cache_update_restarts_clock,
    cache_survives_network_errors,
    cache_separates_credentials,
    cached_wildcard_is_literal,
    cached_wildcard_with_credentials_is_literal,
    cached_wildcard_covers_authorization,
    cache_ignores_fragments,
    method_change_clears_flag,
    local_network_access,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn adopting_every_field_makes_the_other_agent() {
        for preset in [UserAgent::chromium(), UserAgent::firefox(), UserAgent::webkitgtk()] {
            let mut agent = UserAgent::spec();
            let mut changed = 0;
            for field in fields() {
                let before = agent.clone();
                (field.adopt)(&mut agent, &preset);
                changed += usize::from(before != agent);
            }
            assert_eq!(agent, preset);
            assert!(changed > 5);
        }
    }
}
