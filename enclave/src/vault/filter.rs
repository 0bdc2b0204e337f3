//! Row filters over batches: Arrow's kernels in three-valued logic, as SQL has it.

use arrow::array::{
    Array, ArrayRef, AsArray, BooleanArray, Date32Array, Datum, Decimal128Array, Float64Array,
    Int64Array, RecordBatch, Scalar, StringArray, TimestampMicrosecondArray,
};
use arrow::compute::kernels::cmp;
use arrow::compute::{
    and_kleene, filter_record_batch, is_not_null, is_null, like, nlike, not, or_kleene,
};
use arrow::datatypes::{DataType, Schema};
use jiff::civil::{Date, DateTime};
use policy::rows::{ColumnRef, Op, Operand};
use policy::{Literal, RowFilter};

use super::VaultError;

/// The rows for which the filter is true; false and unknown drop a row.
///
/// # Errors
/// [`VaultError::NoColumn`] and [`VaultError::FilterType`]; the policy check refuses both earlier.
pub fn filter_rows(batch: &RecordBatch, filter: &RowFilter) -> Result<RecordBatch, VaultError> {
    let keep = evaluate(batch, filter)?;
    filter_record_batch(batch, &keep).map_err(|_| VaultError::Damaged)
}

/// Checks that a filter fits a schema, before any row is read.
pub(super) fn check(schema: &Schema, filter: &RowFilter) -> Result<(), VaultError> {
    let empty = RecordBatch::new_empty(std::sync::Arc::new(schema.clone()));
    evaluate(&empty, filter).map(drop)
}

/// The columns that a filter reads, once each.
pub(super) fn columns(filter: &RowFilter) -> Vec<&str> {
    let mut names: Vec<&str> = filter
        .columns()
        .iter()
        .map(|column| column.name.as_str())
        .collect();
    names.sort_unstable();
    names.dedup();
    names
}

/// True, false or null for each row.
fn evaluate(batch: &RecordBatch, filter: &RowFilter) -> Result<BooleanArray, VaultError> {
    match filter {
        RowFilter::Compare {
            column,
            op,
            operand,
        } => compare(cells(batch, column)?, column, *op, operand),
        RowFilter::Like {
            column,
            pattern,
            negated,
        } => matches(cells(batch, column)?, column, pattern, *negated),
        RowFilter::In {
            column,
            list,
            negated,
        } => {
            let cells = cells(batch, column)?;
            let equals = list
                .iter()
                .map(|operand| compare(cells, column, Op::Eq, operand));
            negate(fold(equals, or_kleene)?, *negated)
        }
        RowFilter::Between {
            column,
            low,
            high,
            negated,
        } => {
            let cells = cells(batch, column)?;
            let sides = [
                compare(cells, column, Op::GtEq, low),
                compare(cells, column, Op::LtEq, high),
            ];
            negate(fold(sides.into_iter(), and_kleene)?, *negated)
        }
        RowFilter::IsNull { column, negated } => {
            let test = if *negated { is_not_null } else { is_null };
            test(cells(batch, column)?).map_err(|_| VaultError::Damaged)
        }
        RowFilter::And(parts) => fold(parts.iter().map(|part| evaluate(batch, part)), and_kleene),
        RowFilter::Or(parts) => fold(parts.iter().map(|part| evaluate(batch, part)), or_kleene),
        RowFilter::Not(inner) => negate(evaluate(batch, inner)?, true),
    }
}

type Kleene = fn(&BooleanArray, &BooleanArray) -> Result<BooleanArray, arrow::error::ArrowError>;

fn fold(
    parts: impl Iterator<Item = Result<BooleanArray, VaultError>>,
    join: Kleene,
) -> Result<BooleanArray, VaultError> {
    let mut joined: Option<BooleanArray> = None;
    for part in parts {
        let part = part?;
        joined = Some(match joined {
            None => part,
            Some(before) => join(&before, &part).map_err(|_| VaultError::Damaged)?,
        });
    }
    // The grammar has no empty list.
    joined.ok_or(VaultError::Damaged)
}

fn negate(values: BooleanArray, negated: bool) -> Result<BooleanArray, VaultError> {
    if negated {
        not(&values).map_err(|_| VaultError::Damaged)
    } else {
        Ok(values)
    }
}

fn cells<'b>(batch: &'b RecordBatch, column: &ColumnRef) -> Result<&'b ArrayRef, VaultError> {
    batch
        .column_by_name(column.name.as_str())
        .ok_or_else(|| VaultError::NoColumn {
            column: column.name.to_string(),
        })
}

fn compare(
    cells: &ArrayRef,
    column: &ColumnRef,
    op: Op,
    operand: &Operand,
) -> Result<BooleanArray, VaultError> {
    let value =
        scalar(&operand.literal, cells.data_type()).ok_or_else(|| wrong_type(cells, column))?;
    let kernel = match op {
        Op::Eq => cmp::eq,
        Op::NotEq => cmp::neq,
        Op::Lt => cmp::lt,
        Op::LtEq => cmp::lt_eq,
        Op::Gt => cmp::gt,
        Op::GtEq => cmp::gt_eq,
    };
    let cells: &dyn Datum = cells;
    kernel(cells, value.as_ref()).map_err(|_| VaultError::Damaged)
}

fn matches(
    cells: &ArrayRef,
    column: &ColumnRef,
    pattern: &str,
    negated: bool,
) -> Result<BooleanArray, VaultError> {
    let cells = cells
        .as_string_opt::<i32>()
        .ok_or_else(|| wrong_type(cells, column))?;
    let pattern = StringArray::new_scalar(pattern);
    let kernel = if negated { nlike } else { like };
    kernel(cells, &pattern).map_err(|_| VaultError::Damaged)
}

fn wrong_type(cells: &ArrayRef, column: &ColumnRef) -> VaultError {
    VaultError::FilterType {
        column: column.name.to_string(),
        column_type: cells.data_type().to_string(),
    }
}

/// The literal in the column's own type, if it fits exactly.
fn scalar(literal: &Literal, data_type: &DataType) -> Option<Box<dyn Datum>> {
    Some(match (literal, data_type) {
        (Literal::Text(text), DataType::Utf8) => Box::new(StringArray::new_scalar(text)),
        (Literal::Boolean(value), DataType::Boolean) => Box::new(BooleanArray::new_scalar(*value)),
        (Literal::Number(number), DataType::Int64) => {
            Box::new(Int64Array::new_scalar(number.to_i64()?))
        }
        (Literal::Number(number), DataType::Float64) => {
            Box::new(Float64Array::new_scalar(number.to_f64()))
        }
        (Literal::Number(number), DataType::Decimal128(precision, scale)) => {
            let units = number.units_at(u8::try_from(*scale).ok()?)?;
            let array = Decimal128Array::from(vec![units])
                .with_precision_and_scale(*precision, *scale)
                .ok()?;
            Box::new(Scalar::new(array))
        }
        (Literal::Date(date), DataType::Date32) => Box::new(Date32Array::new_scalar(days(*date)?)),
        (Literal::Timestamp(at), DataType::Timestamp(_, None)) => {
            Box::new(TimestampMicrosecondArray::new_scalar(microseconds(*at)?))
        }
        _ => return None,
    })
}

fn days(date: Date) -> Option<i32> {
    const SECONDS_PER_DAY: i64 = 86_400;
    i32::try_from(date.duration_since(Date::constant(1970, 1, 1)).as_secs() / SECONDS_PER_DAY).ok()
}

fn microseconds(at: DateTime) -> Option<i64> {
    i64::try_from(
        at.duration_since(DateTime::constant(1970, 1, 1, 0, 0, 0, 0))
            .as_micros(),
    )
    .ok()
}

#[cfg(test)]
mod tests;
