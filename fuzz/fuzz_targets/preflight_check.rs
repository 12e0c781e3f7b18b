//! The preflight over any response head: model against a naive reader of its lists.
#![no_main]

use corsproof_conform::oracle::preflight_check::PREFLIGHT_CHECK;

libfuzzer_sys::fuzz_target!(|input: &[u8]| {
    if let Err(disagreement) = (PREFLIGHT_CHECK.check)(input) {
        panic!("{disagreement}");
    }
});
