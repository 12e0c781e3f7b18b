//! A subject: whether it can run on this machine, and how it is started.

use std::path::PathBuf;

use corsproof_conform::case::AgentName;
use corsproof_conform::known::KnownFile;
use corsproof_conform::subject::{Server, ServerAdapter, SubjectError, UserAgent};

use super::browsers::KnownBrowser;
use super::error::RegistryError;
use super::subject_file::{Kind, Role, SubjectFile};
use crate::build::{Recipe, Repin, missing_tool};
use crate::embedded;
use crate::http_client::SocketServer;
use crate::process::{Limits, ProcessAdapter, Program};

/// A subject in the table.
#[derive(Debug, Clone)]
pub struct Entry {
    /// Its name on the command line.
    pub name: String,
    /// Its `subject.toml`.
    pub file: SubjectFile,
    /// Its `known.toml`.
    pub known: KnownFile,
    /// What it is to us.
    pub place: Place,
}

/// What a subject is to us.
#[derive(Debug, Clone)]
pub enum Place {
    /// Linked into this program.
    Embedded,
    /// A browser that is installed.
    Browser(KnownBrowser),
    /// A program.
    Program {
        /// Its folder.
        sources: PathBuf,
        /// Where copies, stamps and logs go.
        cache: PathBuf,
        /// How it becomes another version, if it is to be one.
        repin: Option<Repin>,
    },
}

/// Whether a subject can run here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Availability {
    /// It can, in this version.
    Available {
        /// Exact version.
        version: String,
    },
    /// It cannot.
    NotAvailable {
        /// Why.
        why: String,
        /// How to get it.
        how: String,
    },
}

/// A subject that is running.
pub enum Running {
    /// A server that is linked in.
    Server(Box<dyn Server>),
    /// A server that is a program.
    Program(Box<SocketServer<ProcessAdapter>>),
    /// A user agent, and the model's preset for it.
    UserAgent(Box<dyn UserAgent>, AgentName),
}

impl Entry {
    /// Whether it is kept because it is wrong; then it runs only when it is named.
    pub fn is_known_bad(&self) -> bool {
        self.file.kind == Some(Kind::KnownBad)
    }

    /// Whether it is another version than the one its program was written for.
    pub fn is_other_version(&self) -> bool {
        matches!(self.place, Place::Program { repin: Some(_), .. })
    }

    /// Whether it is a browser that this build knows how to start.
    pub fn is_browser(&self) -> bool {
        matches!(self.place, Place::Browser(_))
    }

    /// The model's preset for it, if it is a browser.
    pub fn engine(&self) -> Option<AgentName> {
        match self.place {
            Place::Browser(browser) => Some(browser.preset()),
            Place::Embedded | Place::Program { .. } => None,
        }
    }

    /// How its program is built.
    pub fn recipe(&self) -> Option<Recipe> {
        match &self.place {
            Place::Program { sources, cache, repin } => {
                Some(Recipe::new(&self.name, &self.file, sources, cache, repin.as_ref()))
            }
            Place::Embedded | Place::Browser(_) => None,
        }
    }

    /// Makes the copy in another version, if it is one, and builds it. Does nothing when that is
    /// done, or when it is the version of its folder: that one is only built when told.
    ///
    /// # Errors
    /// When it cannot be built.
    pub fn prepare(&self) -> Result<(), RegistryError> {
        if let (Place::Program { repin: Some(_), .. }, Some(recipe)) = (&self.place, self.recipe())
            && missing_tool(recipe.tool_lines()).is_none()
        {
            recipe.build()?;
        }
        Ok(())
    }

    /// Whether it can run on this machine.
    pub fn availability(&self) -> Availability {
        let not = |why: String, how: String| Availability::NotAvailable { why, how };
        let version = self.file.version.clone().unwrap_or_default();
        match &self.place {
            Place::Embedded => Availability::Available { version },
            Place::Browser(browser) => match browser.version() {
                Ok(version) => Availability::Available { version },
                Err(missing) => not(missing.why, missing.how),
            },
            Place::Program { .. } => match self.hindrance() {
                None => Availability::Available { version },
                Some((why, how)) => not(why, how),
            },
        }
    }

    /// Why the program cannot run, and what to do about it.
    fn hindrance(&self) -> Option<(String, String)> {
        if self.file.role != Role::Server {
            let why = "no driver speaks to user agents that are programs".to_owned();
            return Some((why, "it has to be written".to_owned()));
        }
        if self.file.run.is_none() {
            let why = "this build does not link it in, and its subject.toml has no `run`";
            return Some((why.to_owned(), "build corsproof from the checkout it is in".to_owned()));
        }
        let recipe = self.recipe()?;
        if let Some(missing) = missing_tool(recipe.tool_lines()) {
            return Some((format!("`{}` is not on the PATH", missing.tool), missing.how));
        }
        if !recipe.is_built() {
            let how = format!("corsproof subjects build {}", self.name);
            return Some(("not built, or its sources have changed since".to_owned(), how));
        }
        None
    }

    /// Starts it.
    ///
    /// # Errors
    /// When it does not start.
    pub fn start(&self, limits: Limits) -> Result<Running, RegistryError> {
        match &self.place {
            Place::Browser(browser) => Ok(Running::UserAgent(browser.start()?, browser.preset())),
            Place::Embedded => Ok(Running::Server(embedded::start(&self.name)?)),
            Place::Program { .. } => {
                let adapter = ProcessAdapter::start(&self.program()?, limits)?;
                let server = SocketServer::new(adapter).with_deadline(limits.answer_within);
                Ok(Running::Program(Box::new(server)))
            }
        }
    }

    fn program(&self) -> Result<Program, SubjectError> {
        let (Some(run), Some(recipe)) = (self.file.run.clone(), self.recipe()) else {
            return Err(SubjectError::NotRunning {
                subject: self.name.clone(),
                detail: "its subject.toml does not say how it is run".to_owned(),
            });
        };
        Ok(Program {
            name: self.file.name.clone(),
            version: self.file.version.clone(),
            folder: recipe.folder().to_owned(),
            run,
        })
    }
}

impl Running {
    /// The server, if it is one.
    pub fn server(&mut self) -> Option<&mut dyn ServerAdapter> {
        match self {
            Self::Server(server) => Some(server.as_mut()),
            Self::Program(server) => Some(server.as_mut()),
            Self::UserAgent(..) => None,
        }
    }

    /// The server with the sockets that reach it, if it is one.
    pub fn exchanging(&mut self) -> Option<&mut dyn Server> {
        match self {
            Self::Server(server) => Some(server.as_mut()),
            Self::Program(server) => Some(server.as_mut()),
            Self::UserAgent(..) => None,
        }
    }

    /// Stops it; says what is wrong with how it ended.
    pub fn stop(self) -> Option<String> {
        match self {
            Self::Program(server) => server.into_adapter().stop().complaint(),
            Self::Server(_) | Self::UserAgent(..) => None,
        }
    }
}
