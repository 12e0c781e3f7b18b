//! poem's `Cors` under the standard app on poem, as a subject of the harness.
//!
//! Served for real on a loopback socket; [`service`] gives the same app without one. What a policy
//! becomes is in `options`, the app in `app`, its counters in `executions`, the socket in `mounts`,
//! caught panics in `refusal`.

mod app;
mod executions;
mod mounts;
mod options;
mod refusal;

use corsproof_conform::policy::Policy;
use corsproof_conform::subject::{
    About, Capabilities, ListForm, Mount, OriginForm, ServerAdapter, SubjectError, Support,
};

pub use app::App;
use executions::Executions;
use mounts::Mounts;

/// Its name on the command line.
pub const NAME: &str = "poem";

/// The released version under test.
pub const VERSION: &str = "3.1.12";

/// poem, running.
pub struct Poem {
    about: About,
    capabilities: Capabilities,
    mounts: Mounts,
    next: u64,
}

/// The standard app behind the middleware that this policy becomes, without a socket.
///
/// # Errors
/// What [`ServerAdapter::configure`] would answer instead of a mount.
pub fn service(policy: &Policy) -> Result<App, Support> {
    Ok(app::behind(options::compile(policy)?, Vec::new()))
}

impl Poem {
    /// Starts it, with nothing mounted.
    ///
    /// # Errors
    /// When there is no socket or no thread to be had.
    pub fn start() -> Result<Self, SubjectError> {
        Ok(Self {
            about: about(),
            capabilities: capabilities(),
            mounts: Mounts::serve().map_err(|error| not_running(error.to_string()))?,
            next: 0,
        })
    }
}

impl ServerAdapter for Poem {
    fn about(&self) -> &About {
        &self.about
    }

    fn capabilities(&self) -> &Capabilities {
        &self.capabilities
    }

    fn configure(&mut self, policy: &Policy) -> Result<Support, SubjectError> {
        if !self.mounts.are_served() {
            return Err(not_running("its thread has ended".to_owned()));
        }
        let cors = match options::compile(policy) {
            Ok(cors) => cors,
            Err(support) => return Ok(support),
        };
        let id = format!("p{}", self.next);
        self.next += 1;
        let executions = Executions::default();
        let app = app::behind(cors, vec![executions.clone(), self.mounts.everywhere()]);
        let base = format!("http://{}/{id}", self.mounts.address());
        self.mounts.insert(id.clone(), app, executions);
        Ok(Support::Mounted(Mount { id, base }))
    }

    fn release(&mut self, mount: &Mount) {
        self.mounts.remove(&mount.id);
    }
}

fn about() -> About {
    About {
        name: NAME.to_owned(),
        version: VERSION.to_owned(),
        language: "Rust".to_owned(),
        runtime: "poem 3 on hyper 1".to_owned(),
        homepage: "https://github.com/poem-web/poem".to_owned(),
        issues: "https://github.com/poem-web/poem/issues".to_owned(),
    }
}

fn capabilities() -> Capabilities {
    Capabilities {
        origins: vec![
            OriginForm::Any,
            OriginForm::List,
            OriginForm::SubdomainsOf,
            OriginForm::Patterns,
            OriginForm::Null,
        ],
        methods: vec![ListForm::Any, ListForm::List],
        request_headers: vec![ListForm::Any, ListForm::List],
        expose_headers: vec![ListForm::List],
        credentials: true,
        max_age: true,
        private_network: false,
        paths: false,
        dynamic: true,
        http2: true,
    }
}

fn not_running(detail: String) -> SubjectError {
    SubjectError::NotRunning { subject: NAME.to_owned(), detail }
}
