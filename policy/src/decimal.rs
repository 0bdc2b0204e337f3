//! Exact decimal numbers, as a person writes them in a policy: `0.01`, `100_000`, `-7.50`.

use std::cmp::Ordering;
use std::fmt;
use std::str::FromStr;

/// The most digits a number may have; Arrow's `Decimal128` holds no more.
pub const DIGITS_MAX: usize = 38;

/// An exact decimal number in lowest terms: `units / 10^scale`, so that `0.10` and `0.1` are the same value.
///
/// ```
/// use policy::Decimal;
///
/// let rate: Decimal = "0.010".parse()?;
/// assert_eq!(rate.to_string(), "0.01");
/// assert_eq!((rate.units(), rate.scale()), (1, 2));
/// # Ok::<(), policy::decimal::DecimalError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Decimal {
    units: i128,
    scale: u8,
}

/// A text that is not a decimal number of at most 38 digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a decimal number of at most 38 digits: write it like `12`, `-0.5` or `100_000`")]
pub struct DecimalError;

impl Decimal {
    /// The number as a whole number of its smallest decimal places.
    #[must_use]
    pub fn units(self) -> i128 {
        self.units
    }

    /// How many decimal places it needs, from 0 to 38.
    #[must_use]
    pub fn scale(self) -> u8 {
        self.scale
    }

    /// Whether it is above zero.
    #[must_use]
    pub fn is_positive(self) -> bool {
        self.units > 0
    }

    /// The value when it is a whole number that fits.
    #[must_use]
    pub fn to_i64(self) -> Option<i64> {
        if self.scale == 0 {
            i64::try_from(self.units).ok()
        } else {
            None
        }
    }

    /// The units at another scale, for a `decimal(p,s)` column; nothing when it needs more places or does not fit.
    #[must_use]
    pub fn units_at(self, scale: u8) -> Option<i128> {
        let places = u32::from(scale.checked_sub(self.scale)?);
        self.units.checked_mul(10_i128.checked_pow(places)?)
    }

    /// The nearest binary floating point number.
    #[must_use]
    pub fn to_f64(self) -> f64 {
        // The decimal text is parsed so that the result is correctly rounded, which a division would not be.
        self.to_string().parse().unwrap_or(f64::NAN)
    }

    /// How many digits stand before the decimal point.
    #[must_use]
    pub fn whole_digits(self) -> usize {
        let digits = self.units.unsigned_abs().to_string().len();
        if self.units == 0 {
            0
        } else {
            digits.saturating_sub(usize::from(self.scale))
        }
    }
}

impl From<i64> for Decimal {
    fn from(value: i64) -> Self {
        Self {
            units: i128::from(value),
            scale: 0,
        }
    }
}

/// Digits with single underscores between them, as written in `100_000`.
fn digits(text: &str) -> Option<String> {
    let grouped = !text.starts_with('_') && !text.ends_with('_') && !text.contains("__");
    let known = text.bytes().all(|b| b.is_ascii_digit() || b == b'_');
    (grouped && known).then(|| text.replace('_', ""))
}

impl FromStr for Decimal {
    type Err = DecimalError;

    fn from_str(text: &str) -> Result<Self, DecimalError> {
        let (negative, unsigned) = match text.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, text),
        };
        let (whole, fraction) = match unsigned.split_once('.') {
            Some((_, "")) => return Err(DecimalError),
            Some(parts) => parts,
            None => (unsigned, ""),
        };
        let whole = digits(whole)
            .filter(|w| !w.is_empty())
            .ok_or(DecimalError)?;
        let fraction = digits(fraction).ok_or(DecimalError)?;
        let fraction = fraction.trim_end_matches('0');
        let whole = whole.trim_start_matches('0');
        if whole.len() + fraction.len() > DIGITS_MAX {
            return Err(DecimalError);
        }
        let magnitude: i128 = format!("0{whole}{fraction}")
            .parse()
            .map_err(|_| DecimalError)?;
        let scale = u8::try_from(fraction.len()).map_err(|_| DecimalError)?;
        Ok(Self {
            units: if negative { -magnitude } else { magnitude },
            scale,
        })
    }
}

impl fmt::Display for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scale = usize::from(self.scale);
        let magnitude = format!("{:0>width$}", self.units.unsigned_abs(), width = scale + 1);
        let sign = if self.units < 0 { "-" } else { "" };
        let (whole, fraction) = magnitude.split_at(magnitude.len() - scale);
        let point = if scale == 0 { "" } else { "." };
        write!(f, "{sign}{whole}{point}{fraction}")
    }
}

impl Ord for Decimal {
    fn cmp(&self, other: &Self) -> Ordering {
        let scale = self.scale.max(other.scale);
        match (self.units_at(scale), other.units_at(scale)) {
            (Some(a), Some(b)) => a.cmp(&b),
            // Only one with far more whole digits than the other overflows, so the double settles it.
            _ => self.to_f64().total_cmp(&other.to_f64()),
        }
    }
}

impl PartialOrd for Decimal {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts() {
        for (text, expect) in [
            ("0", "0"),
            ("-0", "0"),
            ("007", "7"),
            ("100_000", "100000"),
            ("1.50", "1.5"),
            ("-0.05", "-0.05"),
            ("0.000", "0"),
            (
                "99999999999999999999999999999999999999",
                "99999999999999999999999999999999999999",
            ),
        ] {
            assert_eq!(text.parse::<Decimal>().unwrap().to_string(), expect);
        }
        let too_long = "1".repeat(DIGITS_MAX + 1);
        for text in [
            "", "-", ".", ".5", "5.", "1e3", "+1", "_1", "1_", "1__0", "٣", "0x1", " 1", &too_long,
        ] {
            assert!(text.parse::<Decimal>().is_err(), "{text:?}");
        }
    }

    #[test]
    fn order_and_scales() {
        let d = |text: &str| text.parse::<Decimal>().unwrap();
        assert!(d("0.1") < d("0.11") && d("-1") < d("0.5") && d("10") > d("9.99"));
        assert!(d("99999999999999999999999999999999999999") > d("0.00000000000000000001"));
        assert_eq!(d("1.5").units_at(2), Some(150));
        assert_eq!(d("1.555").units_at(2), None);
        assert_eq!(d("0.1").to_f64(), 0.1);
        assert_eq!((d("0.5").whole_digits(), d("12.5").whole_digits()), (0, 2));
        assert_eq!((d("12").to_i64(), d("1.2").to_i64()), (Some(12), None));
    }
}
