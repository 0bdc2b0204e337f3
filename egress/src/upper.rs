//! The plan above the aggregate: it sees published groups only, so HAVING, ORDER BY and LIMIT
//! cannot ask about a group that is withheld.

use std::sync::Arc;

use datafusion::arrow::datatypes::{Field, Schema, SchemaRef};
use datafusion::common::tree_node::TreeNode;
use datafusion::common::{Column, DFSchemaRef};
use datafusion::logical_expr::logical_plan::{
    Aggregate, Distinct, Limit, Projection, Sort, TableScanBuilder,
};
use datafusion::logical_expr::{Expr, LogicalPlan, TableSource};

use crate::evidence::{self, Stage};
use crate::expression::check_above;
use crate::lower::lower;
use crate::refusal::Refusal;
use crate::rule::Rule;
use crate::scans::{Scans, plan_failed};

/// Name under which the kept groups stand in the second stage.
pub(crate) const GROUPS: &str = "__groups";

/// The kept groups as the second stage reads them: a schema until the run fills it.
#[derive(Debug)]
pub(crate) struct GroupsSource(pub(crate) SchemaRef);

impl TableSource for GroupsSource {
    fn schema(&self) -> SchemaRef {
        Arc::clone(&self.0)
    }
}

/// Both stages of a governed query.
#[derive(Debug, Clone)]
pub(crate) struct Stages {
    pub(crate) first: Stage,
    pub(crate) second: LogicalPlan,
}

/// Splits an analyzed plan at its aggregate.
pub(crate) fn split(plan: &LogicalPlan) -> Result<Stages, Refusal> {
    if !has_aggregate(plan)? {
        return Err(without_aggregate(plan));
    }
    match plan {
        LogicalPlan::Aggregate(node) => at_aggregate(node),
        LogicalPlan::Distinct(Distinct::All(input)) if has_aggregate(input)? => above(plan, input),
        LogicalPlan::Distinct(Distinct::All(input)) => {
            let first = evidence::distinct(input)?;
            let second = groups_as(&first, input.schema())?;
            Ok(Stages { first, second })
        }
        LogicalPlan::Distinct(Distinct::On(_)) => Err(Refusal::new(Rule::OperatorNode)),
        LogicalPlan::Projection(node) => above(plan, &node.input),
        LogicalPlan::Filter(node) => above(plan, &node.input),
        LogicalPlan::Sort(node) => above(plan, &node.input),
        LogicalPlan::Limit(node) => above(plan, &node.input),
        LogicalPlan::SubqueryAlias(node) => above(plan, &node.input),
        LogicalPlan::Join(_) => Err(Refusal::new(Rule::AggregateLevel)),
        LogicalPlan::Window(_) => Err(Refusal::new(Rule::OperatorWindow)),
        LogicalPlan::Union(_) => Err(Refusal::new(Rule::OperatorSet)),
        LogicalPlan::Values(_) | LogicalPlan::EmptyRelation(_) => {
            Err(Refusal::new(Rule::OperatorValues))
        }
        LogicalPlan::Subquery(_) => Err(Refusal::new(Rule::OperatorSubquery)),
        LogicalPlan::TableScan(_)
        | LogicalPlan::Repartition(_)
        | LogicalPlan::Extension(_)
        | LogicalPlan::Unnest(_)
        | LogicalPlan::RecursiveQuery(_) => Err(Refusal::new(Rule::OperatorNode)),
        LogicalPlan::Statement(_)
        | LogicalPlan::Explain(_)
        | LogicalPlan::Analyze(_)
        | LogicalPlan::Dml(_)
        | LogicalPlan::Ddl(_)
        | LogicalPlan::Copy(_)
        | LogicalPlan::DescribeTable(_) => Err(Refusal::new(Rule::SyntaxQuery)),
    }
}

fn at_aggregate(node: &Aggregate) -> Result<Stages, Refusal> {
    if node
        .group_expr
        .iter()
        .any(|e| matches!(e, Expr::GroupingSet(_)))
    {
        return Err(Refusal::new(Rule::AggregateSets));
    }
    let first = evidence::aggregate(&node.input, &node.group_expr, &node.aggr_expr)?;
    let second = groups_as(&first, &node.schema)?;
    Ok(Stages { first, second })
}

fn above(node: &LogicalPlan, input: &LogicalPlan) -> Result<Stages, Refusal> {
    for expr in node.expressions() {
        check_above(&expr)?;
    }
    if let LogicalPlan::Limit(limit) = node {
        check_limit(limit)?;
    }
    let Stages { first, second } = split(input)?;
    let second = node
        .with_new_exprs(node.expressions(), vec![second])
        .map_err(plan_failed)?;
    Ok(Stages { first, second })
}

fn check_limit(limit: &Limit) -> Result<(), Refusal> {
    let constant = |expr: &Option<Box<Expr>>| {
        expr.as_ref()
            .is_none_or(|e| crate::expression::number(e).is_some())
    };
    if constant(&limit.skip) && constant(&limit.fetch) {
        return Ok(());
    }
    Err(Refusal::new(Rule::OperatorExpression))
}

/// The kept groups under the names that the nodes above know.
fn groups_as(first: &Stage, names: &DFSchemaRef) -> Result<LogicalPlan, Refusal> {
    let source = Arc::new(GroupsSource(groups_schema(first)));
    let scan = TableScanBuilder::new(GROUPS, source)
        .build()
        .map_err(plan_failed)?;
    let renamed = scan
        .projected_schema
        .iter()
        .zip(names.iter())
        .map(|((groups, field), (relation, named))| {
            Expr::Column(Column::new(groups.cloned(), field.name()))
                .alias_qualified(relation.cloned(), named.name())
        })
        .collect();
    Projection::try_new(renamed, Arc::new(LogicalPlan::TableScan(scan)))
        .map(LogicalPlan::Projection)
        .map_err(plan_failed)
}

/// Keys and aggregates, without the hidden counts.
pub(crate) fn groups_schema(first: &Stage) -> SchemaRef {
    let fields: Vec<Field> = first
        .plan
        .schema()
        .fields()
        .iter()
        .take(first.keys.saturating_add(first.aggregates))
        .map(|field| Field::new(field.name(), field.data_type().clone(), true))
        .collect();
    Arc::new(Schema::new(fields))
}

fn has_aggregate(plan: &LogicalPlan) -> Result<bool, Refusal> {
    plan.exists(|node| {
        Ok(matches!(
            node,
            LogicalPlan::Aggregate(_) | LogicalPlan::Distinct(_)
        ))
    })
    .map_err(plan_failed)
}

/// The columns are judged first, so that the refusal names an ungranted one; then the missing
/// aggregate is told.
fn without_aggregate(plan: &LogicalPlan) -> Refusal {
    let inner = match plan {
        LogicalPlan::Sort(Sort { input, .. }) | LogicalPlan::Limit(Limit { input, .. }) => {
            return without_aggregate(input);
        }
        // Everything else is judged as it stands.
        other => other,
    };
    match lower(inner, &mut Scans::default()) {
        Err(refusal) => refusal,
        Ok(_) => Refusal::new(Rule::AggregateNone),
    }
}
