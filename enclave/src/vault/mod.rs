//! Where does raw data lie, and who gets it? Encrypted Parquet, a key per column, and one door.
//!
//! ```text
//! intake ─► store ─► tenants/xj/datasets/ybj/claims/versions/3.parquet     ciphertext; keys lie in the key store
//!                      │
//!  policy::Permit ─────┼─► open        batches of granted columns, rows filtered           (samples)
//!                      ├─► descriptor  ciphertext and keys of granted columns              (jobs)
//!                      └─► narrow      filtered rows, encrypted again under a job's keys   (jobs with a row filter)
//! ```
//!
//! The prefix of the encryption's associated data is the version's name, so a file put in another one's place does not
//! open. Parquet Modular Encryption (Apache Parquet, `Encryption.md`), AES-256-GCM.

mod column_keys;
mod door;
mod error;
mod filter;
mod narrow;
mod store;
mod table;
mod version;
mod writer;

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::keys::{KeyStore, create_dir, sync_dir};

pub use column_keys::ColumnKeys;
pub use door::RawBatches;
pub use error::VaultError;
pub use filter::filter_rows;
pub use narrow::narrow_batches;
pub use store::Stored;
pub use table::{EncryptedTable, TableBatches};
pub use version::VersionName;
pub(crate) use writer::CREATED_BY;
pub use writer::{ROW_GROUP_BYTES_MAX, ROW_GROUP_ROWS};

/// Unfinished files lie here, below the vault's directory, so that renaming them into place is one step.
const UNFINISHED: &str = "unfinished";

/// The encrypted data sets of a home; one process writes it at a time.
pub struct Vault {
    dir: PathBuf,
    keys: Arc<KeyStore>,
}

impl Vault {
    /// Opens the vault in `dir`, making it where it is missing, and removes what a crash left unfinished.
    ///
    /// # Errors
    /// The directory cannot be made, read or cleaned.
    pub fn at(dir: &Path, keys: Arc<KeyStore>) -> Result<Self, VaultError> {
        let unfinished = dir.join(UNFINISHED);
        create_dir(&unfinished)
            .map_err(|error| VaultError::file("cannot make", &unfinished, error))?;
        let cleaned: io::Result<()> = fs::read_dir(&unfinished)
            .and_then(|mut entries| entries.try_for_each(|entry| fs::remove_file(entry?.path())));
        cleaned.map_err(|error| VaultError::file("cannot clean", &unfinished, error))?;
        Ok(Self {
            dir: dir.to_owned(),
            keys,
        })
    }

    /// Whether this version is stored whole.
    #[must_use]
    pub fn holds(&self, version: &VersionName) -> bool {
        self.dir.join(version.file()).is_file()
    }

    /// Erases a version: its keys first, so that a copy of the file is worth nothing, then the file. What is missing is erased
    /// already.
    ///
    /// For a version that the log does not know, left by a crash between storing and logging, and for a withdrawn one.
    ///
    /// # Errors
    /// A key or the file cannot be removed.
    pub fn erase(&self, version: &VersionName) -> Result<(), VaultError> {
        self.keys.destroy(&version.key())?;
        let path = self.dir.join(version.file());
        let removed = match fs::remove_file(&path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
            removed => removed,
        };
        let removed = removed.and_then(|()| path.parent().map_or(Ok(()), sync_dir));
        removed.map_err(|error| VaultError::file("cannot remove", &path, error))
    }

    fn unfinished(&self) -> PathBuf {
        self.dir.join(UNFINISHED)
    }
}

#[cfg(test)]
mod tests;
