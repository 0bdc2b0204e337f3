//! Thresholds: the share of all points that is kept.

use std::fmt;
use std::str::FromStr;

use crate::SampleError;

/// One more than the largest point: the threshold that keeps everything.
const ALL: u128 = 1 << 64;

/// A share of the 2^64 points: what lies below it is kept.
///
/// Printed and parsed as a whole number from 0 to 18446744073709551616, which is how the log records
/// it; a JSON number would lose its low digits, so write it as a string.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Threshold(u128);

impl Threshold {
    /// Keeps nothing.
    pub const NOTHING: Self = Self(0);
    /// Keeps everything that has a point.
    pub const EVERYTHING: Self = Self(ALL);

    /// The threshold under which a share `rate` of all points lies; exact up to 2^-64.
    ///
    /// # Errors
    /// [`SampleError::RateOutOfRange`] unless `0 < rate <= 1`.
    pub fn from_rate(rate: f64) -> Result<Self, SampleError> {
        if rate > 0.0 && rate <= 1.0 {
            Ok(Self((rate * ALL as f64) as u128))
        } else {
            Err(SampleError::RateOutOfRange)
        }
    }

    /// True if a point with this value is kept.
    #[must_use]
    pub fn keeps(self, point: u64) -> bool {
        u128::from(point) < self.0
    }

    /// The share of all points below the threshold, from 0 to 1.
    #[must_use]
    pub fn share(self) -> f64 {
        self.0 as f64 / ALL as f64
    }

    /// Number of points below the threshold, from 0 to 2^64.
    pub(crate) fn points(self) -> u128 {
        self.0
    }

    /// The threshold below which exactly `points` points lie; more than all of them is all.
    pub(crate) fn from_points(points: u128) -> Self {
        Self(points.min(ALL))
    }
}

impl fmt::Display for Threshold {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

impl FromStr for Threshold {
    type Err = SampleError;

    fn from_str(text: &str) -> Result<Self, SampleError> {
        match text.parse() {
            Ok(points) if points <= ALL && !text.starts_with('+') => Ok(Self(points)),
            _ => Err(SampleError::ThresholdSyntax),
        }
    }
}

#[cfg(test)]
mod tests {
    //! Edges of the share, and the printed form.

    use super::*;

    #[test]
    fn rates_have_exact_thresholds() {
        let check = |rate, points| assert_eq!(Threshold::from_rate(rate), Ok(Threshold(points)));
        check(1.0, 1 << 64);
        check(0.5, 1 << 63);
        check(0.25, 1 << 62);
        check(2.0_f64.powi(-64), 1);
    }

    #[test]
    fn no_share_is_refused() {
        for rate in [0.0, -0.1, 1.000_001, f64::NAN, f64::INFINITY] {
            assert_eq!(Threshold::from_rate(rate), Err(SampleError::RateOutOfRange));
        }
    }

    #[test]
    fn everything_keeps_the_last_point() {
        assert!(Threshold::EVERYTHING.keeps(u64::MAX));
        assert!(!Threshold::NOTHING.keeps(0));
        let half = Threshold(1 << 63);
        assert!(half.keeps((1 << 63) - 1));
        assert!(!half.keeps(1 << 63));
    }

    #[test]
    fn printed_form_comes_back() {
        for threshold in [Threshold::NOTHING, Threshold(12345), Threshold::EVERYTHING] {
            assert_eq!(threshold.to_string().parse(), Ok(threshold));
        }
        for text in ["", "-1", "+1", "1.0", "18446744073709551617", "0x10"] {
            assert_eq!(text.parse::<Threshold>(), Err(SampleError::ThresholdSyntax));
        }
    }
}
