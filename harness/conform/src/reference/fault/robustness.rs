//! Slips over input that nobody thought of, and over HTTP/2.

super::faults! {
    /// A slip over input that nobody thought of.
    Robustness(RobustnessFault)
    /// An origin with a bracket that is not closed breaks it.
    BreaksOnBracket: "A parser of URLs throws, and nobody catches (django-cors-headers 3.10.0, \
        #701).",
    /// An origin with bytes outside of ASCII breaks it.
    BreaksOnNonAscii: "The value is read as text, and the result unwrapped.",
    /// An origin with a space breaks it.
    BreaksOnSpace: "The value is split, and the second part trusted to be absent.",
    /// An empty origin breaks it.
    BreaksOnEmpty: "The first byte is looked at.",
    /// The origin `null` breaks it.
    BreaksOnNull: "The origin is parsed as a URL, and the result unwrapped.",
    /// An origin with a port that is too large breaks it.
    BreaksOnPort: "The digits are put into 16 bits, and the result unwrapped.",
    /// Two `Origin` lines break it.
    BreaksOnTwoOrigins: "The framework gives a list where a text is expected.",
    /// More than 1024 bytes of names break it.
    BreaksOnLongNames: "A buffer of fixed size, and a check that throws.",
    /// A method that is no token breaks it.
    BreaksOnOddMethod: "The method is parsed, and the result unwrapped.",
    /// A scheme that is not known breaks it.
    BreaksOnOtherScheme: "The default port is looked up in a map of two schemes.",
    /// What is no origin is echoed.
    EchoesOdd: "What cannot be parsed is passed through, and the browser is trusted to compare.",
    /// Several origins are echoed, joined.
    EchoesSeveral: "The framework joins lines, and the middleware reflects what it was given.",
    /// What is asked for is echoed with all its bytes.
    EchoesRawNames: "The header is copied as it is.",
    /// Over HTTP/2 nothing is found.
    Http2LowerCase: "Headers are looked up by `Origin` in a plain map, and HTTP/2 says `origin`.",
    /// Over HTTP/2 there is no `Host`, and the request is refused.
    Http2NoHost: "`Host` is read for a check of one's own, and HTTP/2 says `:authority`.",
    /// Over HTTP/2 preflights are not recognised.
    Http2NoPreflight: "The request line is read for OPTIONS, and HTTP/2 has none.",
    /// Over HTTP/2 header names are answered twice, in both cases of letters.
    Http2BothCases: "A workaround for an old proxy sends each name in two ways.",
}
