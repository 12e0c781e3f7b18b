//! A verdict told to a person: the wire as a browser would write it, with what was decided on the
//! way, the decision and its step, the words of a browser's console, and what to change.
//!
//! What each step on the way means is told in [`crate::advice`].

use std::fmt::Write as _;

use corsproof_conform::byte_string::{ByteString, HeaderLine};
use corsproof_conform::case::{
    CaseRequest, Credentials, Hop, ScriptedResponse, Sequence, UserAgentCase,
};
use corsproof_conform::explain::{Blocked, Judged, Verdict, VerdictHop};
use corsproof_conform::observe::Outcome;
use corsproof_model::Event;

use crate::advice;

/// The story of a case.
pub fn of_case(case: &UserAgentCase, judged: &Judged) -> String {
    let mut story =
        format!("{}: a page of {} calls {}\n", case.id, case.page_origin, call(&case.request));
    tell(
        &mut story,
        &Told { page: &case.page_origin, request: &case.request, hops: &case.hops },
        judged,
    );
    story
}

/// The story of a sequence.
pub fn of_sequence(sequence: &Sequence, judged: &[Judged]) -> String {
    let mut story =
        format!("{}: {} fetches over one preflight cache\n", sequence.id, sequence.steps.len());
    for (step, judged) in sequence.steps.iter().zip(judged) {
        let _ = writeln!(
            story,
            "\nat {} s, a page of {} calls {}",
            step.t,
            step.page_origin,
            call(&step.request)
        );
        tell(
            &mut story,
            &Told { page: &step.page_origin, request: &step.request, hops: &step.hops },
            judged,
        );
    }
    story
}

/// Where to read a step; an algorithm of Fetch where the model does not know it.
pub fn spec_url(algorithm: &str, slug: &str) -> String {
    let known =
        corsproof_model::steps().iter().find(|s| s.algorithm == algorithm && s.slug == slug);
    known.map_or_else(|| format!("https://fetch.spec.whatwg.org/#{algorithm}"), |step| step.url())
}

struct Told<'a> {
    page: &'a str,
    request: &'a CaseRequest,
    hops: &'a [Hop],
}

fn tell(story: &mut String, told: &Told<'_>, judged: &Judged) {
    let verdict = &judged.verdict();
    let events = match judged {
        Judged::Threw(..) => &[][..],
        Judged::Fetched(fetched) => &fetched.trace.events,
    };
    for (index, hop) in verdict.hops.iter().enumerate() {
        let events = events.iter().filter(|event| event.hop == index);
        let (before, after): (Vec<&Event>, Vec<&Event>) =
            events.partition(|event| advice::is_before_the_wire(event.step.slug));
        on_the_way(story, &before);
        wire(story, index, hop, told, verdict);
        on_the_way(story, &after);
    }
    let step = &verdict.decided_by;
    let _ = match verdict.outcome {
        Outcome::Allow => writeln!(
            story,
            "\n  ALLOWED: script gets {}; it can read {}",
            article(verdict),
            names(verdict.exposed_headers.as_deref().unwrap_or_default())
        ),
        Outcome::Block => writeln!(story, "\n  BLOCKED {}", blocked(verdict)),
    };
    let _ = writeln!(
        story,
        "  decided by step {} ({}) of {}",
        step.step,
        step.slug,
        spec_url(&step.algorithm, &step.slug)
    );
    if verdict.outcome == Outcome::Block {
        let blocked = advice::Blocked {
            origin: &said_origin(told.page, verdict),
            is_opaque: told.page == "null",
            url: verdict.hops.last().map_or(told.request.url.as_str(), |hop| hop.url.as_str()),
            method: &told.request.method,
            asked_headers: verdict.hops.last().and_then(|hop| hop.acrh.as_ref()),
            credentials: told.request.credentials == Credentials::Include,
            at: verdict.blocked_at,
        };
        let advice = advice::for_step(&step.slug, &blocked);
        let _ = writeln!(story, "  the console says: {}", advice.console);
        let _ = writeln!(story, "  to change: {}", advice.change);
    }
}

/// The origin that the blocked request says; the page's where it says none.
fn said_origin(page: &str, verdict: &Verdict) -> String {
    let said = verdict.hops.last().and_then(|hop| match verdict.blocked_at {
        Some(Blocked::Preflight) => hop.origin_preflight.as_ref(),
        _ => hop.origin_actual.as_ref(),
    });
    said.map_or_else(|| page.to_owned(), ToString::to_string)
}

/// What was decided in a hop, as far as there is anything to say about it.
fn on_the_way(story: &mut String, events: &[&Event]) {
    for event in events {
        if let Some(words) = advice::on_the_way(event.step.slug) {
            let _ =
                writeln!(story, "  * {words} (step {}, {})", event.step.number, event.step.slug);
        }
    }
}

fn call(request: &CaseRequest) -> String {
    format!(
        "{} {} (mode {}, credentials {})",
        request.method,
        request.url,
        plain(&request.mode),
        plain(&request.credentials)
    )
}

fn wire(story: &mut String, index: usize, hop: &VerdictHop, told: &Told<'_>, verdict: &Verdict) {
    let stopped = |at| verdict.blocked_at == Some(at) && verdict.blocked_hop == Some(index);
    let script = told.hops.get(index);
    if hop.preflight {
        let _ = writeln!(story, "\n  > OPTIONS {}", hop.url);
        line(story, '>', "Origin", hop.origin_preflight.as_ref());
        line(story, '>', "Access-Control-Request-Method", hop.acrm.as_ref());
        line(story, '>', "Access-Control-Request-Headers", hop.acrh.as_ref());
        answer(story, script.and_then(|hop| hop.preflight_response.as_ref()));
    }
    if stopped(Blocked::Preflight) || stopped(Blocked::Fetch) {
        return;
    }
    let _ = writeln!(story, "\n  > {} {}", hop.method, hop.url);
    line(story, '>', "Origin", hop.origin_actual.as_ref());
    let is_null = |origin: &Option<ByteString>| origin.as_ref().is_some_and(|o| &**o == b"null");
    if told.page != "null" && is_null(&hop.origin_actual) {
        story.push_str(
            "  * the origin is masked: by the redirects so far, or by the referrer policy\n",
        );
    }
    answer(story, script.and_then(|hop| hop.response.as_ref()));
}

fn line(story: &mut String, side: char, name: &str, value: Option<&ByteString>) {
    if let Some(value) = value {
        let _ = writeln!(story, "  {side} {name}: {value}");
    }
}

fn answer(story: &mut String, response: Option<&ScriptedResponse>) {
    match response {
        None => story.push_str("  < (no answer)\n"),
        Some(response) => {
            let _ = writeln!(story, "  < {}", response.status);
            for (name, value) in &response.headers as &[HeaderLine] {
                let _ = writeln!(story, "  < {name}: {value}");
            }
        }
    }
}

fn article(verdict: &Verdict) -> String {
    format!("a response of type {}", plain(&verdict.response_type))
}

fn blocked(verdict: &Verdict) -> String {
    let hop = verdict.blocked_hop.filter(|_| verdict.hops.len() > 1);
    let hop = hop.map(|hop| format!(", in hop {hop}")).unwrap_or_default();
    let place = match verdict.blocked_at {
        Some(Blocked::Construct) => "before anything was sent: the API throws",
        Some(Blocked::Fetch) => "before this request was sent",
        Some(Blocked::Preflight) => "at the preflight: the request itself was not sent",
        Some(Blocked::Actual) => "at the response: the server has already acted on the request",
        Some(Blocked::Redirect) => "at the redirect",
        None => "",
    };
    format!("{place}{hop}")
}

fn names(names: &[ByteString]) -> String {
    if names.is_empty() {
        return "no header".to_owned();
    }
    names.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}

/// The name that a unit variant has in JSON.
fn plain(value: &impl serde::Serialize) -> String {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(name)) => name,
        _ => String::new(),
    }
}
