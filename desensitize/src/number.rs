//! Exact decimal parameters of a policy, such as the `10` or `0.5` of `round: { to: 0.5 }`.

use std::{cmp::Ordering, fmt, str::FromStr};

use thiserror::Error;

/// Digits after the point that a parameter may have; Decimal128 has no more than 38 digits in all.
pub const NUMBER_SCALE_MAX: u8 = 18;
/// Digits in all that a parameter may have: it fits an `i64`, so that products with a power of ten stay in `i128`.
pub const NUMBER_DIGITS_MAX: usize = 18;

/// An exact decimal number written in a policy: `unscaled / 10^scale`.
///
/// ```
/// let half: desensitize::Number = "0.50".parse()?;
/// assert_eq!(half.to_string(), "0.5");
/// assert_eq!(desensitize::Number::from(10), "10".parse()?);
/// # Ok::<(), desensitize::NotANumber>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Number {
    unscaled: i64,
    scale: u8,
}

/// The text is not a plain decimal number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error(
    "not a plain decimal number of at most {NUMBER_DIGITS_MAX} digits; write it like 10, 0.5 or -3"
)]
pub struct NotANumber;

impl From<i32> for Number {
    fn from(whole: i32) -> Self {
        Self {
            unscaled: i64::from(whole),
            scale: 0,
        }
    }
}

impl Ord for Number {
    fn cmp(&self, other: &Self) -> Ordering {
        // Both at the finest scale: 18 digits and 18 more stay far below 2^127.
        let finest = |number: &Self| {
            let missing = u32::from(NUMBER_SCALE_MAX.saturating_sub(number.scale));
            i128::from(number.unscaled) * 10i128.pow(missing)
        };
        finest(self).cmp(&finest(other))
    }
}

impl PartialOrd for Number {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl FromStr for Number {
    type Err = NotANumber;

    fn from_str(text: &str) -> Result<Self, NotANumber> {
        let (negative, digits) = text
            .strip_prefix('-')
            .map_or((false, text), |rest| (true, rest));
        let (whole, fraction) = digits.split_once('.').unwrap_or((digits, "0"));
        let fraction = if fraction.is_empty() {
            return Err(NotANumber);
        } else {
            fraction.trim_end_matches('0')
        };
        let plain = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
        if whole.is_empty()
            || !plain(whole)
            || !plain(fraction)
            || whole.len() + fraction.len() > NUMBER_DIGITS_MAX
        {
            return Err(NotANumber);
        }
        let magnitude: i64 = format!("{whole}{fraction}")
            .parse()
            .map_err(|_| NotANumber)?;
        let scale = u8::try_from(fraction.len()).map_err(|_| NotANumber)?;
        Ok(Self {
            unscaled: if negative { -magnitude } else { magnitude },
            scale,
        })
    }
}

impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scale = usize::from(self.scale);
        let digits = format!(
            "{:0>width$}",
            self.unscaled.unsigned_abs(),
            width = scale + 1
        );
        let (whole, fraction) = digits
            .split_at_checked(digits.len() - scale)
            .unwrap_or((&digits, ""));
        let sign = if self.unscaled < 0 { "-" } else { "" };
        let point = if scale == 0 { "" } else { "." };
        write!(f, "{sign}{whole}{point}{fraction}")
    }
}

impl Number {
    /// Whether the number is above zero.
    #[must_use]
    pub const fn is_positive(self) -> bool {
        self.unscaled > 0
    }

    /// The number in units of `10^-scale`, where it is a whole number of them.
    pub(crate) fn at_scale(self, scale: i8) -> Option<i128> {
        let shift = i16::from(scale) - i16::from(self.scale);
        let (unscaled, power) = (
            i128::from(self.unscaled),
            10i128.checked_pow(u32::from(shift.unsigned_abs()))?,
        );
        if shift >= 0 {
            unscaled.checked_mul(power)
        } else {
            (unscaled % power == 0).then_some(unscaled / power)
        }
    }

    /// The nearest double.
    pub(crate) fn to_f64(self) -> f64 {
        let (numerator, denominator) = self.as_ratio();
        numerator / denominator
    }

    /// Numerator and denominator, each exact below 2^53, so that one division rounds once.
    pub(crate) fn as_ratio(self) -> (f64, f64) {
        (as_f64(self.unscaled), 10f64.powi(i32::from(self.scale)))
    }
}

#[expect(
    clippy::cast_precision_loss,
    reason = "parameters beyond 2^53 lose digits that no double column has either"
)]
fn as_f64(whole: i64) -> f64 {
    whole as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_numbers_only() {
        for (text, expect) in [
            ("10", "10"),
            ("0.5", "0.5"),
            ("-3.140", "-3.14"),
            ("1.0", "1"),
            ("-0.05", "-0.05"),
            ("0", "0"),
        ] {
            assert_eq!(text.parse::<Number>().unwrap().to_string(), expect);
        }
        for text in [
            "",
            "-",
            ".5",
            "5.",
            "1e3",
            "+1",
            " 1",
            "1_000",
            "1.2.3",
            "1234567890123456789",
            "一",
        ] {
            assert_eq!(text.parse::<Number>(), Err(NotANumber), "{text}");
        }
    }

    #[test]
    fn numbers_are_ordered_by_value() {
        let sorted = ["-10", "-0.5", "0", "0.00000000000000001", "0.5", "3", "10"];
        let numbers = sorted.map(|text| text.parse::<Number>().unwrap());
        assert!(numbers.is_sorted_by(|a, b| a < b));
    }

    #[test]
    fn scales_exactly_or_not_at_all() {
        let half: Number = "0.5".parse().unwrap();
        assert_eq!(half.at_scale(2), Some(50));
        assert_eq!(half.at_scale(0), None);
        assert_eq!(Number::from(100).at_scale(-2), Some(1));
        assert_eq!(Number::from(150).at_scale(-2), None);
        assert_eq!(Number::from(7).at_scale(38), None);
    }
}
