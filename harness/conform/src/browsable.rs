//! A call of a server case, and what the server answered, as a case that a browser can be asked.
//!
//! The model decides server cases over answers that came to sockets of our own. With the same answers
//! as a script it says what a browser has to do that makes the call itself.

use crate::case::{AgentName, Hop, ScriptedResponse, UserAgentCase};
use crate::judge::record::is_preflight;
use crate::observe::Exchange;
use crate::page::Page;
use crate::server_case::{BoundCall, Wire};

/// Why a browser cannot be asked to make a call.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum NotBrowsable {
    /// It goes out in a form of its own.
    #[error("a browser does not send it so: `{0}`")]
    Wire(String),
    /// The browser cannot have a page there.
    #[error("the browser has no page at `{0}`")]
    Origin(String),
    /// There is no `Origin`.
    #[error("a call without `Origin` is none of a page's script")]
    NoOrigin,
    /// The API throws.
    #[error("the API refuses the request and sends nothing")]
    Refused,
}

/// The call and its answers as a case for this browser.
///
/// # Errors
/// When the browser cannot make the call.
pub fn as_case(
    id: &str,
    call: &BoundCall,
    answered: &[Exchange],
    browser: AgentName,
) -> Result<UserAgentCase, NotBrowsable> {
    let origin = &call.origin.serialized;
    if origin.is_empty() {
        return Err(NotBrowsable::NoOrigin);
    }
    if call.wire != Wire::default() {
        return Err(NotBrowsable::Wire(call.wire.label()));
    }
    if !call.origin.producible_by().contains(&browser) {
        return Err(NotBrowsable::Origin(origin.clone()));
    }
    if Page::of(call).is_none() {
        return Err(NotBrowsable::Refused);
    }
    Ok(UserAgentCase {
        id: id.to_owned(),
        page_origin: origin.clone(),
        request: call.request.clone(),
        hops: hops(answered),
        user_agent: AgentName::Spec,
    })
}

/// A preflight comes before the request of its hop; a refused one is the last of them.
fn hops(answered: &[Exchange]) -> Vec<Hop> {
    let mut hops = vec![Hop::default()];
    for exchange in answered {
        let response = &exchange.response;
        let scripted =
            ScriptedResponse { status: response.status, headers: response.headers.clone() };
        let Some(hop) = hops.last_mut() else { continue };
        if is_preflight(exchange) {
            hop.preflight_response = Some(scripted);
        } else {
            hop.response = Some(scripted);
            hops.push(Hop::default());
        }
    }
    hops.retain(|hop| *hop != Hop::default());
    hops
}

#[cfg(test)]
mod tests {
    use corsproof_model::{ResponseType, UserAgent};

    use super::*;
    use crate::drive::drive;
    use crate::explain;
    use crate::generate::preset::Preset;
    use crate::generate::server::nth;
    use crate::reference::ReferenceServer;
    use crate::server_case::ServerCase;
    use crate::subject::{ServerAdapter, Support};

    fn call(json: serde_json::Value) -> BoundCall {
        let case = serde_json::json!({
            "id": "c", "calls": [json],
            "policy": {"origins": {"list": ["https://app.example"]}, "methods": {"list": ["PUT"]},
                       "request_headers": {"list": []}, "expose_headers": {"list": []},
                       "credentials": false, "max_age": null, "private_network": false},
        });
        let case: ServerCase = serde_json::from_value(case).unwrap();
        case.bind().unwrap().remove(0)
    }

    #[test]
    fn the_model_says_of_the_case_what_it_says_of_the_call() {
        let mut server = ReferenceServer::default();
        let (mut asked, mut allowed) = (0, 0);
        for index in 0..400 {
            let case = nth(5, Preset::Mixed, &server.capabilities().clone(), index);
            let Support::Mounted(mount) = server.configure(&case.policy).unwrap() else { continue };
            let Ok(calls) = case.bind() else { continue };
            let observed = drive(&mut server, &mount, &case.policy, &calls).unwrap();
            for (call, exchanges) in calls.iter().zip(&observed.calls) {
                let Ok(as_case) = as_case("c", call, exchanges, AgentName::Chromium) else {
                    continue;
                };
                let fetched = Page::of(call).unwrap().browse(exchanges);
                let judged = explain::judge(&as_case, &UserAgent::spec()).unwrap();
                assert_eq!(fetched.trace.decided_by, judged.decided_by(), "{as_case:?}");
                asked += 1;
                allowed += u32::from(fetched.response_type != ResponseType::Error);
            }
        }
        assert!(allowed > 50 && asked - allowed > 50, "{allowed} of {asked}");
    }

    #[test]
    fn what_no_browser_makes_says_why() {
        for (origin, more, word) in [
            ("\"absent\"", "{}", "without `Origin`"),
            ("{\"literal\": \"https://a..example\"}", "{}", "no page"),
            ("{\"literal\": \"https://a{b.test\"}", "{}", "no page"),
            ("{\"listed\": 0}", "{\"wire\": {\"bare\": true}}", "`bare`"),
            ("{\"listed\": 0}", "{\"wire\": {\"asked\": \"spaced\"}}", "`asked-spaced`"),
            ("{\"listed\": 0}", "{\"method\": {\"literal\": \"TRACE\"}}", "refuses"),
        ] {
            let mut json = serde_json::json!({
                "origin": serde_json::from_str::<serde_json::Value>(origin).unwrap(),
                "path": "/plain", "method": {"listed": 0}, "credentials": "omit",
            });
            let more: serde_json::Value = serde_json::from_str(more).unwrap();
            json.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
            let refused = as_case("c", &call(json), &[], AgentName::Chromium).unwrap_err();
            assert!(refused.to_string().contains(word), "{refused}");
        }
    }
}
