//! What main fetch asks of Mixed Content and Secure Contexts.

use std::net::Ipv4Addr;

use url::Url;

use crate::fetching::local_network_access::AddressSpace;
use crate::http::requests::Request;
use crate::origin::Origin;
use crate::user_agent::UserAgent;

/// <https://w3c.github.io/webappsec-mixed-content/#should-block-fetch>
///
/// EXCEPTION 1 (which environments prohibit it): only `https:` ones do here. By the letter every
/// potentially trustworthy one does, which takes in `http://localhost`; no engine does that.
///
/// NOT MODELLED 1 (ancestors, user choice, top-level navigations): an environment is an origin.
///
/// With Local Network Access, what is said to be on the local network is allowed
/// (<https://wicg.github.io/local-network-access/#integration-with-mixed-content>).
pub(crate) fn should_fetching_be_blocked_as_mixed_content(
    agent: &UserAgent,
    request: &Request,
) -> bool {
    let is_said_local =
        agent.local_network_access && request.target_address_space == Some(AddressSpace::Local);
    !is_said_local && is_mixed(request.origin(), request.current_url())
}

/// The same for an origin and a URL, without Local Network Access.
pub fn is_mixed(origin: &Origin, url: &Url) -> bool {
    // 1. Allowed unless the environment is secure and the URL is not.
    // 2. Blocked then.
    matches!(origin, Origin::Tuple { scheme, .. } if scheme == "https")
        && !is_potentially_trustworthy(url)
}

/// <https://w3c.github.io/webappsec-secure-contexts/#is-url-trustworthy>
pub fn is_potentially_trustworthy(url: &Url) -> bool {
    match url.scheme() {
        // 1. Two that have no server.
        "about" => matches!(url.path(), "blank" | "srcdoc"),
        // 2. Nor has this one.
        "data" => true,
        // 3. By origin: an authenticated scheme, or local.
        "https" | "wss" | "file" => true,
        "blob" => Url::parse(url.path()).is_ok_and(|inner| is_potentially_trustworthy(&inner)),
        _ => url.host_str().is_some_and(is_loopback),
    }
}

/// <https://w3c.github.io/webappsec-secure-contexts/#is-origin-trustworthy>
pub fn is_potentially_trustworthy_origin(origin: &Origin) -> bool {
    match origin {
        // 1. Not an opaque one.
        Origin::Opaque => false,
        // 3 to 6. By scheme, or local.
        Origin::Tuple { scheme, host, .. } => {
            matches!(scheme.as_str(), "https" | "wss" | "file") || is_loopback(host)
        }
    }
}

/// 127.0.0.0/8, ::1/128, `localhost` and what is below it.
fn is_loopback(host: &str) -> bool {
    let name = host.strip_suffix('.').unwrap_or(host);
    host == "[::1]"
        || name == "localhost"
        || name.ends_with(".localhost")
        || host.parse::<Ipv4Addr>().is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn blocked(origin: &str, url: &str) -> bool {
        let origin = Origin::parse_serialized(origin).unwrap();
        is_mixed(&origin, &Url::parse(url).unwrap())
    }

    #[test]
    fn a_secure_page_loads_nothing_insecure_but_from_the_machine_itself() {
        for good in [
            "https://b.example",
            "http://localhost:8080",
            "http://localhost.",
            "http://a.localhost",
            "http://127.9.9.9",
            "http://[::1]:80",
            "data:,x",
            "about:blank",
            "file:///x",
            "blob:https://b.example/1",
        ] {
            assert!(!blocked("https://a.example", good), "{good}");
        }
        for bad in [
            "http://b.example",
            "http://128.0.0.1",
            "http://[::2]",
            "http://localhost.example",
            "http://notlocalhost",
            "ftp://b.example",
            "blob:http://b.example/1",
            "about:config",
            "blob:null/1",
        ] {
            assert!(blocked("https://a.example", bad), "{bad}");
        }
    }

    #[test]
    fn other_pages_load_anything() {
        for origin in ["http://a.example", "http://localhost", "null"] {
            assert!(!blocked(origin, "http://b.example"), "{origin}");
        }
    }
}
