//! Cells gathered into batches of typed columns.

use std::sync::Arc;

use arrow::array::{
    ArrayRef, BooleanBuilder, Date32Builder, Decimal128Builder, Float64Builder, Int64Builder,
    RecordBatch, StringBuilder, TimestampMicrosecondBuilder,
};
use arrow::datatypes::SchemaRef;
use policy::{Column, ColumnType};

use super::{BATCH_ROWS, IntakeError, cell};

/// Batches before the hidden columns are added.
pub(super) type Raw = Box<dyn Iterator<Item = Result<RecordBatch, IntakeError>> + Send>;

/// One column of a growing batch.
enum Cells {
    Text(StringBuilder),
    Integer(Int64Builder),
    Float(Float64Builder),
    Decimal(Decimal128Builder, u8, u8),
    Date(Date32Builder),
    Timestamp(TimestampMicrosecondBuilder),
    Boolean(BooleanBuilder),
}

/// A cell that cannot be taken.
pub(super) enum Bad {
    Type,
    Null,
}

/// A column of the schema and its cells so far.
pub(super) struct Growing {
    name: String,
    column_type: ColumnType,
    nullable: bool,
    cells: Cells,
}

impl Growing {
    pub(super) fn new(column: &Column) -> Self {
        let cells = match column.column_type {
            ColumnType::Text => Cells::Text(StringBuilder::new()),
            ColumnType::Integer => Cells::Integer(Int64Builder::new()),
            ColumnType::Float => Cells::Float(Float64Builder::new()),
            ColumnType::Decimal { precision, scale } => {
                let data_type = super::arrow_type(column.column_type);
                Cells::Decimal(
                    Decimal128Builder::new().with_data_type(data_type),
                    precision,
                    scale,
                )
            }
            ColumnType::Date => Cells::Date(Date32Builder::new()),
            ColumnType::Timestamp => Cells::Timestamp(TimestampMicrosecondBuilder::new()),
            ColumnType::Boolean => Cells::Boolean(BooleanBuilder::new()),
        };
        Self {
            name: column.name.to_string(),
            column_type: column.column_type,
            nullable: column.nullable,
            cells,
        }
    }

    /// Adds one cell.
    pub(super) fn push(&mut self, text: Option<&str>) -> Result<(), Bad> {
        if let Cells::Text(cells) = &mut self.cells {
            cells.append_option(text);
            return if text.is_some() || self.nullable {
                Ok(())
            } else {
                Err(Bad::Null)
            };
        }
        let text = text
            .map(|text| text.trim_matches(' '))
            .filter(|text| !text.is_empty());
        if text.is_none() && !self.nullable {
            return Err(Bad::Null);
        }
        let parsed = match &mut self.cells {
            Cells::Text(_) => true,
            Cells::Integer(cells) => typed(text, cell::integer, |value| cells.append_option(value)),
            Cells::Float(cells) => typed(text, cell::float, |value| cells.append_option(value)),
            Cells::Decimal(cells, p, s) => typed(
                text,
                |text| cell::decimal(text, *p, *s),
                |value| cells.append_option(value),
            ),
            Cells::Date(cells) => typed(text, cell::date, |value| cells.append_option(value)),
            Cells::Timestamp(cells) => {
                typed(text, cell::timestamp, |value| cells.append_option(value))
            }
            Cells::Boolean(cells) => typed(text, cell::boolean, |value| cells.append_option(value)),
        };
        if parsed { Ok(()) } else { Err(Bad::Type) }
    }

    /// The error for a bad cell of this column.
    pub(super) fn refuse(&self, bad: &Bad, record: u64, line: u64) -> IntakeError {
        let (column, line) = (self.name.clone(), Some(line));
        match bad {
            Bad::Null => IntakeError::NullCell {
                column,
                record,
                line,
            },
            Bad::Type => IntakeError::BadCell {
                column,
                record,
                line,
                expected: cell::expected(self.column_type),
            },
        }
    }

    fn finish(&mut self) -> ArrayRef {
        match &mut self.cells {
            Cells::Text(cells) => Arc::new(cells.finish()),
            Cells::Integer(cells) => Arc::new(cells.finish()),
            Cells::Float(cells) => Arc::new(cells.finish()),
            Cells::Decimal(cells, _, _) => Arc::new(cells.finish()),
            Cells::Date(cells) => Arc::new(cells.finish()),
            Cells::Timestamp(cells) => Arc::new(cells.finish()),
            Cells::Boolean(cells) => Arc::new(cells.finish()),
        }
    }
}

/// Adds the parsed value, or none for no text; false when the text does not parse.
fn typed<T>(
    text: Option<&str>,
    parse: impl Fn(&str) -> Option<T>,
    append: impl FnOnce(Option<T>),
) -> bool {
    let value = text.and_then(parse);
    let parsed = text.is_none() || value.is_some();
    append(value);
    parsed
}

/// Ends the batch whose first record is this one.
pub(super) fn finish(
    columns: &mut [Growing],
    schema: &SchemaRef,
    first: u64,
) -> Result<RecordBatch, IntakeError> {
    let arrays = columns.iter_mut().map(Growing::finish).collect();
    RecordBatch::try_new(Arc::clone(schema), arrays)
        .map_err(|_| IntakeError::Batch { record: first })
}

/// Whether a batch of these rows and bytes has to end.
pub(super) fn is_full(rows: usize, bytes: usize) -> bool {
    rows >= BATCH_ROWS || bytes >= super::BATCH_BYTES_MAX
}
