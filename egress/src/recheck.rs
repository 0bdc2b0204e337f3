//! Looks at what the engine made of a governed plan, before it runs.
//!
//! Labels are decided on the analyzed plan. The optimiser then moves expressions about but can add
//! neither data nor a kind of node; this file does not take its word for it. On the optimised plan:
//! only the kinds of node that a first stage has, every scan a barrier without filters or limit, every
//! column it reads granted or a hidden unit. On the physical plan: every leaf a barrier.

use std::collections::BTreeSet;
use std::sync::Arc;

use datafusion::common::JoinType;
use datafusion::common::tree_node::TreeNodeRecursion;
use datafusion::datasource::source_as_provider;
use datafusion::logical_expr::LogicalPlan;
use datafusion::logical_expr::logical_plan::TableScan;
use datafusion::physical_plan::ExecutionPlan;
use datafusion::physical_plan::empty::EmptyExec;

use crate::barrier::{BarrierExec, BarrierProvider};
use crate::governance::{GovernedTable, TableName, UNIT_PREFIX};
use crate::refusal::Refusal;
use crate::rule::Rule;

/// Checks the optimised first stage.
pub(crate) fn logical(plan: &LogicalPlan) -> Result<(), Refusal> {
    let mut verdict = Ok(());
    let walked = plan.apply_with_subqueries(|node| {
        verdict = logical_node(node);
        Ok(if verdict.is_err() {
            TreeNodeRecursion::Stop
        } else {
            TreeNodeRecursion::Continue
        })
    });
    walked.map_err(|error| barrier_missing().detail(error))?;
    verdict
}

/// Checks the physical first stage: each leaf is the barrier of a table that was governed.
pub(crate) fn physical(
    plan: &Arc<dyn ExecutionPlan>,
    tables: &[GovernedTable],
) -> Result<(), Refusal> {
    let names: BTreeSet<TableName> = tables.iter().map(GovernedTable::name).collect();
    let mut open = vec![plan];
    while let Some(node) = open.pop() {
        let children = node.children();
        if children.is_empty() && !is_closed(node, &names) {
            return Err(barrier_missing().detail(node.name()));
        }
        open.extend(children);
    }
    Ok(())
}

fn is_closed(leaf: &Arc<dyn ExecutionPlan>, names: &BTreeSet<TableName>) -> bool {
    match leaf.downcast_ref::<BarrierExec>() {
        Some(barrier) => names.contains(barrier.table()),
        // A contradiction in WHERE is folded to no rows at all.
        None => leaf.downcast_ref::<EmptyExec>().is_some(),
    }
}

fn logical_node(node: &LogicalPlan) -> Result<(), Refusal> {
    match node {
        LogicalPlan::TableScan(scan) => logical_scan(scan),
        LogicalPlan::Projection(_)
        | LogicalPlan::Filter(_)
        | LogicalPlan::Aggregate(_)
        | LogicalPlan::SubqueryAlias(_) => Ok(()),
        LogicalPlan::Join(join) => match join.join_type {
            JoinType::Inner | JoinType::Left if !join.on.is_empty() => Ok(()),
            JoinType::Inner
            | JoinType::Left
            | JoinType::Right
            | JoinType::Full
            | JoinType::LeftSemi
            | JoinType::RightSemi
            | JoinType::LeftAnti
            | JoinType::RightAnti
            | JoinType::LeftMark
            | JoinType::RightMark => Err(Refusal::new(Rule::OperatorJoin)),
        },
        LogicalPlan::EmptyRelation(empty) if !empty.produce_one_row => Ok(()),
        LogicalPlan::EmptyRelation(_)
        | LogicalPlan::Window(_)
        | LogicalPlan::Sort(_)
        | LogicalPlan::Repartition(_)
        | LogicalPlan::Union(_)
        | LogicalPlan::Subquery(_)
        | LogicalPlan::Limit(_)
        | LogicalPlan::Statement(_)
        | LogicalPlan::Values(_)
        | LogicalPlan::Explain(_)
        | LogicalPlan::Analyze(_)
        | LogicalPlan::Extension(_)
        | LogicalPlan::Distinct(_)
        | LogicalPlan::Dml(_)
        | LogicalPlan::Ddl(_)
        | LogicalPlan::Copy(_)
        | LogicalPlan::DescribeTable(_)
        | LogicalPlan::Unnest(_)
        | LogicalPlan::RecursiveQuery(_) => Err(Refusal::new(Rule::OperatorNode)),
    }
}

fn logical_scan(scan: &TableScan) -> Result<(), Refusal> {
    let provider = source_as_provider(&scan.source).map_err(|e| barrier_missing().detail(e))?;
    let Some(barrier) = provider.downcast_ref::<BarrierProvider>() else {
        return Err(barrier_missing());
    };
    if !scan.filters.is_empty() || scan.fetch.is_some() {
        return Err(barrier_missing());
    }
    let table = barrier.table();
    for field in scan.projected_schema.fields() {
        let granted = table
            .column(field.name())
            .is_some_and(|column| !column.uses.is_empty());
        if !granted && !field.name().starts_with(UNIT_PREFIX) {
            return Err(Refusal::new(Rule::ColumnNotGranted).column(format!(
                "{}.{}",
                table.name(),
                field.name()
            )));
        }
    }
    Ok(())
}

fn barrier_missing() -> Refusal {
    Refusal::new(Rule::EngineBarrier)
}
