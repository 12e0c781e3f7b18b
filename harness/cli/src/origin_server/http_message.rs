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
        self.lines
            .iter()
            .find(|(n, _)| n.eq_ignore_ascii_case(name))
            .map(|(_, v)| v.as_slice())
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
        Self {
            bytes: Vec::new(),
            then: Then::Close,
        }
    }

    /// An answer of the harness itself, never of a case.
    pub(super) fn own(status: &str, content_type: &str, body: &str) -> Self {
        let head = format!(
            "HTTP/1.1 {status}\r\nContent-Type: {content_type}\r\nContent-Length: {}\r\n\
             Cache-Control: no-store\r\n\r\n",
            body.len()
        );
        Self {
            bytes: [head.as_bytes(), body.as_bytes()].concat(),
            then: Then::KeepOpen,
        }
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
    Syntax(#[from] httparse::Error),
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

fn parse_head(buffer: &[u8]) -> Result<Option<(Request, usize)>, ReadError> {
    let mut lines = [httparse::EMPTY_HEADER; MAX_LINES];
    let mut head = httparse::Request::new(&mut lines);
    let httparse::Status::Complete(head_len) = head.parse(buffer)? else {
        return Ok(None);
    };
    let request = Request {
        method: head.method.unwrap_or_default().to_owned(),
        target: head.path.unwrap_or_default().to_owned(),
        lines: head
            .headers
            .iter()
            .map(|h| (h.name.to_owned(), h.value.to_vec()))
            .collect(),
        body: Vec::new(),
    };
    Ok(Some((request, head_len)))
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
        let runtime = tokio::runtime::Builder::new_current_thread()
            .build()
            .unwrap();
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
        let (request, _) = read(b"GET / HTTP/1.1\r\nX-A: \xe9\xff\r\n\r\n").unwrap();
        assert_eq!(request.line("x-a"), Some(&b"\xe9\xff"[..]));
    }
}
