//! Simpler variants of a user-agent case.

use crate::byte_string::{ByteString, HeaderLine};
use crate::case::{
    Api, Credentials, Hop, Mode, Redirect, ReferrerPolicy, ScriptedResponse, UserAgentCase,
};

use super::Shrink;

impl Shrink for UserAgentCase {
    fn candidates(&self) -> Vec<Self> {
        let mut all = Vec::new();
        let mut offer = |change: &dyn Fn(&mut Self)| {
            let mut candidate = self.clone();
            change(&mut candidate);
            all.push(candidate);
        };
        for (from, to) in [
            (self.page_origin.as_str(), "https://app.example"),
            (self.page_origin.as_str(), "http://app.example"),
        ] {
            offer(&|case| case.move_page(from, to));
        }
        for url in ["https://api.example/", "http://api.example/"] {
            offer(&|case| case.request.url = url.to_owned());
        }
        for method in ["GET", "POST", "PUT"] {
            offer(&|case| case.set_method(method));
        }
        offer(&|case| case.request.credentials = Credentials::SameOrigin);
        offer(&|case| case.request.credentials = Credentials::Omit);
        offer(&|case| case.request.mode = Mode::Cors);
        offer(&|case| case.request.redirect = Redirect::Follow);
        offer(&|case| case.request.upload_listeners = false);
        offer(&|case| case.request.stream_body = false);
        offer(&|case| case.request.referrer_policy = ReferrerPolicy::default());
        offer(&|case| case.request.api = Api::Fetch);
        offer(&|case| case.request.body = None);
        for lines in shrink_lines(&self.request.headers) {
            offer(&|case| case.request.headers.clone_from(&lines));
        }
        for (index, (name, _)) in self.request.headers.iter().enumerate() {
            let name = name.clone();
            offer(&|case| case.rename_header(index, &name, "x"));
        }
        offer(&|case| {
            case.hops.pop();
        });
        for (index, hop) in self.hops.iter().enumerate() {
            for simpler in shrink_hop(hop) {
                offer(&|case| {
                    if let Some(hop) = case.hops.get_mut(index) {
                        hop.clone_from(&simpler);
                    }
                });
            }
        }
        all
    }

    fn weight(&self) -> usize {
        let request = &self.request;
        let oddness = [
            usize::from(request.mode != Mode::Cors) * 8,
            usize::from(request.redirect != Redirect::Follow) * 4,
            usize::from(request.upload_listeners) * 4,
            usize::from(request.stream_body) * 4,
            usize::from(request.referrer_policy != ReferrerPolicy::default()) * 4,
            usize::from(request.api != Api::Fetch) * 4,
            usize::from(request.body.is_some()) * 6,
            match request.credentials {
                Credentials::Omit => 0,
                Credentials::SameOrigin => 1,
                Credentials::Include => 3,
            },
            match &*request.method {
                b"GET" => 0,
                b"POST" => 2,
                b"PUT" => 3,
                other => 4 + other.len(),
            },
        ];
        let hops: usize = self.hops.iter().map(|hop| 40 + hop_weight(hop)).sum();
        oddness.iter().sum::<usize>()
            + page_weight(&self.page_origin)
            + request.url.len()
            + usize::from(request.url.starts_with("http:")) * 4
            + lines_weight(&request.headers)
            + hops
    }
}

impl UserAgentCase {
    /// Moves the page, and with it whatever the answers say of its origin.
    fn move_page(&mut self, from: &str, to: &str) {
        self.page_origin = to.to_owned();
        self.replace_in_answers(from.as_bytes(), to.as_bytes());
    }

    /// Changes the method, and with it whatever the answers say of it.
    fn set_method(&mut self, method: &str) {
        let from = std::mem::replace(&mut self.request.method, method.into());
        self.replace_in_answers(&from, method.as_bytes());
    }

    /// Renames a request header, and with it whatever the answers say of it.
    fn rename_header(&mut self, index: usize, from: &[u8], to: &str) {
        if let Some((name, _)) = self.request.headers.get_mut(index) {
            *name = to.into();
        }
        self.replace_in_answers(&from.to_ascii_lowercase(), to.as_bytes());
    }

    fn replace_in_answers(&mut self, from: &[u8], to: &[u8]) {
        let answers = self
            .hops
            .iter_mut()
            .flat_map(|hop| [hop.preflight_response.as_mut(), hop.response.as_mut()])
            .flatten();
        for (_, value) in answers.flat_map(|answer| answer.headers.iter_mut()) {
            *value = replace(value, from, to).into();
        }
    }
}

fn shrink_hop(hop: &Hop) -> Vec<Hop> {
    let preflight = shrink_answer(hop.preflight_response.as_ref(), 204)
        .into_iter()
        .map(|answer| Hop { preflight_response: answer, response: hop.response.clone() });
    let actual = shrink_answer(hop.response.as_ref(), 200)
        .into_iter()
        .map(|answer| Hop { preflight_response: hop.preflight_response.clone(), response: answer });
    preflight.chain(actual).collect()
}

fn shrink_answer(answer: Option<&ScriptedResponse>, plain: u16) -> Vec<Option<ScriptedResponse>> {
    let Some(answer) = answer else { return Vec::new() };
    let mut all = vec![None];
    if answer.status != plain {
        all.push(Some(ScriptedResponse { status: plain, headers: answer.headers.clone() }));
    }
    all.extend(
        shrink_lines(&answer.headers)
            .into_iter()
            .map(|headers| Some(ScriptedResponse { status: answer.status, headers })),
    );
    all
}

/// One line less, or one value simpler.
fn shrink_lines(lines: &[HeaderLine]) -> Vec<Vec<HeaderLine>> {
    let mut all = Vec::new();
    for (index, (_, value)) in lines.iter().enumerate() {
        let mut fewer = lines.to_vec();
        fewer.remove(index);
        all.push(fewer);
        for simpler in shrink_value(value) {
            let mut changed = lines.to_vec();
            if let Some((_, value)) = changed.get_mut(index) {
                *value = simpler;
            }
            all.push(changed);
        }
    }
    all
}

fn shrink_value(value: &ByteString) -> Vec<ByteString> {
    let length = value.len();
    let mut all: Vec<ByteString> = vec!["1".into(), "*".into(), "true".into()];
    for keep in [length / 2, length.saturating_sub(1)] {
        all.extend(value.get(..keep).map(ByteString::from));
        all.extend(value.get(length - keep..).map(ByteString::from));
    }
    let elements: Vec<&[u8]> = value.split(|b| *b == b',').collect();
    for skip in 0..elements.len() {
        if elements.len() > 1 {
            let rest: Vec<&[u8]> =
                elements.iter().enumerate().filter(|(n, _)| *n != skip).map(|(_, e)| *e).collect();
            all.push(rest.join(&b","[..]).into());
        }
    }
    all.retain(|candidate| candidate != value);
    all
}

fn hop_weight(hop: &Hop) -> usize {
    let answer = |answer: &Option<ScriptedResponse>, plain: u16| {
        answer
            .as_ref()
            .map_or(0, |a| 10 + usize::from(a.status != plain) * 4 + lines_weight(&a.headers))
    };
    answer(&hop.preflight_response, 204) + answer(&hop.response, 200)
}

fn lines_weight(lines: &[HeaderLine]) -> usize {
    lines
        .iter()
        .map(|(name, value)| {
            let odd = value.iter().filter(|b| !(0x20..0x7f).contains(*b)).count();
            8 + name.len() + value.len() + odd * 2
        })
        .sum()
}

fn page_weight(origin: &str) -> usize {
    match origin {
        "https://app.example" => 0,
        "http://app.example" => 1,
        other => 4 + other.len(),
    }
}

fn replace(value: &[u8], from: &[u8], to: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(value.len());
    let mut rest = value;
    while !rest.is_empty() {
        match rest.strip_prefix(from) {
            Some(behind) if !from.is_empty() => {
                out.extend_from_slice(to);
                rest = behind;
            }
            _ => {
                out.extend(rest.first());
                rest = rest.get(1..).unwrap_or_default();
            }
        }
    }
    out
}
