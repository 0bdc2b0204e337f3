//! CSV (RFC 4180): every value exact, no value and empty text told apart.
//!
//! No value is an empty field, an empty text is `""`. Numbers keep every digit, dates are `2026-02-01`, timestamps
//! `2026-02-01 08:30:00` with six decimals where there is a fraction. Lines end in CR LF. A text that begins with `=`, `+`,
//! `-` or `@` is written as it is: a spreadsheet may take it for a formula, but a changed value would be a wrong value;
//! whoever opens untrusted text in a spreadsheet imports the column as text.

use std::io::{self, Write};

use arrow::array::{Array, ArrayRef, AsArray, RecordBatch};
use arrow::datatypes::{
    DataType, Date32Type, Decimal128Type, Float64Type, Int64Type, SchemaRef, TimeUnit,
    TimestampMicrosecondType, UInt64Type,
};
use jiff::SignedDuration;
use jiff::civil::{Date, DateTime};

use super::Stop;

/// Tells a spreadsheet that the file is UTF-8.
const MARK: &[u8] = "\u{feff}".as_bytes();

/// How CSV is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CsvOptions {
    /// Whether the file begins with a byte-order mark, without which spreadsheets read Chinese text wrongly.
    pub mark: bool,
    /// The separator of the fields, an ASCII character.
    pub separator: u8,
}

impl Default for CsvOptions {
    fn default() -> Self {
        Self {
            mark: true,
            separator: b',',
        }
    }
}

pub(super) fn write<E>(
    out: &mut impl Write,
    options: CsvOptions,
    schema: &SchemaRef,
    batches: &mut impl Iterator<Item = Result<RecordBatch, Stop<E>>>,
) -> Result<(), Stop<E>> {
    if let Some(field) = schema
        .fields()
        .iter()
        .find(|field| !is_writable(field.data_type()))
    {
        return Err(Stop::ColumnType(field.name().clone()));
    }
    let mut line = if options.mark {
        MARK.to_vec()
    } else {
        Vec::new()
    };
    for (index, field) in schema.fields().iter().enumerate() {
        separate(&mut line, index, options);
        text(&mut line, field.name(), options);
    }
    end_line(out, &mut line).map_err(Stop::Write)?;
    for batch in batches {
        let batch = batch?;
        for row in 0..batch.num_rows() {
            for (index, column) in batch.columns().iter().enumerate() {
                separate(&mut line, index, options);
                cell(&mut line, column, row, options).ok_or(Stop::Batch)?;
            }
            end_line(out, &mut line).map_err(Stop::Write)?;
        }
    }
    Ok(())
}

fn is_writable(data_type: &DataType) -> bool {
    matches!(
        data_type,
        DataType::Utf8
            | DataType::Int64
            | DataType::UInt64
            | DataType::Float64
            | DataType::Decimal128(_, _)
            | DataType::Date32
            | DataType::Timestamp(TimeUnit::Microsecond, None)
            | DataType::Boolean
    )
}

fn separate(line: &mut Vec<u8>, index: usize, options: CsvOptions) {
    if index > 0 {
        line.push(options.separator);
    }
}

fn end_line(out: &mut impl Write, line: &mut Vec<u8>) -> io::Result<()> {
    line.extend_from_slice(b"\r\n");
    out.write_all(line)?;
    line.clear();
    Ok(())
}

/// Nothing when the array is not of its type.
fn cell(line: &mut Vec<u8>, column: &ArrayRef, row: usize, options: CsvOptions) -> Option<()> {
    if column.is_null(row) {
        return Some(());
    }
    let value = match column.data_type() {
        DataType::Utf8 => {
            text(line, column.as_string_opt::<i32>()?.value(row), options);
            return Some(());
        }
        DataType::Int64 => column
            .as_primitive_opt::<Int64Type>()?
            .value(row)
            .to_string(),
        DataType::UInt64 => column
            .as_primitive_opt::<UInt64Type>()?
            .value(row)
            .to_string(),
        // Rust prints the shortest text that reads back as the same number.
        DataType::Float64 => column
            .as_primitive_opt::<Float64Type>()?
            .value(row)
            .to_string(),
        DataType::Decimal128(_, _) => column
            .as_primitive_opt::<Decimal128Type>()?
            .value_as_string(row),
        DataType::Date32 => date(column.as_primitive_opt::<Date32Type>()?.value(row))?.to_string(),
        DataType::Timestamp(_, _) => timestamp(
            column
                .as_primitive_opt::<TimestampMicrosecondType>()?
                .value(row),
        )?,
        DataType::Boolean => column.as_boolean_opt()?.value(row).to_string(),
        _ => return None,
    };
    line.extend_from_slice(value.as_bytes());
    Some(())
}

fn date(days: i32) -> Option<Date> {
    let since = SignedDuration::from_hours(i64::from(days).checked_mul(24)?);
    Date::constant(1970, 1, 1).checked_add(since).ok()
}

fn timestamp(microseconds: i64) -> Option<String> {
    let since = SignedDuration::from_micros(microseconds);
    let at = DateTime::constant(1970, 1, 1, 0, 0, 0, 0)
        .checked_add(since)
        .ok()?;
    let fraction = if microseconds % 1_000_000 == 0 {
        ""
    } else {
        "%.6f"
    };
    Some(
        at.strftime(&format!("%Y-%m-%d %H:%M:%S{fraction}"))
            .to_string(),
    )
}

/// A text, quoted where it has to be: an empty one, so that it is not taken for no value, and one with special characters
/// or with blanks at its ends, which some readers cut.
fn text(line: &mut Vec<u8>, text: &str, options: CsvOptions) {
    let special = |byte: u8| byte == options.separator || matches!(byte, b'"' | b'\r' | b'\n');
    let plain = !text.is_empty() && text.trim() == text && !text.bytes().any(special);
    if plain {
        line.extend_from_slice(text.as_bytes());
        return;
    }
    line.push(b'"');
    for byte in text.bytes() {
        if byte == b'"' {
            line.push(b'"');
        }
        line.push(byte);
    }
    line.push(b'"');
}
