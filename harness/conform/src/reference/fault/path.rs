//! Slips in which policy holds at a path.

super::faults! {
    /// A slip in which policy holds at a path.
    Path(PathFault)
    /// The policies of paths are ignored.
    Ignored: "The middleware is mounted once, at the root.",
    /// A prefix holds below whole segments only.
    WholeSegments: "The router's idea of a prefix is used, where the setting means text.",
    /// The first prefix that matches holds, not the longest.
    FirstMatch: "The settings are tried in the order in which they stand (of this kind: flask-cors \
        5.0.1, CVE-2024-6839).",
    /// The shortest prefix that matches holds.
    ShortestMatch: "The settings are sorted, the wrong way round.",
    /// Paths are compared without their case.
    IgnoresCase: "Host names are case-insensitive, and paths were put with them (flask-cors 5.0.1, \
        CVE-2024-6866).",
    /// Percent-encoded bytes are decoded before the policy is looked up.
    Decodes: "The framework hands out a decoded path, and the router an encoded one.",
    /// Plus is taken for a space.
    PlusIsSpace: "Paths are decoded as forms are (flask-cors 5.0.1, CVE-2024-6844).",
    /// Dot segments are resolved before the policy is looked up.
    ResolvesDots: "The path is cleaned for the comparison alone.",
    /// Several slashes count as one.
    MergesSlashes: "The path is cleaned for the comparison alone.",
    /// A slash at the end of a prefix says nothing.
    IgnoresTrailingSlash: "`/public` and `/public/` are taken for one.",
    /// A prefix may stand anywhere in the path.
    MatchesInside: "`search` where `match` was meant.",
    /// A prefix may stand in the query.
    MatchesInQuery: "The whole target is searched.",
    /// A prefix has to be the whole path.
    ExactOnly: "Settings are kept in a map by path.",
    /// The origins of the whole server hold at every path as well.
    AddsOriginsOfRoot: "Policies are merged where one should replace the other.",
    /// The credentials of the whole server hold at every path as well.
    InheritsCredentials: "A field that is false cannot be told from one that is not set.",
    /// Preflights are decided by the policy of the whole server.
    PreflightAtRoot: "OPTIONS is answered before routes are known.",
}
