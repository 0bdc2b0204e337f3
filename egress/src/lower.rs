//! The plan below the aggregate: scans, filters, projections, inner and left joins, aliases.
//!
//! Each node is checked and rebuilt with total expressions, and the hidden unit columns of every
//! scan are carried up to the aggregate beside what the requester sees.

use std::sync::Arc;

use datafusion::arrow::datatypes::DataType;
use datafusion::common::{Column, DFSchemaRef, JoinType, NullEquality};
use datafusion::logical_expr::logical_plan::{
    Filter, Join, Projection, SubqueryAlias, TableScan, TableScanBuilder,
};
use datafusion::logical_expr::utils::split_conjunction;
use datafusion::logical_expr::{BinaryExpr, Expr, LogicalPlan, Operator};

use crate::catalog::GovernedSource;
use crate::expression::{Purpose, check_below};
use crate::governance::{Use, unit_column};
use crate::refusal::Refusal;
use crate::rule::Rule;
use crate::scans::{Scans, bare, base_column, expand, plan_failed, scans_of};
use crate::total::{total, total_named, type_in};

/// A part of the plan below the aggregate, checked and rebuilt.
pub(crate) struct Lowered {
    /// The rebuilt plan; its schema has the requester's fields and the hidden ones.
    pub(crate) plan: LogicalPlan,
    /// The requester's fields, as the planner named them.
    visible: DFSchemaRef,
    /// The expanded expression behind each of them.
    origin: Vec<Expr>,
    /// Names of the hidden unit columns that the plan carries.
    hidden: Vec<String>,
}

impl Lowered {
    /// Traces an expression over this plan back to columns of scans.
    pub(crate) fn expand(&self, expr: &Expr) -> Result<Expr, Refusal> {
        expand(expr, &self.visible, &self.origin)
    }

    /// The type of an expression over this plan.
    pub(crate) fn type_of(&self, expr: &Expr) -> Result<DataType, Refusal> {
        type_in(expr, self.plan.schema())
    }

    /// The hidden unit columns.
    pub(crate) fn units(&self) -> Result<Vec<Expr>, Refusal> {
        hidden_columns(&self.plan, &self.hidden)
    }

    /// The requester's fields as columns.
    pub(crate) fn visible_columns(&self) -> Vec<Expr> {
        columns_of(&self.visible)
    }
}

/// Checks and rebuilds a plan below the aggregate.
pub(crate) fn lower(plan: &LogicalPlan, scans: &mut Scans) -> Result<Lowered, Refusal> {
    check_names(plan)?;
    match plan {
        LogicalPlan::TableScan(scan) => table_scan(scan, scans),
        LogicalPlan::Projection(projection) => project(projection, scans),
        LogicalPlan::Filter(filter) => keep(filter, scans),
        LogicalPlan::Join(join) => join_two(join, scans),
        LogicalPlan::SubqueryAlias(alias) => rename(alias, scans),
        LogicalPlan::Aggregate(_) | LogicalPlan::Distinct(_) => {
            Err(Refusal::new(Rule::AggregateLevel))
        }
        LogicalPlan::Sort(_) | LogicalPlan::Limit(_) => Err(Refusal::new(Rule::OperatorOrder)),
        LogicalPlan::Window(_) => Err(Refusal::new(Rule::OperatorWindow)),
        LogicalPlan::Union(_) => Err(Refusal::new(Rule::OperatorSet)),
        LogicalPlan::Values(_) | LogicalPlan::EmptyRelation(_) => {
            Err(Refusal::new(Rule::OperatorValues))
        }
        LogicalPlan::Subquery(_) => Err(Refusal::new(Rule::OperatorSubquery)),
        LogicalPlan::Repartition(_)
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

/// Names that begin with two underscores belong to the gate.
fn check_names(plan: &LogicalPlan) -> Result<(), Refusal> {
    let reserved = plan
        .schema()
        .fields()
        .iter()
        .any(|f| f.name().starts_with("__"));
    if reserved {
        return Err(Refusal::new(Rule::NameReserved));
    }
    Ok(())
}

fn table_scan(scan: &TableScan, scans: &mut Scans) -> Result<Lowered, Refusal> {
    let source = scan.source.downcast_ref::<GovernedSource>();
    let plain = scan.filters.is_empty() && scan.fetch.is_none() && scan.projection.is_none();
    let (Some(source), true) = (source, plain) else {
        return Err(Refusal::new(Rule::OperatorNode));
    };
    let table = &source.table;
    let number = scans.add(table)?;
    let raw = TableScanBuilder::new(scan.table_name.clone(), GovernedSource::with_units(table))
        .build()
        .map_err(plan_failed)?;
    let hidden: Vec<String> = table
        .units
        .iter()
        .map(|unit| format!("__unit{number}_{unit}"))
        .collect();
    let mut exprs = columns_of(&scan.projected_schema);
    for (unit, name) in table.units.iter().zip(&hidden) {
        let column = Column::new(Some(scan.table_name.clone()), unit_column(unit));
        exprs.push(Expr::Column(column).alias(name));
    }
    Ok(Lowered {
        plan: projection(exprs, LogicalPlan::TableScan(raw))?,
        visible: Arc::clone(&scan.projected_schema),
        origin: table
            .columns
            .iter()
            .map(|column| base_column(number, &column.name))
            .collect(),
        hidden,
    })
}

fn project(node: &Projection, scans: &mut Scans) -> Result<Lowered, Refusal> {
    let input = lower(&node.input, scans)?;
    let mut origin = Vec::with_capacity(node.expr.len());
    let mut exprs = Vec::with_capacity(node.expr.len());
    for expr in &node.expr {
        let expanded = input.expand(expr)?;
        check_below(&expanded, Purpose::CARRY, scans)?;
        origin.push(expanded.unalias());
        exprs.push(total_named(expr)?);
    }
    exprs.extend(input.units()?);
    Ok(Lowered {
        plan: projection(exprs, input.plan)?,
        visible: Arc::clone(&node.schema),
        origin,
        hidden: input.hidden,
    })
}

fn keep(node: &Filter, scans: &mut Scans) -> Result<Lowered, Refusal> {
    let input = lower(&node.input, scans)?;
    check_below(&input.expand(&node.predicate)?, Purpose::CONDITION, scans)?;
    let predicate = total(&node.predicate)?;
    let filter = Filter::try_new(predicate, Arc::new(input.plan)).map_err(plan_failed)?;
    Ok(Lowered {
        plan: LogicalPlan::Filter(filter),
        ..input
    })
}

fn rename(node: &SubqueryAlias, scans: &mut Scans) -> Result<Lowered, Refusal> {
    let input = lower(&node.input, scans)?;
    let alias =
        SubqueryAlias::try_new(Arc::new(input.plan), node.alias.clone()).map_err(plan_failed)?;
    Ok(Lowered {
        plan: LogicalPlan::SubqueryAlias(alias),
        visible: Arc::clone(&node.schema),
        ..input
    })
}

fn join_two(node: &Join, scans: &mut Scans) -> Result<Lowered, Refusal> {
    let plain = match node.join_type {
        JoinType::Inner | JoinType::Left => {
            node.null_equality == NullEquality::NullEqualsNothing && !node.null_aware
        }
        JoinType::Right
        | JoinType::Full
        | JoinType::LeftSemi
        | JoinType::RightSemi
        | JoinType::LeftAnti
        | JoinType::RightAnti
        | JoinType::LeftMark
        | JoinType::RightMark => false,
    };
    if !plain {
        return Err(Refusal::new(Rule::OperatorJoin));
    }
    let left = lower(&node.left, scans)?;
    let right = lower(&node.right, scans)?;
    let visible = Arc::clone(&node.schema);
    let origin = [left.origin.clone(), right.origin.clone()].concat();
    check_condition(node, &visible, &origin, scans)?;
    let keys = node
        .on
        .iter()
        .map(|(l, r)| Ok((total(l)?, total(r)?)))
        .collect::<Result<Vec<_>, Refusal>>()?;
    let filter = node.filter.as_ref().map(total).transpose()?;
    let joined = Join::try_new(
        Arc::new(left.plan),
        Arc::new(right.plan),
        keys,
        filter,
        node.join_type,
        node.join_constraint,
        node.null_equality,
        node.null_aware,
    )
    .map_err(plan_failed)?;
    Ok(Lowered {
        plan: LogicalPlan::Join(joined),
        visible,
        origin,
        hidden: [left.hidden, right.hidden].concat(),
    })
}

/// Every part of ON is a key or a condition, and there is at least one key.
fn check_condition(
    node: &Join,
    visible: &DFSchemaRef,
    origin: &[Expr],
    scans: &Scans,
) -> Result<(), Refusal> {
    let mut keyed = false;
    for (left, right) in &node.on {
        let (left, right) = (
            expand(left, visible, origin)?,
            expand(right, visible, origin)?,
        );
        keyed |= check_key(&left, &right, scans)?;
    }
    if let Some(filter) = &node.filter {
        for part in split_conjunction(filter) {
            let part = expand(part, visible, origin)?;
            match &part {
                Expr::BinaryExpr(BinaryExpr {
                    left,
                    op: Operator::Eq,
                    right,
                }) => keyed |= check_key(left, right, scans)?,
                other => check_below(other, Purpose::CONDITION, scans)?,
            }
        }
    }
    if keyed {
        Ok(())
    } else {
        Err(Refusal::new(Rule::OperatorJoin))
    }
}

/// Returns whether an equality joins two scans; one that does not is a condition.
fn check_key(left: &Expr, right: &Expr, scans: &Scans) -> Result<bool, Refusal> {
    let (of_left, of_right) = (scans_of(left), scans_of(right));
    let joins = !of_left.is_empty() && !of_right.is_empty() && of_left.is_disjoint(&of_right);
    match (bare(left), bare(right)) {
        (Some(left), Some(right)) if joins => {
            scans.need(left, &[Use::Join])?;
            scans.need(right, &[Use::Join])?;
        }
        _ if joins => {
            check_below(left, Purpose::COMPUTED_KEY, scans)?;
            check_below(right, Purpose::COMPUTED_KEY, scans)?;
        }
        _ => {
            check_below(left, Purpose::CONDITION, scans)?;
            check_below(right, Purpose::CONDITION, scans)?;
        }
    }
    Ok(joins)
}

fn projection(exprs: Vec<Expr>, input: LogicalPlan) -> Result<LogicalPlan, Refusal> {
    Projection::try_new(exprs, Arc::new(input))
        .map(LogicalPlan::Projection)
        .map_err(plan_failed)
}

pub(crate) fn columns_of(schema: &DFSchemaRef) -> Vec<Expr> {
    schema
        .iter()
        .map(|(relation, field)| Expr::Column(Column::new(relation.cloned(), field.name())))
        .collect()
}

fn hidden_columns(plan: &LogicalPlan, names: &[String]) -> Result<Vec<Expr>, Refusal> {
    names
        .iter()
        .map(|name| {
            plan.schema()
                .iter()
                .find(|(_, field)| field.name() == name)
                .map(|(relation, field)| Expr::Column(Column::new(relation.cloned(), field.name())))
                .ok_or_else(|| Refusal::new(Rule::OperatorNode))
        })
        .collect()
}
