//! CORS-safelisted request-headers: model against a naive reader of each rule.
#![no_main]

use corsproof_conform::oracle::safelist::SAFELIST;

libfuzzer_sys::fuzz_target!(|input: &[u8]| {
    if let Err(disagreement) = (SAFELIST.check)(input) {
        panic!("{disagreement}");
    }
});
