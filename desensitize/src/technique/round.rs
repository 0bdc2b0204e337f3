//! `round`: numbers to the nearest multiple, halves away from zero (四舍五入).

use arrow::{
    array::{Array, ArrayRef},
    datatypes::{DataType, Decimal128Type, Float64Type, Int64Type},
};

use super::{Column, Kernel, Sentence, constant::fits, whole::remainder};
use crate::{Fault, Number, Phrase, Unsuitable, broken::Broken, phrase::said, rewrite};

/// Rounds integers, decimals and floats to a multiple of a step.
///
/// Where the nearest multiple does not fit the column's type, the one next to it toward zero is taken.
/// NaN, infinities and floats too large to divide by the step are broken input. What a reader learns: the value to within half a step.
///
/// ```
/// use arrow::{array::{AsArray, Int64Array}, datatypes::{DataType, Field, Int64Type}};
/// use desensitize::{ColumnRecipe, Round, Technique, Transform};
///
/// let field = Field::new("amount", DataType::Int64, false);
/// let recipe = ColumnRecipe::new("amount", Technique::Round(Round { to: 10.into() }));
/// let (rounded, _) = Transform::compile(&recipe, &field, None)?.apply(&Int64Array::from(vec![14, 15, -15]), 1)?;
/// assert_eq!(rounded.as_primitive::<Int64Type>().values(), &[10, 20, -20]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Round {
    /// The step, above zero: a whole number for integers, a multiple of the scale for decimals.
    pub to: Number,
}

impl Round {
    pub(crate) fn learnable(self) -> Sentence {
        let to = self.to;
        Sentence::new(
            format!("the value to within half of {to}"),
            format!("取整：可知原值，误差不超过 {to} 的一半"),
        )
    }

    pub(crate) fn interval(self) -> String {
        format!(
            "v stands for values no farther from it than half of {}",
            self.to
        )
    }

    pub(crate) fn compile(self, column: &Column<'_>) -> Result<Box<dyn Kernel>, Unsuitable> {
        if !self.to.is_positive() {
            return Err(column.parameter(said!(
                "needs a step above zero, such as `to: 10`",
                "需要大于零的步长，例如 `to: 10`"
            )));
        }
        match column.field.data_type() {
            DataType::Int64 => Ok(Box::new(WholeKernel {
                step: whole_step(self.to, 0, column)?,
                precision: None,
            })),
            DataType::Decimal128(precision, scale) => Ok(Box::new(WholeKernel {
                step: whole_step(self.to, *scale, column)?,
                precision: Some(*precision),
            })),
            DataType::Float64 => Ok(Box::new(FloatKernel {
                step: self.to.as_ratio(),
            })),
            _ => Err(column.wrong_type(
                Phrase::new(
                    "numbers (Int64, Float64, Decimal128)",
                    "数值列（Int64、Float64、Decimal128）",
                ),
                Phrase::new("generalize", "generalize"),
            )),
        }
    }
}

/// The step in units of the column's scale.
pub(crate) fn whole_step(to: Number, scale: i8, column: &Column<'_>) -> Result<i128, Unsuitable> {
    to.at_scale(scale).ok_or_else(|| {
        column.parameter(said!(
            "cannot write {to} in {}; use a multiple of the column's smallest unit",
            "无法以 {} 表示 {to}；请改用本列最小单位的倍数",
            column.field.data_type()
        ))
    })
}

/// Rounds integers and decimals, both as whole numbers of their smallest unit.
struct WholeKernel {
    step: i128,
    /// Digits of a decimal column; none for integers.
    precision: Option<u8>,
}

impl WholeKernel {
    fn round(&self, value: i128) -> i128 {
        let rest = remainder(value, self.step);
        let (toward_zero, rest) = (value - rest, rest.unsigned_abs());
        if rest < self.step.unsigned_abs() - rest {
            return toward_zero;
        }
        let away = toward_zero.saturating_add(self.step * value.signum());
        let fits = match self.precision {
            Some(precision) => fits(away, precision),
            None => i64::try_from(away).is_ok(),
        };
        if fits { away } else { toward_zero }
    }
}

impl Kernel for WholeKernel {
    fn apply(
        &self,
        column: &dyn Array,
        _: Option<&dyn Array>,
        broken: &mut Broken<'_>,
    ) -> Result<ArrayRef, Fault> {
        let expected = Phrase::new("a number that fits its column", "能写入本列的数");
        match self.precision {
            Some(_) => rewrite::primitive::<Decimal128Type>(column, broken, expected, |value| {
                Some(self.round(value))
            }),
            None => rewrite::primitive::<Int64Type>(column, broken, expected, |value| {
                i64::try_from(self.round(i128::from(value))).ok()
            }),
        }
    }
}

/// Rounds floats through the step's exact numerator and denominator, so that 0.1 gives 0.3 and not 0.30000000000000004.
struct FloatKernel {
    step: (f64, f64),
}

impl FloatKernel {
    fn round(&self, value: f64) -> Option<f64> {
        let (numerator, denominator) = self.step;
        let multiples = (value / (numerator / denominator)).round();
        // Adding 0.0 turns a negative zero, which would tell the sign of what was rounded away, into zero.
        let rounded = multiples * numerator / denominator + 0.0;
        rounded.is_finite().then_some(rounded)
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
            |value| self.round(value),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn halves_go_away_from_zero() {
        let tens = WholeKernel {
            step: 10,
            precision: None,
        };
        for (value, expect) in [
            (0, 0),
            (4, 0),
            (5, 10),
            (-4, 0),
            (-5, -10),
            (14, 10),
            (15, 20),
            (-15, -20),
        ] {
            assert_eq!(tens.round(value), expect, "{value}");
        }
        let threes = WholeKernel {
            step: 3,
            precision: None,
        };
        assert_eq!((threes.round(4), threes.round(5)), (3, 6));
    }

    #[test]
    fn what_would_not_fit_goes_toward_zero() {
        let tens = WholeKernel {
            step: 10,
            precision: None,
        };
        assert_eq!(tens.round(i128::from(i64::MAX)), i128::from(i64::MAX) - 7);
        let decimal = WholeKernel {
            step: 100,
            precision: Some(3),
        };
        assert_eq!(
            (decimal.round(949), decimal.round(950), decimal.round(-999)),
            (900, 900, -900)
        );
    }

    #[test]
    fn floats_come_out_as_written() {
        let tenths = FloatKernel {
            step: "0.1".parse::<Number>().unwrap().as_ratio(),
        };
        assert_eq!(tenths.round(0.31), Some(0.3));
        assert_eq!(tenths.round(f64::NAN), None);
        assert_eq!(tenths.round(f64::INFINITY), None);
        assert!(
            tenths
                .round(-0.01)
                .is_some_and(|zero| zero.is_sign_positive())
        );
    }

    proptest! {
        /// The reference twin walks to the nearest multiple one unit at a time.
        #[test]
        fn agrees_with_walking(value in -5_000i128..5_000, step in 1i128..200) {
            let distance = (0..=step).find(|away| (value + away) % step == 0 || (value - away) % step == 0).unwrap();
            let outward = value + distance * if value < 0 { -1 } else { 1 };
            let inward = value - distance * if value < 0 { -1 } else { 1 };
            let expect = if outward % step == 0 { outward } else { inward };
            let kernel = WholeKernel { step, precision: None };
            prop_assert_eq!(kernel.round(value), expect);
        }
    }
}
