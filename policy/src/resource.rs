//! What is acted on: resource names in Google's style, `tenants/{t}/…`.

use std::fmt;
use std::str::FromStr;

use crate::name::{DatasetId, JobId, NameError, ProductId, SampleId, ScenarioId, Tenant};

/// A parsed resource name; its [`Display`](fmt::Display) is the name on the wire and in the log.
///
/// ```
/// use policy::ResourceName;
///
/// let name: ResourceName = "tenants/xj/datasets/ybj/claims".parse()?;
/// assert_eq!(name.tenant().as_str(), "xj");
/// assert!("tenants/xj/datasets/claims".parse::<ResourceName>().is_err());
/// # Ok::<(), policy::name::NameError>(())
/// ```
#[derive(
    Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize,
)]
#[serde(try_from = "String", into = "String")]
pub enum ResourceName {
    /// `tenants/{t}`
    Tenant(Tenant),
    /// `tenants/{t}/datasets/{owner}/{table}`
    Dataset(Tenant, DatasetId),
    /// `tenants/{t}/scenarios/{s}`
    Scenario(Tenant, ScenarioId),
    /// `tenants/{t}/scenarios/{s}/samples/{id}`
    Sample(Tenant, ScenarioId, SampleId),
    /// `tenants/{t}/scenarios/{s}/products/{p}`
    Product(Tenant, ScenarioId, ProductId),
    /// `tenants/{t}/scenarios/{s}/products/{p}/versions/{n}`, versions counted from 1
    ProductVersion(Tenant, ScenarioId, ProductId, u64),
    /// `tenants/{t}/scenarios/{s}/jobs/{id}`
    Job(Tenant, ScenarioId, JobId),
}

impl ResourceName {
    /// The tenant that the resource belongs to.
    #[must_use]
    pub fn tenant(&self) -> &Tenant {
        match self {
            Self::Tenant(t)
            | Self::Dataset(t, _)
            | Self::Scenario(t, _)
            | Self::Sample(t, _, _)
            | Self::Product(t, _, _)
            | Self::ProductVersion(t, _, _, _)
            | Self::Job(t, _, _) => t,
        }
    }

    /// The scenario that the resource is part of, if it is part of one.
    #[must_use]
    pub fn scenario(&self) -> Option<&ScenarioId> {
        match self {
            Self::Tenant(_) | Self::Dataset(_, _) => None,
            Self::Scenario(_, s)
            | Self::Sample(_, s, _)
            | Self::Product(_, s, _)
            | Self::ProductVersion(_, s, _, _)
            | Self::Job(_, s, _) => Some(s),
        }
    }
}

impl fmt::Display for ResourceName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "tenants/{}", self.tenant())?;
        if let Some(scenario) = self.scenario() {
            write!(f, "/scenarios/{scenario}")?;
        }
        match self {
            Self::Tenant(_) | Self::Scenario(_, _) => Ok(()),
            Self::Dataset(_, id) => write!(f, "/datasets/{id}"),
            Self::Sample(_, _, id) => write!(f, "/samples/{id}"),
            Self::Product(_, _, id) => write!(f, "/products/{id}"),
            Self::ProductVersion(_, _, id, n) => write!(f, "/products/{id}/versions/{n}"),
            Self::Job(_, _, id) => write!(f, "/jobs/{id}"),
        }
    }
}

fn version(text: &str) -> Result<u64, NameError> {
    let fix = (
        "write a whole number from 1, without leading zeros",
        "请写从 1 起的整数，无前导零",
    );
    match text.parse::<u64>() {
        Ok(n) if n > 0 && n.to_string() == text => Ok(n),
        _ => Err(NameError::new("version", text, fix)),
    }
}

impl FromStr for ResourceName {
    type Err = NameError;

    fn from_str(text: &str) -> Result<Self, NameError> {
        let segments: Vec<&str> = text.split('/').collect();
        Ok(match *segments.as_slice() {
            ["tenants", t] => Self::Tenant(t.parse()?),
            ["tenants", t, "datasets", owner, table] => {
                Self::Dataset(t.parse()?, format!("{owner}/{table}").parse()?)
            }
            ["tenants", t, "scenarios", s] => Self::Scenario(t.parse()?, s.parse()?),
            ["tenants", t, "scenarios", s, "samples", id] => {
                Self::Sample(t.parse()?, s.parse()?, id.parse()?)
            }
            ["tenants", t, "scenarios", s, "products", id] => {
                Self::Product(t.parse()?, s.parse()?, id.parse()?)
            }
            ["tenants", t, "scenarios", s, "products", id, "versions", n] => {
                Self::ProductVersion(t.parse()?, s.parse()?, id.parse()?, version(n)?)
            }
            ["tenants", t, "scenarios", s, "jobs", id] => {
                Self::Job(t.parse()?, s.parse()?, id.parse()?)
            }
            _ => {
                let fix = (
                    "write it as `tenants/{t}/datasets/{owner}/{table}` or `tenants/{t}/scenarios/{s}/…`",
                    "请写成 `tenants/{t}/datasets/{owner}/{table}` 或 `tenants/{t}/scenarios/{s}/…`",
                );
                return Err(NameError::new("resource name", text, fix));
            }
        })
    }
}

impl TryFrom<String> for ResourceName {
    type Error = NameError;

    fn try_from(text: String) -> Result<Self, NameError> {
        text.parse()
    }
}

impl From<ResourceName> for String {
    fn from(name: ResourceName) -> Self {
        name.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_round_trip() {
        for text in [
            "tenants/xj",
            "tenants/xj/datasets/ybj/claims",
            "tenants/xj/scenarios/fraud",
            "tenants/xj/scenarios/fraud/samples/s1",
            "tenants/xj/scenarios/fraud/products/p",
            "tenants/xj/scenarios/fraud/products/p/versions/3",
            "tenants/xj/scenarios/fraud/jobs/j-1",
        ] {
            assert_eq!(text.parse::<ResourceName>().unwrap().to_string(), text);
        }
    }

    #[test]
    fn other_names_are_refused() {
        for text in [
            "",
            "tenants",
            "tenants/",
            "/tenants/xj",
            "tenants/xj/",
            "tenants/XJ",
            "tenants/xj/datasets/claims",
            "tenants/xj/datasets/a/b/c",
            "tenants/xj/scenarios/f/products/p/versions/0",
            "tenants/xj/scenarios/f/products/p/versions/01",
            "tenants/xj/scenarios/f/products/p/versions/+1",
            "tenants/xj/scenarios/f/samples/../jobs/j",
        ] {
            assert!(
                text.parse::<ResourceName>().is_err(),
                "{text:?} should be refused"
            );
        }
    }
}
