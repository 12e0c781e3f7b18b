//! A response from bytes: RFC 9112, as far as a client needs it.

use corsproof_conform::byte_string::HeaderLine;
use corsproof_conform::observe::WireResponse;

use super::connection::{Connection, Deadline, Failure};

/// The longest head that is read, in bytes; trailers and the line of a chunk's size also.
pub const MAX_HEAD: usize = 64 << 10;

/// The longest body that is read, in bytes.
pub const MAX_BODY: usize = 1 << 20;

const MAX_INTERIM: usize = 16;
const FEW_HEADERS: usize = 64;
const MANY_HEADERS: usize = 16 << 10;

/// A response and what follows from its framing.
pub(super) struct Received {
    pub(super) response: WireResponse,
    pub(super) body: Vec<u8>,
    /// Whether the connection is good for another exchange.
    pub(super) reusable: bool,
}

struct Head {
    response: WireResponse,
    persistent: bool,
}

enum Framing {
    Length(usize),
    Chunked,
    UntilClose,
}

/// Reads the final response to a request with this method.
pub(super) fn receive(
    connection: &mut Connection,
    method: &[u8],
    deadline: Deadline,
) -> Result<Received, Failure> {
    let head = final_head(connection, deadline)?;
    let framing = framing(&head.response, method)?;
    let mut body = Vec::new();
    match framing {
        Framing::Length(n) => read_length(connection, n, deadline, &mut body)?,
        Framing::Chunked => read_chunks(connection, deadline, &mut body)?,
        Framing::UntilClose => read_to_end(connection, deadline, &mut body)?,
    }
    let delimited = !matches!(framing, Framing::UntilClose);
    // What is left over belongs to no request of ours.
    let reusable = delimited && head.persistent && connection.unused().is_empty();
    Ok(Received { response: head.response, body, reusable })
}

/// RFC 9110, 15.2: interim responses come before the final one; 101 is the last of its connection.
fn final_head(connection: &mut Connection, deadline: Deadline) -> Result<Head, Failure> {
    for _ in 0..=MAX_INTERIM {
        let head = read_head(connection, deadline)?;
        if !(100..200).contains(&head.response.status) || head.response.status == 101 {
            return Ok(head);
        }
    }
    Err(Failure::Garbled(format!("more than {MAX_INTERIM} interim responses")))
}

fn read_head(connection: &mut Connection, deadline: Deadline) -> Result<Head, Failure> {
    // Parsed at once, so that garbage is seen early; then not before the end has arrived.
    let mut searched = 0;
    loop {
        let unused = connection.unused();
        let due = searched == 0 && !unused.is_empty() || ends_head(unused, searched);
        if due && let Some((length, head)) = parse_head(unused)? {
            connection.consume(length);
            return Ok(head);
        }
        if unused.len() > MAX_HEAD {
            return Err(Failure::Garbled(format!("a head of more than {MAX_HEAD} bytes")));
        }
        searched = unused.len();
        connection.fill_or_fail(deadline)?;
    }
}

/// Whether an empty line has arrived since the last look.
fn ends_head(bytes: &[u8], searched: usize) -> bool {
    let fresh = bytes.get(searched.saturating_sub(3)..).unwrap_or_default();
    fresh.windows(2).any(|two| two == b"\n\n") || fresh.windows(3).any(|three| three == b"\n\r\n")
}

fn parse_head(bytes: &[u8]) -> Result<Option<(usize, Head)>, Failure> {
    let few = parse_into(bytes, &mut [httparse::EMPTY_HEADER; FEW_HEADERS]);
    let parsed = match few {
        Err(httparse::Error::TooManyHeaders) => {
            parse_into(bytes, &mut vec![httparse::EMPTY_HEADER; MANY_HEADERS])
        }
        parsed => parsed,
    };
    match parsed {
        Ok(Some((length, _))) if length > MAX_HEAD => {
            Err(Failure::Garbled(format!("a head of more than {MAX_HEAD} bytes")))
        }
        Ok(parsed) => Ok(parsed),
        Err(error) => Err(Failure::Garbled(format!("a head that is not HTTP: {error}"))),
    }
}

fn parse_into<'b>(
    bytes: &'b [u8],
    headers: &mut [httparse::Header<'b>],
) -> Result<Option<(usize, Head)>, httparse::Error> {
    let mut parsed = httparse::Response::new(headers);
    let httparse::Status::Complete(length) = parsed.parse(bytes)? else {
        return Ok(None);
    };
    let lines: Vec<HeaderLine> =
        parsed.headers.iter().map(|header| (header.name.into(), header.value.into())).collect();
    let persistent = parsed.version == Some(1) && !list_contains(&lines, b"connection", b"close");
    let status = parsed.code.unwrap_or_default();
    let response = WireResponse { status, headers: lines };
    Ok(Some((length, Head { response, persistent })))
}

/// RFC 9112, 6.3.
fn framing(response: &WireResponse, method: &[u8]) -> Result<Framing, Failure> {
    // 1 and 2: no body, whatever the headers say.
    if method == b"HEAD" || matches!(response.status, 204 | 304) {
        return Ok(Framing::Length(0));
    }
    if response.status == 101 || method == b"CONNECT" && (200..300).contains(&response.status) {
        return Ok(Framing::UntilClose);
    }
    // 3 and 4: the last transfer coding decides.
    let mut codings = values(&response.headers, b"transfer-encoding").peekable();
    if codings.peek().is_some() {
        return Ok(match codings.last() {
            Some(coding) if coding.eq_ignore_ascii_case(b"chunked") => Framing::Chunked,
            _ => Framing::UntilClose,
        });
    }
    // 5 and 6: all lengths agree.
    let mut lengths = values(&response.headers, b"content-length");
    let Some(first) = lengths.next() else {
        return Ok(Framing::UntilClose);
    };
    if lengths.any(|other| other != first) {
        return Err(Failure::Garbled("two different lengths".to_owned()));
    }
    let length = decimal(first)
        .ok_or_else(|| Failure::Garbled(format!("the length `{}`", first.escape_ascii())))?;
    within_limit(length).map(Framing::Length)
}

fn read_length(
    connection: &mut Connection,
    length: usize,
    deadline: Deadline,
    body: &mut Vec<u8>,
) -> Result<(), Failure> {
    while connection.unused().len() < length {
        connection.fill_or_fail(deadline)?;
    }
    body.extend_from_slice(connection.unused().get(..length).unwrap_or_default());
    connection.consume(length);
    Ok(())
}

fn read_to_end(
    connection: &mut Connection,
    deadline: Deadline,
    body: &mut Vec<u8>,
) -> Result<(), Failure> {
    while connection.fill(deadline)? {
        within_limit(connection.unused().len())?;
    }
    body.extend_from_slice(connection.unused());
    connection.consume(body.len());
    Ok(())
}

/// RFC 9112, 7.1.
fn read_chunks(
    connection: &mut Connection,
    deadline: Deadline,
    body: &mut Vec<u8>,
) -> Result<(), Failure> {
    loop {
        let size = read_chunk_size(connection, deadline)?;
        within_limit(size.saturating_add(body.len()))?;
        if size == 0 {
            return skip_trailers(connection, deadline);
        }
        read_length(connection, size, deadline, body)?;
        let mut line_end = Vec::new();
        read_length(connection, 2, deadline, &mut line_end)?;
        if line_end != b"\r\n" {
            return Err(Failure::Garbled("a chunk that is longer than its size".to_owned()));
        }
    }
}

fn read_chunk_size(connection: &mut Connection, deadline: Deadline) -> Result<usize, Failure> {
    loop {
        let unused = connection.unused();
        match httparse::parse_chunk_size(unused) {
            Ok(httparse::Status::Complete((length, size))) => {
                connection.consume(length);
                return usize::try_from(size).map_err(|_| too_long());
            }
            Ok(httparse::Status::Partial) if unused.len() <= MAX_HEAD => {
                connection.fill_or_fail(deadline)?;
            }
            Ok(httparse::Status::Partial) => {
                return Err(Failure::Garbled(format!(
                    "a chunk size of more than {MAX_HEAD} bytes"
                )));
            }
            Err(_) => return Err(Failure::Garbled("a chunk without a size".to_owned())),
        }
    }
}

fn skip_trailers(connection: &mut Connection, deadline: Deadline) -> Result<(), Failure> {
    loop {
        let unused = connection.unused();
        if unused.starts_with(b"\r\n") {
            connection.consume(2);
            return Ok(());
        }
        if let Some(end) = unused.windows(4).position(|four| four == b"\r\n\r\n") {
            connection.consume(end + 4);
            return Ok(());
        }
        if unused.len() > MAX_HEAD {
            return Err(Failure::Garbled(format!("trailers of more than {MAX_HEAD} bytes")));
        }
        connection.fill_or_fail(deadline)?;
    }
}

fn within_limit(length: usize) -> Result<usize, Failure> {
    if length > MAX_BODY { Err(too_long()) } else { Ok(length) }
}

fn too_long() -> Failure {
    Failure::Garbled(format!("a body of more than {MAX_BODY} bytes"))
}

/// The members of a list header, over all of its lines.
fn values<'a>(headers: &'a [HeaderLine], name: &'a [u8]) -> impl Iterator<Item = &'a [u8]> {
    headers
        .iter()
        .filter(move |(n, _)| n.eq_ignore_ascii_case(name))
        .flat_map(|(_, value)| value.split(|byte| *byte == b','))
        .map(<[u8]>::trim_ascii)
}

fn list_contains(headers: &[HeaderLine], name: &[u8], member: &[u8]) -> bool {
    values(headers, name).any(|value| value.eq_ignore_ascii_case(member))
}

/// Digits only: `parse` alone would take a sign.
fn decimal(digits: &[u8]) -> Option<usize> {
    let digits = std::str::from_utf8(digits).ok()?;
    digits.bytes().all(|byte| byte.is_ascii_digit()).then(|| digits.parse().ok())?
}
