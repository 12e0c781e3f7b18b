//! Slips in comparing an origin with subdomains, patterns and `null`.

super::faults! {
    /// A slip in comparing an origin with what is not a plain list.
    Subdomain(SubdomainFault)
    /// The parent counts as a subdomain of itself.
    ParentMatches: "`*.b.example` is expected to cover `b.example`, as in some certificates' \
        tools.",
    /// Only one label may stand before the parent.
    OneLevelOnly: "The wildcard becomes `[^.]*`.",
    /// Only the host is compared.
    CrossesScheme: "The wildcard is matched against the host, and the scheme forgotten.",
    /// A subdomain may have any port.
    AnyPort: "The wildcard is matched against the host name without its port.",
    /// A host that ends with the parent's matches without a dot between.
    GluedHost: "`endsWith('b.example')` misses the dot.",
    /// The parent may stand in the middle.
    ParentInside: "The wildcard's pattern has no `$`.",
    /// The dots of the parent stand for any character.
    ParentDotsAreAny: "`*` is replaced by `.*` before, or without, escaping the dots.",
    /// All subdomains of a listed origin are allowed.
    SubdomainsOfListed: "What a subdomain may do is assumed to be harmless, as with cookies.",
    /// Any origin of the same site as a listed one is allowed.
    SameSiteAsListed: "The registrable domain is compared, as `SameSite` does.",
    /// A label with a hyphen or a digit is not taken for a subdomain.
    LettersOnly: "The wildcard becomes `[a-z.]+`.",
    /// Subdomains are never matched.
    NeverSubdomains: "The wildcard is compared byte for byte, as an origin.",
    /// Patterns are not anchored at the end.
    UnanchoredEnd: "`re.match` anchors at the start alone.",
    /// Patterns are not anchored at the start.
    UnanchoredStart: "`find` where `matches` was meant, after the `^` was taken off for a router.",
    /// Alternatives of a pattern escape its anchors.
    AlternativesEscapeAnchors: "`^a|b$` is `^a` or `b$`.",
    /// Patterns ignore case.
    PatternIgnoresCase: "The flag `i` is added because hosts are case-insensitive.",
    /// Only the first pattern is tried.
    FirstPatternOnly: "A `return` in the loop's first round.",
    /// `null` is always allowed.
    AllowsNull: "Pages in files and sandboxes send `null`, and somebody needed one of them.",
    /// `null` is never allowed.
    NeverNull: "The origin is parsed as a URL first, which `null` is not.",
    /// `null` in the policy allows whatever is no tuple origin.
    NullMeansUnparseable: "What does not parse is taken for opaque.",
}
