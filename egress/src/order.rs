//! Orders of rows that do not depend on how a result was computed.

use std::sync::Arc;

use datafusion::arrow::array::RecordBatch;
use datafusion::arrow::compute::{SortColumn, SortOptions, lexsort_to_indices, take};
use datafusion::arrow::error::ArrowError;
use datafusion::logical_expr::LogicalPlan;

/// The order in which rows leave.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum RowOrder {
    /// By these keys, then by all columns.
    By(Vec<OrderKey>),
    /// As the engine left them: the query orders by something that is not an output column.
    AsComputed,
}

/// One key of ORDER BY that is an output column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct OrderKey {
    column: usize,
    options: SortOptions,
}

impl RowOrder {
    /// The order that a plan asks for; none asked for is by all columns.
    pub(crate) fn of(plan: &LogicalPlan) -> Self {
        match plan {
            LogicalPlan::Limit(limit) => Self::of(&limit.input),
            LogicalPlan::Sort(sort) => {
                let keys = sort.expr.iter().map(|key| {
                    let column = key.expr.try_as_col()?;
                    let column = plan.schema().maybe_index_of_column(column)?;
                    let options = SortOptions {
                        descending: !key.asc,
                        nulls_first: key.nulls_first,
                    };
                    Some(OrderKey { column, options })
                });
                keys.collect::<Option<Vec<_>>>()
                    .map_or(Self::AsComputed, Self::By)
            }
            LogicalPlan::Projection(node) if is_sorted(&node.input) => Self::AsComputed,
            // Without ORDER BY at the output.
            _ => Self::By(Vec::new()),
        }
    }
}

fn is_sorted(plan: &LogicalPlan) -> bool {
    match plan {
        LogicalPlan::Sort(_) => true,
        LogicalPlan::Limit(limit) => is_sorted(&limit.input),
        LogicalPlan::Projection(node) => is_sorted(&node.input),
        // Below any other node an order is not kept.
        _ => false,
    }
}

/// Puts rows into an order; ties fall by all columns, so equal results have equal bytes.
pub(crate) fn arranged(batch: &RecordBatch, order: &RowOrder) -> Result<RecordBatch, ArrowError> {
    let RowOrder::By(keys) = order else {
        return Ok(batch.clone());
    };
    let mut columns = Vec::new();
    for key in keys {
        if let Some(values) = batch.columns().get(key.column) {
            columns.push(SortColumn {
                values: Arc::clone(values),
                options: Some(key.options),
            });
        }
    }
    columns.extend(ascending(batch, batch.num_columns()));
    by(batch, &columns)
}

/// Sorts a batch by its first `columns` columns, ascending, nulls last.
pub(crate) fn sorted(batch: &RecordBatch, columns: usize) -> Result<RecordBatch, ArrowError> {
    by(batch, &ascending(batch, columns))
}

fn ascending(batch: &RecordBatch, columns: usize) -> Vec<SortColumn> {
    let values = batch.columns().iter().take(columns);
    values
        .map(|values| SortColumn {
            values: Arc::clone(values),
            options: Some(SortOptions {
                descending: false,
                nulls_first: false,
            }),
        })
        .collect()
}

fn by(batch: &RecordBatch, keys: &[SortColumn]) -> Result<RecordBatch, ArrowError> {
    if keys.is_empty() || batch.num_rows() < 2 {
        return Ok(batch.clone());
    }
    let order = lexsort_to_indices(keys, None)?;
    let arrays = batch
        .columns()
        .iter()
        .map(|values| take(values, &order, None))
        .collect::<Result<Vec<_>, _>>()?;
    RecordBatch::try_new(batch.schema(), arrays)
}
