//! `logic run`: a developer's query on sample files, through the same worker, rules and jail as in the enclave.

use std::path::PathBuf;

use super::standalone::{Inputs, Prepared, RunError, filtered, project};
use crate::keys::UnitKey;
use crate::plan::job_columns;
use crate::vault::{VaultError, narrow_batches};
use crate::worker::{JobLimits, Produced, WorkerInput, Workers, governance};

/// A query to be run on one's own files.
#[derive(Debug)]
pub struct LogicRun {
    /// The files.
    pub inputs: Inputs,
    /// The query.
    pub sql: String,
    /// This program, which becomes the worker.
    pub program: PathBuf,
    /// What the query may use.
    pub limits: JobLimits,
    /// Where nameless encrypted inputs may stand.
    pub scratch: PathBuf,
}

/// Runs a query on one's own files; what it gives and what it refuses is what the enclave gives and refuses.
///
/// # Errors
/// [`RunError`]; a refusal carries the engine's own words, since the reader may see the data.
pub fn run_logic(run: &LogicRun) -> Result<Produced, RunError> {
    let prepared = Prepared::read(&run.inputs)?;
    let rules = governance(&prepared.policy)?;
    let workers = Workers::new(run.program.clone(), run.limits);
    // Refused logic is refused before any file is read.
    workers.plan(&run.sql, &rules)?;
    let units = UnitKey::ephemeral()?;
    let mut inputs = Vec::new();
    for dataset in prepared.policy.datasets() {
        let columns = job_columns(dataset);
        let intake = prepared.intake(dataset, &units)?;
        let schema = intake.schema();
        let places = columns
            .iter()
            .filter_map(|column| schema.index_of(column).ok())
            .collect::<Vec<_>>();
        let schema = schema
            .project(&places)
            .map_err(|_| RunError::Inputs("columns do not fit".to_owned()))?;
        let batches = intake.map(|batch| {
            let batch = filtered(batch?, dataset)?;
            project(&batch, &columns).map_err(|_| VaultError::Damaged)
        });
        let narrowed = narrow_batches(&run.scratch, &schema.into(), batches);
        let (file, keys) = narrowed.map_err(|error| prepared.name_file(dataset, error))?;
        inputs.push(WorkerInput {
            schema: dataset.policy.id.owner().to_owned(),
            table: dataset.policy.id.table().to_owned(),
            file,
            keys,
        });
    }
    workers.run(&run.sql, &rules, inputs, |_| Ok(()))
}
