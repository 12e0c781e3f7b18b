//! Trusting the wrong header.

use std::net::Ipv4Addr;

use corsproof_model::Origin;

use super::{after_scheme, host};
use crate::policy::Policy;
use crate::reference::fault::TrustFault;
use crate::reference::heard::Heard;
use crate::reference::lines::values;
use crate::reference::middleware::names;

pub(super) fn hear(slip: TrustFault, mut heard: Heard<'_>) -> Heard<'_> {
    let mut origins = values(&heard.request.headers, "origin");
    let read = match slip {
        TrustFault::FirstOriginLine => origins.next().map(<[u8]>::to_vec),
        TrustFault::LastOriginLine => origins.last().map(<[u8]>::to_vec),
        TrustFault::RefererForOrigin if heard.origin.is_none() => referer(&heard),
        _ => return heard,
    };
    heard.origin = read;
    heard
}

pub(super) fn allows(slip: TrustFault, policy: &Policy, heard: &Heard<'_>, text: &str) -> bool {
    let is_host = |name: &str| heard.line(name) == Some(after_scheme(text).as_bytes());
    names(policy, text)
        || match slip {
            TrustFault::Localhost => matches!(host(text), "localhost" | "127.0.0.1" | "[::1]"),
            TrustFault::LocalhostPrefix => {
                ["http://localhost", "https://localhost"].iter().any(|l| text.starts_with(l))
            }
            TrustFault::PrivateAddresses => {
                let is_near = |a: Ipv4Addr| a.is_private() || a.is_loopback() || a.is_unspecified();
                host(text).parse().is_ok_and(is_near) || host(text) == "[::1]"
            }
            TrustFault::OtherSchemes => text.contains("://") && !text.starts_with("http"),
            TrustFault::HostIsOrigin => is_host("host"),
            TrustFault::ForwardedHostIsOrigin => is_host("x-forwarded-host"),
            TrustFault::AnyMember => text.split(',').any(|member| names(policy, member.trim())),
            TrustFault::RequestedWith => heard.line("x-requested-with").is_some(),
            TrustFault::FetchSite => {
                matches!(heard.line("sec-fetch-site"), Some(b"same-site" | b"same-origin"))
            }
            TrustFault::CookieHolder => heard.line("cookie").is_some(),
            _ => false,
        }
}

fn referer(heard: &Heard<'_>) -> Option<Vec<u8>> {
    let referer = std::str::from_utf8(heard.line("referer")?).ok()?;
    let origin = Origin::of_url(&url::Url::parse(referer).ok()?);
    (!origin.is_opaque()).then(|| origin.serialize().into_bytes())
}
