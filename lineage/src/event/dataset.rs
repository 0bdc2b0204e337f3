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
