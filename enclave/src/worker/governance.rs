//! A scenario's policy as the rules of a governed query.

use egress::{
    ColumnType, Comparison, Constant, Contract, Governance, GovernedColumn, GovernedTable, Kind,
    RowFilter, Use,
};
use jiff::civil::Date;
use policy::rows::{ColumnRef, Op, Operand};
use policy::schema::Level;
use policy::{CheckedDataset, CheckedPolicy, Column, ColumnKind, Literal};

/// The most groups that a query may make before any is withheld; a result has at most `rows_max` of them.
const GROUPS_MAX: u64 = 1_000_000;

/// Why no query of a scenario can run.
#[derive(Debug, thiserror::Error)]
pub enum NotGovernable {
    /// The policy lets nothing out.
    #[error(
        "the policy has no `output` section, so no query of this scenario can run; add `output: {{ shape: statistics, k: 10 }}`"
    )]
    NoOutput,
    /// A literal of a row filter does not have its column's type; `policy::check` should have found it.
    #[error("the row filter of `{dataset}` does not fit its columns; check the policy again")]
    Filter {
        /// The data set.
        dataset: String,
    },
}

/// The rules of every query of a scenario.
///
/// # Errors
/// [`NotGovernable::NoOutput`] when the scenario releases no results.
pub fn governance(policy: &CheckedPolicy) -> Result<Governance, NotGovernable> {
    let output = policy
        .policy()
        .output
        .as_ref()
        .ok_or(NotGovernable::NoOutput)?;
    let contract = Contract {
        k: u64::from(output.k),
        rows_max: output.rows_max,
        max_groups: GROUPS_MAX.max(output.rows_max),
    };
    let tables = policy.datasets().map(table).collect::<Result<_, _>>()?;
    Ok(Governance { tables, contract })
}

fn table(dataset: CheckedDataset<'_>) -> Result<GovernedTable, NotGovernable> {
    let schema = dataset.schema;
    let rows = dataset
        .policy
        .rows
        .as_ref()
        .map(|rows| filter(rows, dataset));
    Ok(GovernedTable {
        schema: schema.dataset().owner().to_owned(),
        table: schema.dataset().table().to_owned(),
        columns: schema
            .columns()
            .iter()
            .map(|declared| column(declared, dataset))
            .collect(),
        units: schema
            .units()
            .iter()
            .map(|unit| unit.name.to_string())
            .collect(),
        rows: rows.transpose()?,
        general_1: schema
            .columns()
            .iter()
            .all(|column| column.level == Level::General1),
    })
}

fn column(declared: &Column, dataset: CheckedDataset<'_>) -> GovernedColumn {
    let listed = dataset.policy.column(declared.name.as_str());
    let uses = listed.map(|listed| listed.compute.iter().map(|used| use_of(*used)).collect());
    GovernedColumn {
        name: declared.name.to_string(),
        data_type: type_of(declared.column_type),
        nullable: declared.nullable,
        uses: uses.unwrap_or_default(),
        kind: match declared.kind {
            ColumnKind::Direct => Kind::Direct,
            ColumnKind::Quasi => Kind::Quasi,
            ColumnKind::Sensitive => Kind::Sensitive,
            ColumnKind::Other => Kind::Other,
        },
    }
}

fn use_of(used: policy::Use) -> Use {
    match used {
        policy::Use::Plain => Use::Plain,
        policy::Use::Group => Use::Group,
        policy::Use::Aggregate => Use::Aggregate,
        policy::Use::Join => Use::Join,
        policy::Use::Compare => Use::Compare,
    }
}

fn type_of(declared: policy::ColumnType) -> ColumnType {
    match declared {
        policy::ColumnType::Text => ColumnType::Text,
        policy::ColumnType::Integer => ColumnType::Integer,
        policy::ColumnType::Float => ColumnType::Float,
        policy::ColumnType::Decimal { precision, scale } => ColumnType::Decimal {
            precision,
            scale: i8::try_from(scale).unwrap_or(i8::MAX),
        },
        policy::ColumnType::Date => ColumnType::Date,
        policy::ColumnType::Timestamp => ColumnType::Timestamp,
        policy::ColumnType::Boolean => ColumnType::Boolean,
    }
}

fn filter(
    rows: &policy::RowFilter,
    dataset: CheckedDataset<'_>,
) -> Result<RowFilter, NotGovernable> {
    let part = |part: &policy::RowFilter| filter(part, dataset);
    let value = |column: &ColumnRef, operand: &Operand| constant(column, operand, dataset);
    let compare = |column: &ColumnRef, op, operand: &Operand| {
        let value = value(column, operand)?;
        Ok(RowFilter::Compare {
            column: column.name.to_string(),
            op,
            value,
        })
    };
    Ok(match rows {
        policy::RowFilter::Compare {
            column,
            op,
            operand,
        } => compare(column, comparison(*op), operand)?,
        policy::RowFilter::Like {
            column,
            pattern,
            negated,
        } => not_if(
            *negated,
            RowFilter::Like {
                column: column.name.to_string(),
                pattern: pattern.clone(),
            },
        ),
        policy::RowFilter::In {
            column,
            list,
            negated,
        } => {
            let values = list.iter().map(|operand| value(column, operand));
            let values = values.collect::<Result<_, _>>()?;
            not_if(
                *negated,
                RowFilter::In {
                    column: column.name.to_string(),
                    values,
                },
            )
        }
        policy::RowFilter::Between {
            column,
            low,
            high,
            negated,
        } => not_if(
            *negated,
            RowFilter::And(vec![
                compare(column, Comparison::GtEq, low)?,
                compare(column, Comparison::LtEq, high)?,
            ]),
        ),
        policy::RowFilter::IsNull { column, negated } => not_if(
            *negated,
            RowFilter::IsNull {
                column: column.name.to_string(),
            },
        ),
        policy::RowFilter::And(parts) => {
            RowFilter::And(parts.iter().map(part).collect::<Result<_, _>>()?)
        }
        policy::RowFilter::Or(parts) => {
            RowFilter::Or(parts.iter().map(part).collect::<Result<_, _>>()?)
        }
        policy::RowFilter::Not(inner) => RowFilter::Not(Box::new(part(inner)?)),
    })
}

fn not_if(negated: bool, filter: RowFilter) -> RowFilter {
    if negated {
        RowFilter::Not(Box::new(filter))
    } else {
        filter
    }
}

fn comparison(op: Op) -> Comparison {
    match op {
        Op::Eq => Comparison::Eq,
        Op::NotEq => Comparison::NotEq,
        Op::Lt => Comparison::Lt,
        Op::LtEq => Comparison::LtEq,
        Op::Gt => Comparison::Gt,
        Op::GtEq => Comparison::GtEq,
    }
}

/// A literal in its column's own type.
fn constant(
    column: &ColumnRef,
    operand: &Operand,
    dataset: CheckedDataset<'_>,
) -> Result<Constant, NotGovernable> {
    let declared = dataset
        .schema
        .column(column.name.as_str())
        .map(|column| column.column_type);
    typed(&operand.literal, declared).ok_or_else(|| NotGovernable::Filter {
        dataset: dataset.policy.id.to_string(),
    })
}

fn typed(literal: &Literal, declared: Option<policy::ColumnType>) -> Option<Constant> {
    Some(match (literal, declared?) {
        (Literal::Text(text), policy::ColumnType::Text) => Constant::Text(text.clone()),
        (Literal::Number(number), policy::ColumnType::Integer) => {
            Constant::Integer(number.to_i64()?)
        }
        (Literal::Number(number), policy::ColumnType::Float) => Constant::Float(number.to_f64()),
        (Literal::Number(number), policy::ColumnType::Decimal { precision, scale }) => {
            Constant::Decimal {
                unscaled: number
                    .units_at(scale)
                    .and_then(|units| i64::try_from(units).ok())?,
                precision,
                scale: i8::try_from(scale).ok()?,
            }
        }
        (Literal::Date(date), policy::ColumnType::Date) => Constant::Date(days(*date)?),
        (Literal::Timestamp(instant), policy::ColumnType::Timestamp) => {
            let utc = jiff::tz::TimeZone::UTC.to_timestamp(*instant).ok()?;
            Constant::Timestamp(utc.as_microsecond())
        }
        (Literal::Boolean(flag), policy::ColumnType::Boolean) => Constant::Boolean(*flag),
        _ => return None,
    })
}

fn days(date: Date) -> Option<i32> {
    let epoch = jiff::civil::date(1970, 1, 1);
    date.since((jiff::Unit::Day, epoch))
        .ok()
        .map(|span| span.get_days())
}
