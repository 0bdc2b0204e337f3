//! From SQL text to a governed query: parse, plan against schemas, analyze, check, split, digest.

use std::fmt;
use std::sync::Arc;

use datafusion::arrow::datatypes::{DataType, Field, Schema, SchemaRef, TimeUnit};
use datafusion::common::SchemaError;
use datafusion::common::config::ConfigOptions;
use datafusion::error::DataFusionError;
use datafusion::logical_expr::LogicalPlan;
use datafusion::optimizer::Analyzer;
use datafusion::sql::planner::{ParserOptions, SqlToRel};
use datafusion::sql::sqlparser::ast::Statement;
use sha2::{Digest, Sha256};

use crate::catalog::Catalog;
use crate::governance::{Contract, Governance, GovernedTable};
use crate::order::RowOrder;
use crate::refusal::{Place, Refusal};
use crate::rule::Rule;
use crate::scans::{place_of, plan_failed};
use crate::syntax;
use crate::upper::{Stages, split};

/// Version of the digest's rendering; it changes when the same plan would render differently.
const DIGEST_DOMAIN: &str = "karez/egress/governed-plan/1";

/// Stack of the thread that parses and plans: trees are as deep as the SQL, which the limits in
/// [`crate::syntax`] bound, and unoptimised builds need up to 10 KiB per level and function.
const PLANNING_STACK_BYTES: usize = 64 * 1024 * 1024;

/// A query that passed every rule that needs no data. Only [`govern`] makes one.
#[derive(Clone)]
pub struct GovernedQuery {
    pub(crate) stages: Stages,
    pub(crate) contract: Contract,
    pub(crate) order: RowOrder,
    pub(crate) output: SchemaRef,
    digest: String,
}

impl fmt::Debug for GovernedQuery {
    // The plan holds the requester's literals; a log must not.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("GovernedQuery")
            .field("digest", &self.digest)
            .finish_non_exhaustive()
    }
}

/// Decides whether a query may run over the governed tables, without any data.
///
/// # Errors
/// A [`Refusal`] with the rule and, where known, the column and the place in the SQL. It never
/// carries a literal of the SQL.
///
/// # Privacy
/// The answer depends on the SQL and the governance only.
///
/// ```
/// use egress::{Governance, Contract, govern};
/// let nothing = Governance { tables: vec![], contract: Contract { k: 10, rows_max: 100, max_groups: 1_000 } };
/// let refusal = govern("SELECT name FROM ybj.claims", &nothing).unwrap_err();
/// assert_eq!(refusal.rule, "table.unknown");
/// assert_eq!(refusal.place.map(|p| (p.line, p.column)), Some((1, 18)));
/// ```
pub fn govern(sql: &str, governance: &Governance) -> Result<GovernedQuery, Refusal> {
    std::thread::scope(|scope| {
        std::thread::Builder::new()
            .name("plan".to_owned())
            .stack_size(PLANNING_STACK_BYTES)
            .spawn_scoped(scope, || govern_here(sql, governance))
            .map_err(|error| Refusal::new(Rule::EngineFailed).detail(error))?
            .join()
            .unwrap_or_else(|_| Err(Refusal::new(Rule::SyntaxPlan)))
    })
}

fn govern_here(sql: &str, governance: &Governance) -> Result<GovernedQuery, Refusal> {
    let query = syntax::parse(sql, governance)?;
    let catalog = Catalog::new(governance);
    let options = ParserOptions::new()
        .with_collect_spans(true)
        .with_map_string_types_to_utf8view(false);
    let planned = SqlToRel::new_with_options(&catalog, options)
        .sql_statement_to_plan(Statement::Query(Box::new(query)))
        .map_err(|error| unplanned(error, governance))?;
    let analyzed = Analyzer::new()
        .execute_and_check(planned, &ConfigOptions::default(), |_, _| {})
        .map_err(plan_failed)?;
    let stages = split(&analyzed)?;
    let output = output_schema(&stages.second)?;
    Ok(GovernedQuery {
        digest: digest(&stages, governance)?,
        order: RowOrder::of(&stages.second),
        contract: governance.contract,
        output,
        stages,
    })
}

impl GovernedQuery {
    /// SHA-256 of the governed plan, the row filters and the contract, as `sha256:<64 hex>`. The
    /// same SQL and governance give the same digest in every process.
    #[must_use]
    pub fn digest(&self) -> &str {
        &self.digest
    }

    /// The columns of the result; all may hold nulls.
    #[must_use]
    pub fn output_schema(&self) -> SchemaRef {
        Arc::clone(&self.output)
    }

    /// What the result must keep.
    #[must_use]
    pub fn contract(&self) -> Contract {
        self.contract
    }

    /// The tables that the query reads, each once.
    #[must_use]
    pub fn tables(&self) -> Vec<&GovernedTable> {
        let mut tables: Vec<&GovernedTable> = Vec::new();
        for table in &self.stages.first.scans {
            if !tables.iter().any(|known| known.name() == table.name()) {
                tables.push(table);
            }
        }
        tables
    }
}

fn digest(stages: &Stages, governance: &Governance) -> Result<String, Refusal> {
    let tables = serde_json::to_string(&stages.first.scans)
        .map_err(|error| Refusal::new(Rule::EngineFailed).detail(error))?;
    let contract = serde_json::to_string(&governance.contract)
        .map_err(|error| Refusal::new(Rule::EngineFailed).detail(error))?;
    let mut hash = Sha256::new();
    for part in [
        DIGEST_DOMAIN.to_owned(),
        stages.first.plan.display_indent_schema().to_string(),
        stages.second.display_indent_schema().to_string(),
        tables,
        contract,
    ] {
        // Lengths keep two different lists of parts apart.
        hash.update(u64::try_from(part.len()).unwrap_or(u64::MAX).to_be_bytes());
        hash.update(part.as_bytes());
    }
    let hex: String = hash.finalize().iter().map(|b| format!("{b:02x}")).collect();
    Ok(format!("sha256:{hex}"))
}

/// The result's columns in our own types, so that the engine's choice of widths never shows.
fn output_schema(plan: &LogicalPlan) -> Result<SchemaRef, Refusal> {
    let fields = plan
        .schema()
        .fields()
        .iter()
        .map(|field| {
            let data_type =
                leaves_as(field.data_type()).ok_or_else(|| Refusal::new(Rule::ContractType))?;
            Ok(Field::new(field.name(), data_type, true))
        })
        .collect::<Result<Vec<_>, Refusal>>()?;
    Ok(Arc::new(Schema::new(fields)))
}

/// Which of our types an engine type leaves as, if any.
fn leaves_as(data_type: &DataType) -> Option<DataType> {
    if data_type.is_integer() {
        return Some(DataType::Int64);
    }
    Some(match data_type {
        DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View => DataType::Utf8,
        DataType::Float32 | DataType::Float64 => DataType::Float64,
        DataType::Timestamp(_, None) => DataType::Timestamp(TimeUnit::Microsecond, None),
        DataType::Decimal128(_, _) | DataType::Date32 | DataType::Boolean => data_type.clone(),
        // Fails closed: nested, binary and zoned types do not leave.
        _ => return None,
    })
}

/// Planner errors name things in the requester's words; only their kind and place are taken.
fn unplanned(error: DataFusionError, governance: &Governance) -> Refusal {
    let diagnosed = diagnosed_place(&error);
    let refusal = match error.find_root() {
        DataFusionError::SchemaError(schema, _) => match schema.as_ref() {
            SchemaError::FieldNotFound { field, .. } => {
                let tables: Vec<String> = governance
                    .tables
                    .iter()
                    .map(|t| t.name().to_string())
                    .collect();
                let tables = tables.join(", ");
                Refusal::new(Rule::ColumnUnknown)
                    .because(
                        format!("the scenario has {tables}"),
                        format!("本场景的数据集：{tables}"),
                    )
                    .at(place_of(field))
            }
            SchemaError::AmbiguousReference { field } => {
                Refusal::new(Rule::SyntaxPlan).at(place_of(field))
            }
            SchemaError::DuplicateQualifiedField { .. }
            | SchemaError::DuplicateUnqualifiedField { .. } => Refusal::new(Rule::SyntaxPlan),
        },
        _ => Refusal::new(Rule::SyntaxPlan),
    };
    refusal.at(diagnosed).detail(error)
}

fn diagnosed_place(error: &DataFusionError) -> Option<Place> {
    match error {
        DataFusionError::Diagnostic(diagnostic, _) => {
            let start = diagnostic.span?.start;
            Some(Place {
                line: start.line,
                column: start.column,
            })
        }
        DataFusionError::Context(_, inner) => diagnosed_place(inner),
        DataFusionError::Collection(errors) => errors.iter().find_map(diagnosed_place),
        _ => None,
    }
}
