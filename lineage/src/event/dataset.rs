//! Events of data sets, and the two records that other events use.

use serde::{Deserialize, Serialize};

use super::Body;
use crate::digest::Digest;
use crate::name::{self, Kind, NameError};

/// One version of one data set.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DatasetVersion {
    /// `tenants/{t}/datasets/{owner}/{table}`.
    pub dataset: String,
    /// The version that was read.
    pub version: u64,
    /// The columns that were read, sorted, so that nothing can rest on a column whose key was destroyed; empty where the
    /// event reads no column, or more than [`COLUMNS_BYTES_MAX`] can name.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub columns: Vec<String>,
}

/// The longest names of read columns that an event lists for all its data sets together, in bytes: a leaf holds 60 KB.
pub const COLUMNS_BYTES_MAX: usize = 32 * 1024;

impl DatasetVersion {
    /// A version of which no column is listed.
    #[must_use]
    pub fn whole(dataset: impl Into<String>, version: u64) -> Self {
        Self {
            dataset: dataset.into(),
            version,
            columns: Vec::new(),
        }
    }

    /// The versions as an event lists them: without columns where their names are too long for a leaf.
    #[must_use]
    pub fn listed(mut read: Vec<Self>) -> Vec<Self> {
        let names = read.iter().flat_map(|one| &one.columns);
        if names.map(String::len).sum::<usize>() > COLUMNS_BYTES_MAX {
            read.iter_mut().for_each(|one| one.columns.clear());
        }
        read
    }

    /// The path of a read column's key.
    #[must_use]
    pub fn column_path(&self, column: &str) -> String {
        format!(
            "{}/versions/{}/columns/{column}",
            self.dataset, self.version
        )
    }
}

/// One file that left the enclave.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReleasedFile {
    /// The file's name.
    pub name: String,
    /// The digest of its bytes.
    pub digest: Digest,
    /// Its length in bytes.
    pub bytes: u64,
}

/// A version of a data set was taken in and encrypted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DatasetRegistered {
    /// `tenants/{t}/datasets/{owner}/{table}`.
    pub dataset: String,
    /// The version, counted by the log.
    pub version: u64,
    /// The providing organisation, which clears every product that touches the data set.
    pub provider: String,
    /// The digest of the provider's schema file, under which its text is stored.
    pub document_digest: Digest,
    /// The digest of the schema with its types.
    pub schema_digest: Digest,
    /// The digest of the columns' labels.
    pub labels_digest: Digest,
    /// How many rows were taken in.
    pub rows: u64,
    /// The text encoding that was found or given, e.g. `utf-8`, `gb18030`, `parquet`.
    pub encoding: String,
    /// The field separator, for separated text only.
    pub separator: Option<String>,
    /// The salted digest of the provider's file.
    pub source_digest: Digest,
    /// The digest of the encrypted file.
    pub ciphertext_digest: Digest,
    /// How many cells were refused at intake.
    pub rejected_cells: u64,
}

impl Body for DatasetRegistered {
    fn subject(&self) -> String {
        self.dataset.clone()
    }
    fn check(&self, tenant: &str) -> Result<(), NameError> {
        name::check_segment(&self.provider)?;
        Kind::Dataset.check(&self.dataset, tenant)
    }
    fn stream(&self, _tenant: &str) -> String {
        name::stream_of(&self.dataset)
    }
}

#[cfg(test)]
mod tests {
    //! Columns are listed as long as a leaf can hold them.
    use super::*;

    #[test]
    fn columns_are_listed_up_to_the_bound() {
        let read = |bytes: usize| {
            let mut one = DatasetVersion::whole("d", 1);
            one.columns = vec!["x".repeat(bytes), String::new()];
            vec![one, DatasetVersion::whole("e", 1)]
        };
        let listed = |bytes| DatasetVersion::listed(read(bytes))[0].columns.len();
        assert_eq!(listed(COLUMNS_BYTES_MAX), 2);
        assert_eq!(listed(COLUMNS_BYTES_MAX + 1), 0);
    }
}
