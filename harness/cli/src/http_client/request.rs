//! A request as bytes.

use corsproof_conform::observe::WireRequest;

/// The body of a request that has one.
pub const BODY: &[u8] = b"corsproof";

/// The request, with its target below this path.
pub(super) fn serialize(path: &str, request: &WireRequest, out: &mut Vec<u8>) {
    out.clear();
    for part in [&*request.method, b" ", path.as_bytes(), &request.target, b" HTTP/1.1\r\n"] {
        out.extend_from_slice(part);
    }
    for (name, value) in &request.headers {
        for part in [&**name, b": ", value, b"\r\n"] {
            out.extend_from_slice(part);
        }
    }
    if request.body {
        if !frames_itself(request) {
            out.extend_from_slice(format!("Content-Length: {}\r\n", BODY.len()).as_bytes());
        }
        out.extend_from_slice(b"\r\n");
        out.extend_from_slice(BODY);
    } else {
        out.extend_from_slice(b"\r\n");
    }
}

/// Whether a server sees exactly one request in these bytes, so that the next answer on the
/// connection belongs to the next request.
pub(super) fn is_one_request(request: &WireRequest) -> bool {
    let whole = |bytes: &[u8]| !bytes.iter().any(|byte| matches!(byte, b'\r' | b'\n' | 0));
    whole(&request.method)
        && whole(&request.target)
        && request.headers.iter().all(|(name, value)| whole(name) && whole(value))
        && !frames_itself(request)
}

/// Whether its own headers say where it ends.
fn frames_itself(request: &WireRequest) -> bool {
    request.headers.iter().any(|(name, _)| {
        name.eq_ignore_ascii_case(b"content-length")
            || name.eq_ignore_ascii_case(b"transfer-encoding")
    })
}
