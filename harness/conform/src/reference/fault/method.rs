//! Slips in allowing methods.

super::faults! {
    /// A slip in allowing methods.
    Method(MethodFault)
    /// Any method that is asked for is granted.
    Echoes: "Echoing always works.",
    /// Methods are granted in lower case.
    Lowers: "Names are lower-cased like those of headers.",
    /// Methods are granted in upper case.
    Uppers: "Methods are taken to be upper case always (fruitcake/php-cors does so).",
    /// Methods are compared without their case, and what was asked for is granted.
    IgnoresCase: "`EqualFold` was meant to be generous to the setting.",
    /// What is asked for is put into upper case before it is looked up.
    UppersAsked: "The request's method is normalised, and what is listed in lower case not found.",
    /// A default list is merged in.
    MergesDefaults: "The list in the setting extends the usual methods where it should replace \
        them.",
    /// An empty list grants the usual methods.
    EmptyListMeansDefaults: "An empty list is falsy, and the usual methods are taken.",
    /// Only the first is granted.
    FirstOnly: "A header map is set in a loop.",
    /// Only the last is granted.
    LastOnly: "A header map is overwritten in a loop.",
    /// At most three are granted.
    Truncates: "The list is built in a buffer of fixed size.",
    /// What starts with a listed method is granted.
    MatchesPrefix: "The comparison stops at the end of the listed one.",
    /// What is part of the joined list is granted.
    InsideJoinedList: "`in` is asked of the header's text.",
    /// A preflight for GET, HEAD or POST that is not listed is refused altogether.
    RefusesSafelisted: "The method is checked against the list, though browsers need no permission \
        for these.",
    /// Methods that are not well known are dropped.
    DropsUnknown: "The list is parsed into an enumeration, and the rest is ignored.",
    /// OPTIONS is dropped.
    DropsOptions: "OPTIONS is taken to mean the preflight, which needs no permission.",
    /// HEAD is dropped.
    DropsHead: "HEAD is taken to come with GET.",
    /// All methods become a literal `*`.
    WritesStar: "`*` means nothing special in a call with credentials.",
    /// All methods become the usual ones.
    AnyMeansDefaults: "`any` is expanded to a list once, without the methods that others invent.",
    /// Spaces stand between them, and no commas.
    JoinsBySpaces: "The list is printed where it should be joined.",
    /// The list is written as code would write it.
    WritesDebugForm: "`str(list)` leaves brackets and quotes.",
    /// Methods go into `Allow`.
    WritesAllow: "The framework answers OPTIONS by itself with `Allow`, which looks right.",
    /// The methods of all policies of the server are granted.
    GrantsThoseOfAllPaths: "Methods are collected for the server, and origins for a path.",
}
