//! `top_bottom`: values beyond a bound of the policy become the bound.

use std::fmt;

use arrow::{
    array::{Array, ArrayRef},
    datatypes::{DataType, Float64Type},
};

use super::{Column, Kernel, Sentence, round::whole_step, whole::Whole};
use crate::{
    Fault, Number, Phrase, Unsuitable,
    broken::Broken,
    calendar::{IsoDay, IsoInstant},
    phrase::said,
    rewrite,
};

/// Top and bottom coding: numbers, dates and instants beyond a bound become the bound; what lies between stays.
///
/// The bounds come from the policy, never from the data seen: a bound taken from the data would tell its extremes.
/// NaN, and an infinity on a side without bound, are broken input. What a reader learns: values between the bounds
/// exactly; of the others, on which side they lie. Not reversible beyond the bounds.
///
/// ```
/// use arrow::{array::{AsArray, Int64Array}, datatypes::{DataType, Field, Int64Type}};
/// use desensitize::{Bound, ColumnRecipe, Technique, TopBottom, Transform};
///
/// let field = Field::new("age", DataType::Int64, false);
/// let coding = TopBottom { bottom: None, top: Some(Bound::Number(90.into())) };
/// let recipe = ColumnRecipe::new("age", Technique::TopBottom(coding));
/// let (ages, _) = Transform::compile(&recipe, &field, None)?.apply(&Int64Array::from(vec![35, 104]), 1)?;
/// assert_eq!(ages.as_primitive::<Int64Type>().values(), &[35, 90]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TopBottom {
    /// What every lower value becomes.
    pub bottom: Option<Bound>,
    /// What every higher value becomes.
    pub top: Option<Bound>,
}

/// A bound in the words of its column's type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bound {
    /// For columns of numbers.
    Number(Number),
    /// For columns of dates: days since 1970-01-01.
    Date(i32),
    /// For columns of timestamps: microseconds since 1970-01-01T00:00:00.
    Timestamp(i64),
}

impl fmt::Display for Bound {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Number(number) => number.fmt(f),
            Self::Date(days) => IsoDay(i64::from(*days)).fmt(f),
            Self::Timestamp(microseconds) => IsoInstant(*microseconds).fmt(f),
        }
    }
}

impl fmt::Display for TopBottom {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sides = [("from", self.bottom), ("to", self.top)];
        let mut sides = sides
            .iter()
            .filter_map(|(word, bound)| Some((word, (*bound)?)));
        if let Some((word, bound)) = sides.next() {
            write!(f, "{word} {bound}")?;
        }
        sides.try_for_each(|(word, bound)| write!(f, " {word} {bound}"))
    }
}

impl TopBottom {
    pub(crate) fn learnable(self) -> Sentence {
        let between = match (self.bottom, self.top) {
            (Some(bottom), Some(top)) => (
                format!("values between {bottom} and {top} exactly"),
                format!("{bottom} 与 {top} 之间的原值"),
            ),
            (Some(bound), None) => (
                format!("values above {bound} exactly"),
                format!("高于 {bound} 的原值"),
            ),
            (None, Some(bound)) => (
                format!("values below {bound} exactly"),
                format!("低于 {bound} 的原值"),
            ),
            (None, None) => ("every value exactly".to_owned(), "全部原值".to_owned()),
        };
        Sentence::new(
            format!("{}; of the others only that they lie beyond", between.0),
            format!("顶层与底层编码：可知{}，其余仅知其越界", between.1),
        )
    }

    pub(crate) fn interval(self) -> String {
        let side = |bound: Option<Bound>, word: &str| {
            bound.map(|bound| format!("{bound} stands for all from it {word}"))
        };
        let sides = [side(self.bottom, "down"), side(self.top, "up")];
        sides.into_iter().flatten().collect::<Vec<_>>().join(", ")
    }

    pub(crate) fn compile(self, column: &Column<'_>) -> Result<Box<dyn Kernel>, Unsuitable> {
        let data_type = column.field.data_type();
        let kernel: Box<dyn Kernel> = match Whole::of(data_type) {
            Some(unit) => {
                let whole = |bound: Option<Bound>| {
                    bound
                        .map(|bound| whole_bound(bound, unit, column))
                        .transpose()
                };
                let (bottom, top) = (whole(self.bottom)?, whole(self.top)?);
                ordered(bottom, top, column)?;
                Box::new(WholeKernel { unit, bottom, top })
            }
            None if *data_type == DataType::Float64 => {
                let number = |bound: Option<Bound>| {
                    bound.map(|bound| number_bound(bound, column)).transpose()
                };
                let (bottom, top) = (number(self.bottom)?, number(self.top)?);
                ordered(bottom, top, column)?;
                Box::new(FloatKernel {
                    bottom: bottom.map(Number::to_f64),
                    top: top.map(Number::to_f64),
                })
            }
            None => {
                let accepts = Phrase::new("numbers, dates and timestamps", "数值、日期与时间戳列");
                return Err(column.wrong_type(accepts, Phrase::new("redact", "redact")));
            }
        };
        Ok(kernel)
    }
}

fn whole_bound(bound: Bound, unit: Whole, column: &Column<'_>) -> Result<i128, Unsuitable> {
    let value = match (bound, unit) {
        (Bound::Number(number), Whole::Integer | Whole::Decimal { .. }) => {
            whole_step(number, unit.scale(), column)?
        }
        (Bound::Date(days), Whole::Day) => i128::from(days),
        (Bound::Timestamp(microseconds), Whole::Instant) => i128::from(microseconds),
        _ => return Err(wrong_bound(column)),
    };
    if unit.holds(value) {
        Ok(value)
    } else {
        Err(column.parameter(said!(
            "has a bound that its type cannot hold; write one that it can",
            "的界超出本列类型；请改写"
        )))
    }
}

fn number_bound(bound: Bound, column: &Column<'_>) -> Result<Number, Unsuitable> {
    match bound {
        Bound::Number(number) => Ok(number),
        Bound::Date(_) | Bound::Timestamp(_) => Err(wrong_bound(column)),
    }
}

fn wrong_bound(column: &Column<'_>) -> Unsuitable {
    column.parameter(said!(
        "has a bound that is not of the column's type {}; write one that is",
        "的界不属于本列类型 {}；请改写",
        column.field.data_type()
    ))
}

/// Refuses a recipe without bounds, and bounds that leave nothing between them.
fn ordered<T: PartialOrd>(
    bottom: Option<T>,
    top: Option<T>,
    column: &Column<'_>,
) -> Result<(), Unsuitable> {
    match (bottom, top) {
        (None, None) => Err(column.parameter(said!(
            "needs `bottom`, `top` or both",
            "需要 `bottom` 或 `top`，或两者"
        ))),
        (Some(bottom), Some(top)) if bottom >= top => Err(column.parameter(said!(
            "needs a `bottom` below its `top`; or use `constant`",
            "的 `bottom` 应小于 `top`；或改用 `constant`"
        ))),
        _ => Ok(()),
    }
}

/// Whole numbers, days and instants.
struct WholeKernel {
    unit: Whole,
    bottom: Option<i128>,
    top: Option<i128>,
}

impl WholeKernel {
    fn coded(&self, value: i128) -> i128 {
        let value = self.bottom.map_or(value, |bottom| value.max(bottom));
        self.top.map_or(value, |top| value.min(top))
    }
}

impl Kernel for WholeKernel {
    fn apply(
        &self,
        column: &dyn Array,
        _: Option<&dyn Array>,
        broken: &mut Broken<'_>,
    ) -> Result<ArrayRef, Fault> {
        self.unit
            .map(column, broken, Phrase::new("a value", "值"), |value| {
                Some(self.coded(value))
            })
    }
}

/// Floats.
struct FloatKernel {
    bottom: Option<f64>,
    top: Option<f64>,
}

impl FloatKernel {
    fn coded(&self, value: f64) -> Option<f64> {
        // `max` and `min` would turn NaN into a bound.
        if value.is_nan() {
            return None;
        }
        let value = self.bottom.map_or(value, |bottom| value.max(bottom));
        let value = self.top.map_or(value, |top| value.min(top));
        value.is_finite().then_some(value)
    }
}

impl Kernel for FloatKernel {
    fn apply(
        &self,
        column: &dyn Array,
        _: Option<&dyn Array>,
        broken: &mut Broken<'_>,
    ) -> Result<ArrayRef, Fault> {
        rewrite::primitive::<Float64Type>(
            column,
            broken,
            Phrase::new("a finite number", "有限的数"),
            |value| self.coded(value),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn beyond_the_bounds_is_the_bound() {
        let kernel = WholeKernel {
            unit: Whole::Integer,
            bottom: Some(-5),
            top: Some(90),
        };
        for (value, expect) in [(-6, -5), (-5, -5), (0, 0), (90, 90), (91, 90)] {
            assert_eq!(kernel.coded(value), expect, "{value}");
        }
        let floats = FloatKernel {
            bottom: None,
            top: Some(1.5),
        };
        assert_eq!(floats.coded(f64::INFINITY), Some(1.5));
        assert_eq!(floats.coded(f64::NEG_INFINITY), None);
        assert_eq!(floats.coded(f64::NAN), None);
        assert_eq!(floats.coded(-2.5), Some(-2.5));
    }

    #[test]
    fn bounds_read_like_the_policy() {
        let coding = TopBottom {
            bottom: Some(Bound::Date(0)),
            top: Some(Bound::Date(11_016)),
        };
        assert_eq!(coding.to_string(), "from 1970-01-01 to 2000-02-29");
        let top = TopBottom {
            bottom: None,
            top: Some(Bound::Number(90.into())),
        };
        assert_eq!(top.to_string(), "to 90");
        assert_eq!(top.interval(), "90 stands for all from it up");
    }

    proptest! {
        /// The reference twin sorts value and bounds and takes the middle.
        #[test]
        fn agrees_with_sorting(value in -100i128..100, bottom in -50i128..0, top in 0i128..50) {
            prop_assume!(bottom < top);
            let mut sorted = [value, bottom, top];
            sorted.sort_unstable();
            let kernel = WholeKernel { unit: Whole::Day, bottom: Some(bottom), top: Some(top) };
            prop_assert_eq!(kernel.coded(value), sorted[1]);
        }
    }
}
