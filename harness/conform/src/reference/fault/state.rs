//! Slips by which one request leaves something behind for the next.

super::faults! {
    /// A slip by which one request leaves something behind for the next.
    State(StateFault)
    /// The first origin that is allowed at a path is sent to all later ones.
    FirstAllowedForPath: "The header is computed once for a route.",
    /// The origin that was allowed before is sent.
    PreviousAllowed: "The value sits in a field of the middleware that is set behind its use.",
    /// Who comes after an allowed origin, and is not, is sent that one with credentials.
    KeepsLastAllowed: "The field is overwritten when an origin is allowed, and cleared never.",
    /// Answers are cached by method and path.
    CachesByPath: "A cache of one's own knows no `Vary`.",
    /// Preflights are cached by path.
    CachesPreflightsByPath: "Preflights are expensive and all look alike.",
    /// Decisions are kept by the origin in lower case.
    MemoisesLowerCase: "The cache's key is normalised, the value was decided before that.",
    /// Decisions are kept by the origin's host.
    MemoisesByHost: "The key is what the log shows.",
    /// Decisions are kept by the origin and shared by all paths.
    MemoisesAcrossPaths: "One cache for the process, several policies.",
    /// A handler's own header is added to the list.
    HandlerChangesList: "A slice that the handler can reach is not copied (of this kind: rs/cors, \
        #198; jub0bs/cors, #14).",
    /// An origin that was denied is in the list the next time.
    ListGrows: "`setdefault` puts in what it looks for.",
    /// A method that was asked for is in the list the next time.
    MethodsGrow: "The list is extended by safelisted ones in place, and by what was asked for with \
        them.",
    /// A header that was asked for is in the list the next time.
    HeadersGrow: "Names that were seen are interned in the list that is compared with.",
    /// Overlapping requests get each other's origin.
    OverlapSwaps: "Answers are matched to requests in the order in which they end.",
    /// Overlapping requests get the last one's origin.
    OverlapTakesLast: "The current origin is in a global variable.",
    /// Of overlapping requests only the first is decided, and the others get the same.
    OverlapSharesDecision: "Requests in flight for one path are joined to a single one.",
    /// Each third answer carries no CORS headers.
    EveryThirdBare: "One of three workers has the old configuration.",
    /// The first answer carries none.
    FirstBare: "The configuration is loaded while the first request is served.",
    /// After a server error the next answer carries none.
    BareAfterError: "The error left the middleware without its second half, and it starts there.",
    /// After a denied origin the next is denied.
    DeniedAfterDenied: "A flag on the connection is set and cleared one request too late.",
    /// Once credentials were allowed at one path, all paths allow them.
    CredentialsStick: "One map of headers is shared by all policies.",
    /// Once a preflight allowed an origin, every request from it passes.
    PreflightOpens: "A preflight that passed is remembered as a session would be, by origin.",
    /// After four different origins no further one is allowed.
    FullTable: "A table of decisions has a fixed size and says no when it is full.",
}
