//! The second readings themselves.

/// RFC 9110, 5.6.2, by its other half: any VCHAR, except delimiters.
pub fn is_token(bytes: &[u8]) -> bool {
    let is_vchar = |byte: &u8| (0x21..=0x7E).contains(byte);
    let delimiters = b"\"(),/:;<=>?@[\\]{}";
    !bytes.is_empty() && bytes.iter().all(|byte| is_vchar(byte) && !delimiters.contains(byte))
}

/// The origin of the URL of these parts (URL, "origin"), serialized (HTML).
pub fn origin(scheme: &str, host: &str, port: Option<&str>) -> String {
    let scheme = scheme.to_lowercase();
    // A blob URL has the origin of what is inside, if that is HTTP(S).
    let scheme = scheme.strip_prefix("blob:").map_or(scheme.as_str(), |inner| match inner {
        "http" | "https" => inner,
        _ => "opaque",
    });
    let default = match scheme {
        "ftp" => 21,
        "http" | "ws" => 80,
        "https" | "wss" => 443,
        _ => return "null".to_owned(),
    };
    let host = match host.strip_prefix('[') {
        Some(address) => format!("[{}]", address_without_longest_zeros(address)),
        None => host.to_lowercase(),
    };
    match port.unwrap_or("").parse::<u16>() {
        Ok(port) if port != default => format!("{scheme}://{host}:{port}"),
        _ => format!("{scheme}://{host}"),
    }
}

/// URL, "IPv6 serializer", of eight pieces written out in full.
fn address_without_longest_zeros(address: &str) -> String {
    let pieces: Vec<u16> = address
        .trim_end_matches(']')
        .split(':')
        .map(|piece| u16::from_str_radix(piece, 16).unwrap())
        .collect();
    let write = |pieces: &[u16]| {
        pieces.iter().map(|piece| format!("{piece:x}")).collect::<Vec<_>>().join(":")
    };
    // The longest first, of these the leftmost; one piece alone is not worth it.
    for length in (2..=8).rev() {
        for start in 0..=8 - length {
            if pieces[start..start + length].iter().all(|piece| *piece == 0) {
                return format!(
                    "{}::{}",
                    write(&pieces[..start]),
                    write(&pieces[start + length..])
                );
            }
        }
    }
    write(&pieces)
}

fn is_ows(byte: u8) -> bool {
    byte == b' ' || byte == b'\t'
}

fn between(bytes: &[u8], is_outside: impl Fn(u8) -> bool) -> &[u8] {
    let first = bytes.iter().position(|byte| !is_outside(*byte)).unwrap_or(bytes.len());
    let last = bytes.iter().rposition(|byte| !is_outside(*byte)).map_or(first, |last| last + 1);
    &bytes[first..last]
}

/// RFC 9110, 5.6.1.2, a byte at a time. `None` is failure.
pub fn list(line: &[u8]) -> Option<Vec<Vec<u8>>> {
    let mut elements = vec![Vec::new()];
    // White space that comes to stand inside an element, if more of it follows.
    let mut has_space = false;
    for byte in line {
        let element = elements.last_mut().unwrap();
        match byte {
            b',' => {
                elements.push(Vec::new());
                has_space = false;
            }
            b' ' | b'\t' => has_space = !element.is_empty(),
            _ if has_space => return None,
            byte if !is_token(&[*byte]) => return None,
            byte => element.push(*byte),
        }
    }
    elements.retain(|element| !element.is_empty());
    Some(elements)
}

/// RFC 9111, 1.2.2; more than fits is the most that fits.
pub fn seconds(line: &[u8]) -> Option<u64> {
    let mut seconds: u128 = 0;
    let digits = between(line, is_ows);
    for byte in digits {
        let digit = char::from(*byte).to_digit(10)?;
        seconds = (seconds * 10 + u128::from(digit)).min(u128::from(u64::MAX));
    }
    (!digits.is_empty()).then(|| u64::try_from(seconds).unwrap())
}

/// MIME Sniffing, "parse a MIME type", then "essence".
pub fn essence(input: &[u8]) -> Option<Vec<u8>> {
    let is_space = |byte: u8| b"\n\r\t ".contains(&byte);
    let input = between(input, is_space);
    let mut position = 0;
    let mut r#type = Vec::new();
    while position < input.len() && input[position] != b'/' {
        r#type.push(input[position].to_ascii_lowercase());
        position += 1;
    }
    if !is_token(&r#type) || position == input.len() {
        return None;
    }
    position += 1;
    let mut subtype = Vec::new();
    while position < input.len() && input[position] != b';' {
        subtype.push(input[position].to_ascii_lowercase());
        position += 1;
    }
    while subtype.last().is_some_and(|byte| is_space(*byte)) {
        subtype.pop();
    }
    is_token(&subtype).then(|| [r#type, subtype].join(&b'/'))
}

/// A number of any size, as its digits.
pub type Number = Vec<u8>;

/// Without the zeros in front, which count for nothing.
pub fn number(digits: &[u8]) -> Number {
    let mut number = digits.to_vec();
    while number.len() > 1 && number[0] == b'0' {
        number.remove(0);
    }
    number
}

/// Fetch, "parse a single range header value", without white space.
pub fn single_range(input: &[u8]) -> Option<(Option<Number>, Option<Number>)> {
    if !input.starts_with(b"bytes") {
        return None;
    }
    let mut position = 5;
    let collect_digits = |position: &mut usize| {
        let start = *position;
        while input.get(*position).is_some_and(u8::is_ascii_digit) {
            *position += 1;
        }
        (*position > start).then(|| number(&input[start..*position]))
    };
    if input.get(position) != Some(&b'=') {
        return None;
    }
    position += 1;
    let start = collect_digits(&mut position);
    if input.get(position) != Some(&b'-') {
        return None;
    }
    position += 1;
    let end = collect_digits(&mut position);
    if position < input.len() || (start.is_none() && end.is_none()) {
        return None;
    }
    if let (Some(start), Some(end)) = (&start, &end) {
        let first_difference = start.iter().zip(end).find(|(start, end)| start != end);
        let is_greater = first_difference.is_some_and(|(start, end)| start > end);
        if start.len() > end.len() || (start.len() == end.len() && is_greater) {
            return None;
        }
    }
    Some((start, end))
}

/// Fetch, "header value".
pub fn is_value(value: &[u8]) -> bool {
    let ends = [value.first(), value.last()];
    !ends.into_iter().flatten().any(|byte| is_ows(*byte))
        && !value.contains(&0)
        && !value.contains(&0x0A)
        && !value.contains(&0x0D)
}

/// Fetch, "normalize" of potential values.
pub fn normalized(value: &[u8]) -> Vec<u8> {
    between(value, |byte| [0x09, 0x0A, 0x0D, 0x20].contains(&byte)).to_vec()
}

/// The method that a request has for this; `None`: APIs throw.
pub fn usable_method(method: &[u8]) -> Option<Vec<u8>> {
    if !is_token(method) || is_forbidden_method(method) {
        return None;
    }
    match &method.to_ascii_lowercase()[..] {
        b"delete" | b"get" | b"head" | b"options" | b"post" | b"put" => {
            Some(method.to_ascii_uppercase())
        }
        _ => Some(method.to_vec()),
    }
}

fn is_forbidden_method(method: &[u8]) -> bool {
    matches!(&method.to_ascii_uppercase()[..], b"CONNECT" | b"TRACE" | b"TRACK")
}

/// Fetch, "CORS-unsafe request-header names".
pub fn unsafe_names(headers: &[(&str, Vec<u8>)]) -> Vec<Vec<u8>> {
    let mut unsafe_names = Vec::new();
    let mut potentially_unsafe_names = Vec::new();
    let mut safelist_value_size = 0;
    for (name, value) in headers {
        if is_safelisted(name, value) {
            potentially_unsafe_names.push(name);
            safelist_value_size += value.len();
        } else {
            unsafe_names.push(name);
        }
    }
    if safelist_value_size > 1024 {
        unsafe_names.extend(potentially_unsafe_names);
    }
    let lower: std::collections::BTreeSet<Vec<u8>> =
        unsafe_names.iter().map(|name| name.to_ascii_lowercase().into_bytes()).collect();
    lower.into_iter().collect()
}

/// Fetch, "CORS-safelisted request-header".
fn is_safelisted(name: &str, value: &[u8]) -> bool {
    let has_unsafe_byte = value
        .iter()
        .any(|byte| (*byte < 0x20 && *byte != 0x09) || b"\"():<>?@[\\]{}\x7F".contains(byte));
    let is_of_language = |byte: &u8| byte.is_ascii_alphanumeric() || b" *,-.;=".contains(byte);
    value.len() <= 128
        && match &name.to_ascii_lowercase()[..] {
            "accept" => !has_unsafe_byte,
            "accept-language" | "content-language" => value.iter().all(is_of_language),
            "content-type" => {
                let known = [
                    &b"application/x-www-form-urlencoded"[..],
                    b"multipart/form-data",
                    b"text/plain",
                ];
                !has_unsafe_byte && essence(value).is_some_and(|mime| known.contains(&&mime[..]))
            }
            "range" => single_range(value).is_some_and(|(start, _)| start.is_some()),
            _ => false,
        }
}

/// Fetch, "forbidden request-header".
pub fn is_forbidden_header(name: &str, value: &[u8]) -> bool {
    let names = "accept-charset accept-encoding access-control-request-headers \
        access-control-request-method connection content-length cookie cookie2 date dnt expect host \
        keep-alive origin referer set-cookie te trailer transfer-encoding upgrade via";
    let name = name.to_ascii_lowercase();
    if names.split_ascii_whitespace().any(|known| known == name) {
        return true;
    }
    if name.starts_with("proxy-") || name.starts_with("sec-") {
        return true;
    }
    ["x-http-method", "x-http-method-override", "x-method-override"].contains(&name.as_str())
        && split(value).iter().any(|method| is_forbidden_method(method))
}

/// Fetch, "get, decode, and split", with the position as the Standard moves it.
fn split(input: &[u8]) -> Vec<Vec<u8>> {
    let mut position = 0;
    let mut values = Vec::new();
    let mut temporary = Vec::new();
    loop {
        while position < input.len() && input[position] != b'"' && input[position] != b',' {
            temporary.push(input[position]);
            position += 1;
        }
        if position < input.len() && input[position] == b'"' {
            let end = end_of_quoted_string(input, position);
            temporary.extend(&input[position..end]);
            position = end;
            if position < input.len() {
                continue;
            }
        }
        values.push(between(&temporary, is_ows).to_vec());
        temporary.clear();
        if position >= input.len() {
            return values;
        }
        position += 1;
    }
}

/// Fetch, "collect an HTTP quoted string": where it ends.
fn end_of_quoted_string(input: &[u8], start: usize) -> usize {
    let mut position = start + 1;
    loop {
        while position < input.len() && input[position] != b'"' && input[position] != b'\\' {
            position += 1;
        }
        if position >= input.len() {
            return position;
        }
        let is_backslash = input[position] == b'\\';
        position += 1;
        if !is_backslash {
            return position;
        }
        if position >= input.len() {
            return position;
        }
        position += 1;
    }
}
