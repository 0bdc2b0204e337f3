//! Which columns a job gets keys for.

use policy::CheckedDataset;

use crate::intake::{UNIT_COLUMN_PREFIX, unit_column};

/// The columns that a job's worker may decrypt: those with a use, those that the row filter reads, and the hidden
/// unit columns that thresholds count; sorted, each once.
#[must_use]
pub fn job_columns(dataset: CheckedDataset<'_>) -> Vec<String> {
    let used = dataset
        .columns()
        .filter(|(listed, _)| !listed.compute.is_empty());
    let mut columns: Vec<String> = used.map(|(listed, _)| listed.name.to_string()).collect();
    if let Some(rows) = &dataset.policy.rows {
        columns.extend(
            rows.columns()
                .into_iter()
                .map(|column| column.name.to_string()),
        );
    }
    columns.extend(
        dataset
            .schema
            .units()
            .iter()
            .map(|unit| unit_column(unit.name.as_str())),
    );
    columns.sort_unstable();
    columns.dedup();
    columns
}

/// Whether a column is one that intake added: its key is destroyed with its version only.
pub(crate) fn is_hidden(column: &str) -> bool {
    column.starts_with(UNIT_COLUMN_PREFIX)
}
