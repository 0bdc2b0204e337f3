//! The schema's columns as Arrow's, and the file's columns in the schema's order.

use std::collections::HashSet;
use std::sync::Arc;

use arrow::datatypes::{DataType, Field, Schema, SchemaRef, TimeUnit};
use policy::{ColumnType, DatasetSchema};

use super::{IntakeError, unit_column};

/// The Arrow type of a column.
#[must_use]
pub fn arrow_type(column: ColumnType) -> DataType {
    match column {
        ColumnType::Text => DataType::Utf8,
        ColumnType::Integer => DataType::Int64,
        ColumnType::Float => DataType::Float64,
        // The parser of schemas holds the scale under 38, so the conversion never saturates.
        ColumnType::Decimal { precision, scale } => {
            DataType::Decimal128(precision, i8::try_from(scale).unwrap_or(i8::MAX))
        }
        ColumnType::Date => DataType::Date32,
        ColumnType::Timestamp => DataType::Timestamp(TimeUnit::Microsecond, None),
        ColumnType::Boolean => DataType::Boolean,
    }
}

/// The schema of a data set's batches: its columns in their order, then `__unit_…` for each declared unit.
#[must_use]
pub fn arrow_schema(schema: &DatasetSchema) -> SchemaRef {
    let units = schema
        .units()
        .iter()
        .map(|unit| Field::new(unit_column(unit.name.as_str()), DataType::UInt64, true));
    Arc::new(Schema::new(
        own_fields(schema).chain(units).collect::<Vec<_>>(),
    ))
}

/// The schema without the hidden columns.
pub(super) fn own_schema(schema: &DatasetSchema) -> SchemaRef {
    Arc::new(Schema::new(own_fields(schema).collect::<Vec<_>>()))
}

fn own_fields(schema: &DatasetSchema) -> impl Iterator<Item = Field> {
    let columns = schema.columns().iter();
    columns.map(|column| {
        Field::new(
            column.name.as_str(),
            arrow_type(column.column_type),
            column.nullable,
        )
    })
}

/// Every column has a name, and none has another's.
pub(super) fn check_header(header: &[String]) -> Result<(), IntakeError> {
    let mut seen = HashSet::new();
    for (index, name) in header.iter().enumerate() {
        if name.is_empty() {
            return Err(IntakeError::UnnamedColumn {
                position: index + 1,
            });
        }
        if !seen.insert(name.as_str()) {
            return Err(IntakeError::DuplicateColumn {
                column: name.clone(),
            });
        }
    }
    Ok(())
}

/// For each column of the schema, its place in the file.
pub(super) fn match_names(
    header: &[String],
    schema: &DatasetSchema,
) -> Result<Vec<usize>, IntakeError> {
    check_header(header)?;
    let place =
        |column: &policy::Column| header.iter().position(|name| *name == column.name.as_str());
    let missing = |column: &&policy::Column| place(column).is_none();
    let columns: Vec<String> = schema
        .columns()
        .iter()
        .filter(missing)
        .map(|column| column.name.to_string())
        .collect();
    if !columns.is_empty() {
        return Err(IntakeError::MissingColumns {
            columns,
            header_columns: header.len(),
        });
    }
    let columns: Vec<String> = header
        .iter()
        .filter(|name| schema.column(name).is_none())
        .cloned()
        .collect();
    if !columns.is_empty() {
        return Err(IntakeError::UnlabelledColumns { columns });
    }
    Ok(schema.columns().iter().filter_map(place).collect())
}
