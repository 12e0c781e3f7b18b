//! The browsers that this build knows how to start.

use corsproof_conform::case::AgentName;
use corsproof_conform::subject::UserAgent;

use crate::browser::{Browser, BrowserError, Engine, NotAvailable, Options};
use crate::chrome::Chrome;
use crate::firefox::Firefox;
use crate::webkitgtk::WebKitGtk;

/// A browser in the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KnownBrowser {
    /// Chrome or Chromium.
    Chromium,
    /// Firefox.
    Firefox,
    /// WebKitGTK.
    WebKitGtk,
}

impl KnownBrowser {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Chromium, Self::Firefox, Self::WebKitGtk];

    /// The one of this name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|browser| browser.name() == name)
    }

    /// Its name in the table.
    pub fn name(self) -> &'static str {
        match self {
            Self::Chromium => "chromium",
            Self::Firefox => "firefox",
            Self::WebKitGtk => "webkitgtk",
        }
    }

    /// The model's preset for it.
    pub fn preset(self) -> AgentName {
        match self {
            Self::Chromium => AgentName::Chromium,
            Self::Firefox => AgentName::Firefox,
            Self::WebKitGtk => AgentName::Webkitgtk,
        }
    }

    /// The version that is installed here.
    ///
    /// # Errors
    /// When there is none, or none that is new enough.
    pub fn version(self) -> Result<String, NotAvailable> {
        Ok(match self {
            Self::Chromium => Chrome::find()?.about().version,
            Self::Firefox => Firefox::find()?.about().version,
            Self::WebKitGtk => WebKitGtk::find()?.about().version,
        })
    }

    /// Starts it.
    ///
    /// # Errors
    /// When there is none, or it does not start.
    pub fn start(self) -> Result<Box<dyn UserAgent>, BrowserError> {
        match self {
            Self::Chromium => launched(Chrome::find()?),
            Self::Firefox => launched(Firefox::find()?),
            Self::WebKitGtk => launched(WebKitGtk::find()?),
        }
    }

    /// Its `subject.toml` and its `known.toml`.
    pub(super) fn files(self) -> (&'static str, &'static str) {
        match self {
            Self::Chromium => (
                include_str!("../../../subjects/chromium/subject.toml"),
                include_str!("../../../subjects/chromium/known.toml"),
            ),
            Self::Firefox => (
                include_str!("../../../subjects/firefox/subject.toml"),
                include_str!("../../../subjects/firefox/known.toml"),
            ),
            Self::WebKitGtk => (
                include_str!("../../../subjects/webkitgtk/subject.toml"),
                include_str!("../../../subjects/webkitgtk/known.toml"),
            ),
        }
    }
}

fn launched<E: Engine + 'static>(engine: E) -> Result<Box<dyn UserAgent>, BrowserError> {
    Ok(Box::new(Browser::launch(engine, Options::default())?))
}
