//! What `SECURITY.md` promises: nothing over-permissive stands in the repository that is not
//! public elsewhere.

#![expect(clippy::unwrap_used, reason = "helpers of tests fail as tests do")]

use std::path::Path;

use corsproof::registry::{FolderArguments, Registry};
use corsproof_conform::judge::finding::Direction;
use corsproof_conform::vector::{Provenance, Test, Vector};

/// Rules of user agents whose direction is over-permissive.
const OVER_PERMISSIVE: [&str; 4] = [
    "blocked-response-readable.",
    "hidden-header-exposed.",
    "preflight-missing.",
    "request-unexpected.",
];

fn is_over_permissive(vector: &Vector) -> bool {
    match &vector.test {
        Test::Server { guards, .. } => guards.direction == Direction::OverPermissive,
        Test::UserAgent { .. } | Test::Sequence { .. } => {
            OVER_PERMISSIVE.iter().any(|rule| vector.id.starts_with(rule))
        }
    }
}

/// The text of the Standard says what is right, not who is wrong.
fn is_public_report(link: &str) -> bool {
    link.starts_with("https://") && !link.contains(".spec.whatwg.org")
}

fn registry() -> Registry {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../subjects");
    Registry::open(&FolderArguments { folder: Some(folder) }).unwrap()
}

#[test]
fn every_published_divergence_that_is_over_permissive_is_public_elsewhere() {
    let registry = registry();
    let mut checked = 0;
    for (path, text) in corsproof_vectors::all() {
        let vector = Vector::parse(path, text).unwrap();
        // A fault of the reference server is nobody's hole.
        let published = |from: &&Provenance| {
            is_over_permissive(&vector) && !from.subject.starts_with("reference/")
        };
        let Some(found_in) = vector.provenance.as_ref().filter(published) else {
            continue;
        };
        let known = registry.entry(&found_in.subject).unwrap().known.known;
        let entry = known.iter().find(|known| known.vector_id() == vector.id);
        assert!(entry.is_some_and(|known| is_public_report(&known.link)), "{path}");
        checked += 1;
    }
    assert!(checked > 0, "no vector was looked at");
}

#[test]
fn every_known_divergence_has_its_vector() {
    let vectors: Vec<Vector> = corsproof_vectors::all()
        .iter()
        .map(|(path, text)| Vector::parse(path, text).unwrap())
        .collect();
    let registry = registry();
    for name in registry.names() {
        for known in registry.entry(&name).unwrap().known.known {
            assert!(vectors.iter().any(|vector| vector.id == known.vector_id()), "{}", known.id);
        }
    }
}
