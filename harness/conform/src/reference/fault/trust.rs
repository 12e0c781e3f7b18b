//! Slips in whom to trust, and by which header.

super::faults! {
    /// A slip in whom to trust, and by which header.
    Trust(TrustFault)
    /// Loopback names are always allowed.
    Localhost: "Development servers want their own pages (esbuild, GHSA-67mh-4wv8-2f99; vite, \
        CVE-2025-24010, allowed everybody).",
    /// What starts with `http://localhost` is always allowed.
    LocalhostPrefix: "The port of a development server is random, so only the start is compared.",
    /// Loopback and private addresses are always allowed.
    PrivateAddresses: "Inside the office everybody is trusted.",
    /// Origins of extensions and of files are always allowed.
    OtherSchemes: "Whatever is not http is taken for an application of one's own.",
    /// An origin that equals `Host` is allowed, whatever the scheme.
    HostIsOrigin: "Same-origin requests carry `Origin` as well, and behind a proxy the scheme is \
        not known.",
    /// An origin that equals `X-Forwarded-Host` is allowed.
    ForwardedHostIsOrigin: "The proxy's header is read without asking who sent it.",
    /// Without `Origin`, that of `Referer` is used.
    RefererForOrigin: "Old browsers left `Origin` out of some requests.",
    /// Of two `Origin` lines the first counts.
    FirstOriginLine: "`headers.get` gives the first of several.",
    /// Of two `Origin` lines the last counts.
    LastOriginLine: "The parser of requests puts header lines into a map.",
    /// A list of origins is allowed for one of its members.
    AnyMember: "RFC 6454 allows several origins in `Origin`, and each is tried.",
    /// `X-Requested-With` makes any origin trusted.
    RequestedWith: "Only scripts of one's own set that header, it was said, before CORS.",
    /// `Sec-Fetch-Site: same-site` makes any origin trusted.
    FetchSite: "Fetch metadata says where the request is from, and siblings are taken for friends.",
    /// A cookie makes any origin trusted.
    CookieHolder: "Who has a session must have logged in through one's own page.",
}
