//! The aggregate and the hidden counts beside it that decide which of its groups leave.

use std::sync::Arc;

use datafusion::functions_aggregate::expr_fn::count_distinct;
use datafusion::logical_expr::logical_plan::Aggregate;
use datafusion::logical_expr::{Expr, LogicalPlan, when};

use crate::expression::{Purpose, check_below};
use crate::lower::{Lowered, lower};
use crate::measure::measure;
use crate::refusal::Refusal;
use crate::rule::Rule;
use crate::scans::{Scans, plan_failed};
use crate::total::total;

/// What a hidden count must be for its group to leave.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Demand {
    /// At least k units.
    AtLeastK,
    /// No unit, or at least k: those that the requester's condition left out.
    NoneOrK,
}

/// The first stage: the aggregate over barrier scans, with its evidence.
#[derive(Debug, Clone)]
pub(crate) struct Stage {
    /// Fields: `g0…` group keys, `a0…` aggregates, `e0…` hidden counts.
    pub(crate) plan: LogicalPlan,
    /// How many group keys; none is a scalar aggregate.
    pub(crate) keys: usize,
    /// How many aggregates.
    pub(crate) aggregates: usize,
    /// What each hidden count must be.
    pub(crate) demands: Vec<Demand>,
    /// The tables read.
    pub(crate) scans: Vec<crate::governance::GovernedTable>,
}

/// Builds the first stage of GROUP BY with aggregates.
pub(crate) fn aggregate(
    input: &LogicalPlan,
    groups: &[Expr],
    calls: &[Expr],
) -> Result<Stage, Refusal> {
    let mut scans = Scans::default();
    let lowered = lower(input, &mut scans)?;
    build(&lowered, groups, calls, &scans)
}

/// Builds the first stage of DISTINCT, which is a GROUP BY of all its columns.
pub(crate) fn distinct(input: &LogicalPlan) -> Result<Stage, Refusal> {
    let mut scans = Scans::default();
    let lowered = lower(input, &mut scans)?;
    let groups = lowered.visible_columns();
    build(&lowered, &groups, &[], &scans)
}

fn build(
    input: &Lowered,
    groups: &[Expr],
    calls: &[Expr],
    scans: &Scans,
) -> Result<Stage, Refusal> {
    let keys = keys(input, groups, scans)?;
    let mut evidence = Evidence::new(input.units()?);
    evidence.always()?;
    let mut aggregates = Vec::with_capacity(calls.len());
    for (number, call) in calls.iter().enumerate() {
        let measure = measure(call, input, scans)?;
        evidence.add(&measure)?;
        aggregates.push(measure.call.alias(format!("a{number}")));
    }
    check_units(scans)?;
    let aggregate_count = aggregates.len();
    let demands = evidence.demands();
    aggregates.extend(evidence.exprs());
    let plan =
        Aggregate::try_new(Arc::new(input.plan.clone()), keys, aggregates).map_err(plan_failed)?;
    Ok(Stage {
        plan: LogicalPlan::Aggregate(plan),
        keys: groups.len(),
        aggregates: aggregate_count,
        demands,
        scans: scans.tables().to_vec(),
    })
}

fn keys(input: &Lowered, groups: &[Expr], scans: &Scans) -> Result<Vec<Expr>, Refusal> {
    groups
        .iter()
        .enumerate()
        .map(|(number, group)| {
            check_below(&input.expand(group)?, Purpose::GROUP, scans)?;
            Ok(total(group)?.unalias().alias(format!("g{number}")))
        })
        .collect()
}

/// Each mention of a table is protected by its own units, or needs no protection.
fn check_units(scans: &Scans) -> Result<(), Refusal> {
    let bare = scans
        .tables()
        .iter()
        .find(|table| table.units.is_empty() && !table.general_1);
    match bare {
        None => Ok(()),
        Some(table) => Err(Refusal::new(Rule::UnitNone).because(table.name(), table.name())),
    }
}

/// The hidden counts, each condition once.
struct Evidence {
    units: Vec<Expr>,
    counts: Vec<(Expr, Demand)>,
}

impl Evidence {
    fn new(units: Vec<Expr>) -> Self {
        Self {
            units,
            counts: Vec::new(),
        }
    }

    /// Every unit of the group.
    fn always(&mut self) -> Result<(), Refusal> {
        self.count(None, Demand::AtLeastK)
    }

    fn add(&mut self, measure: &crate::measure::Measure) -> Result<(), Refusal> {
        let Some(contributes) = &measure.contributes else {
            return Ok(());
        };
        self.count(Some(contributes.clone()), Demand::AtLeastK)?;
        if measure.conditional {
            let left_out = contributes.clone().is_not_true();
            self.count(Some(left_out), Demand::NoneOrK)?;
        }
        Ok(())
    }

    fn count(&mut self, condition: Option<Expr>, demand: Demand) -> Result<(), Refusal> {
        for unit in &self.units {
            let counted = match &condition {
                None => unit.clone(),
                Some(condition) => when(condition.clone(), unit.clone())
                    .end()
                    .map_err(plan_failed)?,
            };
            let count = count_distinct(counted);
            if !self.counts.iter().any(|(other, _)| *other == count) {
                self.counts.push((count, demand));
            }
        }
        Ok(())
    }

    fn demands(&self) -> Vec<Demand> {
        self.counts.iter().map(|(_, demand)| *demand).collect()
    }

    fn exprs(self) -> Vec<Expr> {
        self.counts
            .into_iter()
            .enumerate()
            .map(|(number, (count, _))| count.alias(format!("e{number}")))
            .collect()
    }
}
