//! What a query is governed by: the tables it may name, what each column may be used for, and the
//! contract its result must keep. Everything here travels to the worker as JSON.

use std::collections::BTreeSet;
use std::fmt;
use std::sync::Arc;

use datafusion::arrow::datatypes::{DataType, Field, Schema, SchemaRef, TimeUnit};
use serde::{Deserialize, Serialize};

use crate::row_filter::RowFilter;

/// Prefix of the hidden columns that hold the keyed 64-bit number of a row's protected unit.
/// Schemas never contain a declared column that begins with two underscores.
pub const UNIT_PREFIX: &str = "__unit_";

/// Everything that decides whether a query may run and what may leave.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Governance {
    /// The data sets of the scenario. A table that is not here does not exist for the query.
    pub tables: Vec<GovernedTable>,
    /// What the result must keep.
    pub contract: Contract,
}

/// What the result of a `statistics` product must keep.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Contract {
    /// A group leaves only if at least this many distinct units of every governed table stand in it.
    pub k: u64,
    /// A result with more rows than this is refused.
    pub rows_max: u64,
    /// A query that makes more groups than this is stopped.
    pub max_groups: u64,
}

/// One data set as SQL sees it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GovernedTable {
    /// Owner of the data set, the schema in SQL: `ybj` of `ybj.claims`.
    pub schema: String,
    /// Name of the data set, the table in SQL: `claims` of `ybj.claims`.
    pub table: String,
    /// All columns, the ungranted ones too, so that a refusal can name them.
    pub columns: Vec<GovernedColumn>,
    /// Protected units of the rows; for each `u` the source has a hidden column `__unit_u` (UInt64,
    /// null where the unit is unknown).
    pub units: Vec<String>,
    /// Rows outside this filter do not exist for the query.
    pub rows: Option<RowFilter>,
    /// True only when every column's label is general-1; a table without units must be so.
    pub general_1: bool,
}

/// One column and what governed SQL may do with it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GovernedColumn {
    /// Name as registered; SQL folds unquoted names to lower case.
    pub name: String,
    /// Type of the values.
    pub data_type: ColumnType,
    /// Whether values may be missing.
    pub nullable: bool,
    /// What SQL may do with the column; empty means never.
    pub uses: BTreeSet<Use>,
    /// What the column says about a person, as its provider declared.
    pub kind: Kind,
}

/// One thing that SQL may do with a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Use {
    /// Leave as it is. The shape `statistics` never lets a cell leave so.
    Plain,
    /// Leave as a group key.
    Group,
    /// Stand inside SUM, AVG or COUNT.
    Aggregate,
    /// Stand in join keys and inside COUNT(DISTINCT …).
    Join,
    /// Meet a literal or another column.
    Compare,
}

impl fmt::Display for Use {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Plain => "plain",
            Self::Group => "group",
            Self::Aggregate => "aggregate",
            Self::Join => "join",
            Self::Compare => "compare",
        })
    }
}

/// What a column says about a person.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// Names one person by itself.
    Direct,
    /// Narrows to few persons together with others.
    Quasi,
    /// Is what a person would keep private.
    Sensitive,
    /// None of these.
    Other,
}

/// Types of columns, one to one with their Arrow types.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ColumnType {
    /// UTF-8 text.
    Text,
    /// Signed 64-bit integer.
    Integer,
    /// IEEE 754 double.
    Float,
    /// Exact decimal number.
    Decimal {
        /// Digits in all, 1 to 38.
        precision: u8,
        /// Digits after the point.
        scale: i8,
    },
    /// Day without time.
    Date,
    /// Microseconds without zone.
    Timestamp,
    /// True or false.
    Boolean,
}

impl ColumnType {
    /// The Arrow type of the column.
    #[must_use]
    pub fn arrow(self) -> DataType {
        match self {
            Self::Text => DataType::Utf8,
            Self::Integer => DataType::Int64,
            Self::Float => DataType::Float64,
            Self::Decimal { precision, scale } => DataType::Decimal128(precision, scale),
            Self::Date => DataType::Date32,
            Self::Timestamp => DataType::Timestamp(TimeUnit::Microsecond, None),
            Self::Boolean => DataType::Boolean,
        }
    }

    /// The column type of an Arrow type, if it is one of ours.
    #[must_use]
    pub fn from_arrow(data_type: &DataType) -> Option<Self> {
        Some(match data_type {
            DataType::Utf8 => Self::Text,
            DataType::Int64 => Self::Integer,
            DataType::Float64 => Self::Float,
            DataType::Decimal128(precision, scale) => Self::Decimal {
                precision: *precision,
                scale: *scale,
            },
            DataType::Date32 => Self::Date,
            DataType::Timestamp(TimeUnit::Microsecond, None) => Self::Timestamp,
            DataType::Boolean => Self::Boolean,
            // Fails closed: any type that is not listed above is not ours.
            _ => return None,
        })
    }
}

/// Name of a governed table: `ybj.claims`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct TableName {
    /// Owner of the data set.
    pub schema: String,
    /// Name of the data set.
    pub table: String,
}

impl TableName {
    /// Names a table by owner and name.
    #[must_use]
    pub fn new(schema: impl Into<String>, table: impl Into<String>) -> Self {
        Self {
            schema: schema.into(),
            table: table.into(),
        }
    }
}

impl fmt::Display for TableName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.schema, self.table)
    }
}

impl GovernedTable {
    /// The table's name in SQL.
    #[must_use]
    pub fn name(&self) -> TableName {
        TableName::new(&self.schema, &self.table)
    }

    /// The column of that name.
    #[must_use]
    pub fn column(&self, name: &str) -> Option<&GovernedColumn> {
        self.columns.iter().find(|column| column.name == name)
    }

    /// What SQL sees: the declared columns only. All are nullable, so that no optimiser rule may
    /// conclude anything from a declaration that the data need not keep.
    #[must_use]
    pub fn visible_schema(&self) -> SchemaRef {
        Arc::new(Schema::new(self.visible_fields()))
    }

    /// What the governed plan sees: the declared columns, then the hidden unit columns.
    #[must_use]
    pub fn barrier_schema(&self) -> SchemaRef {
        let mut fields = self.visible_fields();
        fields.extend(
            self.units
                .iter()
                .map(|unit| Field::new(unit_column(unit), DataType::UInt64, true)),
        );
        Arc::new(Schema::new(fields))
    }

    fn visible_fields(&self) -> Vec<Field> {
        self.columns
            .iter()
            .map(|column| Field::new(&column.name, column.data_type.arrow(), true))
            .collect()
    }
}

/// The hidden column that holds a unit's number.
#[must_use]
pub fn unit_column(unit: &str) -> String {
    format!("{UNIT_PREFIX}{unit}")
}
