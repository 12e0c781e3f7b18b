//! Files of ours as their readers see them: in Chrome.

use std::fs;
use std::process::Command;

use corsproof::browser::{Browser, Options};
use corsproof::chrome::Chrome;
use corsproof::registry::KnownBrowser;

pub(crate) fn a_report_reads_as_it_should(_: KnownBrowser) {
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

pub(crate) fn a_local_file_can_be_read_and_pictured(_: KnownBrowser) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("report.html");
    let page = "<!doctype html><title>t</title><p id=p></p><script>p.textContent = 'sum ' + (1 + 2)</script>";
    fs::write(&path, page).unwrap();
    let mut chrome = Browser::launch(Chrome::find().unwrap(), Options::default()).unwrap();
    assert_eq!(chrome.page_text(&path).unwrap().trim(), "sum 3");
    assert!(chrome.screenshot(&path).unwrap().starts_with(b"\x89PNG"));
}
