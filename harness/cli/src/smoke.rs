//! Proves that an adapter works, before anything is judged: the standard app answers as it has to,
//! behind the implementation, one mount apart from the other.
//!
//! What the implementation decides is not asked here, but for one thing: that it is there.

use std::time::Duration;

use corsproof_conform::observe::WireRequest;
use corsproof_conform::policy::Policy;
use corsproof_conform::subject::{
    Capabilities, ListForm, Mount, OriginForm, ServerAdapter, Support,
};
use serde_json::{Value, json};

use crate::http_client::{Answer, HttpClient};

const ORIGIN: &str = "https://app.example";
const OTHER_ORIGIN: &str = "https://other.example";

/// What smoking came to.
#[derive(Debug, Default)]
pub struct Smoked {
    /// How many checks were made.
    pub checks: usize,
    /// Those that failed, each in words.
    pub failed: Vec<String>,
}

/// Makes all checks; each request has to be answered within this time.
pub fn smoke(server: &mut dyn ServerAdapter, within: Duration) -> Smoked {
    let client = HttpClient::new(server.about().name.clone()).with_deadline(within);
    let mut smoke = Smoke { server, client, smoked: Smoked::default() };
    if let Err(why) = smoke.all() {
        smoke.smoked.failed.push(why);
    }
    smoke.smoked
}

struct Smoke<'a> {
    server: &'a mut dyn ServerAdapter,
    client: HttpClient,
    smoked: Smoked,
}

/// What a check found wrong.
type Checked = Result<(), String>;

impl Smoke<'_> {
    fn all(&mut self) -> Checked {
        let (one, other) = (self.mount(ORIGIN)?, self.mount(OTHER_ORIGIN)?);
        self.check("the two mounts differ", |_| {
            verify(one.id != other.id && one.base != other.base, || one.base.clone())
        });
        for method in ["GET", "PUT"] {
            self.check(&format!("{method} /plain"), |smoke| smoke.plain(&one, method));
        }
        for target in ["/plain", "/throw"] {
            self.check(&format!("HEAD {target}"), |smoke| smoke.head(&one, target));
        }
        self.check("the implementation is in front", |smoke| {
            smoke.in_front(&one, ORIGIN)?;
            smoke.in_front(&other, OTHER_ORIGIN)
        });
        self.check("/vary", |smoke| smoke.vary(&one));
        self.check("/own-cors", |smoke| smoke.own_cors(&one));
        for status in [404, 503] {
            self.check(&format!("/status/{status}"), |smoke| {
                smoke.status(&one, &format!("/status/{status}"), |given| given == status)
            });
        }
        self.check("/throw", |smoke| smoke.status(&one, "/throw", |given| given >= 500));
        self.check("a server that went on after /throw", |smoke| smoke.plain(&one, "GET"));
        self.check("/redirect", |smoke| smoke.redirect(&one));
        self.check("a path that is not there", |smoke| {
            smoke.status(&one, "/no-such-path", |given| given == 404)
        });
        self.check("the counter", |smoke| smoke.counter(&one));
        self.check("two mounts at once", |smoke| smoke.apart(&one, &other));
        self.check("a mount that is released", |smoke| smoke.released(&one, &other));
        self.server.release(&other);
        Ok(())
    }

    fn check(&mut self, name: &str, check: impl FnOnce(&mut Self) -> Checked) {
        self.smoked.checks += 1;
        if let Err(why) = check(self) {
            self.smoked.failed.push(format!("{name}: {why}"));
        }
    }

    fn mount(&mut self, origin: &str) -> Result<Mount, String> {
        let policy = policy(self.server.capabilities(), origin)?;
        match self.server.configure(&policy) {
            Ok(Support::Mounted(mount)) => Ok(mount),
            Ok(Support::Unsupported { feature, reason }) => {
                Err(format!("a policy of what it can express is unsupported: {feature}: {reason}"))
            }
            Ok(Support::Rejected { message }) => {
                Err(format!("a policy of what it can express is rejected: {message}"))
            }
            Err(error) => Err(error.to_string()),
        }
    }

    fn plain(&mut self, mount: &Mount, method: &str) -> Checked {
        let answer = self.ask(mount, method, "/plain", Some(ORIGIN))?;
        has_status(&answer, |status| status == 200)?;
        let total = only(&answer, "x-total");
        verify(total.as_deref() == Some("7"), || format!("`X-Total` is {total:?}, not one `7`"))?;
        verify(only(&answer, "etag").is_some(), || "no `ETag`".to_owned())?;
        let body = String::from_utf8_lossy(&answer.body);
        verify(body.contains(method), || format!("its body does not name {method}: `{body}`"))
    }

    /// A body behind a HEAD would be taken for the next answer.
    fn head(&mut self, mount: &Mount, target: &str) -> Checked {
        self.ask(mount, "HEAD", target, Some(ORIGIN))?;
        let next = self.plain(mount, "GET");
        next.map_err(|why| format!("the answer after it is not one: {why}"))
    }

    fn in_front(&mut self, mount: &Mount, origin: &str) -> Checked {
        let answer = self.ask(mount, "GET", "/plain", Some(origin))?;
        let allowed = only(&answer, "access-control-allow-origin");
        let is_in_front = allowed.as_deref().is_some_and(|value| value == "*" || value == origin);
        verify(is_in_front, || format!("`{origin}` is listed and gets {allowed:?}"))
    }

    fn vary(&mut self, mount: &Mount) -> Checked {
        let answer = self.ask(mount, "GET", "/vary", Some(ORIGIN))?;
        has_status(&answer, |status| status == 200)?;
        let all = values(&answer, "vary").join(",").to_ascii_lowercase();
        verify(all.split(',').any(|name| name.trim() == "accept-language"), || {
            format!("`Accept-Language` is not in `Vary: {all}`")
        })
    }

    /// Without an `Origin`: what happens with one is the implementation's to decide.
    fn own_cors(&mut self, mount: &Mount) -> Checked {
        let answer = self.ask(mount, "GET", "/own-cors", None)?;
        has_status(&answer, |status| status == 200)?;
        let all = values(&answer, "access-control-allow-origin");
        verify(!all.is_empty(), || "no `Access-Control-Allow-Origin`".to_owned())
    }

    fn status(&mut self, mount: &Mount, target: &str, right: impl FnOnce(u16) -> bool) -> Checked {
        has_status(&self.ask(mount, "GET", target, Some(ORIGIN))?, right)
    }

    fn redirect(&mut self, mount: &Mount) -> Checked {
        let answer = self.ask(mount, "GET", "/redirect?to=/plain", Some(ORIGIN))?;
        has_status(&answer, |status| (300..400).contains(&status))?;
        let location = only(&answer, "location");
        verify(location.as_deref().is_some_and(|to| to.ends_with("/plain")), || {
            format!("`Location` is {location:?}")
        })
    }

    fn counter(&mut self, mount: &Mount) -> Checked {
        for expected in 0..3 {
            let counted = self.executed(mount, "smoke-1")?;
            verify(counted == expected, || format!("{counted} after {expected} requests"))?;
            self.ask(mount, "GET", "/plain?case=smoke-1", Some(ORIGIN))?;
        }
        let others = self.executed(mount, "smoke-2")?;
        verify(others == 0, || format!("{others} for a case that was never sent"))
    }

    fn apart(&mut self, one: &Mount, other: &Mount) -> Checked {
        self.ask(one, "GET", "/plain?case=smoke-3", Some(ORIGIN))?;
        let counted = self.executed(other, "smoke-3")?;
        verify(counted == 0, || "one counts what was sent to the other".to_owned())?;
        let answer = self.ask(other, "GET", "/plain", Some(ORIGIN))?;
        let allowed = only(&answer, "access-control-allow-origin");
        let lists = self.server.capabilities().origins.contains(&OriginForm::List);
        verify(!lists || allowed.as_deref() != Some(ORIGIN), || {
            "one has the policy of the other".to_owned()
        })
    }

    fn released(&mut self, one: &Mount, other: &Mount) -> Checked {
        self.server.release(one);
        // Whatever it does now, it does not run the app.
        if let Ok(answer) = self.ask(one, "GET", "/plain", Some(ORIGIN)) {
            has_status(&answer, |status| status != 200)?;
        }
        has_status(&self.ask(other, "GET", "/plain", Some(OTHER_ORIGIN))?, |status| status == 200)
    }

    fn executed(&mut self, mount: &Mount, case: &str) -> Result<u64, String> {
        let answer = self.ask(mount, "GET", &format!("/executed/{case}"), None)?;
        has_status(&answer, |status| status == 200)?;
        let text = String::from_utf8_lossy(&answer.body);
        text.trim().parse().map_err(|_| format!("`/executed` answers `{text}`"))
    }

    fn ask(
        &mut self,
        mount: &Mount,
        method: &str,
        target: &str,
        origin: Option<&str>,
    ) -> Result<Answer, String> {
        let mut headers = vec![("Host".into(), "harness.example".into())];
        headers.extend(origin.map(|origin| ("Origin".into(), origin.into())));
        let request = WireRequest {
            method: method.into(),
            target: target.into(),
            headers,
            body: false,
            http2: false,
        };
        self.client.exchange(&mount.base, &request).map_err(|error| error.to_string())
    }
}

/// One origin and two methods, said in a way that the server can express.
fn policy(capabilities: &Capabilities, origin: &str) -> Result<Policy, String> {
    let any = || json!({"any": true});
    let origins = match capabilities.origins.contains(&OriginForm::List) {
        true => json!({"list": [origin]}),
        false => any(),
    };
    let methods = match capabilities.methods.contains(&ListForm::List) {
        true => json!({"list": ["GET", "PUT"]}),
        false => any(),
    };
    // No header is named by naming one that nobody asks for: some packages read an empty list as any.
    let headers = match capabilities.request_headers.as_slice() {
        [ListForm::Any] => json!({"any": true}),
        _ => json!({"list": ["x-a"]}),
    };
    let policy: Value = json!({"origins": origins, "methods": methods, "request_headers": headers});
    serde_json::from_value(policy).map_err(|error| error.to_string())
}

fn verify(right: bool, why: impl FnOnce() -> String) -> Checked {
    if right { Ok(()) } else { Err(why()) }
}

fn has_status(answer: &Answer, right: impl FnOnce(u16) -> bool) -> Checked {
    let status = answer.response.status;
    verify(right(status), || format!("status {status}"))
}

/// The value of a header that is there once.
fn only(answer: &Answer, name: &str) -> Option<String> {
    let mut values = values(answer, name);
    values.pop().filter(|_| values.is_empty())
}

fn values(answer: &Answer, name: &str) -> Vec<String> {
    let headers = answer.response.headers.iter();
    headers
        .filter(|(given, _)| given.eq_ignore_ascii_case(name.as_bytes()))
        .map(|(_, value)| String::from_utf8_lossy(value).into_owned())
        .collect()
}
