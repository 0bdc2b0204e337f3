//! Instants as the log writes them: RFC 3339, UTC, six digits of a second.

use std::fmt;
use std::str::FromStr;
use std::time::{SystemTime, UNIX_EPOCH};

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use thiserror::Error;

const MICROS_PER_SECOND: i64 = 1_000_000;
const SECONDS_PER_DAY: i64 = 86_400;

/// The last instant with a four-digit year, 9999-12-31T23:59:59.999999Z, in microseconds.
const LAST_MICROS: i64 = 253_402_300_799_999_999;

/// `2026-02-01T08:00:00.000000Z` has this many bytes.
const TEXT_BYTES: usize = 27;

/// An instant in microseconds since 1970-01-01 UTC, written `2026-02-01T08:00:00.000000Z`.
///
/// ```
/// use lineage::Timestamp;
/// let text = "2026-02-01T08:00:00.000250Z";
/// assert_eq!(text.parse::<Timestamp>()?.to_string(), text);
/// # Ok::<(), lineage::TimestampError>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(i64);

/// A text that is not an instant in the log's one spelling.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("not an instant: expected RFC 3339 in UTC with six digits of a second and `Z`")]
pub struct TimestampError;

impl Timestamp {
    /// The present instant by the system's clock; before 1970 or after 9999 it is the nearest end.
    #[must_use]
    pub fn now() -> Self {
        let micros = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .map_or(0, |elapsed| {
                i64::try_from(elapsed.as_micros()).unwrap_or(LAST_MICROS)
            });
        Self(micros.min(LAST_MICROS))
    }

    /// An instant from microseconds since 1970-01-01 UTC.
    ///
    /// # Errors
    /// [`TimestampError`] before 1970 or after the year 9999.
    pub fn from_micros(micros: i64) -> Result<Self, TimestampError> {
        match micros {
            0..=LAST_MICROS => Ok(Self(micros)),
            _ => Err(TimestampError),
        }
    }

    /// Microseconds since 1970-01-01 UTC.
    #[must_use]
    pub const fn micros(self) -> i64 {
        self.0
    }

    /// The instant so many seconds later; after 9999 it is that year's end.
    ///
    /// ```
    /// use lineage::Timestamp;
    /// let asked: Timestamp = "2026-02-01T08:00:00.000250Z".parse()?;
    /// assert_eq!(asked.after_seconds(72 * 3600).to_string(), "2026-02-04T08:00:00.000250Z");
    /// # Ok::<(), lineage::TimestampError>(())
    /// ```
    #[must_use]
    pub fn after_seconds(self, seconds: u64) -> Self {
        let micros = i64::try_from(seconds)
            .unwrap_or(i64::MAX)
            .saturating_mul(MICROS_PER_SECOND);
        Self(self.0.saturating_add(micros).min(LAST_MICROS))
    }
}

/// Year, month and day of a day number since 1970-01-01, by counting from 0000-03-01, so that
/// the leap day is the last of its year.
fn civil(day: i64) -> (i64, i64, i64) {
    let days = day + 719_468;
    let era = days / 146_097;
    let day_of_era = days % 146_097;
    let year_of_era =
        (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted = (5 * day_of_year + 2) / 153;
    let month = if shifted < 10 {
        shifted + 3
    } else {
        shifted - 9
    };
    let year = era * 400 + year_of_era + i64::from(month <= 2);
    (year, month, day_of_year - (153 * shifted + 2) / 5 + 1)
}

/// The inverse of [`civil`] for valid dates.
fn day_number(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let shifted = if month > 2 { month - 3 } else { month + 9 };
    let day_of_year = (153 * shifted + 2) / 5 + day - 1;
    let year_of_era = year % 400;
    year / 400 * 146_097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year
        - 719_468
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (seconds, micros) = (self.0 / MICROS_PER_SECOND, self.0 % MICROS_PER_SECOND);
        let (year, month, day) = civil(seconds / SECONDS_PER_DAY);
        let second = seconds % SECONDS_PER_DAY;
        let (hour, minute) = (second / 3_600, second / 60 % 60);
        let second = second % 60;
        write!(
            f,
            "{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{micros:06}Z"
        )
    }
}

impl fmt::Debug for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for Timestamp {
    type Err = TimestampError;

    fn from_str(text: &str) -> Result<Self, TimestampError> {
        if text.len() != TEXT_BYTES {
            return Err(TimestampError);
        }
        let number = |from: usize, to: usize| -> Result<i64, TimestampError> {
            let digits = text.get(from..to).ok_or(TimestampError)?;
            digits.parse().map_err(|_| TimestampError)
        };
        let day = day_number(number(0, 4)?, number(5, 7)?.max(1), number(8, 10)?);
        let second = number(11, 13)? * 3_600 + number(14, 16)? * 60 + number(17, 19)?;
        let micros = (day * SECONDS_PER_DAY + second) * MICROS_PER_SECOND + number(20, 26)?;
        let parsed = Self::from_micros(micros)?;
        // Writing it again refuses 30 February, hour 24, signs and wrong separators in one stroke.
        match parsed.to_string() == text {
            true => Ok(parsed),
            false => Err(TimestampError),
        }
    }
}

impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Timestamp {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?
            .parse()
            .map_err(D::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    //! Known dates, refused spellings, and a round trip over the whole range.
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn known_instants() {
        for (micros, text) in [
            (0, "1970-01-01T00:00:00.000000Z"),
            (951_782_400_000_000, "2000-02-29T00:00:00.000000Z"),
            (1_769_904_000_000_001, "2026-02-01T00:00:00.000001Z"),
            (4_107_542_400_000_000, "2100-03-01T00:00:00.000000Z"),
            (LAST_MICROS, "9999-12-31T23:59:59.999999Z"),
        ] {
            assert_eq!(Timestamp(micros).to_string(), text);
            assert_eq!(text.parse(), Ok(Timestamp(micros)));
        }
    }

    #[test]
    fn other_spellings_are_refused() {
        for bad in [
            "2026-02-30T00:00:00.000000Z",
            "2026-02-01T24:00:00.000000Z",
            "2026-13-01T00:00:00.000000Z",
            "2026-00-01T00:00:00.000000Z",
            "2026-02-01t00:00:00.000000Z",
            "2026-02-01T00:00:00.000000z",
            "2026-02-01T00:00:00.0000000",
            "2026-02-01T00:00:60.000000Z",
            "2026-02-01 00:00:00.000000Z",
            "1969-12-31T23:59:59.999999Z",
            "2026-02-01T00:00:00Z",
            "+026-02-01T00:00:00.000000Z",
            "",
        ] {
            assert_eq!(bad.parse::<Timestamp>(), Err(TimestampError), "{bad}");
        }
    }

    proptest! {
        #[test]
        fn text_and_back(micros in 0..=LAST_MICROS) {
            let instant = Timestamp(micros);
            prop_assert_eq!(instant.to_string().parse(), Ok(instant));
        }

        #[test]
        fn text_sorts_like_time(a in 0..=LAST_MICROS, b in 0..=LAST_MICROS) {
            prop_assert_eq!(a.cmp(&b), Timestamp(a).to_string().cmp(&Timestamp(b).to_string()));
        }

        #[test]
        fn any_text_parses_or_is_refused(text in "\\PC{0,30}") {
            let _ = text.parse::<Timestamp>();
        }
    }
}
