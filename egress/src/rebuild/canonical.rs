//! Writes every value anew into fresh buffers, so that nothing but the values is left: one NaN, one
//! zero, zeroed bytes under nulls and in padding, no slack behind texts.

use std::sync::Arc;

use datafusion::arrow::array::{
    Array, ArrayRef, ArrowPrimitiveType, AsArray, BooleanArray, PrimitiveArray, RecordBatch,
    RecordBatchOptions, StringArray,
};
use datafusion::arrow::datatypes::{
    DataType, Date32Type, Decimal128Type, Float64Type, Int64Type, TimeUnit,
    TimestampMicrosecondType,
};

use super::malformed;
use crate::refusal::Refusal;

/// The same values in canonical form.
pub(super) fn rewritten(batch: &RecordBatch) -> Result<RecordBatch, Refusal> {
    let columns = batch
        .columns()
        .iter()
        .map(column)
        .collect::<Result<Vec<_>, _>>()?;
    let options = RecordBatchOptions::new().with_row_count(Some(batch.num_rows()));
    RecordBatch::try_new_with_options(batch.schema(), columns, &options).map_err(|_| malformed())
}

fn column(values: &ArrayRef) -> Result<ArrayRef, Refusal> {
    Ok(match values.data_type() {
        DataType::Utf8 => {
            let texts = values.as_string_opt::<i32>().ok_or_else(malformed)?;
            Arc::new(texts.iter().collect::<StringArray>())
        }
        DataType::Boolean => {
            let bits = values.as_boolean_opt().ok_or_else(malformed)?;
            Arc::new(bits.iter().collect::<BooleanArray>())
        }
        DataType::Int64 => numbers::<Int64Type>(values, |n| n)?,
        DataType::Float64 => numbers::<Float64Type>(values, one_nan_one_zero)?,
        DataType::Date32 => numbers::<Date32Type>(values, |n| n)?,
        DataType::Timestamp(TimeUnit::Microsecond, None) => {
            numbers::<TimestampMicrosecondType>(values, |n| n)?
        }
        DataType::Decimal128(_, _) => numbers::<Decimal128Type>(values, |n| n)?,
        // Fails closed: no other type leaves.
        _ => return Err(malformed()),
    })
}

fn numbers<T: ArrowPrimitiveType>(
    values: &ArrayRef,
    canonical: impl Fn(T::Native) -> T::Native,
) -> Result<ArrayRef, Refusal> {
    let array = values.as_primitive_opt::<T>().ok_or_else(malformed)?;
    // Collecting options writes the default, zero, under each null.
    let fresh: PrimitiveArray<T> = array.iter().map(|n| n.map(&canonical)).collect();
    Ok(Arc::new(fresh.with_data_type(values.data_type().clone())))
}

fn one_nan_one_zero(number: f64) -> f64 {
    if number.is_nan() {
        f64::NAN
    } else if number == 0.0 {
        0.0
    } else {
        number
    }
}
