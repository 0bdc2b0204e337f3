//! `policy check`: everything that publishing a scenario would find, without a service.

use std::path::{Path, PathBuf};

use super::standalone::{RunError, read_policy};
use crate::plan::SamplePlan;
use crate::worker::governance;

/// What a policy document that holds allows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PolicyCheck {
    /// The scenario.
    pub scenario: String,
    /// Its data sets, `owner/table`, in the document's order.
    pub datasets: Vec<String>,
    /// Whether samples can be drawn: there is a `sample` section.
    pub samples: bool,
    /// Whether jobs can run: there is an `output` section.
    pub results: bool,
}

/// Checks a policy document against the schemas of its data sets.
///
/// # Errors
/// [`RunError::Read`] for a file, [`RunError::Faults`] with every fault at its place.
pub fn check_policy(policy: &Path, schemas: &[PathBuf]) -> Result<PolicyCheck, RunError> {
    let checked = read_policy(policy, schemas)?;
    let document = checked.policy();
    if document.sample.is_some() {
        SamplePlan::new(&checked)?;
    }
    if document.output.is_some() {
        governance(&checked)?;
    }
    Ok(PolicyCheck {
        scenario: document.scenario.to_string(),
        datasets: document
            .datasets
            .iter()
            .map(|dataset| dataset.id.to_string())
            .collect(),
        samples: document.sample.is_some(),
        results: document.output.is_some(),
    })
}
