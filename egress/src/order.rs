//! Orders of rows that do not depend on how a result was computed.

use std::sync::Arc;

use datafusion::arrow::array::RecordBatch;
use datafusion::arrow::compute::{SortColumn, SortOptions, lexsort_to_indices, take};
use datafusion::arrow::error::ArrowError;

/// Sorts a batch by its first `columns` columns, ascending, nulls last.
pub(crate) fn sorted(batch: &RecordBatch, columns: usize) -> Result<RecordBatch, ArrowError> {
    let keys: Vec<SortColumn> = batch
        .columns()
        .iter()
        .take(columns)
        .map(|values| SortColumn {
            values: Arc::clone(values),
            options: Some(SortOptions {
                descending: false,
                nulls_first: false,
            }),
        })
        .collect();
    if keys.is_empty() || batch.num_rows() < 2 {
        return Ok(batch.clone());
    }
    let order = lexsort_to_indices(&keys, None)?;
    let arrays = batch
        .columns()
        .iter()
        .map(|values| take(values, &order, None))
        .collect::<Result<Vec<_>, _>>()?;
    RecordBatch::try_new(batch.schema(), arrays)
}
