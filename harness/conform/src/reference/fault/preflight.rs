//! Slips in what a preflight is, and how it is answered.

super::faults! {
    /// A slip in what a preflight is, and how it is answered.
    Preflight(PreflightFault)
    /// It is redirected.
    Redirects: "A rule that adds a slash, or a scheme, stands before the middleware.",
    /// It needs authentication.
    NeedsAuthentication: "The middleware for logins stands first, and preflights have no cookie.",
    /// It is answered with 404.
    NotFound: "The router knows no OPTIONS for the path, and the headers are added on the way out.",
    /// It is answered with 405.
    MethodNotAllowed: "The router knows the path and not the method, and the headers are added on \
        the way out.",
    /// It is answered with 500.
    Breaks: "The handler for OPTIONS meets no body and throws.",
    /// Where the app has no such path it is answered with 404.
    NotFoundForUnknownPath: "The middleware is mounted on routes, so the router comes first.",
    /// The handler runs and answers.
    RunsHandler: "The middleware adds headers and hands on; nobody ends the request.",
    /// The handler runs, and is not heard.
    RunsHandlerFirst: "The headers are added on the way out, so the handler runs before the check.",
    /// Any OPTIONS with `Origin` is one.
    AnyOptionsWithOrigin: "The method asked for is read later and may be absent.",
    /// Any OPTIONS is one.
    AnyOptions: "OPTIONS is taken to mean CORS.",
    /// It is one only if headers are asked for as well.
    NeedsRequestHeaders: "All headers of the first preflight that the author saw were made a \
        condition.",
    /// Any request that asks for a method is one.
    AnyMethod: "The condition looks at headers alone.",
    /// OPTIONS without `Origin` breaks it.
    BreaksWithoutOrigin: "The header's value is used without asking whether there is one.",
    /// OPTIONS without `Origin` is refused.
    RefusesWithoutOrigin: "Strictness about preflights hits OPTIONS that is none (@fastify/cors \
        has it as an option).",
    /// It allows every origin, the request itself does not.
    AllowsAnyOrigin: "The branch for OPTIONS echoes, as it is thought to disclose nothing.",
    /// The request itself allows every origin, the preflight does not.
    ActualAllowsAnyOrigin: "It is thought that the preflight protects the rest.",
    /// It never allows an origin.
    ForgetsOrigin: "The branch for OPTIONS sets methods and headers and returns too early.",
    /// The request itself never allows an origin.
    ActualForgetsOrigin: "Preflights work in the console, and only they are handled.",
    /// A foreign origin gets 403 for the request itself.
    ForbidsForeign: "CORS is taken for an access control of the server (http4s once did).",
    /// A foreign origin gets 403 with nothing beside it, on preflights too, and without `Vary`.
    ForbidsForeignBare: "The refusal leaves before the headers are added (Vert.x sends no `Vary` \
        so).",
    /// OPTIONS that is no preflight does not reach the handler.
    SwallowsOptions: "A route for OPTIONS answers 204 for everything.",
    /// Methods and headers are allowed on the request itself, not on preflights.
    AnswersOnActual: "All headers are set in a filter of responses, which preflights do not pass.",
    /// Methods and headers are sent to origins that are not allowed as well.
    AnswersDenied: "Only the origin is left out for a foreign one.",
}
