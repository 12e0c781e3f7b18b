//! tower-http's `CorsLayer` under the standard app on axum, as a subject of the harness.
//!
//! Served for real on a loopback socket; [`service`] gives the same app without one. What a policy
//! becomes is in `layer`, the app in `app`, the socket in `mounts`, caught panics in `refusal`.

mod app;
mod layer;
mod mounts;
mod refusal;

use corsproof_conform::policy::Policy;
use corsproof_conform::subject::{
    About, Capabilities, ListForm, Mount, OriginForm, ServerAdapter, SubjectError, Support,
};

use mounts::Mounts;

/// Its name on the command line.
pub const NAME: &str = "tower-http";

/// The released version under test.
pub const VERSION: &str = "0.7.1";

/// tower-http, running.
pub struct TowerHttp {
    about: About,
    capabilities: Capabilities,
    mounts: Mounts,
    next: u64,
}

/// The standard app behind the layer that this policy becomes, without a socket.
///
/// # Errors
/// What [`ServerAdapter::configure`] would answer instead of a mount.
pub fn service(policy: &Policy) -> Result<axum::Router, Support> {
    if !policy.paths().is_empty() {
        return Err(Support::Unsupported {
            feature: "paths".to_owned(),
            reason: "a `CorsLayer` has one policy for all paths".to_owned(),
        });
    }
    let layer = layer::compile(policy)?;
    // The layer checks its configuration when it is put around a service, by `assert!`.
    refusal::catch(|| app::behind(layer)).map_err(|message| Support::Rejected { message })
}

impl TowerHttp {
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

impl ServerAdapter for TowerHttp {
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
        let app = match service(policy) {
            Ok(app) => app,
            Err(support) => return Ok(support),
        };
        let id = format!("p{}", self.next);
        self.next += 1;
        let base = format!("http://{}/{id}", self.mounts.address());
        self.mounts.insert(id.clone(), app);
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
        runtime: "axum 0.8 on hyper 1".to_owned(),
        homepage: "https://github.com/tower-rs/tower-http".to_owned(),
        issues: "https://github.com/tower-rs/tower-http/issues".to_owned(),
    }
}

fn capabilities() -> Capabilities {
    let lists = || vec![ListForm::Any, ListForm::List];
    Capabilities {
        origins: vec![
            OriginForm::Any,
            OriginForm::List,
            OriginForm::SubdomainsOf,
            OriginForm::Patterns,
            OriginForm::Null,
        ],
        methods: lists(),
        request_headers: lists(),
        expose_headers: lists(),
        credentials: true,
        max_age: true,
        private_network: true,
        paths: false,
        dynamic: true,
        http2: true,
    }
}

fn not_running(detail: String) -> SubjectError {
    SubjectError::NotRunning { subject: NAME.to_owned(), detail }
}
