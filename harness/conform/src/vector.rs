//! Test vectors: a shrunk case, what the Standard says of it, and who was seen to differ.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::case::{Sequence, UserAgentCase};
use crate::expect::{Deviation, Expected};
use crate::judge::finding::{Direction, Finding, Level};
use crate::server_case::ServerCase;

/// Version of the vector format.
pub const SCHEMA_VERSION: u32 = 1;

/// The edition that new vectors are stamped with.
pub const EDITION: &str = "2026.11";

/// Largest vector file that is read, in bytes.
pub const MAX_FILE: u64 = 1 << 20;

/// One test vector.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Vector {
    /// Version of the format.
    pub schema: u32,
    /// Never changes, never reused.
    pub id: String,
    /// Since which edition of the set it exists.
    pub since: String,
    /// How much a failure weighs.
    pub level: Level,
    /// Flags of the dictionary that apply.
    #[serde(default)]
    pub flags: Vec<String>,
    /// What it shows, for people.
    pub comment: String,
    /// The steps that decide it, as `algorithm/slug`.
    pub steps: Vec<String>,
    /// Where it comes from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub provenance: Option<Provenance>,
    /// The test itself.
    pub test: Test,
}

/// The test of a vector.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Test {
    /// A user agent is held against the model.
    UserAgent {
        /// What script asks and servers answer.
        case: UserAgentCase,
        /// What the Standard says.
        expected: Expected,
        /// Who is known to part from it.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        deviations: Vec<Deviation<Expected>>,
        /// Who was seen to do what.
        #[serde(default)]
        witnesses: Vec<Witness>,
    },
    /// A user agent is held against the model over several fetches with one preflight cache.
    Sequence {
        /// What script asks and servers answer, and when.
        sequence: Sequence,
        /// What the Standard says, step by step.
        expected: Vec<Expected>,
        /// Who is known to part from it.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        deviations: Vec<Deviation<Vec<Expected>>>,
        /// Who was seen to do what.
        #[serde(default)]
        witnesses: Vec<Witness>,
    },
    /// A server is held against its policy.
    Server {
        /// The policy and the calls.
        case: ServerCase,
        /// What must not be found.
        guards: Guards,
        /// Who was seen to do what.
        #[serde(default)]
        witnesses: Vec<Witness>,
    },
}

impl Test {
    /// The test of a case, with nothing computed yet.
    pub fn of_case(case: UserAgentCase) -> Self {
        Self::UserAgent {
            case,
            expected: Expected::UNKNOWN,
            deviations: Vec::new(),
            witnesses: Vec::new(),
        }
    }

    /// The test of a sequence, with nothing computed yet.
    pub fn of_sequence(sequence: Sequence) -> Self {
        Self::Sequence {
            sequence,
            expected: Vec::new(),
            deviations: Vec::new(),
            witnesses: Vec::new(),
        }
    }

    /// The id that the case or the sequence carries.
    pub fn id(&self) -> &str {
        match self {
            Self::UserAgent { case, .. } => &case.id,
            Self::Sequence { sequence, .. } => &sequence.id,
            Self::Server { case, .. } => &case.id,
        }
    }

    /// The folder of vectors of this kind.
    pub fn folder(&self) -> &'static str {
        match self {
            Self::UserAgent { .. } => "user-agent",
            Self::Sequence { .. } => "sequence",
            Self::Server { .. } => "server",
        }
    }
}

/// What a server vector guards against.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Guards {
    /// The rule that a wrong server breaks.
    pub rule: String,
    /// In which direction.
    pub direction: Direction,
    /// What tells it from other findings of the rule.
    pub label: String,
}

/// A subject that was seen to agree or to differ.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Witness {
    /// Its name.
    pub subject: String,
    /// Its version.
    pub version: String,
    /// Whether it did as expected.
    pub agrees: bool,
    /// What it did, where it differed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub observed: Option<String>,
}

/// Where a shrunk vector comes from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Provenance {
    /// Against whom it was found.
    pub subject: String,
    /// In which version.
    pub version: String,
    /// The seed of the campaign.
    pub seed: u64,
    /// The case's number in it.
    pub index: u64,
    /// The preset of the campaign.
    pub preset: String,
    /// The generator's version.
    pub generator_version: u32,
    /// How many shrinks led from that case to this one.
    pub shrinks: usize,
}

/// Why a vector could not be read or written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum VectorError {
    /// The file could not be read or written.
    #[error("vector `{}`: {source}", .path.display())]
    Io {
        /// Which file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// The file is too large.
    #[error("vector `{}`: {size} bytes are more than the limit of {MAX_FILE}", .path.display())]
    TooLarge {
        /// Which file.
        path: PathBuf,
        /// Its size.
        size: u64,
    },
    /// The file is not a vector.
    #[error("vector `{path}`: line {line}, column {column}: {message}")]
    Invalid {
        /// Which file.
        path: String,
        /// Line, from 1.
        line: usize,
        /// Column, from 1.
        column: usize,
        /// What is wrong, with the field's name.
        message: String,
    },
    /// The file is of another version of the format.
    #[error("vector `{path}`: `schema`: version {version} is not {SCHEMA_VERSION}")]
    Version {
        /// Which file.
        path: String,
        /// Its version.
        version: u32,
    },
}

impl Vector {
    /// Reads a vector from its text; `path` names it in errors.
    ///
    /// # Errors
    /// Names path, line, column and field.
    pub fn parse(path: &str, text: &str) -> Result<Self, VectorError> {
        let vector: Self = serde_json::from_str(text).map_err(|error| VectorError::Invalid {
            path: path.to_owned(),
            line: error.line(),
            column: error.column(),
            message: error.to_string(),
        })?;
        if vector.schema != SCHEMA_VERSION {
            return Err(VectorError::Version { path: path.to_owned(), version: vector.schema });
        }
        Ok(vector)
    }

    /// Reads a vector file.
    ///
    /// # Errors
    /// Names the file and, where it applies, line, column and field.
    pub fn read(path: &Path) -> Result<Self, VectorError> {
        let io = |source| VectorError::Io { path: path.to_owned(), source };
        let size = fs::metadata(path).map_err(io)?.len();
        if size > MAX_FILE {
            return Err(VectorError::TooLarge { path: path.to_owned(), size });
        }
        let text = fs::read_to_string(path).map_err(io)?;
        Self::parse(&path.display().to_string(), &text)
    }

    /// Writes the vector into a folder, whole or not at all, as `<id>.json`.
    ///
    /// # Errors
    /// When the folder cannot be written to.
    pub fn write(&self, folder: &Path) -> Result<PathBuf, VectorError> {
        let path = folder.join(format!("{}.json", self.id));
        let partial = folder.join(format!(".{}.json.partial", self.id));
        let io = |source| VectorError::Io { path: path.clone(), source };
        fs::create_dir_all(folder).map_err(io)?;
        let mut file = fs::File::create(&partial).map_err(io)?;
        file.write_all(self.to_json().as_bytes()).map_err(io)?;
        file.sync_all().map_err(io)?;
        fs::rename(&partial, &path).map_err(io)?;
        Ok(path)
    }

    /// The vector as it stands in its file.
    pub fn to_json(&self) -> String {
        let mut json = serde_json::to_string_pretty(self).unwrap_or_default();
        json.push('\n');
        json
    }
}

/// The id of a vector for this finding: the rule, what tells it apart, and a hash of the test.
/// The same finding shrunk to the same case has the same id.
pub fn id_of(finding: &Finding, test: &impl Serialize) -> String {
    format!("{}.{}", finding.signature(), hash_of(test))
}

/// Eight hexadecimal digits that tell a test from others: the last part of an id.
pub fn hash_of(test: &impl Serialize) -> String {
    let canonical = serde_json::to_vec(test).unwrap_or_default();
    Sha256::digest(&canonical).iter().take(4).map(|byte| format!("{byte:02x}")).collect()
}
