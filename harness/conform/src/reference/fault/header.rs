//! Slips in allowing request headers.

super::faults! {
    /// A slip in allowing request headers.
    Header(HeaderFault)
    /// Any header that is asked for is granted.
    EchoesAll: "Echoing always works.",
    /// Names are compared with their case.
    ComparesCase: "The setting says `X-Total`, browsers say `x-total`, and `==` compares.",
    /// Spaces around a name are taken for part of it.
    KeepsSpaces: "`split(',')` without a trim; browsers send no spaces, intermediaries may.",
    /// An empty member refuses the rest.
    RefusesEmptyMembers: "An empty name is not in the list.",
    /// Of several lines only the first is read.
    ReadsFirstLine: "`headers.get` gives the first of several.",
    /// Several lines are refused.
    RefusesSeveralLines: "One line is what browsers send (rs/cors 1.11.0, #184).",
    /// A name that comes twice is refused.
    RefusesRepeats: "Names are ticked off as they come.",
    /// Names that are not sorted are refused.
    RequiresOrder: "Browsers sort, so one walk along two sorted lists will do.",
    /// Names in upper case are refused.
    RefusesUpperCase: "Browsers send lower case, so anything else is taken for an attack.",
    /// The usual headers are merged in.
    MergesDefaults: "Content-Type is taken to be harmless, and added for convenience.",
    /// `Authorization` is merged in.
    MergesAuthorization: "Everybody needs it sooner or later.",
    /// All headers become a literal `*`.
    WritesStar: "`*` means nothing special in a call with credentials, and never covers \
        Authorization.",
    /// All headers are granted but `Authorization`.
    DropsAuthorization: "The Standard leaves it out of `*`, so it is left out of an echo as well.",
    /// All headers has no effect.
    AnyHasNoEffect: "The option sets a flag that the check does not read (actix-cors 0.5.0, #121).",
    /// A name that starts with a listed one is granted.
    MatchesPrefix: "The comparison stops at the end of the listed one.",
    /// A name that is part of the joined list is granted.
    InsideJoinedList: "`in` is asked of the header's text.",
    /// More than eight names are refused.
    RefusesMany: "A limit against hostile input that was guessed.",
    /// Underscore and hyphen are the same.
    UnderscoreIsHyphen: "CGI and WSGI turn both into `_`.",
    /// One listed name is enough for all that are asked for.
    OneIsEnough: "`any` where `all` was meant.",
    /// Only the first name is looked at.
    ChecksFirstOnly: "A `return` in the loop's first round.",
    /// Only the last name is looked at.
    ChecksLastOnly: "The loop overwrites its result.",
    /// Names that start with `x-` are always granted.
    GrantsCustom: "Headers of one's own are taken to be harmless.",
    /// Spaces stand between the names, and no commas.
    JoinsBySpaces: "The list is printed where it should be joined.",
    /// Only the first listed name is granted.
    FirstOnly: "A header map is set in a loop.",
    /// What is echoed is cut after 64 bytes.
    TruncatesEcho: "The value is copied into a buffer of fixed size.",
    /// Those that it may read are granted where those that it may send were meant.
    GrantsExposed: "Two options with similar names are mixed up.",
    /// Names go into `Access-Control-Request-Headers`.
    WrongHeader: "Request and response header have nearly the same name.",
}
