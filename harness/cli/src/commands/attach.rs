//! Which browser is meant, where it is not the one that is installed.

use std::net::{IpAddr, Ipv4Addr};

use clap::Args;
use corsproof_conform::subject::{About, UserAgent};
use serde_json::{Map, Value};
use url::Url;

use crate::attached::{DevTools, WebDriver};
use crate::browser::{Browser, BrowserError, Engine, Options};
use crate::origin_server::OriginServer;
use crate::registry::SubjectFile;

/// Where a browser runs that is not started here.
#[derive(Debug, Args)]
pub(super) struct Attach {
    /// Run the browser that is named behind this WebDriver server, such as a Selenium Grid, and not
    /// the one that is installed.
    #[arg(long, value_name = "URL", conflicts_with = "cdp")]
    webdriver: Option<Url>,
    /// A JSON object of further capabilities for its session. We ask for `acceptInsecureCerts` and a
    /// SOCKS `proxy`; null takes one away. `{address}` is where the origin server listens.
    #[arg(long, value_name = "JSON", requires = "webdriver", value_parser = object)]
    capabilities: Option<Map<String, Value>>,
    /// Run the Chromium with this DevTools port (started with --remote-debugging-port), in a context
    /// of its own.
    #[arg(long, value_name = "URL")]
    cdp: Option<Url>,
    #[command(flatten)]
    listen: Listen,
}

/// Where the origin server listens.
#[derive(Debug, Args)]
pub(super) struct Listen {
    /// The address of this machine at which a browser elsewhere reaches the origin server. Whoever
    /// reaches it can read the cases and nothing else.
    #[arg(long = "listen", value_name = "ADDRESS", default_value_t = Ipv4Addr::LOCALHOST.into())]
    address: IpAddr,
}

impl Attach {
    /// Whether a browser is named that is not started here.
    pub(super) fn is_asked_for(&self) -> bool {
        self.webdriver.is_some() || self.cdp.is_some()
    }

    /// The browser that is named, if one is.
    ///
    /// # Errors
    /// When it cannot be reached, or does not open the control page.
    pub(super) fn start(
        &self,
        file: &SubjectFile,
    ) -> Result<Option<Box<dyn UserAgent>>, BrowserError> {
        if let Some(url) = &self.webdriver {
            let capabilities = self.capabilities.clone().unwrap_or_default();
            let about = about(file, format!("behind the WebDriver server {url}"));
            return self.listen.launch(WebDriver::new(url.clone(), capabilities, about)).map(Some);
        }
        if let Some(url) = &self.cdp {
            let about = about(file, format!("with the DevTools port {url}"));
            return self.listen.launch(DevTools::new(url.clone(), about)).map(Some);
        }
        Ok(None)
    }
}

impl Listen {
    /// The browser, led to an origin server at this address.
    ///
    /// # Errors
    /// When it cannot be reached, or does not open the control page.
    pub(super) fn launch<E: Engine + 'static>(
        &self,
        engine: E,
    ) -> Result<Box<dyn UserAgent>, BrowserError> {
        let server = OriginServer::start_at(self.address)?;
        Ok(Box::new(Browser::launch_on(server, engine, Options::default())?))
    }
}

fn about(file: &SubjectFile, runtime: String) -> About {
    About {
        name: file.name.clone(),
        version: "unknown".to_owned(),
        language: file.language.clone(),
        runtime,
        homepage: file.homepage.clone(),
        issues: file.issues.clone().unwrap_or_default(),
    }
}

fn object(text: &str) -> Result<Map<String, Value>, String> {
    serde_json::from_str(text).map_err(|error| format!("not a JSON object: {error}"))
}
