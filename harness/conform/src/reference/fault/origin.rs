//! Slips in comparing an origin with those listed.

super::faults! {
    /// A slip in comparing an origin with those listed.
    Origin(OriginFault)
    /// Any origin but `null` is reflected.
    ReflectsAny: "Reflecting makes the first demo work everywhere, and nobody puts the list back \
        (@koa/cors 4.0.0, CVE-2023-49803).",
    /// Listed origins are matched as prefixes.
    MatchesPrefix: "`startsWith` looks like the natural way to allow any port.",
    /// The host of a listed origin is matched as a suffix.
    MatchesSuffix: "`endsWith` on the host looks like the natural way to allow subdomains.",
    /// The host of a listed origin may stand anywhere.
    ContainsHost: "`includes` is the first test that comes to mind for a name in a string.",
    /// An origin is looked for in the list joined by commas.
    InsideJoinedList: "The setting arrives as one string from the environment, and `in` is asked \
        of the string, not of its parts.",
    /// The first dot of a listed origin stands for any character.
    FirstDotIsAny: "The list becomes a regular expression; `*` or the port pushed the author to \
        rewrite only part of it.",
    /// The last dot of a listed origin stands for any character.
    LastDotIsAny: "A greedy replacement escapes each dot but the one before the top level domain.",
    /// Every dot of a listed origin stands for any character.
    EveryDotIsAny: "The listed origin is used as a regular expression as it is.",
    /// Only the first dot is escaped, so any other stands for any character.
    LaterDotsAreAny: "`replace('.', '\\\\.')` replaces once in JavaScript.",
    /// Upper and lower case are the same.
    FoldsCase: "Hosts are case-insensitive, so origins are compared without their case.",
    /// The scheme is not compared.
    IgnoresScheme: "The setting holds host names, because schemes differ between stages.",
    /// The port is not compared.
    IgnoresPort: "`URL.hostname` is compared where `URL.host` was meant.",
    /// Neither scheme nor port is compared.
    ComparesHostOnly: "The host is cut out of both sides, as for a cookie's domain.",
    /// A listed port matches any port that starts with it.
    PortPrefix: "The pattern ends behind the digits that are listed, with no anchor.",
    /// A listed origin without a port matches any port.
    AnyPortWhereNoneIsListed: "An absent port is taken for a wildcard.",
    /// `:443` and `:80` are dropped whatever the scheme is.
    DropsWellKnownPorts: "Default ports are stripped with one replacement for both schemes.",
    /// A default port that is spelt out matches the origin without it.
    NormalisesDefaultPort: "Both sides are normalised, though browsers never send a default port.",
    /// A listed origin with a port is never matched.
    ForgetsListedPort: "The parser of the setting keeps scheme and host; the request keeps its \
        port.",
    /// A dot behind the host is dropped.
    DropsTrailingDot: "The host is made canonical as for DNS, where the last dot says nothing.",
    /// A slash behind the origin is dropped.
    DropsTrailingSlash: "What is kind to the setting is done to the request as well.",
    /// The origin is parsed as a URL, and only what is left of it is compared.
    ParsesAsUrl: "`new URL(origin).origin` forgives user names, paths, upper case and U-labels.",
    /// The host is what stands behind an `@`.
    ReadsHostBehindAt: "A pattern for URLs that allows for user names is reused for origins.",
    /// Bytes outside of ASCII are dropped before comparing.
    DropsNonAscii: "Decoding as ASCII with errors ignored is the quick way past an exception.",
    /// A host of A-labels is turned into Unicode and then not found.
    ComparesInUnicode: "The request's host is made readable for the log, and the readable form is \
        compared with the list.",
    /// The port starts at the first colon, so IPv6 hosts are cut short.
    CutsAtFirstColon: "`split(':')` cuts host and port well until the host is an address in \
        brackets.",
    /// An IPv6 host is never matched.
    RefusesIpv6: "The pattern for hosts has letters, digits, dots and hyphens.",
    /// A host with an underscore is never matched.
    RefusesUnderscore: "The pattern for hosts follows the grammar of host names, which browsers do \
        not enforce.",
    /// White space of all kinds around the origin is dropped.
    TrimsAllSpace: "`strip()` takes more for white space than HTTP does.",
    /// Of two listed origins where one host ends with the other, the shorter is lost.
    LosesSharedSuffix: "Inserting into a radix tree of reversed hosts forgets to mark an inner \
        node as an end (of this kind: jub0bs/cors, #12).",
    /// Only the first listed origin counts.
    FirstListedOnly: "The list is passed where one value is taken, and the rest is not looked at.",
    /// Only the last listed origin counts.
    LastListedOnly: "A loop over the list assigns its result in each round, with no `break`.",
    /// The last listed origin is left out.
    ForgetsLastListed: "The loop ends one too early.",
    /// An empty list allows all.
    EmptyListMeansAll: "`if allowed and origin not in allowed` is false for an empty list.",
}
