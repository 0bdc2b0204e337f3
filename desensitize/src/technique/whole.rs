//! Integers, decimals, days and instants as whole numbers of their column's smallest unit: one loop serves all four.

use arrow::{
    array::{Array, ArrayRef},
    datatypes::{
        DataType, Date32Type, Decimal128Type, Int64Type, TimeUnit, TimestampMicrosecondType,
    },
};

use super::constant::fits;
use crate::{Fault, Phrase, broken::Broken, rewrite};

/// The smallest unit that a column counts in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Whole {
    /// One.
    Integer,
    /// `10^-scale`.
    Decimal { precision: u8, scale: i8 },
    /// A day since 1970-01-01.
    Day,
    /// A microsecond since 1970-01-01T00:00:00.
    Instant,
}

impl Whole {
    /// The unit of a column of whole numbers, days or instants.
    pub(crate) fn of(data_type: &DataType) -> Option<Self> {
        match data_type {
            DataType::Date32 => Some(Self::Day),
            DataType::Timestamp(TimeUnit::Microsecond, None) => Some(Self::Instant),
            _ => Self::number(data_type),
        }
    }

    /// The unit of a column of whole numbers.
    pub(crate) fn number(data_type: &DataType) -> Option<Self> {
        match data_type {
            DataType::Int64 => Some(Self::Integer),
            DataType::Decimal128(precision, scale) => Some(Self::Decimal {
                precision: *precision,
                scale: *scale,
            }),
            _ => None,
        }
    }

    /// Digits after the point of one unit; 0 for integers, days and instants.
    pub(crate) const fn scale(self) -> i8 {
        match self {
            Self::Decimal { scale, .. } => scale,
            Self::Integer | Self::Day | Self::Instant => 0,
        }
    }

    /// Whether the column's type has this value.
    pub(crate) fn holds(self, value: i128) -> bool {
        match self {
            Self::Integer | Self::Instant => i64::try_from(value).is_ok(),
            Self::Day => i32::try_from(value).is_ok(),
            Self::Decimal { precision, .. } => fits(value, precision),
        }
    }

    /// Rewrites each value by itself; none, or a value outside the type, is broken input.
    pub(crate) fn map(
        self,
        column: &dyn Array,
        broken: &mut Broken<'_>,
        expected: Phrase,
        each: impl Fn(i128) -> Option<i128>,
    ) -> Result<ArrayRef, Fault> {
        match self {
            Self::Integer => rewrite::primitive::<Int64Type>(column, broken, expected, |value| {
                i64::try_from(each(i128::from(value))?).ok()
            }),
            Self::Day => rewrite::primitive::<Date32Type>(column, broken, expected, |value| {
                i32::try_from(each(i128::from(value))?).ok()
            }),
            Self::Instant => {
                rewrite::primitive::<TimestampMicrosecondType>(column, broken, expected, |value| {
                    i64::try_from(each(i128::from(value))?).ok()
                })
            }
            Self::Decimal { precision, .. } => {
                rewrite::primitive::<Decimal128Type>(column, broken, expected, |value| {
                    each(value).filter(|value| fits(*value, precision))
                })
            }
        }
    }

    /// Rewrites each value together with its row's number in the batch, in the order of the rows.
    pub(crate) fn map_rows(
        self,
        column: &dyn Array,
        broken: &mut Broken<'_>,
        expected: Phrase,
        mut each: impl FnMut(usize, i128) -> Option<i128>,
    ) -> Result<ArrayRef, Fault> {
        match self {
            Self::Integer => rewrite::rows::<Int64Type>(column, broken, expected, |row, value| {
                i64::try_from(each(row, i128::from(value))?).ok()
            }),
            Self::Day => rewrite::rows::<Date32Type>(column, broken, expected, |row, value| {
                i32::try_from(each(row, i128::from(value))?).ok()
            }),
            Self::Instant => {
                rewrite::rows::<TimestampMicrosecondType>(column, broken, expected, |row, value| {
                    i64::try_from(each(row, i128::from(value))?).ok()
                })
            }
            Self::Decimal { precision, .. } => {
                rewrite::rows::<Decimal128Type>(column, broken, expected, |row, value| {
                    each(row, value).filter(|value| fits(*value, precision))
                })
            }
        }
    }
}

/// What is left of a value behind the next multiple of a step toward zero.
pub(crate) fn remainder(value: i128, step: i128) -> i128 {
    // As below.
    match (i64::try_from(value), i64::try_from(step)) {
        (Ok(value), Ok(step)) => i128::from(value.wrapping_rem(step)),
        _ => value % step,
    }
}

/// How far a value lies above the next lower multiple of a width above zero.
pub(crate) fn above_multiple(value: i128, width: i128) -> i128 {
    // Nearly all columns and widths fit 64 bits, where a division takes a third of the time.
    match (i64::try_from(value), i64::try_from(width)) {
        (Ok(value), Ok(width)) => i128::from(value.rem_euclid(width)),
        _ => value.rem_euclid(width),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use arrow::array::Int64Array;
    use proptest::prelude::*;

    #[test]
    fn rows_are_numbered_and_lost_ones_are_null() {
        let column = Int64Array::from(vec![Some(9), None, Some(3), Some(4)]).slice(1, 3);
        let mut broken = Broken::of_test();
        let out = Whole::Integer
            .map_rows(
                &column,
                &mut broken,
                Phrase::new("an even number", "偶数"),
                |row, value| (value % 2 == 0).then_some(value * 10 + row as i128),
            )
            .unwrap();
        let expect = Int64Array::from(vec![None, None, Some(42)]);
        assert_eq!(out.as_ref(), &expect as &dyn Array);
        assert_eq!(broken.count, 1);
    }

    proptest! {
        #[test]
        fn narrow_and_wide_division_agree(value in any::<i64>(), width in 1i64..) {
            let (value, width) = (i128::from(value), i128::from(width));
            prop_assert_eq!(above_multiple(value, width), value.rem_euclid(width));
            prop_assert_eq!(remainder(value, width), value % width);
        }
    }
}
