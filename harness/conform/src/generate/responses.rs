//! Scripted answers: each CORS response header as a small recipe, realized against what the
//! browser will ask.
//!
//! Longer than most files here: the tables of material are most of it.

use crate::byte_string::{ByteString, HeaderLine};
use crate::case::ScriptedResponse;

use super::choices::Choices;
use super::preset::Preset;

/// What a script's answers are made for.
#[derive(Debug, Clone)]
pub struct Asking {
    /// The page's serialized origin.
    pub origin: String,
    /// The method as it will be sent.
    pub method: Vec<u8>,
    /// The header names that the preflight must grant.
    pub header_names: Vec<Vec<u8>>,
    /// Whether the request is made with credentials.
    pub credentials: bool,
}

/// `Access-Control-Allow-Origin`, as lines.
pub fn allow_origin(choices: &mut impl Choices, preset: Preset, asking: &Asking) -> Vec<Vec<u8>> {
    let origin = asking.origin.as_str();
    if !preset.slips(choices) {
        return match choices.weighted(&[8, 3, 1]) {
            0 => vec![origin.into()],
            1 => vec![b"*".to_vec()],
            _ => vec![],
        };
    }
    let near: [Vec<Vec<u8>>; 14] = [
        vec![],
        vec![b"null".to_vec()],
        vec![b"https://other.test".to_vec()],
        vec![format!("{origin}/").into()],
        vec![origin.to_ascii_uppercase().into()],
        vec![origin.replacen("https", "http", 1).into()],
        vec![format!("{origin}:443").into()],
        vec![format!("{origin}, *").into()],
        vec![origin.into(), origin.into()],
        vec![b"*".to_vec(), b"*".to_vec()],
        vec![origin.into(), b"".to_vec()],
        vec![format!("  {origin}\t").into()],
        vec![b"".to_vec()],
        vec![format!("{origin}.").into()],
    ];
    let raw: [Vec<Vec<u8>>; 5] = [
        vec![[origin.as_bytes(), b"\x0b"].concat()],
        vec![[origin.as_bytes(), b"\x0c"].concat()],
        vec![[b"\xa0", origin.as_bytes()].concat()],
        vec![b"'*'".to_vec()],
        vec![format!("\"{origin}\"").into()],
    ];
    if preset == Preset::Raw && choices.chance(1, 2) {
        choices.pick(&raw)
    } else {
        choices.pick(&near)
    }
}

/// `Access-Control-Allow-Credentials`, as lines.
pub fn allow_credentials(
    choices: &mut impl Choices,
    preset: Preset,
    asking: &Asking,
) -> Vec<Vec<u8>> {
    if !preset.slips(choices) {
        let present = if asking.credentials { choices.chance(9, 10) } else { choices.chance(1, 4) };
        return if present { vec![b"true".to_vec()] } else { vec![] };
    }
    let slips: [&[&[u8]]; 11] = [
        &[],
        &[b"True"],
        &[b"TRUE"],
        &[b"false"],
        &[b"true "],
        &[b"true,"],
        &[b"true", b"true"],
        &[b"\"true\""],
        &[b""],
        &[b"true\x0c"],
        &[b"1"],
    ];
    lines(choices.pick(&slips))
}

/// `Access-Control-Allow-Methods`, as lines.
pub fn allow_methods(choices: &mut impl Choices, preset: Preset, asking: &Asking) -> Vec<Vec<u8>> {
    let method = asking.method.as_slice();
    if !preset.slips(choices) {
        return match choices.weighted(&[6, 2, 2, 1]) {
            0 => vec![method.to_vec()],
            1 => vec![b"*".to_vec()],
            2 => vec![[b"GET, ", method, b", DELETE"].concat()],
            _ => vec![],
        };
    }
    list_slips(choices, method)
}

/// `Access-Control-Allow-Headers`, as lines.
pub fn allow_headers(choices: &mut impl Choices, preset: Preset, asking: &Asking) -> Vec<Vec<u8>> {
    let names = asking.header_names.join(&b","[..]);
    if !preset.slips(choices) {
        return match choices.weighted(&[6, 2, 2, 1]) {
            0 => vec![names],
            1 => vec![b"*".to_vec()],
            2 => vec![[b"X-Other, ", names.to_ascii_uppercase().as_slice()].concat()],
            _ => vec![],
        };
    }
    match choices.below(4) {
        // One name forgotten.
        0 => vec![asking.header_names.get(1..).unwrap_or_default().join(&b", "[..])],
        1 => vec![b"*, Authorization".to_vec()],
        // One line a name.
        2 => asking.header_names.clone(),
        _ => list_slips(choices, &names),
    }
}

/// `Access-Control-Expose-Headers`, as lines.
pub fn expose_headers(choices: &mut impl Choices, preset: Preset) -> Vec<Vec<u8>> {
    if !preset.slips(choices) {
        let options: [&[&[u8]]; 5] =
            [&[], &[b"x-total"], &[b"*"], &[b"X-Total, ETag"], &[b"x-total", b"etag"]];
        return lines(choices.pick(&options));
    }
    match choices.below(4) {
        0 => vec![b"Set-Cookie, x-total".to_vec()],
        1 => vec![b"*, b@d".to_vec()],
        2 => vec![b"".to_vec(), b"x-total".to_vec()],
        _ => list_slips(choices, b"x-total"),
    }
}

/// `Access-Control-Max-Age`, as lines.
pub fn max_age(choices: &mut impl Choices, preset: Preset) -> Vec<Vec<u8>> {
    if !preset.slips(choices) {
        let options: [&[&[u8]]; 3] = [&[], &[b"600"], &[b"0"]];
        return lines(choices.pick(&options));
    }
    let slips: [&[&[u8]]; 8] = [
        &[b"-1"],
        &[b"+5"],
        &[b"1.5"],
        &[b""],
        &[b"05"],
        &[b"5", b"5"],
        &[b"9223372036854775808"],
        &[b"0x5"],
    ];
    lines(choices.pick(&slips))
}

/// The status of an answer to a preflight.
pub fn preflight_status(choices: &mut impl Choices, preset: Preset) -> u16 {
    if preset.slips(choices) {
        choices.pick(&[
            300, 301, 302, 303, 304, 307, 308, 400, 401, 403, 404, 405, 407, 421, 500, 501, 600,
            680, 999,
        ])
    } else {
        choices.pick(&[204, 200, 200, 201, 206, 226, 299])
    }
}

/// The status of an answer to the request itself.
pub fn actual_status(choices: &mut impl Choices, preset: Preset) -> u16 {
    if preset.slips(choices) {
        choices.pick(&[400, 401, 403, 404, 500, 501, 205, 206, 304, 600, 999, 301, 302, 303, 307])
    } else {
        choices.pick(&[200, 200, 200, 201, 204])
    }
}

/// Headers that an answer has besides those of CORS: material for exposure.
pub fn other_headers(choices: &mut impl Choices) -> Vec<HeaderLine> {
    let all: [(&str, &str); 9] = [
        ("Content-Type", "text/plain"),
        ("X-Total", "7"),
        ("ETag", "\"1\""),
        ("Set-Cookie", "sid=1"),
        ("Cache-Control", "no-store"),
        ("*", "star"),
        ("X-Total", "8"),
        ("Cross-Origin-Resource-Policy", "same-origin"),
        ("Cross-Origin-Resource-Policy", "same-site"),
    ];
    all.into_iter()
        .filter(|_| choices.chance(1, 3))
        .map(|(name, value)| (name.into(), value.into()))
        .collect()
}

/// An answer to a preflight.
pub fn preflight_response(
    choices: &mut impl Choices,
    preset: Preset,
    asking: &Asking,
) -> ScriptedResponse {
    let mut headers = Vec::new();
    push(&mut headers, choices, "Access-Control-Allow-Origin", allow_origin, preset, asking);
    push(
        &mut headers,
        choices,
        "Access-Control-Allow-Credentials",
        allow_credentials,
        preset,
        asking,
    );
    push(&mut headers, choices, "Access-Control-Allow-Methods", allow_methods, preset, asking);
    push(&mut headers, choices, "Access-Control-Allow-Headers", allow_headers, preset, asking);
    extend(&mut headers, choices, "Access-Control-Max-Age", max_age, preset);
    ScriptedResponse { status: preflight_status(choices, preset), headers }
}

/// An answer to the request itself.
pub fn actual_response(
    choices: &mut impl Choices,
    preset: Preset,
    asking: &Asking,
) -> ScriptedResponse {
    let mut headers = other_headers(choices);
    push(&mut headers, choices, "Access-Control-Allow-Origin", allow_origin, preset, asking);
    push(
        &mut headers,
        choices,
        "Access-Control-Allow-Credentials",
        allow_credentials,
        preset,
        asking,
    );
    extend(&mut headers, choices, "Access-Control-Expose-Headers", expose_headers, preset);
    let status = actual_status(choices, preset);
    if (301..=307).contains(&status) && status != 304 {
        headers.extend(dead_end(choices).map(|location| ("Location".into(), location.into())));
    }
    ScriptedResponse { status, headers }
}

/// A `Location` that leads nowhere: each case has one hop.
fn dead_end(choices: &mut impl Choices) -> Option<&'static str> {
    choices.pick(&[
        None,
        Some("http://["),
        Some("data:text/plain,x"),
        Some("ftp://api.example/"),
        Some("https://user@api.example/"),
    ])
}

fn push<C: Choices>(
    headers: &mut Vec<HeaderLine>,
    choices: &mut C,
    name: &str,
    recipe: impl Fn(&mut C, Preset, &Asking) -> Vec<Vec<u8>>,
    preset: Preset,
    asking: &Asking,
) {
    extend(headers, choices, name, |choices, preset| recipe(choices, preset, asking), preset);
}

fn extend<C: Choices>(
    headers: &mut Vec<HeaderLine>,
    choices: &mut C,
    name: &str,
    recipe: impl Fn(&mut C, Preset) -> Vec<Vec<u8>>,
    preset: Preset,
) {
    let name = if preset == Preset::WellFormed || choices.chance(7, 8) {
        name.to_owned()
    } else {
        name.to_ascii_lowercase()
    };
    for value in recipe(choices, preset) {
        headers.push((ByteString::from(name.as_str()), ByteString::from(value)));
    }
}

fn lines(values: &[&[u8]]) -> Vec<Vec<u8>> {
    values.iter().map(|value| value.to_vec()).collect()
}

/// Ways in which a comma-separated list goes wrong, or only looks as if it did.
fn list_slips(choices: &mut impl Choices, value: &[u8]) -> Vec<Vec<u8>> {
    match choices.below(12) {
        0 => vec![value.to_ascii_lowercase()],
        1 => vec![value.to_ascii_uppercase()],
        2 => vec![[b",", value, b","].concat()],
        3 => vec![[b" ,\t", value, b" , "].concat()],
        4 => vec![b"".to_vec()],
        5 => vec![b",,".to_vec()],
        6 => vec![b"".to_vec(), value.to_vec()],
        7 => vec![value.to_vec(), b"b@d".to_vec()],
        8 => vec![[b"b@d,", value].concat()],
        9 => vec![[b"\"", value, b"\""].concat()],
        10 => vec![[value, b"\x0b"].concat()],
        _ => vec![[b"*,", value].concat()],
    }
}
