//! Events of product jobs and of what is fetched from them.

use serde::{Deserialize, Serialize};

use super::{Body, DatasetVersion, ReleasedFile, check_datasets, tenant_stream};
use crate::digest::Digest;
use crate::name::{self, Kind, NameError};

/// A run was asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct JobSubmitted {
    /// `tenants/{t}/scenarios/{s}/jobs/{id}`.
    pub job: String,
    /// `tenants/{t}/scenarios/{s}/products/{p}`.
    pub product: String,
    /// The version of the product.
    pub version: u64,
}

/// A run began.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct JobStarted {
    /// `tenants/{t}/scenarios/{s}/jobs/{id}`.
    pub job: String,
    /// `tenants/{t}/scenarios/{s}/products/{p}`.
    pub product: String,
    /// The version of the product.
    pub version: u64,
    /// As submitted and approved.
    pub binding_digest: Digest,
    /// The `seq` of each approval that the run rests on.
    pub approvals: Vec<u64>,
    /// The exact versions that are read.
    pub datasets: Vec<DatasetVersion>,
    /// The digest of the governed plan.
    pub plan_digest: Digest,
    /// The jail's layers in force.
    pub layers: Vec<String>,
}

/// A run was refused.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct JobRefused {
    /// `tenants/{t}/scenarios/{s}/jobs/{id}`.
    pub job: String,
    /// Why, in one of the service's fixed words.
    pub reason: String,
    /// The digest of the refusal in words, which stand in the service's store.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refusal_digest: Option<Digest>,
}

/// A run ended without a result.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct JobFailed {
    /// `tenants/{t}/scenarios/{s}/jobs/{id}`.
    pub job: String,
    /// Why, in one of the service's fixed words.
    pub reason: String,
}

/// A run's checked result can be fetched.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct JobDelivered {
    /// `tenants/{t}/scenarios/{s}/jobs/{id}`.
    pub job: String,
    /// As started.
    pub product: String,
    /// As started.
    pub version: u64,
    /// As started.
    pub binding_digest: Digest,
    /// As started.
    pub approvals: Vec<u64>,
    /// The released files.
    pub files: Vec<ReleasedFile>,
    /// How many groups were released, as a band.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub groups_released_band: Option<String>,
    /// How many groups were withheld, as a band.
    pub groups_withheld: String,
}

/// Somebody fetched a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ResultFetched {
    /// The job or sample.
    pub resource: String,
    /// The file's name.
    pub file: String,
    /// The digest of the bytes that were sent.
    pub digest: Digest,
}

macro_rules! job_body {
    ($body:ty, |$this:ident, $tenant:ident| $check:expr) => {
        impl Body for $body {
            fn subject(&self) -> String {
                self.job.clone()
            }
            fn check(&self, tenant: &str) -> Result<(), NameError> {
                Kind::Job.check(&self.job, tenant)?;
                let ($this, $tenant) = (self, tenant);
                $check
            }
            fn stream(&self, _tenant: &str) -> String {
                name::stream_of(&self.job)
            }
        }
    };
}

job_body!(JobSubmitted, |body, tenant| Kind::Product
    .check(&body.product, tenant));
job_body!(JobStarted, |body, tenant| {
    check_datasets(&body.datasets, tenant)?;
    Kind::Product.check(&body.product, tenant)
});
job_body!(JobDelivered, |body, tenant| Kind::Product
    .check(&body.product, tenant));
job_body!(JobRefused, |_body, _tenant| Ok(()));
job_body!(JobFailed, |_body, _tenant| Ok(()));

impl Body for ResultFetched {
    fn subject(&self) -> String {
        self.resource.clone()
    }
    fn check(&self, tenant: &str) -> Result<(), NameError> {
        name::check_inside(&self.resource, tenant)
    }
    fn stream(&self, tenant: &str) -> String {
        tenant_stream(tenant)
    }
}
