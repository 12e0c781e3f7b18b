//! One run of a case: what arrived for it, and what is answered next.
//!
//! Within a hop a preflight comes before the request itself; a repetition on the same hop is the
//! browser trying a broken connection again, gets the same answer and is written down once.

use std::sync::Arc;

use corsproof_conform::byte_string::ByteString;
use corsproof_conform::case::{Hop, ScriptedResponse, UserAgentCase};
use corsproof_conform::observe::{WireActual, WireHop, WirePreflight};

use super::http_message::{Answer, Request};
use super::{script, token};

/// Who says what is answered to a request.
pub(super) enum Source {
    /// The case.
    Script,
    /// A live server, which answered this, or not at all.
    LiveServer(Option<ScriptedResponse>),
}

/// One run of a case.
#[derive(Debug)]
pub(super) struct CaseLog {
    case: Arc<UserAgentCase>,
    token: String,
    /// Index of the hop whose requests are awaited.
    hop: usize,
    arrived: Vec<WireHop>,
    last_actual: Option<usize>,
}

impl CaseLog {
    pub(super) fn new(case: Arc<UserAgentCase>, token: String) -> Self {
        Self { case, token, hop: 0, arrived: Vec::new(), last_actual: None }
    }

    /// Writes a request down and answers it.
    pub(super) fn arrive(&mut self, request: &Request, url: &str, source: &Source) -> Answer {
        let preflight_method = request.line("access-control-request-method");
        let is_preflight = request.method == "OPTIONS" && preflight_method.is_some();
        let hop_index = self.hop;
        let hop = self.wire_hop(url);
        if is_preflight {
            hop.preflight.get_or_insert_with(|| WirePreflight {
                method: preflight_method.map(ByteString::from),
                headers: request.line("access-control-request-headers").map(ByteString::from),
                origin: request.line("origin").map(ByteString::from),
            });
        } else {
            hop.actual.get_or_insert_with(|| WireActual {
                method: ByteString::from(request.method.as_str()),
                origin: request.line("origin").map(ByteString::from),
            });
            self.last_actual = Some(hop_index);
        }
        let response = match source {
            Source::Script => {
                self.case.hops.get(hop_index).and_then(|hop| scripted(hop, is_preflight))
            }
            Source::LiveServer(response) => response.as_ref(),
        };
        let Some(response) = response else {
            return Answer::hang_up();
        };
        if !is_preflight && script::is_redirect(response) {
            self.hop += 1;
        }
        script::answer(response, &request.method, &self.token)
    }

    /// Whether script may see a `Content-Length` that the case's last answer did not have.
    pub(super) fn length_was_added(&self) -> bool {
        self.last_actual
            .and_then(|index| self.case.hops.get(index)?.response.as_ref())
            .is_some_and(|response| !script::announces_length(response))
    }

    /// What arrived.
    pub(super) fn into_hops(self) -> Vec<WireHop> {
        self.arrived
    }

    fn wire_hop(&mut self, url: &str) -> &mut WireHop {
        let url = token::stripped(url, &self.token);
        let new = self.arrived.len() <= self.hop;
        if new {
            self.arrived.push(WireHop { url, preflight: None, actual: None });
        }
        let last = self.arrived.len().saturating_sub(1);
        #[expect(clippy::indexing_slicing, reason = "a hop was pushed if there was none")]
        &mut self.arrived[last]
    }
}

fn scripted(hop: &Hop, is_preflight: bool) -> Option<&ScriptedResponse> {
    if is_preflight { hop.preflight_response.as_ref() } else { hop.response.as_ref() }
}
