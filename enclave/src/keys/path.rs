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
    /// The key of recipients' marks on samples that leave.
    Marks(Tenant),
}

impl KeyPath {
    /// The path of a key that may be destroyed by a call, from its name on the log: that of a scenario, of a data set, of
    /// one of its versions, or of a column of a version. Nothing for any other text: the keys of a tenant, of blobs, units,
    /// salts and marks protect more than one resource and stay.
    ///
    /// ```
    /// use enclave::keys::KeyPath;
    ///
    /// let name = "tenants/xj/datasets/ybj/claims/versions/3/columns/amount";
    /// assert_eq!(KeyPath::destroyable(name).map(|path| path.to_string()).as_deref(), Some(name));
    /// assert_eq!(KeyPath::destroyable("blobs"), None);
    /// assert_eq!(KeyPath::destroyable("tenants/xj/units"), None);
    /// ```
    #[must_use]
    pub fn destroyable(name: &str) -> Option<Self> {
        let (tenant, below) = name.strip_prefix("tenants/")?.split_once('/')?;
        let tenant: Tenant = tenant.parse().ok()?;
        if let Some(scenario) = below.strip_prefix("scenarios/") {
            return Some(Self::Scenario(tenant, scenario.parse().ok()?));
        }
        let below = below.strip_prefix("datasets/")?;
        let Some((dataset, version)) = below.split_once("/versions/") else {
            return Some(Self::Dataset(tenant, below.parse().ok()?));
        };
        let dataset: DatasetId = dataset.parse().ok()?;
        let (number, column) = match version.split_once("/columns/") {
            Some((number, column)) => (number, Some(column)),
            None => (version, None),
        };
        let number = number.parse().ok().filter(|number| *number > 0)?;
        let path = match column {
            Some(column) => Self::Column(tenant, dataset, number, column.to_owned()),
            None => Self::Version(tenant, dataset, number),
        };
        // One spelling each: `versions/03` is no name.
        (path.to_string() == name).then_some(path)
    }

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
            Self::Scenario(t, _) | Self::Units(t) | Self::SourceSalt(t) | Self::Marks(t) => {
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
            Self::Marks(t) => write!(f, "tenants/{t}/marks"),
        }
    }
}
