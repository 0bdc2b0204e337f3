//! The governed tables that a query reads, one entry per mention, and its columns traced back to them.
//!
//! Every column below the aggregate is expanded into an expression over columns of scans, so that
//! what was hidden behind an alias, a sub-query or a CTE is judged as if it stood at the place of use.

use std::collections::BTreeSet;

use datafusion::arrow::datatypes::DataType;
use datafusion::common::tree_node::{Transformed, TreeNode, TreeNodeRecursion};
use datafusion::common::{Column, DFSchema, DFSchemaRef, TableReference};
use datafusion::logical_expr::{Expr, ExprSchemable};

use crate::governance::{GovernedColumn, GovernedTable, Use};
use crate::refusal::{Place, Refusal};
use crate::rule::Rule;

/// Largest expanded expression, in nodes; nested sub-queries double it at each level.
pub(crate) const MAX_EXPANDED_NODES: usize = 20_000;

/// Most mentions of tables in one query.
pub(crate) const MAX_SCANS: usize = 32;

/// The mentions of tables, in the order of the plan.
#[derive(Debug, Default)]
pub(crate) struct Scans {
    tables: Vec<GovernedTable>,
    types: Option<DFSchema>,
}

impl Scans {
    /// Adds a mention and returns its number.
    pub(crate) fn add(&mut self, table: &GovernedTable) -> Result<usize, Refusal> {
        let number = self.tables.len();
        if number >= MAX_SCANS {
            return Err(Refusal::new(Rule::SyntaxSize));
        }
        let fields = DFSchema::try_from_qualified_schema(relation(number), &table.visible_schema())
            .map_err(plan_failed)?;
        self.types = Some(match self.types.take() {
            None => fields,
            Some(types) => types.join(&fields).map_err(plan_failed)?,
        });
        self.tables.push(table.clone());
        Ok(number)
    }

    /// All mentions.
    pub(crate) fn tables(&self) -> &[GovernedTable] {
        &self.tables
    }

    /// The type of an expanded expression.
    pub(crate) fn type_of(&self, expr: &Expr) -> Result<DataType, Refusal> {
        let empty = DFSchema::empty();
        expr.get_type(self.types.as_ref().unwrap_or(&empty))
            .map_err(plan_failed)
    }

    /// Refuses a column that may never be used.
    pub(crate) fn need_granted(&self, column: &Column) -> Result<(), Refusal> {
        let (name, governed) = self.find(column)?;
        if governed.uses.is_empty() {
            return Err(Refusal::new(Rule::ColumnNotGranted)
                .column(name)
                .at(place_of(column)));
        }
        Ok(())
    }

    /// Refuses a column that has none of these uses.
    pub(crate) fn need(&self, column: &Column, any_of: &[Use]) -> Result<(), Refusal> {
        self.need_granted(column)?;
        let (name, governed) = self.find(column)?;
        if any_of.iter().any(|wanted| governed.uses.contains(wanted)) {
            return Ok(());
        }
        let wanted: Vec<String> = any_of.iter().map(ToString::to_string).collect();
        let granted: Vec<String> = governed.uses.iter().map(ToString::to_string).collect();
        Err(Refusal::new(Rule::ColumnUse)
            .because(
                format!(
                    "it needs {}, granted: {}",
                    wanted.join(" or "),
                    granted.join(", ")
                ),
                format!(
                    "需要 {}，已授权 {}",
                    wanted.join(" 或 "),
                    granted.join("、")
                ),
            )
            .column(name)
            .at(place_of(column)))
    }

    fn find(&self, column: &Column) -> Result<(String, &GovernedColumn), Refusal> {
        scan_of(column)
            .and_then(|number| self.tables.get(number))
            .and_then(|table| {
                let governed = table.column(&column.name)?;
                Some((format!("{}.{}", table.name(), governed.name), governed))
            })
            .ok_or_else(|| Refusal::new(Rule::ColumnUnknown))
    }
}

/// The column of a scan, as an expanded expression.
pub(crate) fn base_column(scan: usize, name: &str) -> Expr {
    Expr::Column(Column::new(Some(relation(scan)), name))
}

/// Which scans an expanded expression reads.
pub(crate) fn scans_of(expr: &Expr) -> BTreeSet<usize> {
    expr.column_refs().into_iter().filter_map(scan_of).collect()
}

/// The column behind an expanded expression that is nothing but a column, renamed or cast.
pub(crate) fn bare(expr: &Expr) -> Option<&Column> {
    match expr {
        Expr::Column(column) => Some(column),
        Expr::Alias(alias) => bare(&alias.expr),
        Expr::Cast(cast) => bare(&cast.expr),
        Expr::TryCast(cast) => bare(&cast.expr),
        // Anything else is computed.
        _ => None,
    }
}

/// Replaces each column by the expression behind it; `origin` is one per field of `schema`.
pub(crate) fn expand(expr: &Expr, schema: &DFSchemaRef, origin: &[Expr]) -> Result<Expr, Refusal> {
    let expanded = expr
        .clone()
        .transform_up(|node| match &node {
            Expr::Column(column) => {
                let index = schema.index_of_column(column)?;
                let found = origin.get(index).cloned().map(|e| with_place(e, column));
                Ok(found.map_or(Transformed::no(node), Transformed::yes))
            }
            _ => Ok(Transformed::no(node)),
        })
        .map_err(plan_failed)?
        .data;
    check_size(&expanded)?;
    Ok(expanded)
}

/// A plain column keeps the place of its own mention; what is computed keeps the inner ones.
fn with_place(origin: Expr, mention: &Column) -> Expr {
    match origin {
        Expr::Column(mut column) if mention.spans.first().is_some() => {
            column.spans = mention.spans.clone();
            Expr::Column(column)
        }
        other => other,
    }
}

fn check_size(expr: &Expr) -> Result<(), Refusal> {
    let mut nodes = 0_usize;
    let walked = expr.apply(|_| {
        nodes = nodes.saturating_add(1);
        Ok(if nodes > MAX_EXPANDED_NODES {
            TreeNodeRecursion::Stop
        } else {
            TreeNodeRecursion::Continue
        })
    });
    if walked.is_err() || nodes > MAX_EXPANDED_NODES {
        return Err(Refusal::new(Rule::SyntaxSize));
    }
    Ok(())
}

fn relation(scan: usize) -> TableReference {
    TableReference::bare(format!("scan{scan}"))
}

fn scan_of(column: &Column) -> Option<usize> {
    column
        .relation
        .as_ref()?
        .table()
        .strip_prefix("scan")?
        .parse()
        .ok()
}

/// Where a column is mentioned.
pub(crate) fn place_of(column: &Column) -> Option<Place> {
    let start = column.spans.first()?.start;
    Some(Place {
        line: start.line,
        column: start.column,
    })
}

/// The planner's own error, its words kept apart.
pub(crate) fn plan_failed(error: datafusion::error::DataFusionError) -> Refusal {
    Refusal::new(Rule::SyntaxPlan).detail(error)
}
