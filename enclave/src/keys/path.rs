//! Where a key stands in its tree: the name it is logged by, bound to and filed under.

use std::fmt;
use std::path::PathBuf;

use policy::{DatasetId, ScenarioId, Tenant};
use sha2::{Digest as _, Sha256};

/// The full path of a wrapped key, for example `tenants/xj/datasets/ybj/claims/versions/3/columns/amount`.
///
/// ```
/// use enclave::keys::KeyPath;
///
/// let (tenant, dataset) = ("xj".parse()?, "ybj/claims".parse()?);
/// let path = KeyPath::column(&tenant, &dataset, 3, "amount");
/// assert_eq!(path.to_string(), "tenants/xj/datasets/ybj/claims/versions/3/columns/amount");
/// assert_eq!(path.parent().map(|p| p.to_string()).as_deref(), Some("tenants/xj/datasets/ybj/claims/versions/3"));
/// # Ok::<(), policy::name::NameError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KeyPath {
    /// The key of one tenant's release tree.
    Tenant(Tenant),
    /// The key of the blob store.
    Blobs,
    /// The key of all versions of a data set.
    Dataset(Tenant, DatasetId),
    /// The key of one version of a data set.
    Version(Tenant, DatasetId, u64),
    /// The key of the file's footer: names of columns, numbers of rows.
    Footer(Tenant, DatasetId, u64),
    /// The key of one column, hidden ones included.
    Column(Tenant, DatasetId, u64, String),
    /// The key of a scenario's releases.
    Scenario(Tenant, ScenarioId),
    /// The key of the hidden unit columns.
    Units(Tenant),
    /// The salt of digests of provider's files.
    SourceSalt(Tenant),
}

impl KeyPath {
    /// The path of one column's key.
    #[must_use]
    pub fn column(tenant: &Tenant, dataset: &DatasetId, version: u64, column: &str) -> Self {
        Self::Column(tenant.clone(), dataset.clone(), version, column.to_owned())
    }

    /// The key that wraps this one; nothing when that is the master key.
    #[must_use]
    pub fn parent(&self) -> Option<Self> {
        match self {
            Self::Tenant(_) | Self::Blobs | Self::Dataset(_, _) => None,
            Self::Version(t, d, _) => Some(Self::Dataset(t.clone(), d.clone())),
            Self::Footer(t, d, v) | Self::Column(t, d, v, _) => {
                Some(Self::Version(t.clone(), d.clone(), *v))
            }
            Self::Scenario(t, _) | Self::Units(t) | Self::SourceSalt(t) => {
                Some(Self::Tenant(t.clone()))
            }
        }
    }

    /// The file below the store's directory. A column's name may be too long or too odd for a file, so its digest is used.
    pub(super) fn file(&self) -> PathBuf {
        let name = match self {
            Self::Column(t, d, v, column) => {
                let digest = Sha256::digest(column.as_bytes());
                let hex: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
                format!("{}/columns/{hex}", Self::Version(t.clone(), d.clone(), *v))
            }
            other => other.to_string(),
        };
        PathBuf::from(name + ".key")
    }
}

impl fmt::Display for KeyPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Tenant(t) => write!(f, "tenants/{t}"),
            Self::Blobs => f.write_str("blobs"),
            Self::Dataset(t, d) => write!(f, "tenants/{t}/datasets/{d}"),
            Self::Version(t, d, v) => write!(f, "tenants/{t}/datasets/{d}/versions/{v}"),
            Self::Footer(t, d, v) => write!(f, "tenants/{t}/datasets/{d}/versions/{v}/footer"),
            Self::Column(t, d, v, c) => {
                write!(f, "tenants/{t}/datasets/{d}/versions/{v}/columns/{c}")
            }
            Self::Scenario(t, s) => write!(f, "tenants/{t}/scenarios/{s}"),
            Self::Units(t) => write!(f, "tenants/{t}/units"),
            Self::SourceSalt(t) => write!(f, "tenants/{t}/source-salt"),
        }
    }
}
