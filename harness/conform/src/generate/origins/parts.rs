//! A serialized tuple origin, taken apart and put together again.

/// Scheme, host and port of a serialized origin.
#[derive(Debug, Clone, Copy)]
pub(super) struct Parts<'a> {
    pub(super) scheme: &'a str,
    pub(super) host: &'a str,
    pub(super) port: Option<u16>,
}

impl<'a> Parts<'a> {
    pub(super) fn of(serialized: &'a str) -> Option<Self> {
        let (scheme, rest) = serialized.split_once("://")?;
        let (host, port) = match rest.rsplit_once(':') {
            Some((host, port)) if !port.ends_with(']') => (host, Some(port.parse().ok()?)),
            _ => (rest, None),
        };
        Some(Self { scheme, host, port })
    }

    /// The host, where it is a name and no address.
    pub(super) fn name(&self) -> Option<&'a str> {
        (!self.host.starts_with('[') && self.ipv4().is_none()).then_some(self.host)
    }

    pub(super) fn ipv4(&self) -> Option<[u8; 4]> {
        self.host.parse::<std::net::Ipv4Addr>().ok().map(|address| address.octets())
    }

    pub(super) fn ipv6(&self) -> Option<std::net::Ipv6Addr> {
        self.host.strip_prefix('[')?.strip_suffix(']')?.parse().ok()
    }

    pub(super) fn with_scheme(&self, scheme: &str) -> String {
        Parts { scheme, ..*self }.serialize()
    }

    pub(super) fn with_host(&self, host: &str) -> String {
        Parts { host, ..*self }.serialize()
    }

    pub(super) fn with_port(&self, port: Option<u16>) -> String {
        Parts { port, ..*self }.serialize()
    }

    /// As browsers write it: without the scheme's default port.
    fn serialize(&self) -> String {
        match self.port.filter(|port| Some(*port) != self.default_port()) {
            Some(port) => format!("{}://{}:{port}", self.scheme, self.host),
            None => format!("{}://{}", self.scheme, self.host),
        }
    }

    pub(super) fn default_port(&self) -> Option<u16> {
        match self.scheme {
            "https" | "wss" => Some(443),
            "http" | "ws" => Some(80),
            "ftp" => Some(21),
            _ => None,
        }
    }
}
