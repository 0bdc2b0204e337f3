//! `noise`: numbers moved by an amount that the key, the entity and the value draw.

mod draw;

use std::fmt;

use arrow::{
    array::{Array, ArrayRef},
    datatypes::{DataType, Float64Type},
};

use super::{Column, Kernel, Sentence, entity::Entities, round::whole_step, whole::Whole};
use crate::{Fault, Number, Phrase, Unsuitable, broken::Broken, phrase::said, rewrite};
use draw::Draw;

/// Steps that the scale is divided into at least, where the column's type has so small ones.
const SCALE_STEPS: i128 = 1_000_000;
/// Digits after the point of the smallest step.
const STEP_SCALE_MAX: i8 = 24;
/// Largest number of steps that a double counts one by one.
const EXACT_STEPS: f64 = 9_007_199_254_740_992.0;
/// What the subkey is drawn for.
const PURPOSE: &str = "karez/noise/v1";
/// What a valid value would have been.
const EXPECTED: Phrase = Phrase::new(
    "a number of a known entity with room for noise within the type",
    "主体已知、且加噪后不超出本列类型的数",
);

/// Adds noise to integers, decimals and floats: drawn by HMAC-SHA-256 of entity and value under the domain's key, so
/// that asking again averages nothing out.
///
/// Value and noise are whole numbers of one step, the largest power of ten of which the scale has a million or, in
/// columns without such small numbers, their smallest unit; only their sum is written. The last digits of a float
/// therefore depend on the sum alone and tell nothing of the value (I. Mironov, On Significance of the Least
/// Significant Bits for Differential Privacy, 2012). This is noise addition of GB/T 37964 and no promise of
/// differential privacy: the noise follows from the value.
///
/// Values without entity, NaN, infinities, floats of 2^53 steps or more, and sums outside the type are broken input.
/// What a reader learns: the value to within the noise; which rows hold the same value, of the same entity where one is
/// named; at a bound, only that the sum lies there or beyond. Not reversible; whoever holds the key can test a guess.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Noise {
    /// How the noise is spread.
    pub distribution: Distribution,
    /// How far, in the column's unit and at least its smallest; see [`Distribution`].
    pub scale: Number,
    /// What sums are brought back to, the lower bound first; from the policy, never from the data seen.
    pub bounds: Option<(Number, Number)>,
    /// The column domain; equal values of one domain get equal noise under one scenario key.
    pub domain: String,
    /// The raw column that names the entity, so that equal values of two persons get different noise.
    pub entity: Option<String>,
}

/// How noise is spread around zero.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Distribution {
    /// Density `exp(-|x| / scale) / (2·scale)`; its standard deviation is √2·scale.
    Laplace,
    /// The normal distribution; the scale is its standard deviation.
    Gaussian,
    /// Every step from `-scale` to `scale` as likely as any other.
    Uniform,
}

impl Distribution {
    /// The word of the policy.
    #[must_use]
    pub const fn id(self) -> &'static str {
        match self {
            Self::Laplace => "laplace",
            Self::Gaussian => "gaussian",
            Self::Uniform => "uniform",
        }
    }
}

impl fmt::Display for Noise {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.distribution.id(), self.scale)?;
        if let Some((least, most)) = self.bounds {
            write!(f, " within {least} to {most}")?;
        }
        self.entity
            .as_ref()
            .map_or(Ok(()), |entity| write!(f, " by {entity}"))
    }
}

impl Noise {
    pub(crate) fn learnable(&self) -> Sentence {
        let (scale, shape) = (self.scale, self.distribution.id());
        let zh = match self.distribution {
            Distribution::Laplace => "拉普拉斯",
            Distribution::Gaussian => "高斯",
            Distribution::Uniform => "均匀",
        };
        let (en_same, zh_same) = match self.entity {
            Some(_) => ("rows of one entity", "同一主体的哪些行"),
            None => ("rows", "哪些行"),
        };
        Sentence::new(
            format!(
                "the value to within {shape} noise of scale {scale}, and which {en_same} hold the same value"
            ),
            format!("噪声添加：可知原值加{zh}噪声（尺度 {scale}）后的值，以及{zh_same}取值相同"),
        )
    }

    pub(crate) fn compile(&self, column: &Column<'_>) -> Result<Box<dyn Kernel>, Unsuitable> {
        let float = *column.field.data_type() == DataType::Float64;
        let whole = Whole::number(column.field.data_type());
        if !float && whole.is_none() {
            let accepts = Phrase::new(
                "numbers (Int64, Float64, Decimal128)",
                "数值列（Int64、Float64、Decimal128）",
            );
            return Err(column.wrong_type(
                accepts,
                Phrase::new(
                    "date_shift for dates, or generalize",
                    "日期用 date_shift，其他用 generalize",
                ),
            ));
        }
        if !self.scale.is_positive() {
            return Err(column.parameter(said!(
                "needs a scale above zero, such as `scale: 5`",
                "需要大于零的尺度，例如 `scale: 5`"
            )));
        }
        if self.bounds.is_some_and(|(least, most)| least >= most) {
            return Err(column.parameter(said!(
                "needs a `min` below its `max`",
                "的 `min` 应小于 `max`"
            )));
        }
        match whole {
            Some(unit) => self.whole(unit, column),
            None => Ok(Box::new(self.float(column)?)),
        }
    }

    fn whole(&self, unit: Whole, column: &Column<'_>) -> Result<Box<dyn Kernel>, Unsuitable> {
        let scale = whole_step(self.scale, unit.scale(), column)?;
        let bound = |bound| whole_step(bound, unit.scale(), column);
        let bounds = match self.bounds {
            Some((least, most)) => Some((bound(least)?, bound(most)?)),
            None => None,
        };
        if bounds.is_some_and(|(least, most)| !unit.holds(least) || !unit.holds(most)) {
            return Err(column.parameter(said!(
                "has a bound that its type cannot hold; write one that it can",
                "的界超出本列类型；请改写"
            )));
        }
        let step = step_of(scale);
        Ok(Box::new(WholeKernel {
            unit,
            draw: self.draw(scale / step, column)?,
            step,
            bounds,
        }))
    }

    fn float(&self, column: &Column<'_>) -> Result<FloatKernel, Unsuitable> {
        // The step in units so small that the scale is a whole number of a million of them at least.
        let fine = (0..=STEP_SCALE_MAX).find_map(|digits| {
            let scale = self.scale.at_scale(digits)?;
            (scale >= SCALE_STEPS).then_some((digits, scale))
        });
        let (digits, scale) =
            fine.ok_or_else(|| column.parameter(said!("needs a larger scale", "需要更大的尺度")))?;
        let step = step_of(scale);
        let denominator = 10i128
            .checked_pow(u32::from(digits.unsigned_abs()))
            .unwrap_or(1);
        Ok(FloatKernel {
            draw: self.draw(scale / step, column)?,
            step: (to_f64(step), to_f64(denominator)),
            bounds: self
                .bounds
                .map(|(least, most)| (least.to_f64(), most.to_f64())),
        })
    }

    /// Draws noise of a scale in steps.
    fn draw(&self, scale: i128, column: &Column<'_>) -> Result<Draw, Unsuitable> {
        let scale = u64::try_from(scale)
            .map_err(|_| column.parameter(said!("needs a smaller scale", "需要更小的尺度")))?;
        let prf = column.key()?.subkey(PURPOSE).prf();
        Ok(Draw::new(
            prf,
            self.distribution,
            scale,
            self.entity.is_some(),
        ))
    }
}

pub(crate) fn reversible() -> Sentence {
    Sentence::new(
        "not reversible; whoever holds the key can test a guessed value",
        "不可逆；持有密钥者可验证猜测的值",
    )
}

/// The largest power of ten of which a scale has a million; 1 where it has fewer units.
fn step_of(scale: i128) -> i128 {
    let mut step = 1i128;
    while scale / step >= SCALE_STEPS * 10 {
        step *= 10;
    }
    step
}

#[expect(
    clippy::cast_precision_loss,
    reason = "powers of ten up to 10^22 are doubles exactly, and larger steps are rounded once"
)]
fn to_f64(step: i128) -> f64 {
    step as f64
}

/// Integers and decimals, as whole numbers of their smallest unit.
struct WholeKernel {
    unit: Whole,
    draw: Draw,
    step: i128,
    bounds: Option<(i128, i128)>,
}

impl WholeKernel {
    fn noisy(&self, value: i128, entity: &[u8]) -> Option<i128> {
        // Half a step up and then down to a multiple: the nearest multiple.
        let steps = value.checked_add(self.step / 2)?.div_euclid(self.step);
        let sum = steps
            .checked_add(self.draw.noise(steps, entity))?
            .checked_mul(self.step)?;
        Some(
            self.bounds
                .map_or(sum, |(least, most)| sum.clamp(least, most)),
        )
    }
}

impl Kernel for WholeKernel {
    fn apply(
        &self,
        column: &dyn Array,
        companion: Option<&dyn Array>,
        broken: &mut Broken<'_>,
    ) -> Result<ArrayRef, Fault> {
        let mut entities = self.draw.entities(companion, broken)?;
        self.unit.map_rows(column, broken, EXPECTED, |row, value| {
            self.noisy(value, entity_of(entities.as_mut(), row)?)
        })
    }
}

/// The entity of a row; none where the technique names one and the row has none.
fn entity_of<'a>(entities: Option<&'a mut Entities<'_>>, row: usize) -> Option<&'a [u8]> {
    match entities {
        Some(entities) => {
            entities.go_to(row)?;
            Some(entities.current())
        }
        None => Some(&[]),
    }
}

/// Floats, through the step's exact numerator and denominator.
struct FloatKernel {
    draw: Draw,
    step: (f64, f64),
    bounds: Option<(f64, f64)>,
}

impl FloatKernel {
    fn noisy(&self, value: f64, entity: &[u8]) -> Option<f64> {
        let (numerator, denominator) = self.step;
        let steps = exact((value / numerator * denominator).round())?;
        let sum = steps + self.draw.noise(steps, entity);
        // Adding 0.0 turns a negative zero into zero.
        let sum = to_f64(sum) * numerator / denominator + 0.0;
        let sum = self
            .bounds
            .map_or(sum, |(least, most)| sum.clamp(least, most));
        sum.is_finite().then_some(sum)
    }
}

/// A whole number that doubles tell from its neighbours.
#[expect(
    clippy::cast_possible_truncation,
    reason = "the check leaves whole numbers below 2^53"
)]
fn exact(whole: f64) -> Option<i128> {
    (whole.abs() < EXACT_STEPS).then_some(whole as i128)
}

impl Kernel for FloatKernel {
    fn apply(
        &self,
        column: &dyn Array,
        companion: Option<&dyn Array>,
        broken: &mut Broken<'_>,
    ) -> Result<ArrayRef, Fault> {
        let mut entities = self.draw.entities(companion, broken)?;
        rewrite::rows::<Float64Type>(column, broken, EXPECTED, |row, value| {
            self.noisy(value, entity_of(entities.as_mut(), row)?)
        })
    }
}

#[cfg(test)]
mod tests;
