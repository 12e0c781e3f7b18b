//! What was measured of engines, by version; or, where a preset says so, told by those who make them.
//!
//! A preset holds from the version that it was measured with until the next one. What nobody measured
//! is not guessed: an older version has none. Which of the fields a vector shows, and which versions
//! were seen to do so, is written in the vectors.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use super::{RangeParsing, UserAgent};

/// An engine that there are presets for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Engine {
    /// Chromium, and browsers made of it.
    Chromium,
    /// Firefox.
    Firefox,
    /// WebKitGTK.
    WebKitGtk,
}

/// A version: its first two numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Version {
    /// The first number.
    pub major: u32,
    /// The second; 0 where there is none.
    pub minor: u32,
}

/// An engine as it was measured.
#[derive(Debug, Clone, Copy)]
pub struct Preset {
    /// Which engine.
    pub engine: Engine,
    /// From which version on.
    pub since: Version,
    /// What it does.
    pub user_agent: fn() -> UserAgent,
}

/// Every preset, engine by engine, older versions first.
pub fn presets() -> &'static [Preset] {
    PRESETS
}

/// The preset that holds for this version: the last one measured with it or an older one. `None`: the
/// engine was not measured that early.
pub fn preset(engine: Engine, version: Version) -> Option<&'static Preset> {
    PRESETS.iter().rfind(|preset| preset.engine == engine && preset.since <= version)
}

/// What the newest version that was measured does.
pub(super) fn newest(engine: Engine) -> UserAgent {
    let preset = PRESETS.iter().rfind(|preset| preset.engine == engine);
    preset.map_or_else(UserAgent::spec, |preset| (preset.user_agent)())
}

impl Engine {
    /// Every engine.
    pub const ALL: [Self; 3] = [Self::Chromium, Self::Firefox, Self::WebKitGtk];

    /// Its name in cases and results.
    pub fn name(self) -> &'static str {
        match self {
            Self::Chromium => "chromium",
            Self::Firefox => "firefox",
            Self::WebKitGtk => "webkitgtk",
        }
    }
}

impl FromStr for Version {
    type Err = VersionError;

    /// Reads the first two numbers of a version such as `156.0.8078.79` or `153.7.0esr`.
    fn from_str(text: &str) -> Result<Self, VersionError> {
        let mut numbers = text.splitn(3, '.').map(str::parse::<u32>);
        match (numbers.next(), numbers.next().transpose()) {
            (Some(Ok(major)), Ok(minor)) => Ok(Self { major, minor: minor.unwrap_or(0) }),
            _ => Err(VersionError),
        }
    }
}

impl fmt::Display for Version {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}.{}", self.major, self.minor)
    }
}

/// A text that does not start with one or two numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct VersionError;

impl fmt::Display for VersionError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("not a version: numbers with a dot between them")
    }
}

impl std::error::Error for VersionError {}

static PRESETS: &[Preset] = &[
    Preset {
        engine: Engine::Chromium,
        since: Version { major: 156, minor: 0 },
        user_agent: chromium_156,
    },
    Preset {
        engine: Engine::Firefox,
        since: Version { major: 153, minor: 0 },
        user_agent: firefox_153,
    },
    Preset {
        engine: Engine::WebKitGtk,
        since: Version { major: 2, minor: 50 },
        user_agent: webkitgtk_2_50,
    },
];

/// Chromium 156. That it checks Local Network Access is what its makers say (since 142); all else was
/// measured.
fn chromium_156() -> UserAgent {
    UserAgent {
        max_age_cap: Some(Duration::from_secs(7_200)),
        range_parsing: RangeParsing::Limited64Bit,
        client_hints_safelisted: true,
        user_agent_header_safelisted: true,
        request_headers_combined: true,
        authorization_covered_by_wildcard: true,
        flagged_method_must_be_listed: true,
        upload_listeners_need_body: true,
        unfollowed_location_must_parse: true,
        redirect_needs_location: true,
        negative_max_age_is_zero: true,
        origin_ignores_referrer_policy: true,
        location_credentials_refused: true,
        identical_locations_accepted: true,
        cache_replaces_entries: true,
        cache_survives_network_errors: true,
        cached_wildcard_with_credentials_is_literal: true,
        local_network_access: true,
        ..UserAgent::spec()
    }
}

/// Firefox 153 ESR.
fn firefox_153() -> UserAgent {
    UserAgent {
        max_age_cap: Some(Duration::from_secs(86_400)),
        safelist_value_limit: None,
        range_parsing: RangeParsing::Limited64Bit,
        high_bytes_unsafe: true,
        unsafe_names_repeat: true,
        authorization_covered_by_wildcard: true,
        flagged_method_must_be_listed: true,
        negative_max_age_is_zero: true,
        repeated_max_age_is_zero: true,
        preflight_origin_ignores_taint: true,
        preflight_need_is_sticky: true,
        exposing_wildcard_survives_bad_name: true,
        identical_locations_accepted: true,
        cache_separates_credentials: true,
        cached_wildcard_is_literal: true,
        cached_wildcard_with_credentials_is_literal: true,
        ..UserAgent::spec()
    }
}

/// WebKitGTK 2.50.
fn webkitgtk_2_50() -> UserAgent {
    UserAgent {
        max_age_cap: Some(Duration::from_secs(600)),
        range_parsing: RangeParsing::Lenient64Bit,
        request_headers_combined: true,
        authorization_covered_by_wildcard: true,
        flagged_method_must_be_listed: true,
        negative_max_age_is_zero: true,
        preflight_need_is_sticky: true,
        preflight_lists_dropped_headers: true,
        method_change_keeps_origin: true,
        own_origin_checked_unmasked: true,
        cache_replaces_entries: true,
        cache_survives_network_errors: true,
        cached_wildcard_with_credentials_is_literal: true,
        cached_wildcard_covers_authorization: true,
        ..UserAgent::spec()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_has_the_last_preset_measured_before_it() {
        let since = |engine, version: &str| {
            preset(engine, version.parse().unwrap()).map(|preset| preset.since.to_string())
        };
        assert_eq!(since(Engine::Chromium, "156.0.8078.79"), Some("156.0".to_owned()));
        assert_eq!(since(Engine::Chromium, "200"), Some("156.0".to_owned()));
        assert_eq!(since(Engine::Chromium, "155.9"), None);
        assert_eq!(since(Engine::Firefox, "153.7.0esr"), Some("153.0".to_owned()));
        assert_eq!(since(Engine::WebKitGtk, "2.50.6"), Some("2.50".to_owned()));
        assert_eq!(since(Engine::WebKitGtk, "2.48.1"), None);
    }

    #[test]
    fn presets_of_an_engine_are_in_order_and_each_engine_has_one() {
        for engine in Engine::ALL {
            let of_engine: Vec<_> =
                presets().iter().filter(|preset| preset.engine == engine).collect();
            assert!(!of_engine.is_empty(), "{}", engine.name());
            assert!(of_engine.is_sorted_by(|a, b| a.since < b.since), "{}", engine.name());
        }
    }

    #[test]
    fn what_is_no_version_is_refused() {
        for bad in ["", "x", ".1", "1.x", "-1", "1e3", "99999999999"] {
            assert_eq!(bad.parse::<Version>(), Err(VersionError), "{bad}");
        }
    }
}
