//! The CORS check over any response head: model against prose.
#![no_main]

use corsproof_conform::oracle::cors_check::CORS_CHECK;

libfuzzer_sys::fuzz_target!(|input: &[u8]| {
    if let Err(disagreement) = (CORS_CHECK.check)(input) {
        panic!("{disagreement}");
    }
});
