//! The report as its readers see it: in a browser.

use std::process::Command;

use corsproof::browser::{Browser, Options};
use corsproof::chrome::Chrome;

pub(crate) fn a_report_reads_as_it_should() {
    let out = tempfile::tempdir().unwrap();
    let ran = Command::new(env!("CARGO_BIN_EXE_corsproof"))
        .args(["run", "--seed", "1", "--cases", "400", "tower-http", "actix-cors", "--out"])
        .arg(out.path())
        .output()
        .unwrap();
    assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stderr));
    let mut chrome = Browser::launch(Chrome::find().unwrap(), Options::default()).unwrap();
    let text = chrome.page_text(&out.path().join("report.html")).unwrap();
    for part in [
        "Corsproof report",
        "Seed 1",
        "tower-http",
        "actix-cors",
        "Known divergences",
        "End of the report: 2 subjects.",
    ] {
        assert!(text.contains(part), "`{part}` is missing in\n{text}");
    }
}
