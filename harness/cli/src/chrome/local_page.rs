//! A file of ours shown in the browser, such as a report.

use std::path::Path;

use headless_chrome::protocol::cdp::Page::CaptureScreenshotFormatOption;
use headless_chrome::{Browser, Tab};
use url::Url;

use super::launch::Chrome;
use crate::browser::{self, BrowserError};

impl browser::Browser<Chrome> {
    /// The text of a local HTML file as a reader sees it, after its scripts have run.
    ///
    /// # Errors
    /// When there is no such file, or the browser does not show it.
    pub fn page_text(&mut self, path: &Path) -> Result<String, BrowserError> {
        self.show(path, |tab| {
            let text = tab.evaluate("document.body.innerText", false)?;
            Ok(text.value.and_then(|v| v.as_str().map(str::to_owned)).unwrap_or_default())
        })
    }

    /// A picture of a local HTML file, as PNG.
    ///
    /// # Errors
    /// When there is no such file, or the browser does not show it.
    pub fn screenshot(&mut self, path: &Path) -> Result<Vec<u8>, BrowserError> {
        self.show(path, |tab| {
            Ok(tab.capture_screenshot(CaptureScreenshotFormatOption::Png, None, None, true)?)
        })
    }

    fn show<T>(
        &mut self,
        path: &Path,
        see: impl FnOnce(&Tab) -> Result<T, Box<dyn std::error::Error>>,
    ) -> Result<T, BrowserError> {
        let file = |source| BrowserError::File { path: path.display().to_string(), source };
        let absolute = path.canonicalize().map_err(file)?;
        let url = Url::from_file_path(&absolute)
            .map_err(|()| file(std::io::ErrorKind::InvalidInput.into()))?;
        let browser = self.session()?.connect()?;
        shown(&browser, url.as_str(), see).map_err(|error| BrowserError::Driver {
            what: "showing a file",
            detail: error.to_string(),
        })
    }
}

fn shown<T>(
    browser: &Browser,
    url: &str,
    see: impl FnOnce(&Tab) -> Result<T, Box<dyn std::error::Error>>,
) -> Result<T, Box<dyn std::error::Error>> {
    let tab = browser.new_tab()?;
    tab.navigate_to(url)?.wait_until_navigated()?;
    let seen = see(&tab);
    tab.close(false)?;
    seen
}
