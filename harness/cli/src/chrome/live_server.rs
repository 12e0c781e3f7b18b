//! A server under test before the browser: the browser's own calls reach it.

use corsproof_conform::server_case::SERVER_ORIGIN;
use corsproof_conform::subject::Mount;
use headless_chrome::Browser;
use headless_chrome::protocol::cdp::Network::{CookieParam, CookieSameSite};

use super::launch::Chrome;
use crate::browser::{self, BrowserError};
use crate::origin_server::LiveServer;

impl browser::Browser<Chrome> {
    /// From now on requests for [`SERVER_ORIGIN`] are answered by what is mounted here, and not by
    /// the scripts of cases; with credentials they carry the cookie by which the model stands for all.
    ///
    /// # Errors
    /// When the browser does not take the cookie.
    pub fn stand_before(&mut self, mount: &Mount) -> Result<(), BrowserError> {
        let browser = self.session()?.connect()?;
        keep_cookie(&browser).map_err(|error| BrowserError::Driver {
            what: "setting a cookie",
            detail: error.to_string(),
        })?;
        self.server.desk().answer_by(Some(LiveServer::at(&mount.base)));
        Ok(())
    }

    /// From now on scripts answer again.
    pub fn stand_alone(&mut self) {
        self.server.desk().answer_by(None);
    }
}

fn keep_cookie(browser: &Browser) -> Result<(), Box<dyn std::error::Error>> {
    let tab = browser.new_tab()?;
    tab.set_cookies(vec![CookieParam {
        name: "session".to_owned(),
        value: "1".to_owned(),
        url: Some(format!("{SERVER_ORIGIN}/")),
        domain: None,
        path: None,
        secure: Some(true),
        http_only: None,
        // The pages are of other sites.
        same_site: Some(CookieSameSite::None),
        expires: None,
        priority: None,
        same_party: None,
        source_scheme: None,
        source_port: None,
        partition_key: None,
    }])?;
    tab.close(false)?;
    Ok(())
}
