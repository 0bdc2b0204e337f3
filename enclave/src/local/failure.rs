//! Why there is no sample.

use std::io;

use sampler::SampleError;
use sampler::risk::{Refusal, RiskReport};

use crate::intake::IntakeError;
use crate::keys::KeyError;
use crate::vault::VaultError;

/// Why a sample could not be made; the text names tables, columns and rows, never a value.
#[derive(Debug, thiserror::Error)]
pub enum SampleFailure {
    /// The gate says no.
    #[error("{refusal}")]
    Refused {
        /// Why.
        refusal: Refusal,
        /// What was measured.
        risk: Box<RiskReport>,
    },
    /// A provider's file cannot be read.
    #[error(transparent)]
    Intake(#[from] IntakeError),
    /// A stored table cannot be read.
    #[error(transparent)]
    Vault(#[from] VaultError),
    /// A technique does not fit its column.
    #[error(transparent)]
    Unsuitable(#[from] desensitize::Unsuitable),
    /// A value is broken and the policy says `on_broken: error`.
    #[error("data set `{dataset}`, {fault}")]
    Broken {
        /// The data set.
        dataset: String,
        /// Column, row and what the value is not.
        fault: Box<desensitize::Fault>,
    },
    /// A parameter of the recipe is out of bounds.
    #[error(transparent)]
    Recipe(#[from] SampleError),
    /// A key is missing or destroyed.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// A file cannot be written.
    #[error("writing: {0}")]
    Io(#[from] io::Error),
    /// A released file cannot be written.
    #[error("{0}")]
    File(String),
    /// Arrow refused an operation that the plan should have made impossible.
    #[error("columns do not fit together; this is a fault of Karez")]
    Columns,
    /// The plan and the inputs do not have the same tables.
    #[error("table number {table} of the plan has no input; this is a fault of Karez")]
    TableMissing {
        /// The position in the plan.
        table: usize,
    },
    /// A table was opened without its hidden unit column.
    #[error("a table has no column of protected units; this is a fault of Karez")]
    UnitColumn,
}

impl From<arrow::error::ArrowError> for SampleFailure {
    /// Arrow's own text may quote a value, so it is dropped.
    fn from(_: arrow::error::ArrowError) -> Self {
        Self::Columns
    }
}

impl From<crate::files::FileError<SampleFailure>> for SampleFailure {
    fn from(error: crate::files::FileError<SampleFailure>) -> Self {
        match error {
            crate::files::FileError::Batches(failure) => failure,
            other => Self::File(other.to_string()),
        }
    }
}

impl SampleFailure {
    /// What happened, in both languages where the words are ours; the English ones are what it displays.
    #[must_use]
    pub fn told(&self) -> desensitize::Sentence {
        let zh = match self {
            Self::Unsuitable(unsuitable) => unsuitable.told().zh,
            Self::Broken { dataset, fault } => {
                format!("数据集 `{dataset}`，{}", fault.told().zh)
            }
            other => other.to_string(),
        };
        desensitize::Sentence::new(self.to_string(), zh)
    }

    /// A fault in a data set.
    pub(super) fn broken(dataset: &str, fault: desensitize::Fault) -> Self {
        Self::Broken {
            dataset: dataset.to_owned(),
            fault: Box::new(fault),
        }
    }
}
