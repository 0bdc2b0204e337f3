//! How much noise a value gets, in steps.

use arrow::array::Array;

use super::Distribution;
use crate::{
    Fault,
    broken::Broken,
    key::Prf,
    technique::{entity::Entities, words::Words},
};

/// Draws noise from entity and value.
pub(super) struct Draw {
    prf: Prf,
    distribution: Distribution,
    /// The scale in steps, above zero.
    scale: u64,
    by_entity: bool,
}

impl Draw {
    pub(super) const fn new(
        prf: Prf,
        distribution: Distribution,
        scale: u64,
        by_entity: bool,
    ) -> Self {
        Self {
            prf,
            distribution,
            scale,
            by_entity,
        }
    }

    /// The entities of a batch, where the technique names a column of them.
    pub(super) fn entities<'a>(
        &self,
        companion: Option<&'a dyn Array>,
        broken: &Broken<'_>,
    ) -> Result<Option<Entities<'a>>, Fault> {
        if self.by_entity {
            Entities::of(companion, broken).map(Some)
        } else {
            Ok(None)
        }
    }

    /// The noise of one value, both in steps.
    pub(super) fn noise(&self, value: i128, entity: &[u8]) -> i128 {
        // The value is of fixed length and stands first, so no two pairs of value and entity share a seed.
        let value = value.to_be_bytes();
        let seed = [value.as_slice(), entity];
        let mut words = Words::new(&self.prf, &seed);
        match self.distribution {
            Distribution::Laplace => scaled(laplace(&mut words), self.scale),
            Distribution::Gaussian => scaled(gaussian(&mut words), self.scale),
            Distribution::Uniform => {
                let choices = self.scale.saturating_mul(2).saturating_add(1);
                i128::from(words.below(choices)) - i128::from(self.scale)
            }
        }
    }
}

/// Noise of scale 1 in steps of a scale.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    reason = "a scale has fewer than 10^7 steps, and noise is below 40 scales"
)]
fn scaled(noise: f64, scale: u64) -> i128 {
    (noise * scale as f64).round() as i128
}

/// A sign and an exponential: the Laplace distribution of scale 1, to 36.7 scales.
pub(super) fn laplace(words: &mut Words<'_>) -> f64 {
    let size = -ln(words.fraction());
    if words.word().is_multiple_of(2) {
        size
    } else {
        -size
    }
}

/// The normal distribution by the polar method (G. Marsaglia and T. A. Bray, 1964).
pub(super) fn gaussian(words: &mut Words<'_>) -> f64 {
    loop {
        let (x, y) = (2.0 * words.fraction() - 1.0, 2.0 * words.fraction() - 1.0);
        let square = x * x + y * y;
        if square > 0.0 && square < 1.0 {
            return x * (-2.0 * ln(square) / square).sqrt();
        }
    }
}

/// Terms of the series: the first left out is below 10^-17.
const TERMS: u32 = 11;

/// The natural logarithm of a normal double above zero, in operations that IEEE 754 rounds the same everywhere:
/// the platform's own may differ in the last bit, and the same key must give the same bytes on every machine.
fn ln(value: f64) -> f64 {
    const MANTISSA: u64 = (1 << 52) - 1;
    const ONE: u64 = 1023 << 52;
    let bits = value.to_bits();
    let mut exponent = i32::try_from(bits >> 52).unwrap_or(0) - 1023;
    let mut mantissa = f64::from_bits(bits & MANTISSA | ONE);
    if mantissa > std::f64::consts::SQRT_2 {
        mantissa /= 2.0;
        exponent += 1;
    }
    // ln m = 2 artanh((m - 1) / (m + 1)), with an argument of at most 0.172.
    let argument = (mantissa - 1.0) / (mantissa + 1.0);
    let square = argument * argument;
    let series = (0..TERMS).rev().fold(0.0, |sum, term| {
        sum * square + 1.0 / f64::from(2 * term + 1)
    });
    f64::from(exponent) * std::f64::consts::LN_2 + 2.0 * argument * series
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        /// Differs from the platform's logarithm by less than a billionth of a step.
        #[test]
        fn the_logarithm_is_one(value in f64::MIN_POSITIVE..=1.0, near in 0.9f64..=1.0) {
            for value in [value, near, value * value + f64::MIN_POSITIVE, 2f64.powi(-53)] {
                prop_assert!((ln(value) - value.ln()).abs() <= 1e-15 * (1.0 + value.ln().abs()), "{}", value);
            }
        }
    }
}
