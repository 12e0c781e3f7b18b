//! Slips in writing the other headers: the origin itself, exposed names, max age, private network.

super::faults! {
    /// A slip in writing the headers of an answer.
    Answer(AnswerFault)
    /// `Access-Control-Allow-Origin` is sent twice.
    OriginTwice: "Proxy and application both add it.",
    /// A slash is put behind the origin.
    SlashBehindOrigin: "A URL's serializer writes the origin.",
    /// The port is left out of the origin.
    OriginWithoutPort: "It is put together again from scheme and host name.",
    /// The scheme is left out of the origin.
    OriginWithoutScheme: "It is put together from the host alone.",
    /// The origin stands in quotes.
    QuotesOrigin: "It is written by a serializer for JSON.",
    /// The origin is put into the case of the list's first letter.
    CapitalisesOrigin: "A helper for header names is applied to the value.",
    /// `null` is sent for no.
    NullMeansNo: "`null` reads like nothing, and is an origin (CVE-2019-9580).",
    /// An empty value is sent for no.
    EmptyMeansNo: "The header is always set, to an empty text if need be.",
    /// All listed origins are sent at once, with commas.
    ListsOrigins: "The header's name is taken for a plural (tower-http 0.3.0, fixed in 0.3.1).",
    /// The first listed origin is sent to everybody.
    AlwaysFirstListed: "The setting is written into the header as it is.",
    /// `*` is sent to origins that are listed.
    StarForListed: "Once the check is passed, the simplest value is taken.",
    /// Every response header is exposed.
    ExposesAll: "All that is present is listed.",
    /// None is exposed.
    ExposesNone: "The option is read and not used.",
    /// Names are exposed on preflights alone.
    ExposesOnPreflight: "All options are written in the branch for OPTIONS.",
    /// All names become a literal `*`.
    ExposesStar: "`*` means nothing special in a call with credentials.",
    /// The header's name is misspelt.
    ExposesByWrongName: "`Access-Control-Exposed-Headers` reads better.",
    /// Only the first name is exposed.
    ExposesFirst: "A header map is set in a loop.",
    /// Names are not exposed on errors.
    ExposesOnSuccess: "The handler's result sets the header, and an error has none.",
    /// Those that it may send are exposed where those that it may read were meant.
    ExposesRequestHeaders: "Two options with similar names are mixed up.",
    /// Max age has a minus.
    NegativeMaxAge: "An expiry is computed as a difference, the wrong way round.",
    /// Max age is a decimal fraction.
    FloatMaxAge: "A duration's seconds are a float.",
    /// Max age has a unit.
    MaxAgeWithUnit: "A duration is printed as it prints itself.",
    /// Max age is left out when it is 0.
    NoMaxAgeForZero: "`if max_age` is false for 0.",
    /// Max age is in milliseconds.
    MaxAgeInMilliseconds: "Timers of the language count in milliseconds.",
    /// Max age is sent where none is configured.
    DefaultMaxAge: "A day is a good default, it was thought, and cannot be switched off.",
    /// Max age is sent as `Cache-Control`.
    MaxAgeAsCacheControl: "`max-age` is known from there.",
    /// Private network access is always granted.
    AlwaysPrivateNetwork: "What is asked for is granted (flask-cors 4.0.1, CVE-2024-6221).",
    /// Private network access is never granted.
    NeverPrivateNetwork: "The option is newer than the middleware.",
    /// Private network access is granted to origins that are not allowed too.
    PrivateNetworkToDenied: "The header is set before the origin is looked at.",
}
