//! Requests as they are read from a socket, and answers as they are written to one.
//!
//! HTTP/1.1 only, every size bounded; what is beyond a bound ends the connection.

use tokio::io::{AsyncRead, AsyncReadExt};

/// Longest request head.
const MAX_HEAD: usize = 256 * 1024;

/// Most field lines of a request.
const MAX_LINES: usize = 1024;

/// Longest body of a case's request, which is read and dropped, or of a page's report.
const MAX_BODY: usize = 16 * 1024 * 1024;

/// A request as it arrived.
#[derive(Debug)]
pub(super) struct Request {
    pub(super) method: String,
    pub(super) target: String,
    pub(super) lines: Vec<(String, Vec<u8>)>,
    pub(super) body: Vec<u8>,
}

impl Request {
    /// The value of the first field line of this name (in lower case).
    pub(super) fn line(&self, name: &str) -> Option<&[u8]> {
        self.lines.iter().find(|(n, _)| n.eq_ignore_ascii_case(name)).map(|(_, v)| v.as_slice())
    }
}

/// What a connection does once an answer is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Then {
    /// It waits for the next request.
    KeepOpen,
    /// It ends.
    Close,
}

/// An answer.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Answer {
    /// What is written; empty for no answer at all.
    pub(super) bytes: Vec<u8>,
    pub(super) then: Then,
}

impl Answer {
    /// The connection ends without a byte.
    pub(super) fn hang_up() -> Self {
        Self { bytes: Vec::new(), then: Then::Close }
    }

    /// An answer of the harness itself, never of a case.
    pub(super) fn own(status: &str, content_type: &str, body: &str) -> Self {
        let head = format!(
            "HTTP/1.1 {status}\r\nContent-Type: {content_type}\r\nContent-Length: {}\r\n\
             Cache-Control: no-store\r\n\r\n",
            body.len()
        );
        Self { bytes: [head.as_bytes(), body.as_bytes()].concat(), then: Then::KeepOpen }
    }
}

/// Why no further request can be read.
#[derive(Debug, thiserror::Error)]
pub(super) enum ReadError {
    #[error("the peer closed the connection")]
    Closed,
    #[error("the socket failed")]
    Socket(#[from] std::io::Error),
    #[error("not HTTP/1.1")]
    Syntax,
    #[error("the request is larger than the harness reads")]
    TooLarge,
    #[error("the framing of the body is not understood")]
    Framing,
}

/// Reads one request; `buffer` keeps what was read beyond it.
pub(super) async fn read_request<S: AsyncRead + Unpin>(
    stream: &mut S,
    buffer: &mut Vec<u8>,
) -> Result<Request, ReadError> {
    let (mut request, head_len) = loop {
        if let Some(parsed) = parse_head(buffer)? {
            break parsed;
        }
        if buffer.len() > MAX_HEAD {
            return Err(ReadError::TooLarge);
        }
        fill(stream, buffer).await?;
    };
    buffer.drain(..head_len);
    request.body = read_body(stream, buffer, &request).await?;
    Ok(request)
}

/// Reads a head that is whole: httparse would refuse bytes that Fetch lets scripts send (0x01,
/// 0x0B, 0x7F in a value), and these are cases like any other.
fn parse_head(buffer: &[u8]) -> Result<Option<(Request, usize)>, ReadError> {
    let Some(end) = buffer.windows(4).position(|window| window == b"\r\n\r\n") else {
        return Ok(None);
    };
    let head = buffer.get(..end).unwrap_or_default();
    let mut lines = Lines(Some(head));
    let first = lines.next().unwrap_or_default();
    let mut words = first.split(|byte| *byte == b' ').map(std::str::from_utf8);
    let (Some(Ok(method)), Some(Ok(target)), Some(Ok("HTTP/1.1")), None) =
        (words.next(), words.next(), words.next(), words.next())
    else {
        return Err(ReadError::Syntax);
    };
    let lines = lines.map(field_line).collect::<Option<Vec<_>>>().ok_or(ReadError::Syntax)?;
    if lines.len() > MAX_LINES {
        return Err(ReadError::TooLarge);
    }
    let (method, target) = (method.to_owned(), target.to_owned());
    Ok(Some((Request { method, target, lines, body: Vec::new() }, end + 4)))
}

/// A name that is not empty, a colon, and a value without the white space around it.
fn field_line(line: &[u8]) -> Option<(String, Vec<u8>)> {
    let colon = line.iter().position(|byte| *byte == b':').filter(|at| *at > 0)?;
    let name = std::str::from_utf8(line.get(..colon)?).ok()?;
    let mut value = line.get(colon + 1..)?;
    while let [b' ' | b'\t', rest @ ..] | [rest @ .., b' ' | b'\t'] = value {
        value = rest;
    }
    Some((name.to_owned(), value.to_vec()))
}

/// What stands between the line ends (CR LF) of a head.
struct Lines<'a>(Option<&'a [u8]>);

impl<'a> Iterator for Lines<'a> {
    type Item = &'a [u8];

    fn next(&mut self) -> Option<&'a [u8]> {
        let rest = self.0?;
        let end = rest.windows(2).position(|window| window == b"\r\n");
        self.0 = end.and_then(|end| rest.get(end + 2..));
        Some(end.and_then(|end| rest.get(..end)).unwrap_or(rest))
    }
}

async fn read_body<S: AsyncRead + Unpin>(
    stream: &mut S,
    buffer: &mut Vec<u8>,
    request: &Request,
) -> Result<Vec<u8>, ReadError> {
    if let Some(coding) = request.line("transfer-encoding") {
        if !coding.eq_ignore_ascii_case(b"chunked") {
            return Err(ReadError::Framing);
        }
        return read_chunks(stream, buffer).await;
    }
    let Some(length) = request.line("content-length") else {
        return Ok(Vec::new());
    };
    let length = std::str::from_utf8(length)
        .ok()
        .and_then(|digits| digits.parse::<usize>().ok())
        .ok_or(ReadError::Framing)?;
    take(stream, buffer, length).await
}

async fn read_chunks<S: AsyncRead + Unpin>(
    stream: &mut S,
    buffer: &mut Vec<u8>,
) -> Result<Vec<u8>, ReadError> {
    let mut body = Vec::new();
    loop {
        let (line_len, size) = loop {
            match httparse::parse_chunk_size(buffer).map_err(|_| ReadError::Framing)? {
                httparse::Status::Complete(parsed) => break parsed,
                httparse::Status::Partial => fill(stream, buffer).await?,
            }
        };
        buffer.drain(..line_len);
        let size = usize::try_from(size).map_err(|_| ReadError::TooLarge)?;
        if body.len().saturating_add(size) > MAX_BODY {
            return Err(ReadError::TooLarge);
        }
        let chunk = take(stream, buffer, size).await?;
        // The line break behind the chunk; browsers send no trailers.
        take(stream, buffer, 2).await?;
        if size == 0 {
            return Ok(body);
        }
        body.extend(chunk);
    }
}

async fn take<S: AsyncRead + Unpin>(
    stream: &mut S,
    buffer: &mut Vec<u8>,
    length: usize,
) -> Result<Vec<u8>, ReadError> {
    if length > MAX_BODY {
        return Err(ReadError::TooLarge);
    }
    while buffer.len() < length {
        fill(stream, buffer).await?;
    }
    let rest = buffer.split_off(length);
    Ok(std::mem::replace(buffer, rest))
}

async fn fill<S: AsyncRead + Unpin>(stream: &mut S, buffer: &mut Vec<u8>) -> Result<(), ReadError> {
    buffer.reserve(8 * 1024);
    match stream.read_buf(buffer).await? {
        0 => Err(ReadError::Closed),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(bytes: &[u8]) -> Result<(Request, Vec<u8>), ReadError> {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let mut stream = bytes;
        let mut buffer = Vec::new();
        let request = runtime.block_on(read_request(&mut stream, &mut buffer))?;
        Ok((request, buffer))
    }

    #[test]
    fn a_body_ends_where_its_framing_says() {
        for bytes in [
            &b"POST /x HTTP/1.1\r\nContent-Length: 3\r\n\r\nabcNEXT"[..],
            b"POST /x HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n1\r\nc\r\n0\r\n\r\nNEXT",
        ] {
            let (request, rest) = read(bytes).unwrap();
            assert_eq!(request.body, b"abc");
            assert_eq!(rest, b"NEXT");
        }
    }

    #[test]
    fn a_body_beyond_the_bound_is_not_awaited() {
        let error = read(b"POST / HTTP/1.1\r\nContent-Length: 99999999999\r\n\r\n").unwrap_err();
        assert!(matches!(error, ReadError::TooLarge));
    }

    #[test]
    fn bytes_of_a_field_value_are_kept() {
        let (request, _) = read(b"GET / HTTP/1.1\r\nX-A: \xe9\xff\x0b\x7f\x01 \r\n\r\n").unwrap();
        assert_eq!(request.line("x-a"), Some(&b"\xe9\xff\x0b\x7f\x01"[..]));
    }
}
