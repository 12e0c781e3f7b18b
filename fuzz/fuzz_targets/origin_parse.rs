//! Serialized origins: model against grammar, URL parser and header values.
#![no_main]

use corsproof_conform::oracle::origin::ORIGIN_PARSE;

libfuzzer_sys::fuzz_target!(|input: &[u8]| {
    if let Err(disagreement) = (ORIGIN_PARSE.check)(input) {
        panic!("{disagreement}");
    }
});
