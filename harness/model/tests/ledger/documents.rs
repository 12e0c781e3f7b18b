//! Holds the list of documents other than Fetch against what the code cites.

use std::fs;

use serde::Deserialize;

use crate::citations::{FETCH, Sources};
use crate::{directory, sources_below};

/// `spec/sources.toml`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Documents {
    document: Vec<Document>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    title: String,
    /// What its links begin with.
    address: String,
    #[serde(rename = "edition")]
    _edition: String,
}

impl Document {
    fn is_cited(&self, cited: &str) -> bool {
        cited.starts_with(&self.address) || cited == self.title
    }
}

/// Documents that are cited and not listed, then those that are listed and not cited.
fn unlisted(sources: &Sources, documents: &Documents) -> Vec<String> {
    let cited: Vec<(String, String)> = sources.0.iter().flat_map(cited_in).collect();
    let is_listed = |cited: &str| documents.document.iter().any(|one| one.is_cited(cited));
    let not_listed = cited
        .iter()
        .filter(|(_, cited)| !is_listed(cited))
        .map(|(place, cited)| format!("{place} cites {cited}, which is not listed"));
    let not_cited = documents
        .document
        .iter()
        .filter(|one| !cited.iter().any(|(_, cited)| one.is_cited(cited)))
        .map(|one| format!("{} is listed, and cited nowhere", one.title));
    not_listed.chain(not_cited).collect()
}

/// Each link in a comment but those to Fetch, and each RFC, with its place.
fn cited_in((file, text): &(String, String)) -> Vec<(String, String)> {
    let mut cited = Vec::new();
    for (line, number) in text.lines().zip(1..) {
        let Some((_, comment)) = line.split_once("//") else { continue };
        if !line.trim().starts_with("//") {
            continue;
        }
        let place = format!("{file}:{number}");
        for (start, _) in comment.match_indices("<https://") {
            let link = comment[start + 1..].split(['>', ' ']).next().unwrap_or_default();
            if !link.starts_with(FETCH) {
                cited.push((place.clone(), link.to_owned()));
            }
        }
        for (start, _) in comment.match_indices("RFC ") {
            let digits: String =
                comment[start + 4..].chars().take_while(char::is_ascii_digit).collect();
            cited.push((place.clone(), format!("RFC {digits}")));
        }
    }
    cited
}

#[test]
fn every_other_document_cited_is_listed_with_its_edition() {
    let mut sources = sources_below("src").0;
    sources.extend(sources_below("../conform/src").0);
    let text = fs::read_to_string(directory("spec/sources.toml")).unwrap();
    let listed: Documents = toml::from_str(&text).unwrap();
    assert_eq!(unlisted(&Sources(sources), &listed), [""; 0]);
}

#[test]
fn a_document_that_is_not_listed_or_not_cited_is_told() {
    let listed = |title: &str, address: &str| {
        let text = format!("[[document]]\ntitle = '{title}'\naddress = '{address}'\nedition = 'x'");
        toml::from_str::<Documents>(&text).unwrap()
    };
    let sources = |text: &str| Sources(vec![("a.rs".to_owned(), text.to_owned())]);
    let link = sources("/// <https://url.spec.whatwg.org/#host>\nlet x = \"<https://a.example>\";");
    assert_eq!(unlisted(&link, &listed("URL", "https://url.spec.whatwg.org/")), [""; 0]);
    let rfc = sources("// As RFC 9110, 5.6.2 has it.");
    assert_eq!(
        unlisted(&rfc, &listed("RFC 9111", "https://httpwg.org/specs/rfc9111.html")),
        ["a.rs:1 cites RFC 9110, which is not listed", "RFC 9111 is listed, and cited nowhere"]
    );
    assert_eq!(
        unlisted(&link, &listed("RFC 9110", "https://httpwg.org/specs/rfc9110.html")),
        [
            "a.rs:1 cites https://url.spec.whatwg.org/#host, which is not listed",
            "RFC 9110 is listed, and cited nowhere"
        ]
    );
}
