//! SOCKS 5 (RFC 1928), as much of it as leads a browser here whatever host and port it asks for.
//!
//! The address that a client names is read and not used: every way ends at this server, which tells
//! hosts apart by the requests that follow.

use std::io;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};

/// First byte of a SOCKS 5 connection: the version.
pub(super) const VERSION: u8 = 5;

const NO_AUTHENTICATION: u8 = 0;
const NO_ACCEPTABLE_METHOD: u8 = 0xff;
const CONNECT: u8 = 1;
const IPV4: u8 = 1;
const DOMAIN_NAME: u8 = 3;
const IPV6: u8 = 4;
const SUCCEEDED: u8 = 0;
const COMMAND_NOT_SUPPORTED: u8 = 7;
const ADDRESS_TYPE_NOT_SUPPORTED: u8 = 8;

/// Grants a client its connection; what it sends next is meant for the host that it named.
///
/// # Errors
/// When the client goes away, wants to authenticate, or asks for more than a connection.
pub(super) async fn grant<S>(stream: &mut S) -> io::Result<()>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let [version, count] = read(stream).await?;
    let methods = read_many(stream, count).await?;
    if version != VERSION || !methods.contains(&NO_AUTHENTICATION) {
        stream.write_all(&[VERSION, NO_ACCEPTABLE_METHOD]).await?;
        return Err(io::ErrorKind::InvalidData.into());
    }
    stream.write_all(&[VERSION, NO_AUTHENTICATION]).await?;
    let [_, command, _, address_type] = read(stream).await?;
    let length = match address_type {
        IPV4 => 4,
        IPV6 => 16,
        DOMAIN_NAME => read::<_, 1>(stream).await?.into_iter().sum(),
        _ => return refuse(stream, ADDRESS_TYPE_NOT_SUPPORTED).await,
    };
    read_many(stream, length).await?;
    let _port: [u8; 2] = read(stream).await?;
    if command != CONNECT {
        return refuse(stream, COMMAND_NOT_SUPPORTED).await;
    }
    stream.write_all(&reply(SUCCEEDED)).await
}

async fn refuse<S: AsyncWrite + Unpin>(stream: &mut S, why: u8) -> io::Result<()> {
    stream.write_all(&reply(why)).await?;
    Err(io::ErrorKind::Unsupported.into())
}

/// A reply; the address that it names as ours is of no use to anybody.
fn reply(code: u8) -> [u8; 10] {
    [VERSION, code, 0, IPV4, 0, 0, 0, 0, 0, 0]
}

async fn read<S: AsyncRead + Unpin, const N: usize>(stream: &mut S) -> io::Result<[u8; N]> {
    let mut bytes = [0; N];
    stream.read_exact(&mut bytes).await?;
    Ok(bytes)
}

async fn read_many<S: AsyncRead + Unpin>(stream: &mut S, count: u8) -> io::Result<Vec<u8>> {
    let mut bytes = vec![0; usize::from(count)];
    stream.read_exact(&mut bytes).await?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Whether it was granted, what was answered, and what is left unread.
    fn exchange(sent: &[u8]) -> (bool, Vec<u8>, Vec<u8>) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let (mut client, mut server) = tokio::io::duplex(4096);
        runtime.block_on(async {
            client.write_all(sent).await.unwrap();
            client.shutdown().await.unwrap();
            let granted = grant(&mut server).await.is_ok();
            let mut rest = Vec::new();
            server.read_to_end(&mut rest).await.unwrap();
            drop(server);
            let mut answered = Vec::new();
            client.read_to_end(&mut answered).await.unwrap();
            (granted, answered, rest)
        })
    }

    #[test]
    fn every_kind_of_address_is_granted_and_nothing_behind_it_is_read() {
        let addresses: [&[u8]; 3] =
            [&[1, 10, 1, 2, 3], &[3, 3, b'a', b'.', b'b'], &[&[4][..], &[9; 16]].concat()];
        for address in addresses {
            let sent = [&[5, 2, 2, 0, 5, 1, 0], address, &[0, 80], b"GET"].concat();
            let (granted, answered, rest) = exchange(&sent);
            assert!(granted, "{address:?}");
            assert_eq!(answered, [&[5, 0], &reply(0)[..]].concat());
            assert_eq!(rest, b"GET");
        }
    }

    #[test]
    fn what_is_no_plain_connection_is_refused() {
        for (sent, last) in [
            (&[5, 1, 2, 0, 0, 0, 0][..], &[5, 0xff][..]),
            (&[4, 1, 0, 0, 0, 0, 0], &[5, 0xff]),
            (&[5, 1, 0, 5, 2, 0, 1, 127, 0, 0, 1, 0, 80], &reply(7)),
            (&[5, 1, 0, 5, 1, 0, 9, 127, 0, 0, 1, 0, 80], &reply(8)),
        ] {
            let (granted, answered, _) = exchange(sent);
            assert!(!granted && answered.ends_with(last), "{sent:?}: {answered:?}");
        }
        assert!(!exchange(&[5, 1]).0, "a client that went away");
    }
}
