//! A browser that somebody opens: any at all, on any machine that reaches the origin server.

use std::time::Duration;

use corsproof_conform::subject::About;

use crate::browser::{BrowserError, Engine, Session};
use crate::origin_server::OriginServer;

/// Somebody who is told what to do.
pub struct ByHand {
    about: About,
    patience: Duration,
    tell: fn(&str),
}

/// Nothing that could be ended.
pub struct ByHandSession;

impl ByHand {
    /// Waits so long for a page each time, and tells this way what is to be done.
    pub fn new(about: About, patience: Duration, tell: fn(&str)) -> Self {
        Self { about, patience, tell }
    }
}

impl Engine for ByHand {
    type Session = ByHandSession;

    fn about(&self) -> About {
        self.about.clone()
    }

    fn launch(
        &self,
        server: &OriginServer,
        control_url: &str,
    ) -> Result<ByHandSession, BrowserError> {
        (self.tell)(&words(server, control_url));
        Ok(ByHandSession)
    }

    fn patience(&self) -> Duration {
        self.patience
    }
}

impl Session for ByHandSession {
    fn process_id(&self) -> Option<u32> {
        None
    }
}

fn words(server: &OriginServer, url: &str) -> String {
    let address = server.address();
    let (host, port) = (address.ip(), address.port());
    format!(
        "In a profile that is used for nothing else, with {host}, port {port}, as its SOCKS 5 proxy \
         for every host (names resolved by the proxy, `localhost` not left out), and with every \
         certificate accepted, open\n\n  {url}\n\n\
         Chromium: --user-data-dir=FOLDER --proxy-server=socks5://{address} \
         --proxy-bypass-list='<-loopback>' --ignore-certificate-errors \
         --disable-features=LocalNetworkAccessChecks,HttpsUpgrades\n\
         WebKitGTK: MiniBrowser --private --ignore-tls-errors --proxy=socks5://{address} '{url}'\n"
    )
}
