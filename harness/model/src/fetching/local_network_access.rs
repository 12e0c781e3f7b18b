//! Local Network Access (a WICG draft, read at cfe0313d, 2026-04-22): pages from public addresses
//! reach others only as the user allows.
//!
//! Fetch does not have this check; [`crate::UserAgent::local_network_access`] switches it on, and it
//! applies where [`crate::Network::address`] says whom a request is for. It adds neither preflights
//! nor headers. What it replaced, Private Network Access, did; that is not modelled.
//!
//! NOT MODELLED (workers, Permissions Policy, prompts: 5.8, 5.9, 5.13): a page is a top-level document,
//! and the user has decided.
//!
//! EXCEPTION (preflights): by the letter a preflight is a request without a client; here it is checked as
//! the request that it asks for, which goes to the same place.
//!
//! EXCEPTION (secure contexts): whether a page is one is judged by its origin, so one that is sandboxed
//! is none here.
//!
//! EXCEPTION (mixed content): the draft lets what is said to be local through where the page's origin
//! is *not* trustworthy, which would never help anybody; read as a slip, that condition is left out.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use url::{Host, Url};

use crate::fetching::mixed_content::is_potentially_trustworthy_origin;
use crate::http::requests::Request;
use crate::trace::Step;

const CHECK: &str = "local-network-access-check";

/// The address is not in the address space that script or URL said.
pub static ADDRESS_SPACE_MISMATCH: Step =
    Step::local_network_access(CHECK, "4.2", "address-space-mismatch");
/// The page is no secure context.
pub static INSECURE_CONTEXT: Step = Step::local_network_access(CHECK, "5.2", "insecure-context");
/// The user has not allowed it.
pub static PERMISSION_DENIED: Step = Step::local_network_access(CHECK, "5.11", "permission-denied");

/// <https://wicg.github.io/local-network-access/#ip-address-space>, from least to most public.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum AddressSpace {
    /// The machine itself.
    Loopback,
    /// Its network.
    Local,
    /// Any other.
    Public,
}

/// <https://wicg.github.io/local-network-access/#permissions>
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct LocalNetworkPermissions {
    /// `local-network`
    pub local: bool,
    /// `loopback-network`
    pub loopback: bool,
}

/// <https://wicg.github.io/local-network-access/#determine-the-ip-address-space>
pub fn determine_the_ip_address_space(address: IpAddr) -> AddressSpace {
    // 1. An embedded address counts as itself.
    match address.to_canonical() {
        IpAddr::V4(address) => space_of_v4(address),
        IpAddr::V6(address) => space_of_v6(address),
    }
}

/// Steps 2 and 3 for IPv4.
fn space_of_v4(address: Ipv4Addr) -> AddressSpace {
    match address.octets() {
        [127, ..] | [198, 18 | 19, ..] | [0, 0, 0, 0] => AddressSpace::Loopback,
        [0 | 10, ..]
        | [100, 64..=127, ..]
        | [172, 16..=31, ..]
        | [192, 168, ..]
        | [169, 254, ..] => AddressSpace::Local,
        _ => AddressSpace::Public,
    }
}

/// Steps 2 and 3 for IPv6.
fn space_of_v6(address: Ipv6Addr) -> AddressSpace {
    match address.segments() {
        [0, 0, 0, 0, 0, 0, 0, 0 | 1] => AddressSpace::Loopback,
        // Unique local, link-local, site-local, and two that are for documentation.
        [0xFC00..=0xFDFF | 0xFE80..=0xFEFF, ..] | [0x2001, 0xDB8, ..] | [0x3FFF, 0..=0xFFF, ..] => {
            AddressSpace::Local
        }
        _ => AddressSpace::Public,
    }
}

/// <https://wicg.github.io/local-network-access/#fetching>: the address space that the URL alone says
/// it is in.
pub(crate) fn target_of_url(url: &Url) -> Option<AddressSpace> {
    let is_local = match url.host()? {
        // 1.1. An address says it itself;
        Host::Ipv4(address) => space_of_v4(address) == AddressSpace::Local,
        Host::Ipv6(address) => {
            determine_the_ip_address_space(IpAddr::V6(address)) == AddressSpace::Local
        }
        // 1.2. a name only if its public suffix is `local`.
        Host::Domain(name) => name == "local" || name.ends_with(".local"),
    };
    is_local.then_some(AddressSpace::Local)
}

/// <https://wicg.github.io/local-network-access/#local-network-access-check>
///
/// # Errors
/// When it returns a network error.
pub(crate) fn local_network_access_check(
    request: &Request,
    address: IpAddr,
) -> Result<(), &'static Step> {
    // 1. Where the server is.
    let address_space = determine_the_ip_address_space(address);
    // 2. A trustworthy page may always talk to its own server.
    let origin = request.origin();
    if is_potentially_trustworthy_origin(origin)
        && origin.is_same_origin_with_url(request.current_url())
    {
        return Ok(());
    }
    // 4. Who says where it is has to be right, and then need not be asked.
    if let Some(target) = request.target_address_space {
        return if address_space == target { Ok(()) } else { Err(&ADDRESS_SPACE_MISMATCH) };
    }
    // 5. From more to less public:
    if address_space < request.client.address_space {
        // 5.2. secure contexts only,
        if !is_potentially_trustworthy_origin(origin) {
            return Err(&INSECURE_CONTEXT);
        }
        // 5.4, 5.10. and only with the permission for that space.
        let permissions = request.client.local_network_permissions;
        let granted = match address_space {
            AddressSpace::Local => permissions.local,
            AddressSpace::Loopback | AddressSpace::Public => permissions.loopback,
        };
        // 5.11, 5.12. Which the user has given or not.
        return if granted { Ok(()) } else { Err(&PERMISSION_DENIED) };
    }
    // 6. Nothing to ask about.
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::UserAgent;
    use crate::scene::{ANY, PAGE, Scene, methods};

    const B: &str = "https://b.example/";
    const PERMITTED: LocalNetworkPermissions =
        LocalNetworkPermissions { local: true, loopback: true };

    fn scene(address: &str) -> Scene {
        let mut scene = Scene::get(B).answer(200, &[ANY]);
        scene.agent = UserAgent { local_network_access: true, ..UserAgent::spec() };
        scene.address = Some(address.parse().unwrap());
        scene
    }

    #[test]
    fn every_block_of_the_table_ends_where_it_says() {
        for (address, space) in [
            ("126.255.255.255", "Public"),
            ("127.0.0.0", "Loopback"),
            ("127.255.255.255", "Loopback"),
            ("128.0.0.0", "Public"),
            ("9.255.255.255", "Public"),
            ("10.0.0.0", "Local"),
            ("10.255.255.255", "Local"),
            ("11.0.0.0", "Public"),
            ("100.63.255.255", "Public"),
            ("100.64.0.0", "Local"),
            ("100.127.255.255", "Local"),
            ("100.128.0.0", "Public"),
            ("172.15.255.255", "Public"),
            ("172.16.0.0", "Local"),
            ("172.31.255.255", "Local"),
            ("172.32.0.0", "Public"),
            ("192.167.255.255", "Public"),
            ("192.168.0.0", "Local"),
            ("192.169.0.0", "Public"),
            ("198.17.255.255", "Public"),
            ("198.18.0.0", "Loopback"),
            ("198.19.255.255", "Loopback"),
            ("198.20.0.0", "Public"),
            ("169.253.255.255", "Public"),
            ("169.254.0.0", "Local"),
            ("169.255.0.0", "Public"),
            ("0.0.0.0", "Loopback"),
            ("0.0.0.1", "Local"),
            ("0.255.255.255", "Local"),
            ("1.0.0.0", "Public"),
            ("::", "Loopback"),
            ("::1", "Loopback"),
            ("::2", "Public"),
            ("1::1", "Public"),
            ("fbff::", "Public"),
            ("fc00::", "Local"),
            ("fdff::1", "Local"),
            ("fe00::", "Public"),
            ("fe7f::", "Public"),
            ("fe80::", "Local"),
            ("febf::", "Local"),
            ("fec0::", "Local"),
            ("feff::", "Local"),
            ("ff00::", "Public"),
            ("2001:db7::", "Public"),
            ("2001:db8::", "Local"),
            ("2001:db9::", "Public"),
            ("2002:db8::", "Public"),
            ("3fff::", "Local"),
            ("3fff:fff::", "Local"),
            ("3fff:1000::", "Public"),
            ("::ffff:127.0.0.1", "Loopback"),
            ("::ffff:10.0.0.1", "Local"),
            ("::ffff:8.8.8.8", "Public"),
        ] {
            let found = determine_the_ip_address_space(address.parse().unwrap());
            assert_eq!(format!("{found:?}"), space, "{address}");
        }
    }

    #[test]
    fn from_public_to_less_public_takes_permission_for_that_space() {
        for (address, permissions, expected) in [
            ("8.8.8.8", LocalNetworkPermissions::default(), "any-origin-without-credentials"),
            ("10.0.0.1", LocalNetworkPermissions::default(), "permission-denied"),
            ("127.0.0.1", LocalNetworkPermissions::default(), "permission-denied"),
            (
                "10.0.0.1",
                LocalNetworkPermissions { local: true, loopback: false },
                "any-origin-without-credentials",
            ),
            (
                "10.0.0.1",
                LocalNetworkPermissions { local: false, loopback: true },
                "permission-denied",
            ),
            (
                "127.0.0.1",
                LocalNetworkPermissions { local: true, loopback: false },
                "permission-denied",
            ),
            (
                "127.0.0.1",
                LocalNetworkPermissions { local: false, loopback: true },
                "any-origin-without-credentials",
            ),
        ] {
            let mut scene = scene(address);
            scene.permissions = permissions;
            assert_eq!(scene.decided(), expected, "{address} {permissions:?}");
        }
    }

    #[test]
    fn who_is_no_more_public_needs_no_permission() {
        use AddressSpace::{Local, Loopback, Public};
        for (page, address, allowed) in [
            (Public, "10.0.0.1", false),
            (Local, "10.0.0.1", true),
            (Local, "127.0.0.1", false),
            (Local, "8.8.8.8", true),
            (Loopback, "127.0.0.1", true),
            (Loopback, "10.0.0.1", true),
        ] {
            let mut scene = scene(address);
            scene.address_space = page;
            assert_eq!(
                scene.decided() == "any-origin-without-credentials",
                allowed,
                "{page:?} {address}"
            );
        }
    }

    #[test]
    fn only_secure_contexts_may_ask_and_the_own_server_needs_no_asking() {
        let mut insecure = scene("10.0.0.1").page("http://a.example");
        insecure.permissions = PERMITTED;
        assert_eq!(insecure.decided(), "insecure-context");
        let mut opaque = scene("10.0.0.1").page("null");
        opaque.permissions = PERMITTED;
        assert_eq!(opaque.decided(), "insecure-context");
        let mut local = scene("10.0.0.1").page("http://localhost");
        local.permissions = PERMITTED;
        assert_eq!(local.decided(), "any-origin-without-credentials");
        let mut own = scene("10.0.0.1");
        own.init.url = format!("{PAGE}/x");
        assert_eq!(own.clone().decided(), "basic-response");
        own.page = "http://a.example".to_owned();
        own.init.url = "http://a.example/x".to_owned();
        assert_eq!(own.decided(), "insecure-context");
    }

    #[test]
    fn whoever_says_where_the_server_is_has_to_be_right() {
        for (url, said, address, expected) in [
            (B, Some(AddressSpace::Local), "10.0.0.1", "any-origin-without-credentials"),
            (B, Some(AddressSpace::Local), "127.0.0.1", "address-space-mismatch"),
            (B, Some(AddressSpace::Loopback), "127.0.0.1", "permission-denied"),
            (B, Some(AddressSpace::Local), "8.8.8.8", "address-space-mismatch"),
            (B, Some(AddressSpace::Public), "10.0.0.1", "permission-denied"),
            ("http://router.local/", None, "10.0.0.1", "any-origin-without-credentials"),
            ("http://router.local./", None, "10.0.0.1", "mixed-content"),
            ("http://local/", None, "10.0.0.1", "any-origin-without-credentials"),
            ("http://10.0.0.1/", None, "10.0.0.1", "any-origin-without-credentials"),
            ("http://[fd00::1]/", None, "fd00::1", "any-origin-without-credentials"),
            ("http://router.local/", None, "127.0.0.1", "address-space-mismatch"),
            ("https://127.0.0.1/", None, "127.0.0.1", "permission-denied"),
            ("http://notlocal/", None, "10.0.0.1", "mixed-content"),
        ] {
            let mut scene = scene(address);
            scene.init.url = url.to_owned();
            scene.init.target_address_space = said;
            assert_eq!(scene.decided(), expected, "{url} {said:?} {address}");
        }
    }

    #[test]
    fn the_preflight_is_checked_first_and_nothing_is_without_the_switch() {
        let put = |agent| {
            let mut scene =
                Scene::send("PUT", B).both((204, &[ANY, methods("PUT")]), (200, &[ANY]));
            scene.address = Some("10.0.0.1".parse().unwrap());
            scene.agent = agent;
            scene
        };
        let fetched = put(UserAgent { local_network_access: true, ..UserAgent::spec() }).run();
        assert_eq!(fetched.trace.decided_by, &PERMISSION_DENIED);
        assert_eq!(fetched.trace.blocked_at, Some(crate::BlockedAt::Preflight));
        assert_eq!(put(UserAgent::spec()).decided(), "any-origin-without-credentials");
        let mut local = put(UserAgent::spec());
        local.init.url = "http://router.local".to_owned();
        assert_eq!(local.decided(), "mixed-content");
    }
}
