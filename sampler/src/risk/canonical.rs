//! Bytes of a tuple of quasi values: equal tuples have equal bytes, different ones different bytes.

use arrow::array::{
    Array, ArrayRef, AsArray, BooleanArray, Date32Array, Decimal128Array, Float64Array, Int64Array,
    StringArray, TimestampMicrosecondArray,
};
use arrow::datatypes::{
    DataType, Date32Type, Decimal128Type, Float64Type, Int64Type, TimeUnit,
    TimestampMicrosecondType,
};

/// Before a null.
const NULL: u8 = 0;
/// Before a value.
const VALUE: u8 = 1;

/// True if values of this type can be in a tuple.
pub(super) fn supported(data_type: &DataType) -> bool {
    matches!(
        data_type,
        DataType::Utf8
            | DataType::Int64
            | DataType::Float64
            | DataType::Decimal128(_, _)
            | DataType::Date32
            | DataType::Timestamp(TimeUnit::Microsecond, None)
            | DataType::Boolean
    )
}

/// One column of a batch, ready to be written row by row.
pub(super) enum Column<'a> {
    Text(&'a StringArray),
    Integer(&'a Int64Array),
    Float(&'a Float64Array),
    Decimal(&'a Decimal128Array),
    Date(&'a Date32Array),
    Timestamp(&'a TimestampMicrosecondArray),
    Boolean(&'a BooleanArray),
}

impl<'a> Column<'a> {
    /// The column behind an array, if its type is supported.
    pub(super) fn of(array: &'a ArrayRef) -> Option<Self> {
        Some(match array.data_type() {
            DataType::Utf8 => Self::Text(array.as_string_opt::<i32>()?),
            DataType::Int64 => Self::Integer(array.as_primitive_opt::<Int64Type>()?),
            DataType::Float64 => Self::Float(array.as_primitive_opt::<Float64Type>()?),
            DataType::Decimal128(_, _) => {
                Self::Decimal(array.as_primitive_opt::<Decimal128Type>()?)
            }
            DataType::Date32 => Self::Date(array.as_primitive_opt::<Date32Type>()?),
            DataType::Timestamp(TimeUnit::Microsecond, None) => {
                Self::Timestamp(array.as_primitive_opt::<TimestampMicrosecondType>()?)
            }
            DataType::Boolean => Self::Boolean(array.as_boolean_opt()?),
            _ => return None,
        })
    }

    /// Appends one cell: a null is a byte of its own, and text carries its length, so that no two
    /// tuples of the same columns share their bytes.
    pub(super) fn write(&self, row: usize, out: &mut Vec<u8>) {
        if self.array().is_null(row) {
            out.push(NULL);
            return;
        }
        out.push(VALUE);
        match self {
            Self::Text(array) => {
                let text = array.value(row).as_bytes();
                out.extend_from_slice(&(text.len() as u64).to_be_bytes());
                out.extend_from_slice(text);
            }
            Self::Integer(array) => out.extend_from_slice(&array.value(row).to_be_bytes()),
            Self::Float(array) => {
                out.extend_from_slice(&float_bits(array.value(row)).to_be_bytes())
            }
            Self::Decimal(array) => out.extend_from_slice(&array.value(row).to_be_bytes()),
            Self::Date(array) => out.extend_from_slice(&array.value(row).to_be_bytes()),
            Self::Timestamp(array) => out.extend_from_slice(&array.value(row).to_be_bytes()),
            Self::Boolean(array) => out.push(u8::from(array.value(row))),
        }
    }

    fn array(&self) -> &dyn Array {
        match self {
            Self::Text(array) => array,
            Self::Integer(array) => array,
            Self::Float(array) => array,
            Self::Decimal(array) => array,
            Self::Date(array) => array,
            Self::Timestamp(array) => array,
            Self::Boolean(array) => array,
        }
    }
}

/// Every NaN is one value, and so are the two zeros, as a reader of the sample sees them.
fn float_bits(value: f64) -> u64 {
    if value.is_nan() {
        f64::NAN.to_bits()
    } else if value == 0.0 {
        0.0_f64.to_bits()
    } else {
        value.to_bits()
    }
}

#[cfg(test)]
mod tests {
    //! Equal and different tuples.

    use std::sync::Arc;

    use super::*;

    fn bytes(columns: &[ArrayRef], row: usize) -> Vec<u8> {
        let mut out = Vec::new();
        for column in columns {
            Column::of(column).unwrap().write(row, &mut out);
        }
        out
    }

    #[test]
    fn cell_borders_and_nulls_count() {
        let left: ArrayRef = Arc::new(StringArray::from(vec![
            Some("ab"),
            Some("a"),
            None,
            Some(""),
        ]));
        let right: ArrayRef = Arc::new(StringArray::from(vec![
            Some("c"),
            Some("bc"),
            Some(""),
            None,
        ]));
        let columns = [left, right];
        let mut rows: Vec<_> = (0..4).map(|row| bytes(&columns, row)).collect();
        rows.sort();
        rows.dedup();
        assert_eq!(rows.len(), 4);
    }

    #[test]
    fn floats_that_look_alike_are_alike() {
        let other_nan = f64::from_bits(f64::NAN.to_bits() | 1);
        let values = vec![0.0, -0.0, f64::NAN, other_nan, 1.0];
        let column: [ArrayRef; 1] = [Arc::new(Float64Array::from(values))];
        assert_eq!(bytes(&column, 0), bytes(&column, 1));
        assert_eq!(bytes(&column, 2), bytes(&column, 3));
        assert_ne!(bytes(&column, 0), bytes(&column, 4));
    }

    #[test]
    fn every_supported_type_is_written() {
        let columns: [ArrayRef; 6] = [
            Arc::new(Int64Array::from(vec![1, 2])),
            Arc::new(Decimal128Array::from(vec![1, 2])),
            Arc::new(Date32Array::from(vec![1, 2])),
            Arc::new(TimestampMicrosecondArray::from(vec![1, 2])),
            Arc::new(BooleanArray::from(vec![true, false])),
            Arc::new(Float64Array::from(vec![1.0, 2.0])),
        ];
        for column in columns {
            assert!(supported(column.data_type()));
            assert_ne!(bytes(std::slice::from_ref(&column), 0), bytes(&[column], 1));
        }
    }
}
