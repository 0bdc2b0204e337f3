//! The barrier over a governed scan: nothing of the requester's passes it.
//!
//! The engine moves filters, limits and projections towards the source. A requester's predicate that
//! is evaluated before the policy's row filter answers for rows that do not exist for the query: a
//! cast or a division fails on them, and the failure is the answer. A provider that declines
//! push-down does not help, since a *physical* rule merges the two filters. [`BarrierExec`] does: it is
//! a leaf to every rule, without statistics, and holds the policy's part of the plan inside.

use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;
use datafusion::arrow::array::{RecordBatch, RecordBatchOptions};
use datafusion::arrow::datatypes::SchemaRef;
use datafusion::catalog::{Session, TableProvider};
use datafusion::common::tree_node::TreeNodeRecursion;
use datafusion::common::{DFSchema, Result, internal_err};
use datafusion::execution::{SendableRecordBatchStream, TaskContext};
use datafusion::logical_expr::{Expr, TableType};
use datafusion::physical_expr::expressions::col;
use datafusion::physical_expr::{EquivalenceProperties, Partitioning, PhysicalExpr};
use datafusion::physical_plan::execution_plan::{Boundedness, EmissionType};
use datafusion::physical_plan::filter::FilterExec;
use datafusion::physical_plan::projection::ProjectionExec;
use datafusion::physical_plan::stream::RecordBatchStreamAdapter;
use datafusion::physical_plan::{DisplayAs, DisplayFormatType, ExecutionPlan, PlanProperties};
use futures::StreamExt;

use crate::governance::{GovernedTable, TableName};

/// A raw source behind the policy's row filter and the barrier.
#[derive(Debug)]
pub(crate) struct BarrierProvider {
    table: GovernedTable,
    raw: Arc<dyn TableProvider>,
    schema: SchemaRef,
}

impl BarrierProvider {
    pub(crate) fn new(table: &GovernedTable, raw: Arc<dyn TableProvider>) -> Self {
        Self {
            schema: table.barrier_schema(),
            table: table.clone(),
            raw,
        }
    }

    /// The table behind the barrier.
    pub(crate) fn table(&self) -> &GovernedTable {
        &self.table
    }

    /// The wanted columns and those of the row filter, as positions in the raw source.
    fn raw_positions(&self, wanted: &SchemaRef) -> Result<Vec<usize>> {
        let raw = self.raw.schema();
        let mut positions = Vec::new();
        let filtered = self.table.rows.iter().flat_map(|rows| rows.columns());
        let names = wanted
            .fields()
            .iter()
            .map(|f| f.name().as_str())
            .chain(filtered);
        for name in names {
            let position = raw.index_of(name)?;
            if !positions.contains(&position) {
                positions.push(position);
            }
        }
        Ok(positions)
    }
}

#[async_trait]
impl TableProvider for BarrierProvider {
    fn schema(&self) -> SchemaRef {
        Arc::clone(&self.schema)
    }

    fn table_type(&self) -> TableType {
        TableType::Base
    }

    // Filters are never offered (the default declines all), and the limit, which is only a hint, is
    // dropped: it would stop the raw scan before the row filter has seen enough rows.
    async fn scan(
        &self,
        state: &dyn Session,
        projection: Option<&Vec<usize>>,
        filters: &[Expr],
        _limit: Option<usize>,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        if !filters.is_empty() {
            return internal_err!("a filter was pushed to a governed scan");
        }
        let wanted = match projection {
            Some(positions) => Arc::new(self.schema.project(positions)?),
            None => Arc::clone(&self.schema),
        };
        let positions = self.raw_positions(&wanted)?;
        let mut plan = self.raw.scan(state, Some(&positions), &[], None).await?;
        if let Some(rows) = &self.table.rows {
            let schema = DFSchema::try_from(plan.schema())?;
            let predicate = state.create_physical_expr(rows.to_expr(), &schema)?;
            plan = Arc::new(FilterExec::try_new(predicate, plan)?);
        }
        let plan = Arc::new(ProjectionExec::try_new(columns(&wanted, &plan)?, plan)?);
        Ok(Arc::new(BarrierExec::try_new(
            self.table.name(),
            plan,
            wanted,
        )?))
    }
}

fn columns(
    wanted: &SchemaRef,
    plan: &Arc<dyn ExecutionPlan>,
) -> Result<Vec<(Arc<dyn PhysicalExpr>, String)>> {
    let from = plan.schema();
    wanted
        .fields()
        .iter()
        .map(|field| Ok((col(field.name(), &from)?, field.name().clone())))
        .collect()
}

/// The policy's part of a plan, closed to every optimiser rule.
#[derive(Debug)]
pub(crate) struct BarrierExec {
    table: TableName,
    inner: Arc<dyn ExecutionPlan>,
    schema: SchemaRef,
    properties: Arc<PlanProperties>,
}

impl BarrierExec {
    fn try_new(table: TableName, inner: Arc<dyn ExecutionPlan>, schema: SchemaRef) -> Result<Self> {
        for (ours, theirs) in schema.fields().iter().zip(inner.schema().fields()) {
            if ours.data_type() != theirs.data_type() {
                return internal_err!("the source's types differ from the declared ones");
            }
        }
        let partitions = inner.properties().output_partitioning().partition_count();
        // Neither order nor equivalences of the source are told: they are facts about hidden rows.
        let properties = PlanProperties::new(
            EquivalenceProperties::new(Arc::clone(&schema)),
            Partitioning::UnknownPartitioning(partitions),
            EmissionType::Incremental,
            Boundedness::Bounded,
        );
        Ok(Self {
            table,
            inner,
            schema,
            properties: Arc::new(properties),
        })
    }

    /// The table behind the barrier.
    pub(crate) fn table(&self) -> &TableName {
        &self.table
    }
}

impl DisplayAs for BarrierExec {
    fn fmt_as(&self, _format: DisplayFormatType, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "BarrierExec: table={}", self.table)
    }
}

impl ExecutionPlan for BarrierExec {
    fn name(&self) -> &'static str {
        "BarrierExec"
    }

    fn schema(&self) -> SchemaRef {
        Arc::clone(&self.schema)
    }

    fn properties(&self) -> &Arc<PlanProperties> {
        &self.properties
    }

    // A leaf on purpose: what has no children cannot be pushed into.
    fn children(&self) -> Vec<&Arc<dyn ExecutionPlan>> {
        Vec::new()
    }

    fn apply_expressions(
        &self,
        _f: &mut dyn FnMut(&Arc<dyn PhysicalExpr>) -> Result<TreeNodeRecursion>,
    ) -> Result<TreeNodeRecursion> {
        Ok(TreeNodeRecursion::Continue)
    }

    fn with_new_children(
        self: Arc<Self>,
        children: Vec<Arc<dyn ExecutionPlan>>,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        if children.is_empty() {
            Ok(self)
        } else {
            internal_err!("a barrier takes no children")
        }
    }

    fn execute(
        &self,
        partition: usize,
        context: Arc<TaskContext>,
    ) -> Result<SendableRecordBatchStream> {
        let schema = Arc::clone(&self.schema);
        let renamed = Arc::clone(&self.schema);
        let stream = self.inner.execute(partition, context)?.map(move |batch| {
            let batch = batch?;
            let options = RecordBatchOptions::new().with_row_count(Some(batch.num_rows()));
            Ok(RecordBatch::try_new_with_options(
                Arc::clone(&renamed),
                batch.columns().to_vec(),
                &options,
            )?)
        });
        Ok(Box::pin(RecordBatchStreamAdapter::new(schema, stream)))
    }
}

#[cfg(test)]
mod tests;
