//! Varnish as a cache: its built-in rules, but for what RFC 9111 does not ask.
//!
//! - By its built-in rules a request with `Cookie` is neither answered from the store nor stored.
//!   RFC 9111 has no such exception (only `Authorization` is one, 3.5), so cookies are let through.
//! - 308, 405 and 501 are cacheable by default (RFC 9110, 15.1); Varnish keeps them when told.
//! - It would ask for compressed answers on its own; that is switched off.

use std::fs;
use std::io;
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Command, Stdio};

use corsproof_conform::judge::through_cache::{HIT, MARK};

use super::program::{Cache, look_up};

const CONFIGURATION: &str = "cache.vcl";

/// Below the folder: what Varnish makes for itself.
const WORK: &str = "work";

/// The command that runs Varnish in this folder.
pub(super) fn command(
    cache: &Cache,
    folder: &Path,
    server: SocketAddr,
    wrapped: impl Fn(&Path) -> Command,
) -> io::Result<Command> {
    fs::write(folder.join(CONFIGURATION), configuration(server))?;
    let mut command = wrapped(&cache.path);
    // In the foreground, as whoever we are; the system chooses the ports.
    command.args(["-F", "-j", "none", "-a", "127.0.0.1:0", "-T", "127.0.0.1:0", "-t", "300"]);
    command.args(["-s", "malloc,32m", "-s", "Transient=malloc,16m", "-p", "vsl_space=1M"]);
    command.args(["-p", "default_grace=0", "-p", "http_gzip_support=off"]);
    command.arg("-n").arg(folder.join(WORK)).arg("-f").arg(folder.join(CONFIGURATION));
    command.stdout(Stdio::null());
    Ok(command)
}

/// Where it listens; `None`: it is not ready. `varnishadm` comes with it.
pub(super) fn address(folder: &Path) -> Option<SocketAddr> {
    let said = Command::new(look_up("varnishadm")?)
        .args(["-t", "5", "-n"])
        .arg(folder.join(WORK))
        .arg("debug.listen_address")
        .stdin(Stdio::null())
        .stderr(Stdio::null())
        .output()
        .ok()?;
    parse_address(&String::from_utf8_lossy(&said.stdout))
}

/// `a0 127.0.0.1 46419`; the port is 0 until the child listens.
fn parse_address(said: &str) -> Option<SocketAddr> {
    let mut words = said.split_whitespace().skip(1);
    let address = SocketAddr::new(words.next()?.parse().ok()?, words.next()?.parse().ok()?);
    (address.port() != 0).then_some(address)
}

fn configuration(server: SocketAddr) -> String {
    let (host, port) = (server.ip(), server.port());
    format!(
        r#"vcl 4.1;

backend server {{
  .host = "{host}";
  .port = "{port}";
}}

sub vcl_req_cookie {{
  return;
}}

sub vcl_backend_response {{
  if (beresp.ttl <= 0s && !beresp.http.Cache-Control && !beresp.http.Expires &&
      (beresp.status == 308 || beresp.status == 405 || beresp.status == 501)) {{
    set beresp.ttl = 300s;
  }}
}}

sub vcl_deliver {{
  if (obj.hits > 0) {{
    set resp.http.{MARK} = "{HIT}";
  }} else {{
    set resp.http.{MARK} = "MISS";
  }}
}}
"#
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_port_that_is_not_there_yet_is_none() {
        assert_eq!(parse_address("a0 127.0.0.1 0\n\n"), None);
        assert_eq!(parse_address(""), None);
        let address = parse_address("a0 127.0.0.1 46419\n\n").unwrap();
        assert_eq!(address.to_string(), "127.0.0.1:46419");
    }
}
