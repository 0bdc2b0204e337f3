//! Events of a sample's copies: one per recipient, told apart by a mark.

use serde::{Deserialize, Serialize};

use super::{Body, ReleasedFile};
use crate::digest::Digest;
use crate::name::{self, Kind, NameError};

/// A copy of a released sample was made for the person who is the leaf's actor, and for nobody else.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SampleCopied {
    /// `tenants/{t}/scenarios/{s}/samples/{id}`.
    pub sample: String,
    /// The mark's public name, 16 hex digits: it tells copies apart and says nothing of how they differ.
    pub mark: String,
    /// The columns that carry the mark, `{owner}/{table}.{column}`.
    pub columns: Vec<String>,
    /// The copy's files, under the names of the release.
    pub files: Vec<ReleasedFile>,
}

/// Somebody asked whose copy a file is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SampleTraced {
    /// `tenants/{t}/scenarios/{s}/samples/{id}`.
    pub sample: String,
    /// The digest of the values that were looked at.
    pub values_digest: Digest,
    /// How many values of the file are values of this sample, each counted once.
    pub values_found: u64,
    /// The entries of the copies that the file was told to come from; empty when it was not told.
    pub told: Vec<u64>,
}

macro_rules! copy_body {
    ($body:ty) => {
        impl Body for $body {
            fn subject(&self) -> String {
                self.sample.clone()
            }
            fn check(&self, tenant: &str) -> Result<(), NameError> {
                Kind::Sample.check(&self.sample, tenant)
            }
            fn stream(&self, _tenant: &str) -> String {
                name::stream_of(&self.sample)
            }
        }
    };
}

copy_body!(SampleCopied);
copy_body!(SampleTraced);
