//! Slips in answers that are not a plain success, and where a handler has CORS headers of its own.

super::faults! {
    /// A slip in answers that are not a plain success.
    Error(ErrorFault)
    /// Errors carry no CORS headers.
    BareErrors: "The framework throws away what was set when it renders an error.",
    /// Those from 400 to 499 carry none.
    BareClientErrors: "A proxy's `add_header` is for success alone (nginx without `always`).",
    /// Those from 500 carry none.
    BareServerErrors: "The error page is made by an outer layer.",
    /// What the handler throws carries none.
    BareThrow: "The middleware's second half is not in a `finally`.",
    /// Unknown paths carry none.
    BareNotFound: "The middleware is mounted on routes.",
    /// Redirects carry none.
    BareRedirects: "`redirect()` ends the response before the middleware's second half.",
    /// 304 carries none.
    BareNotModified: "A conditional answer is made by an outer layer that keeps few headers.",
    /// Answers with no content carry none.
    BareNoContent: "Headers are set together with the body.",
    /// Errors carry them twice.
    TwiceOnErrors: "They are set before the handler, and again by the error's handler.",
    /// Errors carry a literal `*`.
    StarOnErrors: "The error's handler has CORS headers of its own, so that messages can be read.",
    /// Errors reflect any origin.
    ReflectsOnErrors: "The error's handler echoes what it finds.",
    /// What the handler sets is kept beside the middleware's.
    KeepsOwnBeside: "Headers are appended, and the browser sees two.",
    /// What the handler sets stands in for the middleware's.
    KeepsOwn: "Headers are set if absent.",
    /// What the handler sets is kept where the middleware denies.
    KeepsOwnForDenied: "Headers are set where the origin is allowed, and left alone otherwise.",
    /// What the handler sets switches the whole middleware off.
    OwnSwitchesOff: "A header that is present is taken to mean that all is done.",
}
