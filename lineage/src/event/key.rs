//! The end of a wrapped key.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::Body;
use super::destruction::check_destruction;
use crate::digest::Digest;
use crate::name::{self, Kind, NameError};
use crate::statement::SignedStatement;

/// The longest name of a column in a key's path, in bytes; a schema allows no longer one.
const COLUMN_BYTES_MAX: usize = 128;

/// A second person confirmed a wrapped key's destruction: from here on, what it opened can never be read again.
///
/// The event comes first and the bytes are overwritten after it; a service that stopped in between destroys them when it
/// starts again, so the log never promises less than what is gone and never more than what will be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KeyDestroyed {
    /// `tenants/{t}/scenarios/{s}`, or `tenants/{t}/datasets/{owner}/{table}`, alone or followed by `/versions/{n}` and
    /// then `/columns/{name}`.
    pub path: String,
    /// As requested.
    pub reason: DestructionReason,
    /// The request, `{data set or scenario}/destructions/{id}`.
    pub destruction: String,
    /// The digest of the request, [`super::DestructionRequested::digest`].
    pub request_digest: Digest,
    /// What the second person signed, off the host.
    pub statement: SignedStatement,
}

/// Why a key was destroyed; fixed words, since the log holds no free text of persons.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DestructionReason {
    /// The provider takes its data back.
    Withdrawn,
    /// The term for which the data was given has ended.
    Expired,
    /// Something came into the wrong hands.
    Incident,
    /// It should never have been registered or published.
    Mistake,
}

impl DestructionReason {
    /// All reasons.
    pub const ALL: [Self; 4] = [
        Self::Withdrawn,
        Self::Expired,
        Self::Incident,
        Self::Mistake,
    ];

    /// The word on the log.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Withdrawn => "withdrawn",
            Self::Expired => "expired",
            Self::Incident => "incident",
            Self::Mistake => "mistake",
        }
    }
}

impl fmt::Display for DestructionReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The data set or scenario that a key belongs to, from the key's path.
///
/// ```
/// let path = "tenants/xj/datasets/ybj/claims/versions/3/columns/金额";
/// assert_eq!(lineage::event::key_owner(path), "tenants/xj/datasets/ybj/claims");
/// ```
#[must_use]
pub fn key_owner(path: &str) -> String {
    name::stream_of(path)
}

impl Body for KeyDestroyed {
    fn subject(&self) -> String {
        self.path.clone()
    }
    fn check(&self, tenant: &str) -> Result<(), NameError> {
        check_destruction(&self.destruction, &self.path)?;
        check_path(&self.path, tenant)
    }
    fn stream(&self, _tenant: &str) -> String {
        key_owner(&self.path)
    }
}

/// Refuses what is not the path of a key that may be destroyed by a call.
pub(super) fn check_path(path: &str, tenant: &str) -> Result<(), NameError> {
    let owner = key_owner(path);
    let below = path.get(owner.len()..).unwrap_or_default();
    if below.is_empty() && path.split('/').nth(2) == Some("scenarios") {
        return Kind::Scenario.check(&owner, tenant);
    }
    Kind::Dataset.check(&owner, tenant)?;
    match is_below_dataset(below) {
        true => Ok(()),
        false => Err(NameError::Resource {
            name: path.to_owned(),
            kind: "key",
            tenant: tenant.to_owned(),
            pattern: "tenants/{t}/datasets/{owner}/{table}[/versions/{n}[/columns/{name}]]",
        }),
    }
}

/// Nothing, `/versions/{n}`, or `/versions/{n}/columns/{name}`; a column's name may hold anything but control characters.
fn is_below_dataset(below: &str) -> bool {
    if below.is_empty() {
        return true;
    }
    let Some(version) = below.strip_prefix("/versions/") else {
        return false;
    };
    let (number, column) = match version.split_once("/columns/") {
        Some((number, column)) => (number, Some(column)),
        None => (version, None),
    };
    let counted = number.parse::<u64>().is_ok_and(|n| n > 0) && !number.starts_with(['0', '+']);
    let named = column.is_none_or(|column| {
        !column.is_empty()
            && column.len() <= COLUMN_BYTES_MAX
            && !column.chars().any(char::is_control)
    });
    counted && named
}

#[cfg(test)]
mod tests {
    //! Which paths are those of keys that can be destroyed by a call.
    use super::*;

    #[test]
    fn paths() {
        let check = |path: &str, expect: bool| {
            assert_eq!(check_path(path, "xj").is_ok(), expect, "{path}");
        };
        for good in [
            "tenants/xj/scenarios/fraud",
            "tenants/xj/datasets/ybj/claims",
            "tenants/xj/datasets/ybj/claims/versions/12",
            "tenants/xj/datasets/ybj/claims/versions/1/columns/金额 (元)/月",
        ] {
            check(good, true);
        }
        for bad in [
            "tenants/xj",
            "blobs",
            "tenants/hn/scenarios/fraud",
            "tenants/xj/scenarios/fraud/samples/1",
            "tenants/xj/datasets/ybj",
            "tenants/xj/datasets/ybj/claims/footer",
            "tenants/xj/datasets/ybj/claims/versions/0",
            "tenants/xj/datasets/ybj/claims/versions/01",
            "tenants/xj/datasets/ybj/claims/versions/x",
            "tenants/xj/datasets/ybj/claims/versions/1/columns/",
            "tenants/xj/datasets/ybj/claims/versions/1/columns/a\nb",
        ] {
            check(bad, false);
        }
    }
}
