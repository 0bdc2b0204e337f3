//! The policy's row filter of one table, as a closed language that cannot fail on any row.

use datafusion::common::Column;
use datafusion::logical_expr::{Expr, lit};
use datafusion::scalar::ScalarValue;
use serde::{Deserialize, Serialize};

/// Which rows of a table exist for the query. A comparison with a missing value keeps no row.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum RowFilter {
    /// A column compared with a constant.
    Compare {
        /// The column.
        column: String,
        /// How.
        op: Comparison,
        /// With what.
        value: Constant,
    },
    /// A text column against a pattern with `%` and `_`.
    Like {
        /// The column.
        column: String,
        /// The pattern.
        pattern: String,
    },
    /// A column that equals one of the constants.
    In {
        /// The column.
        column: String,
        /// The constants.
        values: Vec<Constant>,
    },
    /// A column without a value.
    IsNull {
        /// The column.
        column: String,
    },
    /// All of these.
    And(Vec<RowFilter>),
    /// Any of these.
    Or(Vec<RowFilter>),
    /// Not this.
    Not(Box<RowFilter>),
}

/// How a column meets a constant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Comparison {
    /// Equal.
    Eq,
    /// Not equal.
    NotEq,
    /// Less.
    Lt,
    /// Less or equal.
    LtEq,
    /// Greater.
    Gt,
    /// Greater or equal.
    GtEq,
}

/// A constant of a row filter; it must have the column's own type.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Constant {
    /// Text.
    Text(String),
    /// Integer.
    Integer(i64),
    /// Floating point number.
    Float(f64),
    /// Exact decimal number: unscaled value with the column's precision and scale.
    Decimal {
        /// The digits as one integer, for example 1234 for 12.34.
        unscaled: i64,
        /// Precision of the column.
        precision: u8,
        /// Scale of the column.
        scale: i8,
    },
    /// Days since 1970-01-01.
    Date(i32),
    /// Microseconds since 1970-01-01T00:00:00 without zone.
    Timestamp(i64),
    /// True or false.
    Boolean(bool),
}

impl RowFilter {
    /// The columns that the filter reads.
    #[must_use]
    pub fn columns(&self) -> Vec<&str> {
        match self {
            Self::Compare { column, .. }
            | Self::Like { column, .. }
            | Self::In { column, .. }
            | Self::IsNull { column } => vec![column.as_str()],
            Self::And(parts) | Self::Or(parts) => {
                parts.iter().flat_map(RowFilter::columns).collect()
            }
            Self::Not(part) => part.columns(),
        }
    }

    /// The filter as an expression over unqualified columns.
    pub(crate) fn to_expr(&self) -> Expr {
        match self {
            Self::Compare { column, op, value } => op.apply(name(column), value.to_expr()),
            Self::Like { column, pattern } => name(column).like(lit(pattern.as_str())),
            Self::In { column, values } => {
                name(column).in_list(values.iter().map(Constant::to_expr).collect(), false)
            }
            Self::IsNull { column } => name(column).is_null(),
            Self::And(parts) => parts
                .iter()
                .map(RowFilter::to_expr)
                .fold(lit(true), Expr::and),
            Self::Or(parts) => parts
                .iter()
                .map(RowFilter::to_expr)
                .fold(lit(false), Expr::or),
            Self::Not(part) => Expr::Not(Box::new(part.to_expr())),
        }
    }
}

impl Comparison {
    fn apply(self, left: Expr, right: Expr) -> Expr {
        match self {
            Self::Eq => left.eq(right),
            Self::NotEq => left.not_eq(right),
            Self::Lt => left.lt(right),
            Self::LtEq => left.lt_eq(right),
            Self::Gt => left.gt(right),
            Self::GtEq => left.gt_eq(right),
        }
    }
}

impl Constant {
    fn to_expr(&self) -> Expr {
        lit(match self {
            Self::Text(value) => ScalarValue::Utf8(Some(value.clone())),
            Self::Integer(value) => ScalarValue::Int64(Some(*value)),
            Self::Float(value) => ScalarValue::Float64(Some(*value)),
            Self::Decimal {
                unscaled,
                precision,
                scale,
            } => ScalarValue::Decimal128(Some(i128::from(*unscaled)), *precision, *scale),
            Self::Date(days) => ScalarValue::Date32(Some(*days)),
            Self::Timestamp(micros) => ScalarValue::TimestampMicrosecond(Some(*micros), None),
            Self::Boolean(value) => ScalarValue::Boolean(Some(*value)),
        })
    }
}

fn name(column: &str) -> Expr {
    Expr::Column(Column::new_unqualified(column))
}
