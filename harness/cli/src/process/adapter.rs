//! A server under test that is a program.

use std::path::PathBuf;

use corsproof_conform::policy::{Policy, RawPolicy};
use corsproof_conform::subject::{
    About, Capabilities, Mount, ServerAdapter, SubjectError, Support,
};

use super::conversation::{Conversation, Parting};
use super::limits::Limits;
use super::protocol::{Answer, Configured, Message, PROTOCOL, ToMount, is_base};
use crate::registry::Role;

/// How a subject's program is started, and who it must say it is.
#[derive(Debug, Clone)]
pub struct Program {
    /// The subject's name.
    pub name: String,
    /// The version it must be, if one is pinned.
    pub version: Option<String>,
    /// Where it is run.
    pub folder: PathBuf,
    /// The command line.
    pub run: String,
}

/// A program that speaks the subject protocol, in the role of a server.
pub struct ProcessAdapter {
    about: About,
    capabilities: Capabilities,
    conversation: Conversation,
    limits: Limits,
    mounts: u64,
}

impl ProcessAdapter {
    /// Starts the program and waits until it is ready.
    ///
    /// # Errors
    /// When it does not start, is not ready in time, or is not the server that it should be.
    pub fn start(program: &Program, limits: Limits) -> Result<Self, SubjectError> {
        let mut conversation = Conversation::start(&program.name, &program.folder, &program.run)?;
        let message = Message::Start { protocol: PROTOCOL };
        let answer = conversation.ask(&message, limits.start_within)?;
        let Answer::Started(started) = answer else {
            return Err(conversation.refuse(message.name(), "it did not say who it is".to_owned()));
        };
        let about = started.about();
        let capabilities = match (started.role, started.capabilities) {
            (Role::Server, Some(capabilities)) => Ok(capabilities),
            (Role::Server, None) => Err("a server has to say what it can express".to_owned()),
            (Role::UserAgent, _) => Err("its role is not `server`".to_owned()),
        };
        match capabilities.and_then(|capabilities| match stranger(&about, program) {
            Some(why) => Err(why),
            None => Ok(capabilities),
        }) {
            Ok(capabilities) => Ok(Self { about, capabilities, conversation, limits, mounts: 0 }),
            Err(why) => Err(conversation.refuse(message.name(), why)),
        }
    }

    /// Stops the program, and says how it ended.
    pub fn stop(mut self) -> Parting {
        self.conversation.stop(self.limits.stop_within)
    }
}

impl ServerAdapter for ProcessAdapter {
    fn about(&self) -> &About {
        &self.about
    }

    fn capabilities(&self) -> &Capabilities {
        &self.capabilities
    }

    fn configure(&mut self, policy: &Policy) -> Result<Support, SubjectError> {
        self.configure_raw(policy.raw())
    }

    fn configure_raw(&mut self, policy: &RawPolicy) -> Result<Support, SubjectError> {
        self.mounts += 1;
        let id = format!("p{}", self.mounts);
        let message = Message::Configure { policies: [ToMount { id: &id, policy }] };
        let answer = self.conversation.ask(&message, self.limits.configure_within)?;
        let support = match answer {
            Answer::Configured(all) => support(all, &id),
            _ => Err("it did not say what became of the policy".to_owned()),
        };
        support.map_err(|why| self.conversation.refuse(message.name(), why))
    }

    fn release(&mut self, mount: &Mount) {
        let message = Message::Release { ids: [&mount.id] };
        // A failure ends the program, which the next question is told.
        let answer = self.conversation.ask(&message, self.limits.configure_within);
        if answer.is_ok_and(
            |answer| !matches!(&answer, Answer::Released(ids) if *ids == [mount.id.as_str()]),
        ) {
            let _ =
                self.conversation.refuse(message.name(), "it released something else".to_owned());
        }
    }
}

impl Drop for ProcessAdapter {
    fn drop(&mut self) {
        if !self.conversation.is_over() {
            self.conversation.stop(self.limits.stop_within);
        }
    }
}

/// Why this is not the program that was meant.
fn stranger(about: &About, program: &Program) -> Option<String> {
    if about.name != program.name {
        return Some(format!("it says that it is `{}`", about.name));
    }
    let pinned = program.version.as_ref().filter(|pinned| **pinned != about.version)?;
    Some(format!("it runs version `{}`, and `{pinned}` was asked for", about.version))
}

/// What became of the one policy.
fn support(mut all: Vec<Configured>, id: &str) -> Result<Support, String> {
    let (Some(one), true) = (all.pop(), all.is_empty()) else {
        return Err("it did not answer for one policy".to_owned());
    };
    if one.id != id {
        return Err(format!("it answered for `{}`, not for `{id}`", one.id));
    }
    match (one.base, one.unsupported, one.rejected) {
        (Some(base), None, None) if is_base(&base) => {
            Ok(Support::Mounted(Mount { id: one.id, base }))
        }
        (Some(base), None, None) => Err(format!(
            "`{base}` is not a base (`http://127.0.0.1:PORT`, then maybe a path, no slash at the end)"
        )),
        (None, Some(it), None) => {
            Ok(Support::Unsupported { feature: it.feature, reason: it.reason })
        }
        (None, None, Some(it)) => Ok(Support::Rejected { message: it.message }),
        _ => {
            Err("it answered with none, or several, of `base`, `unsupported` and `rejected`"
                .to_owned())
        }
    }
}
