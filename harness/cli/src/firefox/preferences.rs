//! The preferences of a fresh profile.

use serde_json::{Value, json};

/// The profile's `user.js`: everything goes through the proxy on this port, and nothing else does
/// anything.
pub(super) fn user_js(proxy_port: u16) -> String {
    proxy(proxy_port)
        .into_iter()
        .chain(SWITCHED_OFF.map(|name| (name, json!(false))))
        .chain(others())
        .map(|(name, value)| format!("user_pref({}, {value});\n", json!(name)))
        .collect()
}

/// Also for `localhost`, also when the proxy fails, and names are never resolved here.
fn proxy(port: u16) -> [(&'static str, Value); 8] {
    [
        ("network.proxy.type", json!(1)),
        ("network.proxy.socks", json!("127.0.0.1")),
        ("network.proxy.socks_port", json!(port)),
        ("network.proxy.socks_version", json!(5)),
        ("network.proxy.socks_remote_dns", json!(true)),
        ("network.proxy.socks5_remote_dns", json!(true)),
        ("network.proxy.allow_hijacking_localhost", json!(true)),
        ("network.proxy.no_proxies_on", json!("")),
    ]
}

fn others() -> [(&'static str, Value); 10] {
    [
        ("browser.shell.checkDefaultBrowser", json!(false)),
        ("browser.startup.homepage_override.mstone", json!("ignore")),
        ("browser.startup.page", json!(0)),
        ("dom.ipc.processCount", json!(1)),
        ("media.gmp-manager.url", json!("data:,")),
        ("network.http.max-connections", json!(1800)),
        ("network.http.speculative-parallel-limit", json!(0)),
        ("network.trr.mode", json!(5)),
        ("services.settings.server", json!("data:,")),
        ("toolkit.startup.max_resumed_crashes", json!(-1)),
    ]
}

/// What would change a request before CORS sees it (upgrades to HTTPS, Local Network Access,
/// blocked trackers), what talks to the network by itself, and a process for each site, which
/// dozens of page origins would make dozens of.
const SWITCHED_OFF: [&str; 39] = [
    "app.normandy.enabled",
    "app.update.auto",
    "app.update.enabled",
    "browser.cache.disk.enable",
    "browser.newtabpage.enabled",
    "browser.ping-centre.telemetry",
    "browser.region.update.enabled",
    "browser.safebrowsing.blockedURIs.enabled",
    "browser.safebrowsing.downloads.enabled",
    "browser.safebrowsing.malware.enabled",
    "browser.safebrowsing.phishing.enabled",
    "browser.search.update",
    "browser.sessionstore.resume_from_crash",
    "datareporting.healthreport.uploadEnabled",
    "datareporting.policy.dataSubmissionEnabled",
    "dom.push.connection.enabled",
    "dom.security.https_first",
    "dom.security.https_first_for_custom_ports",
    "dom.security.https_first_schemeless",
    "dom.security.https_only_mode",
    "extensions.getAddons.cache.enabled",
    "extensions.systemAddon.update.enabled",
    "extensions.update.enabled",
    "fission.autostart",
    "media.gmp-manager.updateEnabled",
    "messaging-system.rsexperimentloader.enabled",
    "network.captive-portal-service.enabled",
    "network.connectivity-service.enabled",
    "network.dns.upgrade_with_https_rr",
    "network.lna.block_trackers",
    "network.lna.blocking",
    "network.lna.enabled",
    "network.prefetch-next",
    "network.proxy.failover_direct",
    "network.stricttransportsecurity.preloadlist",
    "nimbus.rollouts.enabled",
    "privacy.trackingprotection.enabled",
    "privacy.trackingprotection.pbmode.enabled",
    "toolkit.telemetry.enabled",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_line_is_a_preference_and_none_is_set_twice() {
        let text = user_js(4711);
        assert!(text.contains("user_pref(\"network.proxy.socks_port\", 4711);\n"), "{text}");
        let mut names: Vec<_> =
            text.lines().map(|line| line.split('"').nth(1).unwrap().to_owned()).collect();
        let count = names.len();
        names.sort();
        names.dedup();
        assert_eq!(names.len(), count);
        assert!(text.lines().all(|line| line.starts_with("user_pref(") && line.ends_with(");")));
    }
}
