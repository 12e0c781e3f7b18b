//! `corsproof subjects build` and `smoke`, on subjects that are made for it.

use std::fs;

use crate::folder::{Folder, text};

pub(crate) fn smoke_finds_a_bad_app() {
    let folder = Folder::new();
    folder.add("fake", "good", "");
    let smoked = folder.corsproof(&["subjects", "smoke", "fake"]);
    let said = text(&smoked.stdout);
    assert_eq!(smoked.status.code(), Some(2), "{said}");
    for check in ["GET /plain", "/vary", "/status/404", "/throw", "/redirect", "the counter"] {
        let failed = format!("fake: failed: {check}: ");
        assert!(said.contains(&failed), "`{check}` is not among\n{said}");
    }
}

pub(crate) fn build_makes_once() {
    let folder = Folder::new();
    folder.add("fake", "good", "build = \"echo x >> made\"\nproduces = [\"made\"]");
    folder.add("bad", "good", "build = \"echo the reason && exit 7\"");
    let listed = text(&folder.corsproof(&["subjects"]).stdout);
    assert!(listed.contains("to get it: corsproof subjects build fake"), "{listed}");

    let built = folder.corsproof(&["subjects", "build", "fake"]);
    assert_eq!(built.status.code(), Some(0), "{}", text(&built.stdout));
    let again = folder.corsproof(&["subjects", "build", "fake"]);
    assert_eq!(again.status.code(), Some(0));
    assert_eq!(fs::read_to_string(folder.path().join("fake/made")).unwrap(), "x\n");

    let failed = folder.corsproof(&["subjects", "build"]);
    let said = text(&failed.stdout);
    assert_eq!(failed.status.code(), Some(2), "{said}");
    let shown =
        "bad: not available: `echo the reason && exit 7` failed (exit status: 7): the reason";
    assert!(said.contains(shown), "{said}");
    assert!(said.contains("fake: built before"), "{said}");
}

pub(crate) fn a_missing_tool() {
    let folder = Folder::new();
    folder.add("fake", "good", "build = \"no-such-tool-anywhere make\"");
    let built = folder.corsproof(&["subjects", "build", "fake"]);
    let said = text(&built.stdout);
    assert_eq!(built.status.code(), Some(0), "{said}");
    assert!(said.contains("not available: `no-such-tool-anywhere`"), "{said}");
}

pub(crate) fn no_other_version() {
    let folder = Folder::new();
    folder.add("fake", "good", "");
    for (name, words) in [
        ("tower-http@0.6.0", "linked into this program"),
        ("chromium@1", "the browser that is installed"),
        ("fake@1.2.3", "how a version of `none` is chosen"),
        ("fake@../x", "not an exact version"),
        ("nobody@1.0.0", "no subject is called `nobody@1.0.0`"),
    ] {
        let ran = folder.corsproof(&["run", "--out", "out", name]);
        assert_eq!(ran.status.code(), Some(2), "{name}");
        let said = text(&ran.stderr);
        assert!(said.contains(words), "{name}: {said}");
    }
}

/// The fake always says that it is 9.9.9: in no other version can it be what was asked for.
pub(crate) fn another_version() {
    let folder = Folder::new();
    let more = "build = \"cp requirements.txt made\"\nproduces = [\"made\"]";
    folder.add("fake", "other-version", more);
    let file = folder.path().join("fake/subject.toml");
    let text_of = fs::read_to_string(&file).unwrap();
    fs::write(&file, text_of.replace("\"none\"", "\"pypi\"")).unwrap();
    fs::write(folder.path().join("fake/requirements.txt"), "other==1\nfake==1.0.0\n").unwrap();

    let run = ["run", "--seed", "1", "--cases", "3", "--out", "out"];
    let right = folder.corsproof(&[run.as_slice(), &["fake@9.9.9"]].concat());
    let page = text(&right.stdout);
    // It runs, and is found to be no standard app before anything is judged.
    assert_eq!(right.status.code(), Some(2), "{page}");
    assert!(page.contains("does not work with this version"), "{page}");
    let made = fs::read_to_string(folder.path().join(".versions/fake@9.9.9/made")).unwrap();
    assert_eq!(made, "other==1\nfake==9.9.9\n");
    let sources = fs::read_to_string(folder.path().join("fake/requirements.txt")).unwrap();
    assert!(sources.contains("fake==1.0.0"), "{sources}");

    let wrong = folder.corsproof(&[run.as_slice(), &["fake@2.0.0"]].concat());
    let page = text(&wrong.stdout);
    assert_eq!(wrong.status.code(), Some(2), "{page}");
    assert!(page.contains("it runs version `9.9.9`, and `2.0.0` was asked for"), "{page}");
    let listed = text(&folder.corsproof(&["subjects"]).stdout);
    assert!(!listed.contains('@'), "copies are no subjects: {listed}");
}
