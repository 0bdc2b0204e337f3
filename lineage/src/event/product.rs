//! Events of products: submission, refusal, approval, and what an approval binds.

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value;

use super::Body;
use crate::digest::Digest;
use crate::jcs::{self, JcsError};
use crate::name::{self, Kind, NameError, product_version_name};
use crate::statement::SignedStatement;

/// Which versions of a data set a product may read: `"current"` or a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum VersionPin {
    /// Whatever version is the newest when the job starts; new rows do not void an approval.
    Current,
    /// This version alone.
    Number(u64),
}

impl VersionPin {
    /// Whether a run may read this version.
    #[must_use]
    pub const fn admits(self, version: u64) -> bool {
        match self {
            Self::Current => true,
            Self::Number(number) => number == version,
        }
    }
}

impl Serialize for VersionPin {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Current => serializer.serialize_str("current"),
            Self::Number(number) => serializer.serialize_u64(*number),
        }
    }
}

impl<'de> Deserialize<'de> for VersionPin {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match Value::deserialize(deserializer)? {
            Value::String(text) if text == "current" => Ok(Self::Current),
            Value::Number(number) if number.is_u64() => {
                Ok(Self::Number(number.as_u64().unwrap_or_default()))
            }
            _ => Err(D::Error::custom("expected \"current\" or a version number")),
        }
    }
}

/// One data set as an approval sees it: one changed label or column type voids the approval.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BoundDataset {
    /// `tenants/{t}/datasets/{owner}/{table}`.
    pub dataset: String,
    /// As in the registration of every version that is read.
    pub schema_digest: Digest,
    /// As in the registration of every version that is read.
    pub labels_digest: Digest,
    /// Which versions may be read.
    pub version: VersionPin,
}

/// Everything that an approval binds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Binding {
    /// The digest of the logic, e.g. the SQL text.
    pub logic_digest: Digest,
    /// The digest of the scenario's policy document.
    pub policy_digest: Digest,
    /// The data sets that the logic reads.
    pub datasets: Vec<BoundDataset>,
    /// The digest of the output contract.
    pub contract_digest: Digest,
}

impl Binding {
    /// The binding digest: SHA-256 of the canonical JSON. This is what people sign.
    ///
    /// # Errors
    /// [`JcsError::Magnitude`] when a version is 2^53 or more.
    pub fn digest(&self) -> Result<Digest, JcsError> {
        jcs::digest_of(self)
    }
}

/// A version of a product is up for approval.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProductSubmitted {
    /// `tenants/{t}/scenarios/{s}/products/{p}`.
    pub product: String,
    /// The version of the product.
    pub version: u64,
    /// [`Binding::digest`] of `binding`.
    pub binding_digest: Digest,
    /// What approvals will bind.
    pub binding: Binding,
    /// The submitting organisation, which may not approve.
    pub organisation: String,
}

/// A version of a product broke a rule.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProductRefused {
    /// `tenants/{t}/scenarios/{s}/products/{p}`.
    pub product: String,
    /// The version that was offered.
    pub version: u64,
    /// Why, in one of the service's fixed words.
    pub reason: String,
    /// The rule that was broken, if one was.
    pub rule: Option<String>,
    /// The column that it was about, if one was.
    pub column: Option<String>,
    /// The digest of the refusal in words, which stand in the service's store.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refusal_digest: Option<Digest>,
}

/// One person approved a version of a product.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProductApproved {
    /// `tenants/{t}/scenarios/{s}/products/{p}`.
    pub product: String,
    /// The approved version.
    pub version: u64,
    /// The digest that the statement signs.
    pub binding_digest: Digest,
    /// The person's own signature, made off the host.
    pub statement: SignedStatement,
}

impl Body for ProductSubmitted {
    fn subject(&self) -> String {
        product_version_name(&self.product, self.version)
    }
    fn check(&self, tenant: &str) -> Result<(), NameError> {
        name::check_segment(&self.organisation)?;
        let mut bound = self.binding.datasets.iter();
        bound.try_for_each(|bound| Kind::Dataset.check(&bound.dataset, tenant))?;
        Kind::Product.check(&self.product, tenant)
    }
    fn stream(&self, _tenant: &str) -> String {
        name::stream_of(&self.product)
    }
}

impl Body for ProductRefused {
    fn subject(&self) -> String {
        product_version_name(&self.product, self.version)
    }
    fn check(&self, tenant: &str) -> Result<(), NameError> {
        Kind::Product.check(&self.product, tenant)
    }
    fn stream(&self, _tenant: &str) -> String {
        name::stream_of(&self.product)
    }
}

impl Body for ProductApproved {
    fn subject(&self) -> String {
        product_version_name(&self.product, self.version)
    }
    fn check(&self, tenant: &str) -> Result<(), NameError> {
        Kind::Product.check(&self.product, tenant)
    }
    fn stream(&self, _tenant: &str) -> String {
        name::stream_of(&self.product)
    }
}
