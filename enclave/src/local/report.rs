//! The report that is published with a sample.

use policy::document::Method;
use sampler::Threshold;
use sampler::risk::RiskReport;
use serde::Serialize;

use super::draw::TableCounts;
use crate::plan::{SamplePlan, TablePlan};

/// The name and version of the report's format.
pub const REPORT_FORMAT: &str = "karez.sample-report/1";

/// What was drawn, what was done to it, and what risk is left. Holds names, counts and rates, never a cell.
#[derive(Debug, Serialize)]
pub struct SampleReport {
    format: &'static str,
    scenario: String,
    method: &'static str,
    rate: f64,
    /// The share of units that was drawn after `rows_max` and earlier releases; equals `rate` for `uniform`.
    drawn_share: f64,
    /// True when the key was dropped, so that no surrogate can be reversed or repeated.
    one_way: bool,
    gate: GateReport,
    risk: RiskReport,
    tables: Vec<TableReport>,
}

#[derive(Debug, Serialize)]
struct GateReport {
    k_map: u32,
    k: Option<u32>,
    suppress_max: f64,
    suppressed_units: u64,
}

#[derive(Debug, Serialize)]
struct TableReport {
    dataset: String,
    version: Option<u64>,
    rows_read: u64,
    rows_released: u64,
    quasi: Vec<String>,
    columns: Vec<ColumnReport>,
}

#[derive(Debug, Serialize)]
struct ColumnReport {
    name: String,
    technique: String,
    learnable: Bilingual,
    reversible: Bilingual,
    /// The block cipher under FF1, of encrypted columns.
    #[serde(skip_serializing_if = "Option::is_none")]
    cipher: Option<&'static str>,
    /// Whether surrogates can be told from real identifiers, of encrypted identifiers.
    #[serde(skip_serializing_if = "Option::is_none")]
    mode: Option<&'static str>,
    nulls: u64,
    /// Values that the technique could not work on, and what they became.
    broken: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    on_broken: Option<&'static str>,
    /// Identifiers found in free text and replaced.
    replaced: u64,
    /// The share of surrogates that may be somebody's number.
    #[serde(skip_serializing_if = "Option::is_none")]
    somebodys: Option<ShareReport>,
    #[serde(skip_serializing_if = "Option::is_none")]
    resident_ids: Option<ResidentIdReport>,
}

/// One of the two figures.
#[derive(Debug, Serialize)]
struct ShareReport {
    #[serde(skip_serializing_if = "Option::is_none")]
    at_most: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    average: Option<f64>,
    basis: Bilingual,
}

impl From<desensitize::Share> for ShareReport {
    fn from(share: desensitize::Share) -> Self {
        Self {
            at_most: (!share.average).then_some(share.share),
            average: share.average.then_some(share.share),
            basis: share.basis.into(),
        }
    }
}

/// Among how many ids a resident id hides, and under which definition of the set.
#[derive(Debug, Serialize)]
struct ResidentIdReport {
    domain: &'static str,
    domain_digest: String,
    smallest: u64,
    largest: u64,
}

impl ResidentIdReport {
    fn of(technique: &desensitize::Technique) -> Option<Self> {
        let recipe = match technique {
            desensitize::Technique::Fpe(desensitize::Fpe::ResidentId(recipe)) => recipe,
            desensitize::Technique::Fpe(desensitize::Fpe::SamePerson(same)) => &same.recipe,
            _ => return None,
        };
        let sizes = recipe.domain_sizes();
        Some(Self {
            domain: desensitize::resident_id::DOMAIN_VERSION,
            domain_digest: lineage::Digest::from_bytes(desensitize::resident_id::Domain::digest())
                .to_string(),
            smallest: sizes.smallest.size,
            largest: sizes.largest.size,
        })
    }
}

/// The encryption of a column, where there is one.
const fn fpe(technique: &desensitize::Technique) -> Option<&desensitize::Fpe> {
    match technique {
        desensitize::Technique::Fpe(fpe) => Some(fpe),
        _ => None,
    }
}

#[derive(Debug, Serialize)]
struct Bilingual {
    en: String,
    zh: String,
}

impl From<desensitize::Sentence> for Bilingual {
    fn from(sentence: desensitize::Sentence) -> Self {
        Self {
            en: sentence.en,
            zh: sentence.zh,
        }
    }
}

impl SampleReport {
    /// The report of a sample; `versions` and `counts` stand in the order of the plan's tables.
    pub(super) fn new(
        scenario: &str,
        plan: &SamplePlan,
        one_way: bool,
        threshold: Threshold,
        risk: RiskReport,
        versions: &[Option<u64>],
        counts: &[TableCounts],
    ) -> Self {
        let recipe = &plan.recipe;
        let tables = plan.tables.iter().zip(versions).zip(counts);
        Self {
            format: REPORT_FORMAT,
            scenario: scenario.to_owned(),
            method: match recipe.method {
                Method::Uniform => "uniform",
                Method::Consistent => "consistent",
            },
            rate: recipe.rate.to_f64(),
            drawn_share: threshold.share(),
            one_way,
            gate: GateReport {
                k_map: recipe.k_map,
                k: recipe.k,
                suppress_max: recipe.suppress_max.to_f64(),
                suppressed_units: risk.suppressed.k_map + risk.suppressed.k,
            },
            risk,
            tables: tables
                .map(|((table, version), counts)| TableReport::new(table, *version, counts))
                .collect(),
        }
    }

    /// Units left out because their class was too small.
    #[must_use]
    pub fn suppressed_units(&self) -> u64 {
        self.gate.suppressed_units
    }

    /// The measured risk.
    #[must_use]
    pub fn risk(&self) -> &RiskReport {
        &self.risk
    }

    /// Rows released, by data set.
    pub fn rows_released(&self) -> impl Iterator<Item = (&str, u64)> {
        self.tables
            .iter()
            .map(|table| (table.dataset.as_str(), table.rows_released))
    }

    /// The report as indented JSON.
    ///
    /// # Errors
    /// Never for a report made by this crate; the serialiser's error otherwise.
    pub fn to_json(&self) -> Result<Vec<u8>, serde_json::Error> {
        let mut json = serde_json::to_vec_pretty(self)?;
        json.push(b'\n');
        Ok(json)
    }
}

impl TableReport {
    fn new(plan: &TablePlan, version: Option<u64>, counts: &TableCounts) -> Self {
        let columns = plan
            .recipes
            .iter()
            .zip(&counts.columns)
            .map(|(recipe, counts)| ColumnReport {
                name: recipe.column.clone(),
                technique: recipe.technique.to_string(),
                learnable: recipe.technique.learnable().into(),
                reversible: recipe.technique.reversible().into(),
                cipher: fpe(&recipe.technique).map(|fpe| fpe.cipher().id()),
                mode: fpe(&recipe.technique)
                    .and_then(desensitize::Fpe::mode)
                    .map(desensitize::Mode::id),
                nulls: counts.nulls,
                broken: counts.broken,
                on_broken: recipe.on_broken.map(desensitize::OnBroken::id),
                replaced: counts.replaced,
                somebodys: recipe.technique.somebodys().map(ShareReport::from),
                resident_ids: ResidentIdReport::of(&recipe.technique),
            });
        Self {
            dataset: plan.dataset.clone(),
            version,
            rows_read: counts.rows_in,
            rows_released: counts.rows_out,
            quasi: plan.quasi.clone(),
            columns: columns.collect(),
        }
    }
}
