//! `generalize`: an interval's representative in the column's own type — the first instant of the year or month, the
//! lower bound of the bucket — so that SQL written on the sample runs on the data.

use std::fmt;

use arrow::{
    array::{Array, ArrayRef},
    datatypes::{
        DataType, Date32Type, Decimal128Type, Float64Type, Int64Type, TimeUnit,
        TimestampMicrosecondType,
    },
};

use super::{Column, Kernel, Sentence, constant::fits, round::whole_step};
use crate::{
    Fault, Number, Unsuitable,
    broken::Broken,
    calendar::{civil_from_days, days_from_civil},
    rewrite,
};

/// Microseconds of a day.
const DAY_MICROSECONDS: i64 = 86_400_000_000;

/// The interval a value is widened to.
///
/// What a reader learns: the interval. A value whose interval begins outside its type is broken input, as are NaN and
/// infinities.
///
/// ```
/// use arrow::{array::{AsArray, Date32Array}, datatypes::{DataType, Date32Type, Field}};
/// use desensitize::{ColumnRecipe, Generalize, Technique, Transform};
///
/// let field = Field::new("birth_date", DataType::Date32, false);
/// let recipe = ColumnRecipe::new("birth_date", Technique::Generalize(Generalize::Year));
/// // 1971-03-05 becomes 1971-01-01.
/// let (years, _) = Transform::compile(&recipe, &field, None)?.apply(&Date32Array::from(vec![428]), 1)?;
/// assert_eq!(years.as_primitive::<Date32Type>().value(0), 365);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Generalize {
    /// Dates and timestamps to the first instant of their year.
    Year,
    /// Dates and timestamps to the first instant of their month.
    Month,
    /// Numbers to the lower bound of their bucket `[origin + k·width, origin + (k+1)·width)`.
    Bucket {
        /// Width of a bucket, above zero.
        width: Number,
        /// A bound of one bucket; from the policy, never from the data seen.
        origin: Number,
    },
}

impl fmt::Display for Generalize {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Year => f.write_str("year"),
            Self::Month => f.write_str("month"),
            Self::Bucket { width, origin } => write!(f, "bucket of {width} from {origin}"),
        }
    }
}

impl Generalize {
    pub(crate) fn learnable(self) -> Sentence {
        match self {
            Self::Year => Sentence::new("the year", "可知年份"),
            Self::Month => Sentence::new("the year and month", "可知年月"),
            Self::Bucket { width, .. } => Sentence::new(
                format!("the interval of width {width}"),
                format!("可知所在区间（宽 {width}）"),
            ),
        }
    }

    pub(crate) fn compile(self, column: &Column<'_>) -> Result<Box<dyn Kernel>, Unsuitable> {
        match (self, column.field.data_type()) {
            (Self::Bucket { width, origin }, data_type) => bucket(width, origin, data_type, column),
            (to, DataType::Date32) => Ok(Box::new(DateKernel {
                first: first_of(to),
            })),
            (to, DataType::Timestamp(TimeUnit::Microsecond, None)) => Ok(Box::new(InstantKernel {
                first: first_of(to),
            })),
            _ => Err(column.wrong_type(
                "dates and timestamps (to year or month)",
                "generalize to a bucket, or redact",
            )),
        }
    }
}

fn bucket(
    width: Number,
    origin: Number,
    data_type: &DataType,
    column: &Column<'_>,
) -> Result<Box<dyn Kernel>, Unsuitable> {
    if !width.is_positive() {
        return Err(column.parameter("needs a width above zero, such as `width: 5`"));
    }
    let whole = |scale| {
        Ok((
            whole_step(width, scale, column)?,
            whole_step(origin, scale, column)?,
        ))
    };
    match data_type {
        DataType::Int64 => {
            let (width, origin) = whole(0)?;
            Ok(Box::new(WholeKernel {
                width,
                origin,
                precision: None,
            }))
        }
        DataType::Decimal128(precision, scale) => {
            let (width, origin) = whole(*scale)?;
            Ok(Box::new(WholeKernel {
                width,
                origin,
                precision: Some(*precision),
            }))
        }
        DataType::Float64 => Ok(Box::new(FloatKernel {
            width: width.as_ratio(),
            origin: origin.as_ratio(),
        })),
        _ => Err(column.wrong_type(
            "numbers (to a bucket)",
            "generalize to year or month, or redact",
        )),
    }
}

/// From a day to the first day of its interval.
type FirstDay = fn(i64) -> i64;

fn first_of(to: Generalize) -> FirstDay {
    match to {
        Generalize::Month => |days| {
            let (year, month, _) = civil_from_days(days);
            days_from_civil(year, month, 1)
        },
        Generalize::Year | Generalize::Bucket { .. } => {
            |days| days_from_civil(civil_from_days(days).0, 1, 1)
        }
    }
}

/// Days to the first day of their year or month.
struct DateKernel {
    first: FirstDay,
}

impl Kernel for DateKernel {
    fn apply(
        &self,
        column: &dyn Array,
        _: Option<&dyn Array>,
        broken: &mut Broken<'_>,
    ) -> Result<ArrayRef, Fault> {
        rewrite::primitive::<Date32Type>(
            column,
            broken,
            "a date whose interval begins within the type",
            |days| i32::try_from((self.first)(i64::from(days))).ok(),
        )
    }
}

/// Instants to the first instant of their year or month; before 1970 too, hence the Euclidean division.
struct InstantKernel {
    first: FirstDay,
}

impl Kernel for InstantKernel {
    fn apply(
        &self,
        column: &dyn Array,
        _: Option<&dyn Array>,
        broken: &mut Broken<'_>,
    ) -> Result<ArrayRef, Fault> {
        let expected = "an instant whose interval begins within the type";
        rewrite::primitive::<TimestampMicrosecondType>(column, broken, expected, |microseconds| {
            (self.first)(microseconds.div_euclid(DAY_MICROSECONDS)).checked_mul(DAY_MICROSECONDS)
        })
    }
}

/// Integers and decimals to the lower bound of their bucket, as whole numbers of their smallest unit.
struct WholeKernel {
    width: i128,
    origin: i128,
    precision: Option<u8>,
}

impl WholeKernel {
    fn lower(&self, value: i128) -> Option<i128> {
        let above = value.checked_sub(self.origin)?.rem_euclid(self.width);
        value.checked_sub(above).filter(|lower| {
            self.precision
                .is_none_or(|precision| fits(*lower, precision))
        })
    }
}

impl Kernel for WholeKernel {
    fn apply(
        &self,
        column: &dyn Array,
        _: Option<&dyn Array>,
        broken: &mut Broken<'_>,
    ) -> Result<ArrayRef, Fault> {
        let expected = "a number whose bucket begins within the type";
        match self.precision {
            Some(_) => rewrite::primitive::<Decimal128Type>(column, broken, expected, |value| {
                self.lower(value)
            }),
            None => rewrite::primitive::<Int64Type>(column, broken, expected, |value| {
                self.lower(i128::from(value))
                    .and_then(|lower| i64::try_from(lower).ok())
            }),
        }
    }
}

/// Floats to the lower bound of their bucket.
struct FloatKernel {
    width: (f64, f64),
    origin: (f64, f64),
}

impl FloatKernel {
    fn lower(&self, value: f64) -> Option<f64> {
        let (width, origin) = (self.width.0 / self.width.1, self.origin.0 / self.origin.1);
        let bucket = ((value - origin) / width).floor();
        let lower = origin + bucket * self.width.0 / self.width.1 + 0.0;
        lower.is_finite().then_some(lower)
    }
}

impl Kernel for FloatKernel {
    fn apply(
        &self,
        column: &dyn Array,
        _: Option<&dyn Array>,
        broken: &mut Broken<'_>,
    ) -> Result<ArrayRef, Fault> {
        rewrite::primitive::<Float64Type>(column, broken, "a finite number", |value| {
            self.lower(value)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn buckets_have_lower_bounds_below_zero_too() {
        let fives = WholeKernel {
            width: 5,
            origin: 0,
            precision: None,
        };
        for (value, expect) in [(0, 0), (4, 0), (5, 5), (-1, -5), (-5, -5), (-6, -10)] {
            assert_eq!(fives.lower(value), Some(expect), "{value}");
        }
        let shifted = WholeKernel {
            width: 10,
            origin: 3,
            precision: Some(2),
        };
        assert_eq!(
            (shifted.lower(2), shifted.lower(3), shifted.lower(-98)),
            (Some(-7), Some(3), None)
        );
        let tenths = FloatKernel {
            width: (1.0, 10.0),
            origin: (0.0, 1.0),
        };
        assert_eq!(
            (tenths.lower(0.35), tenths.lower(f64::NAN)),
            (Some(0.3), None)
        );
    }

    #[test]
    fn first_days() {
        let (year, month) = (first_of(Generalize::Year), first_of(Generalize::Month));
        let day = |year, month, day| days_from_civil(year, month, day);
        assert_eq!(year(day(2024, 12, 31)), day(2024, 1, 1));
        assert_eq!(month(day(2024, 2, 29)), day(2024, 2, 1));
        assert_eq!(year(day(1969, 12, 31)), day(1969, 1, 1));
        assert_eq!(year(day(-1, 5, 5)), day(-1, 1, 1));
    }
}
