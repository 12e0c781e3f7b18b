//! Plausible slips of a middleware, by what they are about.
//!
//! The list was written down before any rule of the judge was run against it, from what CORS
//! middlewares have to get right and from what published ones got wrong. A fault that no rule
//! notices says something about the rules; it is not to be bent until one does. What each makes of
//! the server is in [`super::slips`].

mod answer;
mod credentials;
mod error;
mod header;
mod method;
mod origin;
mod path;
mod preflight;
mod robustness;
mod state;
mod subdomain;
mod trust;
mod vary;

pub use answer::AnswerFault;
pub use credentials::CredentialsFault;
pub use error::ErrorFault;
pub use header::HeaderFault;
pub use method::MethodFault;
pub use origin::OriginFault;
pub use path::PathFault;
pub use preflight::PreflightFault;
pub use robustness::RobustnessFault;
pub use state::StateFault;
pub use subdomain::SubdomainFault;
pub use trust::TrustFault;
pub use vary::VaryFault;

/// One group of faults: the enum, its list, and how a programmer gets to each.
macro_rules! faults {
    (
        $(#[$about:meta])*
        $group:ident($name:ident)
        $($(#[doc = $slip:literal])+ $fault:ident: $story:literal,)+
    ) => {
        $(#[$about])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum $name {
            $($(#[doc = $slip])+ $fault,)+
        }

        impl $name {
            pub(super) const ALL: &'static [$crate::reference::Fault] =
                &[$($crate::reference::Fault::$group(Self::$fault)),+];

            pub(super) fn story(self) -> &'static str {
                match self {
                    $(Self::$fault => $story,)+
                }
            }
        }

        impl From<$name> for $crate::reference::Fault {
            fn from(fault: $name) -> Self {
                Self::$group(fault)
            }
        }
    };
}
use faults;

/// One plausible slip of a middleware.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Fault {
    /// Comparing an origin with those listed.
    Origin(OriginFault),
    /// Comparing one with what is not a plain list.
    Subdomain(SubdomainFault),
    /// Who is trusted, and by which header.
    Trust(TrustFault),
    /// Allowing credentials.
    Credentials(CredentialsFault),
    /// Allowing methods.
    Method(MethodFault),
    /// Allowing request headers.
    Header(HeaderFault),
    /// Writing the other headers of an answer.
    Answer(AnswerFault),
    /// What a preflight is, and how it is answered.
    Preflight(PreflightFault),
    /// Answers that are not a plain success, and handlers with CORS headers of their own.
    Error(ErrorFault),
    /// Telling caches.
    Vary(VaryFault),
    /// What one request leaves behind for the next.
    State(StateFault),
    /// Which policy holds at a path.
    Path(PathFault),
    /// Input that nobody thought of, and HTTP/2.
    Robustness(RobustnessFault),
}

const GROUPS: [&[Fault]; 13] = [
    OriginFault::ALL,
    SubdomainFault::ALL,
    TrustFault::ALL,
    CredentialsFault::ALL,
    MethodFault::ALL,
    HeaderFault::ALL,
    AnswerFault::ALL,
    PreflightFault::ALL,
    ErrorFault::ALL,
    VaryFault::ALL,
    StateFault::ALL,
    PathFault::ALL,
    RobustnessFault::ALL,
];

const COUNT: usize = {
    let mut count = 0;
    let mut groups = GROUPS.as_slice();
    while let [group, rest @ ..] = groups {
        count += group.len();
        groups = rest;
    }
    count
};

impl Fault {
    /// All of them, group after group.
    #[expect(clippy::indexing_slicing, reason = "a constant: out of range does not build")]
    pub const ALL: [Self; COUNT] = {
        let mut all = [Self::Origin(OriginFault::ReflectsAny); COUNT];
        let mut next = 0;
        let mut groups = GROUPS.as_slice();
        while let [group, rest @ ..] = groups {
            let mut faults = *group;
            while let [fault, others @ ..] = faults {
                all[next] = *fault;
                next += 1;
                faults = others;
            }
            groups = rest;
        }
        all
    };

    /// How a programmer gets there, and who did.
    pub fn story(self) -> &'static str {
        match self {
            Self::Origin(fault) => fault.story(),
            Self::Subdomain(fault) => fault.story(),
            Self::Trust(fault) => fault.story(),
            Self::Credentials(fault) => fault.story(),
            Self::Method(fault) => fault.story(),
            Self::Header(fault) => fault.story(),
            Self::Answer(fault) => fault.story(),
            Self::Preflight(fault) => fault.story(),
            Self::Error(fault) => fault.story(),
            Self::Vary(fault) => fault.story(),
            Self::State(fault) => fault.story(),
            Self::Path(fault) => fault.story(),
            Self::Robustness(fault) => fault.story(),
        }
    }
}
