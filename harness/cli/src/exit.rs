//! Exit codes, as documented: other people's scripts depend on them.

use std::process::ExitCode;

/// How a command ends. The graver one outranks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Exit {
    /// 0: everything judged conforms, or is a known divergence.
    Conforms,
    /// 1: a new divergence, a stale entry or a surprise pass.
    Diverges,
    /// 2: the harness, a subject or the input is broken, or nothing was judged.
    Broken,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        match exit {
            Exit::Conforms => Self::SUCCESS,
            Exit::Diverges => Self::from(1),
            Exit::Broken => Self::from(2),
        }
    }
}
