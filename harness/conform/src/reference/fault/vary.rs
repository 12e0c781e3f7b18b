//! Slips in telling caches.

super::faults! {
    /// A slip in telling caches.
    Vary(VaryFault)
    /// `Vary` never names `Origin`.
    Never: "Everything works without it until there is a cache (tower-http 0.1.3, #199; vertx-web \
        before 4.0.0, #1656; Envoy, #35873).",
    /// Only where the origin is allowed.
    OnlyAllowed: "It is set where the origin is (cors 2.8.1, #106).",
    /// Only where the origin is denied.
    OnlyDenied: "It is set in the branch that was added for an issue about denied origins.",
    /// Not where there is no `Origin`.
    NotWithoutOrigin: "Requests without `Origin` leave the middleware at its first line.",
    /// Only where there is more than one listed origin.
    OnlyForSeveralListed: "With one origin the answer was thought to be constant (of this kind: \
        ASP.NET Core).",
    /// Not where patterns or subdomains are configured.
    OnlyForLists: "It is set in the branch for lists (of this kind: @fastify/cors 9.0.0, #292).",
    /// Only on preflights.
    OnlyOnPreflight: "All headers are set in the branch for OPTIONS.",
    /// Only on the requests themselves.
    NotOnPreflight: "OPTIONS is not cached by the book.",
    /// Not on errors.
    NotOnErrors: "The error's handler sets one header of several.",
    /// Not on 304.
    NotOnNotModified: "A conditional answer keeps few headers.",
    /// Not on redirects.
    NotOnRedirects: "`redirect()` starts a new response.",
    /// It replaces the handler's own.
    ReplacesHandlers: "`set` where `append` was meant.",
    /// The handler's own replaces it.
    ReplacedByHandler: "The handler sets its header later.",
    /// It stands behind the handler's own with no comma.
    JoinedBySpace: "The texts are put together by hand.",
    /// The request's own `Vary` is copied instead.
    CopiesRequests: "The header is looked up on the wrong object.",
    /// It names the response's header.
    NamesResponseHeader: "It is taken to say what of the answer varies.",
    /// It is `*`.
    Star: "Whoever is unsure says that everything varies (@elysiajs/cors does).",
    /// It is sent though the answer is the same for all.
    OnStatic: "It is set always, to be safe.",
    /// It is sent as `Very`.
    Misspelt: "One letter.",
    /// It names what preflights ask for, and not `Origin`.
    NamesPreflightsOnly: "A handler of preflights lists what preflights depend on, without the \
        origin.",
}
