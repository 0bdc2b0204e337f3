//! An encrypted table as DataFusion scans it: granted columns only, read by position from an inherited descriptor.
//!
//! The scan takes no filter, no limit and shows no statistics, so nothing of a requester's predicate is evaluated
//! below the barrier that `egress` puts above it. Row groups are spread over partitions.

use std::fmt;
use std::sync::Arc;

use arrow::datatypes::SchemaRef;
use datafusion::catalog::{Session, TableProvider};
use datafusion::common::Result;
use datafusion::error::DataFusionError;
use datafusion::execution::{SendableRecordBatchStream, TaskContext};
use datafusion::logical_expr::{Expr, TableType};
use datafusion::physical_plan::ExecutionPlan;
use datafusion::physical_plan::stream::RecordBatchStreamAdapter;
use datafusion::physical_plan::streaming::{PartitionStream, StreamingTableExec};

use crate::intake::BATCH_ROWS;
use crate::vault::EncryptedTable;

/// One governed source: the file, its granted columns, and into how many partitions a scan is split.
pub(super) struct Scan {
    table: Arc<EncryptedTable>,
    schema: SchemaRef,
    partitions: usize,
}

impl fmt::Debug for Scan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Scan")
            .field("partitions", &self.partitions)
            .finish_non_exhaustive()
    }
}

impl Scan {
    /// A source with the columns of `schema`, of which those without a key cannot be scanned.
    pub(super) fn new(table: EncryptedTable, schema: SchemaRef, partitions: usize) -> Self {
        Self {
            table: Arc::new(table),
            schema,
            partitions: partitions.max(1),
        }
    }

    fn parts(&self, schema: &SchemaRef) -> Vec<Arc<dyn PartitionStream>> {
        let groups = self.table.row_groups();
        let share = groups.div_ceil(self.partitions).max(1);
        (0..groups.max(1))
            .step_by(share)
            .map(|first| {
                let part = Part {
                    table: Arc::clone(&self.table),
                    schema: Arc::clone(schema),
                    row_groups: (first..(first + share).min(groups)).collect(),
                };
                Arc::new(part) as Arc<dyn PartitionStream>
            })
            .collect()
    }
}

#[async_trait::async_trait]
impl TableProvider for Scan {
    fn schema(&self) -> SchemaRef {
        Arc::clone(&self.schema)
    }

    fn table_type(&self) -> TableType {
        TableType::Base
    }

    async fn scan(
        &self,
        _state: &dyn Session,
        projection: Option<&Vec<usize>>,
        _filters: &[Expr],
        _limit: Option<usize>,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        let schema = match projection {
            Some(columns) => Arc::new(self.schema.project(columns)?),
            None => Arc::clone(&self.schema),
        };
        let parts = self.parts(&schema);
        Ok(Arc::new(StreamingTableExec::try_new(
            schema, parts, None, None, false, None,
        )?))
    }
}

/// Some row groups of a table.
struct Part {
    table: Arc<EncryptedTable>,
    schema: SchemaRef,
    row_groups: Vec<usize>,
}

impl fmt::Debug for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Part")
            .field("row_groups", &self.row_groups)
            .finish_non_exhaustive()
    }
}

impl PartitionStream for Part {
    fn schema(&self) -> &SchemaRef {
        &self.schema
    }

    fn execute(&self, _context: Arc<TaskContext>) -> SendableRecordBatchStream {
        let schema = Arc::clone(&self.schema);
        let names: Vec<&str> = schema
            .fields()
            .iter()
            .map(|field| field.name().as_str())
            .collect();
        let batches = self
            .table
            .batches(self.row_groups.clone(), &names, BATCH_ROWS);
        let read = batches.map(|batches| {
            let schema = Arc::clone(&schema);
            batches.map(move |batch| {
                batch
                    .map_err(lost)
                    .and_then(|batch| Ok(batch.with_schema(Arc::clone(&schema))?))
            })
        });
        match read {
            Ok(batches) => Box::pin(RecordBatchStreamAdapter::new(
                schema,
                futures::stream::iter(batches),
            )),
            Err(error) => {
                let error = futures::stream::iter([Err(lost(error))]);
                Box::pin(RecordBatchStreamAdapter::new(schema, error))
            }
        }
    }
}

/// What the vault says names columns and row groups, never a value; it stays inside the worker all the same.
fn lost(error: impl std::error::Error + Send + Sync + 'static) -> DataFusionError {
    DataFusionError::External(Box::new(error))
}
