//! Slips in allowing credentials.

super::faults! {
    /// A slip in allowing credentials.
    Credentials(CredentialsFault)
    /// They are always allowed, and origins named for it.
    Always: "The header was once needed and has been sent since.",
    /// They are never allowed.
    Never: "The option is read, stored, and not used.",
    /// Only preflights allow them.
    OnlyOnPreflight: "The header is set in the branch for OPTIONS.",
    /// Only the requests themselves allow them.
    OnlyOnActual: "The preflight carries no credentials, so its answer is thought not to need the \
        header.",
    /// They are allowed beside a literal `*`.
    BesideStar: "Two options that exclude each other are written independently.",
    /// All origins with credentials: each is reflected.
    ReflectsForStar: "`*` is refused by browsers with credentials, so the origin is sent instead \
        (gorilla/handlers, CVE-2017-20146; rs/cors, CVE-2018-20744; echo, f909660b).",
    /// The value is `True`.
    CapitalTrue: "A boolean of Python is formatted as text.",
    /// The value is `TRUE`.
    UpperTrue: "A constant of a template language in upper case.",
    /// The value is `1`.
    One: "A boolean of PHP is formatted as text.",
    /// Where they are not allowed, it says `false`.
    SaysFalse: "A boolean is written whatever its value.",
    /// The header is sent twice.
    Twice: "A base class and the class set it.",
    /// It is also sent to origins that are not allowed.
    AlsoToDenied: "The header is fixed, and set before the origin is looked at.",
    /// A cookie makes the origin be reflected where all are allowed, and caches are not told.
    CookieReflects: "`*` is useless with a cookie, so the origin is sent for this one (starlette \
        before 0.15.0, #1111).",
    /// `Authorization` makes any origin be reflected, with credentials.
    AuthorizationReflects: "Who has a token needs no further check.",
    /// They are allowed on successful answers alone.
    OnlyOnSuccess: "The handler's result sets the header, and an error has none.",
    /// Methods that need a preflight never allow them.
    OnlyForSafelistedMethods: "Credentials are enabled in the routes for GET and POST.",
}
