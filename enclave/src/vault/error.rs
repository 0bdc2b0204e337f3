//! Why the vault does not store or open; never a value, never a key.

use std::io;
use std::path::PathBuf;

use thiserror::Error;

use crate::intake::IntakeError;
use crate::keys::KeyError;

/// A data set that cannot be stored or opened.
#[derive(Debug, Error)]
pub enum VaultError {
    /// The provider's file was refused while it was stored; nothing of it is kept.
    #[error(transparent)]
    Intake(#[from] IntakeError),
    /// A key is missing, destroyed or altered.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// A file of the vault could not be read or written: the host's fault.
    #[error("{what} {}: {source}", path.display())]
    File {
        /// What was tried.
        what: &'static str,
        /// The file.
        path: PathBuf,
        /// The system's answer.
        source: io::Error,
    },
    /// The version is stored already; versions are never written twice.
    #[error("{version} is stored already; a version is never written twice")]
    VersionExists {
        /// The version's name.
        version: String,
    },
    /// No such version, or a withdrawn one.
    #[error("{version} is not in the vault")]
    VersionMissing {
        /// The version's name.
        version: String,
    },
    /// The permit is for something else: a fault of this program.
    #[error("the permit allows `{action}` in tenant `{tenant}`, which does not open {version}")]
    WrongPermit {
        /// What the permit allows.
        action: String,
        /// Where.
        tenant: String,
        /// What was to be opened.
        version: String,
    },
    /// A column that is not granted, or that the data set does not have.
    #[error("column `{column}` is not granted or does not exist")]
    NoColumn {
        /// The column.
        column: String,
    },
    /// The file does not decrypt with these keys and this name, or was altered.
    #[error(
        "the stored data does not decrypt: it was altered, moved to another name, or a column key is missing"
    )]
    Undecryptable,
    /// The file decrypts, but its pages do not decode or its type is another.
    #[error("the stored data is damaged")]
    Damaged,
    /// Writing failed below Parquet: the host's fault.
    #[error("the encrypted file could not be written: {0}")]
    Write(io::Error),
    /// The row filter compares a column with a value of another type; the policy check refuses this earlier.
    #[error("the row filter compares column `{column}` with a value that is not {column_type}")]
    FilterType {
        /// The column.
        column: String,
        /// Its type.
        column_type: String,
    },
    /// Two columns of the same name.
    #[error("column `{column}` is asked for twice")]
    DuplicateColumn {
        /// The column.
        column: String,
    },
    /// Bytes that are not a message of column keys.
    #[error("the message of column keys is cut or altered")]
    KeyMessage,
}

impl VaultError {
    pub(super) fn file(what: &'static str, path: &std::path::Path, source: io::Error) -> Self {
        Self::File {
            what,
            path: path.to_owned(),
            source,
        }
    }
}
