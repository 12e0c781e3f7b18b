//! The subjects: those that this build holds, those of a folder, and which can run here.

mod browsers;
mod entry;
mod error;
mod folder;
mod subject_file;
mod table;

pub use browsers::KnownBrowser;
pub use entry::{Availability, Entry, Place, Running};
pub use error::RegistryError;
pub use folder::{CACHE, FolderArguments};
pub use subject_file::{Kind, Role, SubjectFile};
pub use table::{Entries, Registry};
