//! `WebSocket` (its own Standard): what the constructor refuses, and the opening handshake.
//!
//! The handshake is a fetch that knows no CORS: it always says where it comes from, takes cookies
//! along, follows no redirect, and any server that answers 101 is taken to agree. That servers look
//! at `Origin` themselves is all that protects them.
//!
//! NOT MODELLED (subprotocols, extensions, keys): none is asked for, and every key is taken to be
//! answered rightly; they have no say in who may connect.

use crate::api::construct::{Threw, new_request, parse_url};
use crate::api::init::{Environment, RequestInit};
use crate::fetching::fetch::{Answer, Blocked};
use crate::http::headers::HeaderList;
use crate::http::requests::{CredentialsMode, Mode, RedirectMode, ReferrerPolicy, Request};
use crate::infra::{is_http_tab_or_space, trim};
use crate::trace::{BlockedAt, Step};

const CONSTRUCTOR: &str = "dom-websocket-websocket";

/// The URL does not parse.
pub static URL_INVALID: Step = Step::web_sockets(CONSTRUCTOR, "3", "url-invalid");
/// The scheme is none of `ws`, `wss`, `http` and `https`.
pub static URL_SCHEME: Step = Step::web_sockets(CONSTRUCTOR, "6", "url-scheme");
/// The URL has a fragment.
pub static URL_FRAGMENT: Step = Step::web_sockets(CONSTRUCTOR, "7", "url-fragment");
/// The server does not switch protocols.
pub static NOT_SWITCHING: Step =
    Step::web_sockets("concept-websocket-establish", "11.1", "not-switching-protocols");

/// The server switches, but its answer is no handshake.
pub static HANDSHAKE_INVALID: Step =
    Step::web_sockets("concept-websocket-establish", "11.3", "handshake-invalid");
/// There is a connection.
pub static CONNECTED: Step = Step::web_sockets("concept-websocket-establish", "11.3", "connected");

/// <https://websockets.spec.whatwg.org/#dom-websocket-websocket>
///
/// NOT MODELLED 8, 9 (subprotocols): none is asked for.
///
/// # Errors
/// When it throws.
pub(crate) fn new_web_socket(
    environment: &Environment,
    init: &RequestInit,
) -> Result<Request, Threw> {
    let throw = |step| Err(Threw::new("SyntaxError", step, init.url.as_bytes()));
    // 1, 2, 3. The URL has to parse.
    let Ok(mut url) = parse_url(environment, &init.url) else { return throw(&URL_INVALID) };
    // 4, 5, 6. Its scheme is that of a WebSocket or stands for one. What is fetched is HTTP(S) all
    // the same (establishing, 1).
    let scheme = match url.scheme() {
        "ws" | "http" => "http",
        "wss" | "https" => "https",
        _ => return throw(&URL_SCHEME),
    };
    // 7. And there is nothing to scroll to.
    if url.fragment().is_some() {
        return throw(&URL_FRAGMENT);
    }
    let set = url.set_scheme(scheme);
    debug_assert!(set.is_ok(), "all four are special schemes");
    // 12. The handshake.
    Ok(establish(environment, url))
}

/// <https://websockets.spec.whatwg.org/#concept-websocket-establish>, steps 2 to 10.
fn establish(environment: &Environment, url: url::Url) -> Request {
    // 2. With credentials, without redirects.
    let mut request = new_request(environment, url, b"GET".to_vec());
    request.mode = Mode::WebSocket;
    request.credentials_mode = CredentialsMode::Include;
    request.redirect_mode = RedirectMode::Error;
    request.referrer_policy = ReferrerPolicy::Empty;
    // 3, 4, 7. What asks for the switch of protocols.
    request.headers.append(b"Upgrade", b"websocket");
    request.headers.append(b"Connection", b"Upgrade");
    request.headers.append(b"Sec-WebSocket-Version", b"13");
    request
}

/// <https://websockets.spec.whatwg.org/#concept-websocket-establish>, step 11.
///
/// NOT MODELLED 11.2 (subprotocols): none is asked for.
///
/// # Errors
/// When the WebSocket connection fails.
pub(crate) fn process_response(answer: Answer) -> Result<Answer, Blocked> {
    // 11.1. The server has to switch.
    if answer.response.status != 101 {
        return Err(Blocked { step: &NOT_SWITCHING, at: BlockedAt::Actual });
    }
    // 11.3. To WebSockets, and to no subprotocol, as none was asked for. Then there is a connection.
    if !is_handshake(&answer.response.headers) {
        return Err(Blocked { step: &HANDSHAKE_INVALID, at: BlockedAt::Actual });
    }
    Ok(Answer { granted_by: &CONNECTED, ..answer })
}

/// RFC 6455 (<https://www.rfc-editor.org/rfc/rfc6455#section-4.1>), what a client asks of the answer.
fn is_handshake(headers: &HeaderList) -> bool {
    let upgrade = headers.get(b"Upgrade");
    let is_upgrade = upgrade.is_some_and(|value| value.eq_ignore_ascii_case(b"websocket"));
    let connection = headers.get(b"Connection").unwrap_or_default();
    let mut tokens =
        connection.split(|byte| *byte == b',').map(|token| trim(token, is_http_tab_or_space));
    is_upgrade
        && tokens.any(|token| token.eq_ignore_ascii_case(b"upgrade"))
        && !headers.contains(b"Sec-WebSocket-Protocol")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::responses::ResponseType;
    use crate::scene::{ANY, PAGE, Scene, to};

    const SERVER: &str = "wss://b.example/socket";
    const SWITCHING: [(&str, &str); 2] = [("Upgrade", "websocket"), ("Connection", "Upgrade")];

    fn threw(url: &str) -> &'static str {
        Scene::get(url).web_socket().construct().map_or_else(|threw| threw.step.slug, |_| "-")
    }

    #[test]
    fn four_schemes_are_taken_and_no_fragment() {
        for url in [SERVER, "wss://u:p@b.example", "https://b.example", "ws://localhost", "/x"] {
            assert_eq!(threw(url), "-", "{url}");
        }
        assert_eq!(threw("wss://["), "url-invalid");
        for url in ["ftp://b.example", "data:,x", "about:blank"] {
            assert_eq!(threw(url), "url-scheme");
        }
        for url in ["wss://b.example/#", "wss://b.example/#x", "#x"] {
            assert_eq!(threw(url), "url-fragment");
        }
    }

    #[test]
    fn the_handshake_says_where_it_comes_from_and_takes_cookies_along() {
        for (page, url, origin) in [
            (PAGE, SERVER, PAGE),
            (PAGE, "wss://a.example/", PAGE),
            ("null", SERVER, "null"),
            ("http://a.example", "ws://b.example", "http://a.example"),
        ] {
            let mut scene = Scene::get(url).page(page).web_socket().answer(101, &SWITCHING);
            scene.init.referrer_policy = ReferrerPolicy::NoReferrer;
            let (fetched, sent) = scene.watch();
            assert_eq!(fetched.response_type, ResponseType::Basic);
            assert_eq!(fetched.trace.decided_by, &CONNECTED);
            assert_eq!(fetched.exposed_headers, Some(Vec::new()));
            assert_eq!(sent.len(), 1);
            assert!(sent[0].credentials && !sent[0].preflight);
            assert_eq!(sent[0].headers.get(b"Origin").unwrap(), origin.as_bytes());
            assert_eq!(
                fetched.trace.hops[0].url.scheme(),
                url.replace("ws", "http").split(':').next().unwrap()
            );
        }
    }

    #[test]
    fn the_switch_has_to_be_to_web_sockets() {
        let decided =
            |lines: &[(&str, &str)]| Scene::get(SERVER).web_socket().answer(101, lines).decided();
        for connection in ["Upgrade", "upgrade", "keep-alive, Upgrade", "x,\tUPGRADE ,"] {
            assert_eq!(
                decided(&[("upgrade", "WebSocket"), ("Connection", connection)]),
                "connected"
            );
        }
        let upgrade = ("Upgrade", "websocket");
        for lines in [
            &[][..],
            &[upgrade],
            &[("Connection", "Upgrade")],
            &[upgrade, ("Connection", "keep-alive")],
            &[("Upgrade", "websocket, h2c"), ("Connection", "Upgrade")],
            &[upgrade, upgrade, ("Connection", "Upgrade")],
            &[upgrade, ("Connection", "Upgrade"), ("Sec-WebSocket-Protocol", "chat")],
        ] {
            assert_eq!(decided(lines), "handshake-invalid", "{lines:?}");
        }
    }

    #[test]
    fn only_a_switch_of_protocols_will_do_and_no_header_matters() {
        let decided = |status, lines: &[(&str, &str)]| {
            Scene::get(SERVER).web_socket().answer(status, lines).decided()
        };
        for status in [200, 204, 304, 403, 426, 999] {
            assert_eq!(decided(status, &[ANY]), "not-switching-protocols");
        }
        for status in [301, 302, 303, 307, 308] {
            assert_eq!(decided(status, &[to("wss://b.example/2")]), "redirect-mode-error");
        }
        assert_eq!(decided(103, &[]), "no-answer");
        assert_eq!(Scene::get(SERVER).web_socket().decided(), "no-answer");
        assert_eq!(Scene::get("ws://b.example").web_socket().decided(), "mixed-content");
        assert_eq!(Scene::get("wss://b.example:25").web_socket().decided(), "bad-port");
    }
}
