//! actix-cors under the standard app on actix-web, as a subject of the harness.
//!
//! Served for real by actix-web's own server on a loopback socket; [`service`] gives the same app
//! without one. What a policy becomes is in `middleware`, the app in `app`, the socket in
//! `server`, what is mounted on it in `dispatch`.

mod app;
mod dispatch;
mod middleware;
mod server;

use corsproof_conform::policy::Policy;
use corsproof_conform::subject::{
    About, Capabilities, ListForm, Mount, OriginForm, ServerAdapter, SubjectError, Support,
};

pub use app::{App, service};
use server::Server;

/// Its name on the command line.
pub const NAME: &str = "actix-cors";

/// The released version under test.
pub const VERSION: &str = "0.7.2";

/// actix-cors, running.
pub struct ActixCors {
    about: About,
    capabilities: Capabilities,
    server: Server,
    next: u64,
}

impl ActixCors {
    /// Starts it, with nothing mounted.
    ///
    /// # Errors
    /// When there is no socket or no thread to be had.
    pub fn start() -> Result<Self, SubjectError> {
        Ok(Self {
            about: about(),
            capabilities: capabilities(),
            server: Server::start().map_err(|error| not_running(error.to_string()))?,
            next: 0,
        })
    }
}

impl ServerAdapter for ActixCors {
    fn about(&self) -> &About {
        &self.about
    }

    fn capabilities(&self) -> &Capabilities {
        &self.capabilities
    }

    fn configure(&mut self, policy: &Policy) -> Result<Support, SubjectError> {
        let id = format!("p{}", self.next);
        self.next += 1;
        let outcome = self
            .server
            .mount(&id, policy)
            .ok_or_else(|| not_running("its worker does not answer".to_owned()))?;
        Ok(match outcome {
            Err(support) => support,
            Ok(()) => {
                let base = format!("http://{}/{id}", self.server.address());
                Support::Mounted(Mount { id, base })
            }
        })
    }

    fn release(&mut self, mount: &Mount) {
        self.server.release(&mount.id);
    }
}

fn about() -> About {
    About {
        name: NAME.to_owned(),
        version: VERSION.to_owned(),
        language: "Rust".to_owned(),
        runtime: "actix-web 4".to_owned(),
        homepage: "https://github.com/actix/actix-extras/tree/main/actix-cors".to_owned(),
        issues: "https://github.com/actix/actix-extras/issues".to_owned(),
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
        private_network: false,
        paths: false,
        dynamic: true,
        http2: true,
    }
}

fn not_running(detail: String) -> SubjectError {
    SubjectError::NotRunning { subject: NAME.to_owned(), detail }
}
