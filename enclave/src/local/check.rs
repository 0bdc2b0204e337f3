//! `policy check`: everything that publishing a scenario would find, without a service.

use std::path::{Path, PathBuf};

use desensitize::{Fpe, Technique};

use super::standalone::{RunError, read_policy};
use crate::plan::SamplePlan;
use crate::worker::governance;

/// What a policy document that holds allows.
#[derive(Debug, Clone, PartialEq)]
pub struct PolicyCheck {
    /// The scenario.
    pub scenario: String,
    /// Its data sets, `owner/table`, in the document's order.
    pub datasets: Vec<String>,
    /// Whether samples can be drawn: there is a `sample` section.
    pub samples: bool,
    /// Whether jobs can run: there is an `output` section.
    pub results: bool,
    /// The columns whose resident ids are encrypted.
    pub resident_ids: Vec<ResidentIds>,
    /// The columns whose surrogates may be somebody's number, with the share of them.
    pub somebodys: Vec<Somebodys>,
}

/// Among how many ids a column's surrogates hide.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ResidentIds {
    /// The data set.
    pub dataset: String,
    /// The column.
    pub column: String,
    /// The technique with what it keeps.
    pub technique: String,
    /// The fewest ids that share what is kept, and where.
    pub smallest: String,
    /// The most.
    pub largest: String,
}

/// A column whose surrogates may be somebody's number.
#[derive(Debug, Clone, PartialEq)]
pub struct Somebodys {
    /// The data set.
    pub dataset: String,
    /// The column.
    pub column: String,
    /// This share of them, 0–1: at most, or on average.
    pub share: f64,
    /// Whether it is an average over all numbers of the kind and no bound.
    pub average: bool,
    /// Where the figure comes from, in English and Chinese.
    pub basis: (String, String),
}

fn resident_ids(plan: &SamplePlan) -> Vec<ResidentIds> {
    let mut found = Vec::new();
    for table in &plan.tables {
        for recipe in &table.recipes {
            if let Technique::Fpe(Fpe::ResidentId(id)) = &recipe.technique {
                let sizes = id.domain_sizes();
                found.push(ResidentIds {
                    dataset: table.dataset.clone(),
                    column: recipe.column.clone(),
                    technique: recipe.technique.to_string(),
                    smallest: sizes.smallest.to_string(),
                    largest: sizes.largest.to_string(),
                });
            }
        }
    }
    found
}

fn somebodys(plan: &SamplePlan) -> Vec<Somebodys> {
    let mut found = Vec::new();
    for table in &plan.tables {
        for recipe in &table.recipes {
            if let Some(share) = recipe.technique.somebodys() {
                found.push(Somebodys {
                    dataset: table.dataset.clone(),
                    column: recipe.column.clone(),
                    share: share.share,
                    average: share.average,
                    basis: (share.basis.en, share.basis.zh),
                });
            }
        }
    }
    found
}

/// Checks a policy document against the schemas of its data sets.
///
/// # Errors
/// [`RunError::Read`] for a file, [`RunError::Faults`] with every fault at its place.
pub fn check_policy(policy: &Path, schemas: &[PathBuf]) -> Result<PolicyCheck, RunError> {
    let checked = read_policy(policy, schemas)?;
    let document = checked.policy();
    let plan = match &document.sample {
        Some(_) => Some(SamplePlan::new(&checked)?),
        None => None,
    };
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
        resident_ids: plan.as_ref().map(resident_ids).unwrap_or_default(),
        somebodys: plan.as_ref().map(somebodys).unwrap_or_default(),
    })
}
