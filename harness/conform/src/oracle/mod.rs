//! Properties that hold for any bytes, each judged by a witness that knows nothing of the model:
//! what fuzz targets and the replay of `corpus/` call.
//!
//! The witnesses are written from the Standard's prose, naively, and share no code with the model.

pub mod cors_check;
mod exchange;
pub mod grammar;
pub mod origin;
pub mod preflight_check;
pub mod safelist;

/// A property, under the name of its fuzz target and of its folder in `corpus/`.
pub struct Oracle {
    /// The name.
    pub name: &'static str,
    /// Holds the property against an input; says which class the input is of.
    pub check: fn(&[u8]) -> Result<&'static str, Disagreement>,
    /// All classes. A corpus that misses one proves less than it seems to.
    pub classes: &'static [&'static str],
}

/// Model and witness differ.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{}`: {claim}", .input.escape_ascii())]
pub struct Disagreement {
    /// The input.
    pub input: Vec<u8>,
    /// What should hold of it and does not.
    pub claim: String,
}

/// All of them.
pub const ORACLES: &[Oracle] = &[
    cors_check::CORS_CHECK,
    origin::ORIGIN_PARSE,
    preflight_check::PREFLIGHT_CHECK,
    safelist::SAFELIST,
];

impl Disagreement {
    fn unless(holds: bool, input: &[u8], claim: impl FnOnce() -> String) -> Result<(), Self> {
        if holds { Ok(()) } else { Err(Self { input: input.to_vec(), claim: claim() }) }
    }
}
