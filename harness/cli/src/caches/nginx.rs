//! nginx as a cache: `proxy_cache`, a time to live where the server names none, and nothing else.
//!
//! It takes its listening socket from us (the way in which nginx upgrades itself), so that the
//! system chooses the port and nobody else can take it in between.

use std::fs;
use std::io;
use std::net::{SocketAddr, TcpListener};
use std::os::fd::OwnedFd;
use std::path::Path;
use std::process::{Command, Stdio};

use corsproof_conform::judge::through_cache::MARK;
use rustix::process::geteuid;

use super::program::Cache;

/// Written once the configuration is read and the socket is taken over.
pub(super) const READY: &str = "nginx.pid";

const CONFIGURATION: &str = "nginx.conf";

/// The command that runs nginx in this folder, and the address that it will listen on.
pub(super) fn command(
    cache: &Cache,
    folder: &Path,
    server: SocketAddr,
    wrapped: impl Fn(&Path) -> Command,
) -> io::Result<(Command, SocketAddr)> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let address = listener.local_addr()?;
    fs::create_dir(folder.join("store"))?;
    fs::write(folder.join(CONFIGURATION), configuration(address, server))?;
    let mut command = wrapped(&cache.path);
    command.arg("-e").arg("stderr").arg("-p").arg(folder).arg("-c").arg(CONFIGURATION);
    // The listening socket is its standard output.
    command.env("NGINX", "1;").stdout(Stdio::from(OwnedFd::from(listener)));
    Ok((command, address))
}

/// Paths are relative to the folder. One worker: what it stored before an answer ended, it finds
/// for the next request. 206 is kept by default too, but only by who understands ranges.
fn configuration(listen: SocketAddr, server: SocketAddr) -> String {
    // As root it would give its workers to another user, who may not enter our folder.
    let user = if geteuid().is_root() { "user root;\n" } else { "" };
    format!(
        r#"daemon off;
{user}worker_processes 1;
pid {READY};
error_log stderr warn;
events {{ worker_connections 256; }}
http {{
  access_log off;
  client_body_temp_path body;
  proxy_temp_path proxy;
  fastcgi_temp_path fastcgi;
  uwsgi_temp_path uwsgi;
  scgi_temp_path scgi;
  proxy_cache_path store keys_zone=store:4m max_size=64m inactive=10m use_temp_path=off;
  server {{
    listen {listen};
    location / {{
      proxy_pass http://{server};
      proxy_http_version 1.1;
      proxy_set_header Host $http_host;
      proxy_set_header Connection "";
      proxy_cache store;
      proxy_cache_key $http_host$request_uri;
      proxy_cache_valid 200 203 204 300 301 308 404 405 410 414 501 5m;
      add_header {MARK} $upstream_cache_status always;
    }}
  }}
}}
"#
    )
}
