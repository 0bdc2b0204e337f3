//! CSV (RFC 4180) with every value exact.

use datafusion::arrow::array::{Array, ArrayRef, AsArray, RecordBatch};
use datafusion::arrow::datatypes::{
    DataType, Date32Type, Decimal128Type, Float64Type, Int64Type, SchemaRef, TimeUnit,
    TimestampMicrosecondType,
};

use crate::refusal::Refusal;
use crate::rule::Rule;

/// Tells a spreadsheet that the file is UTF-8.
const MARK: &str = "\u{feff}";

/// A fraction of a second is written, with six decimals, only where there is one.
const MICROS_PER_SECOND: i64 = 1_000_000;

pub(super) fn write(
    schema: &SchemaRef,
    batches: &[RecordBatch],
    mark: bool,
) -> Result<Vec<u8>, Refusal> {
    let mut out = String::new();
    if mark {
        out.push_str(MARK);
    }
    for (index, field) in schema.fields().iter().enumerate() {
        separate(&mut out, index);
        text(&mut out, field.name());
    }
    out.push_str("\r\n");
    for batch in batches {
        for row in 0..batch.num_rows() {
            for (index, column) in batch.columns().iter().enumerate() {
                separate(&mut out, index);
                cell(&mut out, column, row).ok_or_else(|| Refusal::new(Rule::ContractType))?;
            }
            out.push_str("\r\n");
        }
    }
    Ok(out.into_bytes())
}

fn separate(out: &mut String, index: usize) {
    if index > 0 {
        out.push(',');
    }
}

/// An empty text is quoted, since an empty field is no value.
fn text(out: &mut String, value: &str) {
    let plain = !value.is_empty() && !value.contains(['"', ',', '\r', '\n', ' ', '\u{feff}']);
    if plain {
        out.push_str(value);
    } else {
        out.push('"');
        out.push_str(&value.replace('"', "\"\""));
        out.push('"');
    }
}

/// None when the type cannot be written.
fn cell(out: &mut String, column: &ArrayRef, row: usize) -> Option<()> {
    if column.is_null(row) {
        return Some(());
    }
    let value = match column.data_type() {
        DataType::Utf8 => {
            text(out, column.as_string_opt::<i32>()?.value(row));
            return Some(());
        }
        DataType::Int64 => column
            .as_primitive_opt::<Int64Type>()?
            .value(row)
            .to_string(),
        // Rust writes the shortest text that reads back as the same number.
        DataType::Float64 => column
            .as_primitive_opt::<Float64Type>()?
            .value(row)
            .to_string(),
        DataType::Decimal128(_, _) => column
            .as_primitive_opt::<Decimal128Type>()?
            .value_as_string(row),
        DataType::Boolean => column.as_boolean_opt()?.value(row).to_string(),
        DataType::Date32 => column
            .as_primitive_opt::<Date32Type>()?
            .value_as_date(row)?
            .to_string(),
        DataType::Timestamp(TimeUnit::Microsecond, None) => {
            let times = column.as_primitive_opt::<TimestampMicrosecondType>()?;
            let whole = times.value(row) % MICROS_PER_SECOND == 0;
            let format = if whole { "%F %T" } else { "%F %T%.6f" };
            times.value_as_datetime(row)?.format(format).to_string()
        }
        // Fails closed, as in the rest of the gate.
        _ => return None,
    };
    out.push_str(&value);
    Some(())
}
