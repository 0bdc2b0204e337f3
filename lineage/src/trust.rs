//! The regulator's trust list: whose keys count, held where the service cannot change it.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::name::{Duty, NameError, check_segment};
use crate::statement::PublicKey;

/// One trusted key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TrustEntry {
    /// The tenant in which the key counts.
    pub tenant: String,
    /// The organisation that its holder speaks for.
    pub organisation: String,
    /// The holder's duty.
    pub duty: Duty,
    /// The holder's pseudonym.
    pub person: String,
    /// The key.
    pub public_key: PublicKey,
}

/// The keys that count, as the JSON document `{"entries":[…]}`.
///
/// ```
/// let list = lineage::TrustList::from_json(br#"{"entries":[]}"#)?;
/// assert!(list.entries().is_empty());
/// # Ok::<(), lineage::TrustError>(())
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TrustList {
    entries: Vec<TrustEntry>,
}

/// A trust list that cannot be used.
#[derive(Debug, Error)]
pub enum TrustError {
    /// The file could not be read or written.
    #[error("trust list {path}: {source}")]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// Not a trust list.
    #[error("not a trust list: {0}")]
    Json(#[from] serde_json::Error),
    /// A name in an entry is malformed.
    #[error("trust list: {0}")]
    Name(#[from] NameError),
    /// One key stands for two persons, so that nobody can tell who signed.
    #[error("trust list: the key {0} stands twice")]
    Duplicate(PublicKey),
}

impl TrustList {
    /// A list of these entries.
    ///
    /// # Errors
    /// [`TrustError::Duplicate`] when a key stands twice, [`TrustError::Name`] when a name is
    /// malformed.
    pub fn new(entries: Vec<TrustEntry>) -> Result<Self, TrustError> {
        let mut list = Self::default();
        entries.into_iter().try_for_each(|entry| list.add(entry))?;
        Ok(list)
    }

    /// Adds an entry.
    ///
    /// # Errors
    /// As [`TrustList::new`].
    pub fn add(&mut self, entry: TrustEntry) -> Result<(), TrustError> {
        for name in [&entry.tenant, &entry.organisation, &entry.person] {
            check_segment(name)?;
        }
        if self.find(&entry.public_key).is_some() {
            return Err(TrustError::Duplicate(entry.public_key));
        }
        self.entries.push(entry);
        Ok(())
    }

    /// All entries, in the order of the document.
    #[must_use]
    pub fn entries(&self) -> &[TrustEntry] {
        &self.entries
    }

    /// The entry of a key.
    #[must_use]
    pub fn find(&self, key: &PublicKey) -> Option<&TrustEntry> {
        self.entries.iter().find(|entry| entry.public_key == *key)
    }

    /// Reads the JSON document strictly.
    ///
    /// # Errors
    /// As [`TrustList::new`], and [`TrustError::Json`] when it is not such a document.
    pub fn from_json(bytes: &[u8]) -> Result<Self, TrustError> {
        let list: Self = serde_json::from_slice(bytes)?;
        Self::new(list.entries)
    }

    /// Loads the list from a file.
    ///
    /// # Errors
    /// As [`TrustList::from_json`], and [`TrustError::Io`].
    pub fn load(path: &Path) -> Result<Self, TrustError> {
        let bytes = fs::read(path).map_err(|source| io_error(path, source))?;
        Self::from_json(&bytes)
    }

    /// Writes the list to a file, replacing what was there.
    ///
    /// # Errors
    /// [`TrustError::Io`] when it cannot be written.
    pub fn save(&self, path: &Path) -> Result<(), TrustError> {
        let mut text = serde_json::to_string_pretty(self)?;
        text.push('\n');
        fs::write(path, text).map_err(|source| io_error(path, source))
    }
}

fn io_error(path: &Path, source: io::Error) -> TrustError {
    let path = path.to_owned();
    TrustError::Io { path, source }
}

#[cfg(test)]
mod tests {
    //! A list reads what it writes and refuses what would make it ambiguous.
    use super::*;
    use crate::statement::StatementKey;

    fn entry(person: &str) -> TrustEntry {
        TrustEntry {
            tenant: "xj".into(),
            organisation: "ybj".into(),
            duty: Duty::Provider,
            person: person.into(),
            public_key: StatementKey::generate().unwrap().public_key(),
        }
    }

    #[test]
    fn a_list_reads_what_it_writes() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("trust.json");
        let list = TrustList::new(vec![entry("p1"), entry("p2")]).unwrap();
        list.save(&path).unwrap();
        let loaded = TrustList::load(&path).unwrap();
        assert_eq!(loaded, list);
        let second = &list.entries()[1];
        assert_eq!(loaded.find(&second.public_key), Some(second));
        assert_eq!(loaded.find(&entry("p3").public_key), None);
    }

    #[test]
    fn doubtful_lists_are_refused() {
        let twice = entry("p1");
        let other = TrustEntry {
            person: "p2".into(),
            ..twice.clone()
        };
        assert!(matches!(
            TrustList::new(vec![twice, other]),
            Err(TrustError::Duplicate(_))
        ));
        assert!(matches!(
            TrustList::new(vec![entry("P 1")]),
            Err(TrustError::Name(_))
        ));
        for bad in [
            "",
            "[]",
            r#"{"entries":[],"more":1}"#,
            r#"{"entries":[{}]}"#,
        ] {
            assert!(matches!(
                TrustList::from_json(bad.as_bytes()),
                Err(TrustError::Json(_))
            ));
        }
    }
}
