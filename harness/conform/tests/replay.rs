//! The model says of every user-agent vector what the vector expects. Each that fails is named, so that
//! `scripts/mutants` can tell which vectors notice a change of the model.

#![expect(clippy::print_stdout, reason = "the names are what it is for")]

use std::panic::{AssertUnwindSafe, catch_unwind};

use corsproof_conform::expect::{case_holds, sequence_holds};
use corsproof_conform::vector::{Test, Vector};

/// `None`: it is of another kind.
fn holds(vector: &Vector) -> Option<bool> {
    let result = match &vector.test {
        Test::UserAgent { case, expected, deviations, .. } => {
            case_holds(case, expected, deviations, &vector.steps)
        }
        Test::Sequence { sequence, expected, deviations, .. } => {
            sequence_holds(sequence, expected, deviations, &vector.steps)
        }
        Test::Server { .. } => return None,
    };
    Some(result.is_ok_and(|holds| holds))
}

#[test]
fn every_user_agent_vector_holds() {
    let (mut held, mut failed) = (0, 0);
    for (path, text) in corsproof_vectors::all() {
        let vector = Vector::parse(path, text).unwrap_or_else(|error| panic!("{error}"));
        // A changed model may panic; the other vectors are still asked.
        match catch_unwind(AssertUnwindSafe(|| holds(&vector))) {
            Ok(None) => {}
            Ok(Some(true)) => held += 1,
            Ok(Some(false)) | Err(_) => {
                println!("does not hold: {}", vector.id);
                failed += 1;
            }
        }
    }
    assert!(failed == 0 && held >= 400, "{failed} vectors do not hold, {held} do");
}
