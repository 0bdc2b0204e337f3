//! Runs a governed query over raw sources, inside the jailed worker.

use std::collections::HashMap;
use std::sync::Arc;

use datafusion::arrow::array::{Array, BooleanArray, Int64Array, RecordBatch};
use datafusion::arrow::compute::{cast, concat_batches, filter_record_batch};
use datafusion::arrow::datatypes::SchemaRef;
use datafusion::arrow::error::ArrowError;
use datafusion::catalog::{MemTable, TableProvider};
use datafusion::common::tree_node::{Transformed, TreeNode};
use datafusion::datasource::provider_as_source;
use datafusion::error::DataFusionError;
use datafusion::execution::disk_manager::{DiskManagerBuilder, DiskManagerMode};
use datafusion::execution::memory_pool::GreedyMemoryPool;
use datafusion::execution::runtime_env::RuntimeEnvBuilder;
use datafusion::execution::{SessionState, SessionStateBuilder};
use datafusion::logical_expr::LogicalPlan;
use datafusion::physical_plan::{ExecutionPlan, collect, execute_stream};
use datafusion::prelude::SessionConfig;
use futures::StreamExt;

use crate::band::Band;
use crate::barrier::BarrierProvider;
use crate::catalog::GovernedSource;
use crate::evidence::{Demand, Stage};
use crate::govern::GovernedQuery;
use crate::governance::TableName;
use crate::order::{arranged, sorted};
use crate::recheck;
use crate::refusal::{Reason, Refusal};
use crate::rule::Rule;
use crate::upper::{GroupsSource, groups_schema};

/// What one run may use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RunLimits {
    /// Bytes of the engine's memory pool; nothing is spilled, over it the run ends.
    pub memory_bytes: usize,
    /// Parallel parts of the first stage. With more than one, sums of doubles may differ in their
    /// last digits from run to run; with one they do not.
    pub partitions: usize,
}

/// What may leave: rows of groups that all have at least k units behind them.
#[derive(Debug, Clone)]
pub struct Released {
    /// Columns of the result, as [`GovernedQuery::output_schema`] said.
    pub schema: SchemaRef,
    /// The rows, in the order asked for or else sorted by all columns.
    pub batches: Vec<RecordBatch>,
    /// How many groups were withheld.
    pub withheld: Band,
    /// Why the result is empty, when no group may leave: too few units and no rows at all look
    /// the same.
    pub empty_because: Option<Reason>,
}

/// Runs a governed query over raw sources, which hold the declared columns that the query and the
/// row filter read and the hidden unit columns.
///
/// # Errors
/// `limit` over memory or groups, `contract` over rows, `failed` for anything else; the engine's
/// words are kept in [`Refusal::detail`] and may be shown on sample data only.
///
/// # Privacy
/// No released number has fewer than k distinct units of any read table behind it. A reader still
/// learns the numbers, the band, and how long the run took; two releases that differ by few units are
/// not compared by this version.
pub async fn run(
    query: &GovernedQuery,
    sources: HashMap<TableName, Arc<dyn TableProvider>>,
    limits: RunLimits,
) -> Result<Released, Refusal> {
    let first = &query.stages.first;
    let state = session(limits)?;
    let plan = with_sources(&first.plan, &sources)?;
    let plan = physical_plan(&state, &plan, first).await?;
    let groups = collect_groups(&state, plan, query.contract.max_groups).await?;
    let (kept, withheld) = keep_large(&groups, first, query.contract.k)?;
    let empty_because = (kept.num_rows() == 0).then_some(Reason::Threshold);
    let rows = second_stage(query, kept, limits).await?;
    if u64::try_from(rows.num_rows()).unwrap_or(u64::MAX) > query.contract.rows_max {
        return Err(Refusal::new(Rule::ContractRows).because(
            format!("at most {}", query.contract.rows_max),
            format!("最多 {} 行", query.contract.rows_max),
        ));
    }
    Ok(Released {
        schema: query.output_schema(),
        batches: vec![rows],
        withheld: Band::of(withheld),
        empty_because,
    })
}

fn session(limits: RunLimits) -> Result<SessionState, Refusal> {
    let runtime = RuntimeEnvBuilder::new()
        .with_memory_pool(Arc::new(GreedyMemoryPool::new(limits.memory_bytes)))
        .with_disk_manager_builder(
            DiskManagerBuilder::default().with_mode(DiskManagerMode::Disabled),
        )
        .build_arc()
        .map_err(engine_failed)?;
    let mut config = SessionConfig::new()
        .with_target_partitions(limits.partitions.max(1))
        .with_information_schema(false)
        .with_create_default_catalog_and_schema(false);
    // A dynamic filter is a predicate made of data; none may travel towards a source.
    config
        .options_mut()
        .optimizer
        .enable_dynamic_filter_pushdown = false;
    Ok(SessionStateBuilder::new()
        .with_config(config)
        .with_runtime_env(runtime)
        .build())
}

fn with_sources(
    plan: &LogicalPlan,
    sources: &HashMap<TableName, Arc<dyn TableProvider>>,
) -> Result<LogicalPlan, Refusal> {
    let mut missing = false;
    let filled = plan.clone().transform_up(|node| {
        let LogicalPlan::TableScan(mut scan) = node else {
            return Ok(Transformed::no(node));
        };
        let table = scan
            .source
            .downcast_ref::<GovernedSource>()
            .map(|s| s.table.clone());
        let raw = table.as_ref().and_then(|t| sources.get(&t.name()));
        match (table.as_ref(), raw) {
            (Some(table), Some(raw)) => {
                let barrier = BarrierProvider::new(table, Arc::clone(raw));
                scan.source = provider_as_source(Arc::new(barrier));
            }
            _ => missing = true,
        }
        Ok(Transformed::yes(LogicalPlan::TableScan(scan)))
    });
    let filled = filled.map_err(engine_failed)?.data;
    if missing {
        return Err(Refusal::new(Rule::EngineSource));
    }
    Ok(filled)
}

async fn physical_plan(
    state: &SessionState,
    plan: &LogicalPlan,
    first: &Stage,
) -> Result<Arc<dyn ExecutionPlan>, Refusal> {
    let optimized = state.optimize(plan).map_err(engine_failed)?;
    recheck::logical(&optimized)?;
    let physical = state
        .query_planner()
        .create_physical_plan(&optimized, state)
        .await
        .map_err(engine_failed)?;
    recheck::physical(&physical, &first.scans)?;
    Ok(physical)
}

async fn collect_groups(
    state: &SessionState,
    plan: Arc<dyn ExecutionPlan>,
    max_groups: u64,
) -> Result<RecordBatch, Refusal> {
    let schema = plan.schema();
    let mut stream = execute_stream(plan, state.task_ctx()).map_err(engine_failed)?;
    let mut batches = Vec::new();
    let mut groups = 0_u64;
    while let Some(batch) = stream.next().await {
        let batch = batch.map_err(engine_failed)?;
        groups = groups.saturating_add(u64::try_from(batch.num_rows()).unwrap_or(u64::MAX));
        if groups > max_groups {
            return Err(Refusal::new(Rule::LimitGroups).because(
                format!("at most {max_groups}"),
                format!("最多 {max_groups} 个"),
            ));
        }
        batches.push(batch);
    }
    concat_batches(&schema, &batches).map_err(|error| engine_failed(error.into()))
}

/// Drops groups whose hidden counts do not meet their demands, and the counts with them; returns
/// how many were dropped. The kept ones stand in the order of their keys.
fn keep_large(groups: &RecordBatch, first: &Stage, k: u64) -> Result<(RecordBatch, u64), Refusal> {
    let published = first.keys.saturating_add(first.aggregates);
    let mut keep = vec![true; groups.num_rows()];
    for (number, demand) in first.demands.iter().enumerate() {
        let counts = groups
            .columns()
            .get(published.saturating_add(number))
            .and_then(|column| column.as_any().downcast_ref::<Int64Array>())
            .ok_or_else(|| Refusal::new(Rule::EngineFailed))?;
        for (row, kept) in keep.iter_mut().enumerate() {
            let count = if counts.is_null(row) {
                0
            } else {
                u64::try_from(counts.value(row)).unwrap_or(0)
            };
            *kept &= meets(*demand, count, k);
        }
    }
    let withheld = keep.iter().filter(|kept| !**kept).count();
    let failed = |error: ArrowError| engine_failed(error.into());
    let kept = filter_record_batch(groups, &BooleanArray::from(keep)).map_err(failed)?;
    let positions: Vec<usize> = (0..published).collect();
    let kept = kept.project(&positions).map_err(failed)?;
    let kept = sorted(&kept, first.keys).map_err(failed)?;
    Ok((kept, u64::try_from(withheld).unwrap_or(u64::MAX)))
}

fn meets(demand: Demand, count: u64, k: u64) -> bool {
    match demand {
        Demand::AtLeastK => count >= k,
        Demand::NoneOrK => count == 0 || count >= k,
    }
}

/// HAVING, ORDER BY, LIMIT and the output's expressions, over published groups only.
async fn second_stage(
    query: &GovernedQuery,
    kept: RecordBatch,
    limits: RunLimits,
) -> Result<RecordBatch, Refusal> {
    // One part, so that ties in ORDER BY fall the same way each time.
    let state = session(RunLimits {
        partitions: 1,
        ..limits
    })?;
    let schema = groups_schema(&query.stages.first);
    let kept = as_schema(&kept, &schema)?;
    let table = MemTable::try_new(schema, vec![vec![kept]]).map_err(engine_failed)?;
    let table: Arc<dyn TableProvider> = Arc::new(table);
    let plan = query.stages.second.clone().transform_up(|node| {
        let LogicalPlan::TableScan(mut scan) = node else {
            return Ok(Transformed::no(node));
        };
        if scan.source.is::<GroupsSource>() {
            scan.source = provider_as_source(Arc::clone(&table));
        }
        Ok(Transformed::yes(LogicalPlan::TableScan(scan)))
    });
    let plan = plan.map_err(engine_failed)?.data;
    let plan = state
        .create_physical_plan(&plan)
        .await
        .map_err(engine_failed)?;
    let found = plan.schema();
    let batches = collect(plan, state.task_ctx())
        .await
        .map_err(engine_failed)?;
    let failed = |error: ArrowError| engine_failed(error.into());
    let rows = concat_batches(&found, &batches).map_err(failed)?;
    let rows = as_schema(&rows, &query.output)?;
    arranged(&rows, &query.order).map_err(failed)
}

/// The same columns in other declared types and names.
fn as_schema(batch: &RecordBatch, schema: &SchemaRef) -> Result<RecordBatch, Refusal> {
    let failed = |error: ArrowError| engine_failed(error.into());
    let columns = batch
        .columns()
        .iter()
        .zip(schema.fields())
        .map(|(values, field)| cast(values, field.data_type()))
        .collect::<Result<Vec<_>, _>>()
        .map_err(failed)?;
    RecordBatch::try_new(Arc::clone(schema), columns).map_err(failed)
}

/// The engine's error as a class; its words quote values and are kept apart.
fn engine_failed(error: DataFusionError) -> Refusal {
    let rule = match error.find_root() {
        DataFusionError::ResourcesExhausted(_) => Rule::LimitMemory,
        _ => Rule::EngineFailed,
    };
    Refusal::new(rule).detail(error)
}
