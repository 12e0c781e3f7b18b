//! `corsproof run` with subjects that are broken beside one that is not.

use std::fs;

use serde_json::Value;

use crate::folder::{Folder, text};

/// Ways to be broken, and what the report says of each.
const WAYS: [(&str, &str); 8] = [
    ("garbage", "broke the subject protocol on `start`"),
    ("silence", "no answer within 2 s"),
    ("exits-midway", "exit status: 3"),
    ("errored", "no (not today)"),
    ("resets", "closed the connection"),
    ("stalls", "did not answer"),
    ("endless-headers", "answered"),
    ("not-http", "not HTTP"),
];

pub(crate) fn a_bad_one_alone() {
    let folder = Folder::new();
    // The fake says that it is called `fake`: each way has a folder of its own.
    for (way, words) in WAYS {
        folder.add("fake", way, "");
        let limits = ["--start-within", "2", "--answer-within", "0.2"];
        let run = ["run", "--seed", "1", "--cases", "3", "--out", "out", "fake", "tower-http"];
        let ran = folder.corsproof(&[run.as_slice(), limits.as_slice()].concat());
        let page = text(&ran.stdout);
        assert_eq!(ran.status.code(), Some(2), "{way}: {page}{}", text(&ran.stderr));
        let said = page.lines().any(|line| line.starts_with("fake:") && line.contains(words));
        assert!(said, "{way}: {page}");
        good_one_stands(&folder, way);
    }
}

fn good_one_stands(folder: &Folder, way: &str) {
    let results = fs::read_to_string(folder.path().join("out/results.ndjson")).unwrap();
    let lines: Vec<Value> = results.lines().map(|l| serde_json::from_str(l).unwrap()).collect();
    let good = lines.iter().find(|line| line["subject"]["subject"] == "tower-http").unwrap();
    assert_eq!(good["subject"]["cases"], 3, "{way}");
    assert_eq!(good["subject"]["complete"], true, "{way}");
    assert!(lines.last().unwrap().get("footer").is_some(), "{way}");
}

pub(crate) fn broken_files_fail_alone() {
    let folder = Folder::new();
    folder.write("cut", "name = \"cut\"\nrole = \"waiter\"\n");
    folder.add("odd-known", "good", "");
    fs::write(folder.path().join("odd-known/known.toml"), "known = []\nwhy = 1\n").unwrap();
    let run = ["run", "--cases", "3", "--out", "out", "cut", "odd-known", "tower-http"];
    let ran = folder.corsproof(&run);
    assert_eq!(ran.status.code(), Some(2));
    let page = text(&ran.stdout);
    assert!(page.contains("cut/subject.toml:2: "), "{page}");
    assert!(page.contains("odd-known/known.toml:2: "), "{page}");
    good_one_stands(&folder, "broken files");
}

pub(crate) fn known_bad_only_when_named() {
    let folder = Folder::new();
    let bad = "kind = \"known-bad\"\nadvisory = \"https://fake.example/1\"";
    folder.add("fake", "good", bad);
    let listed = text(&folder.corsproof(&["subjects"]).stdout);
    assert!(listed.contains("known to be wrong: https://fake.example/1"), "{listed}");
    let names = |arguments: &[&str]| {
        let run = ["run", "--cases", "1", "--out", "out"];
        folder.corsproof(&[run.as_slice(), arguments].concat());
        let results = fs::read_to_string(folder.path().join("out/results.ndjson")).unwrap();
        let header: Value = serde_json::from_str(results.lines().next().unwrap()).unwrap();
        header["header"]["subjects"].as_array().unwrap().clone()
    };
    assert!(names(&["fake"]).contains(&Value::from("fake")));
    let all = names(&[]);
    assert!(all.contains(&Value::from("tower-http")) && !all.contains(&Value::from("fake")));
}
