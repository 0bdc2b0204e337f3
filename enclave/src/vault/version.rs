//! The name of what is stored: it stands in every key's path and is bound into the file's encryption.

use std::fmt;
use std::path::PathBuf;

use policy::{DatasetId, Tenant};

use crate::keys::KeyPath;

/// One version of a data set; the number comes from the log.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct VersionName {
    /// The tenant.
    pub tenant: Tenant,
    /// The data set.
    pub dataset: DatasetId,
    /// The version, counted from 1.
    pub version: u64,
}

impl VersionName {
    /// The version with this name.
    #[must_use]
    pub fn new(tenant: Tenant, dataset: DatasetId, version: u64) -> Self {
        Self {
            tenant,
            dataset,
            version,
        }
    }

    pub(super) fn file(&self) -> PathBuf {
        PathBuf::from(format!("{self}.parquet"))
    }

    pub(super) fn key(&self) -> KeyPath {
        KeyPath::Version(self.tenant.clone(), self.dataset.clone(), self.version)
    }

    pub(super) fn footer_key(&self) -> KeyPath {
        KeyPath::Footer(self.tenant.clone(), self.dataset.clone(), self.version)
    }

    pub(super) fn column_key(&self, column: &str) -> KeyPath {
        KeyPath::column(&self.tenant, &self.dataset, self.version, column)
    }
}

impl fmt::Display for VersionName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "tenants/{}/datasets/{}/versions/{}",
            self.tenant, self.dataset, self.version
        )
    }
}
