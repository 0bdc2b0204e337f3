//! Events of scenarios and their samples.

use serde::{Deserialize, Serialize};

use super::{Body, DatasetVersion, ReleasedFile, check_datasets};
use crate::digest::Digest;
use crate::name::{self, Kind, NameError};

/// A scenario's policy is in force.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ScenarioPublished {
    /// `tenants/{t}/scenarios/{s}`.
    pub scenario: String,
    /// The digest of the policy document.
    pub policy_digest: Digest,
    /// The data sets that the policy names, `tenants/{t}/datasets/{owner}/{table}`.
    pub datasets: Vec<String>,
}

/// A sample passed its gate and can be fetched.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SampleReleased {
    /// `tenants/{t}/scenarios/{s}`.
    pub scenario: String,
    /// `tenants/{t}/scenarios/{s}/samples/{id}`.
    pub sample: String,
    /// The digest of the recipe.
    pub recipe_digest: Digest,
    /// The digest of the policy document that it was drawn under.
    pub policy_digest: Digest,
    /// The data that was drawn from.
    pub datasets: Vec<DatasetVersion>,
    /// The gate's smallest class, in distinct units of the population.
    pub k_map: u64,
    /// The share of units drawn, in units of 2⁻⁶⁴ as a decimal text; later releases of the scenario may lower it,
    /// never raise it.
    pub selection_threshold: String,
    /// The released files.
    pub files: Vec<ReleasedFile>,
    /// How many units were held back because their class was too small.
    pub suppressed_units: u64,
    /// Whether the release's keys were destroyed.
    pub one_way: bool,
    /// The digest of the sample's report.
    pub report_digest: Digest,
}

/// A sample was asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SampleRequested {
    /// `tenants/{t}/scenarios/{s}`.
    pub scenario: String,
    /// `tenants/{t}/scenarios/{s}/samples/{id}`.
    pub sample: String,
}

/// A sample ended without a result.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SampleFailed {
    /// `tenants/{t}/scenarios/{s}`.
    pub scenario: String,
    /// `tenants/{t}/scenarios/{s}/samples/{id}`.
    pub sample: String,
    /// Why, in one of the service's fixed words.
    pub reason: String,
}

/// A sample did not pass.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SampleRefused {
    /// `tenants/{t}/scenarios/{s}`.
    pub scenario: String,
    /// `tenants/{t}/scenarios/{s}/samples/{id}`.
    pub sample: String,
    /// Why, in one of the service's fixed words.
    pub reason: String,
    /// The digest of the refusal in words, which stand in the service's store.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refusal_digest: Option<Digest>,
}

impl Body for ScenarioPublished {
    fn subject(&self) -> String {
        self.scenario.clone()
    }
    fn check(&self, tenant: &str) -> Result<(), NameError> {
        let mut datasets = self.datasets.iter();
        datasets.try_for_each(|dataset| Kind::Dataset.check(dataset, tenant))?;
        Kind::Scenario.check(&self.scenario, tenant)
    }
    fn stream(&self, _tenant: &str) -> String {
        name::stream_of(&self.scenario)
    }
}

macro_rules! sample_body {
    ($body:ty, |$this:ident, $tenant:ident| $check:expr) => {
        impl Body for $body {
            fn subject(&self) -> String {
                self.sample.clone()
            }
            fn check(&self, tenant: &str) -> Result<(), NameError> {
                Kind::Scenario.check(&self.scenario, tenant)?;
                Kind::Sample.check(&self.sample, tenant)?;
                let ($this, $tenant) = (self, tenant);
                $check
            }
            fn stream(&self, _tenant: &str) -> String {
                name::stream_of(&self.sample)
            }
        }
    };
}

sample_body!(SampleRequested, |_body, _tenant| Ok(()));
sample_body!(SampleReleased, |body, tenant| check_datasets(
    &body.datasets,
    tenant
));
sample_body!(SampleRefused, |_body, _tenant| Ok(()));
sample_body!(SampleFailed, |_body, _tenant| Ok(()));
