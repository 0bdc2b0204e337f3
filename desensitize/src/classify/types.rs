//! Which type holds every value of a column as it is written.

use std::fmt;

use crate::calendar::is_day;

/// Digits before the point that a proposed decimal has room for at least, so that next year's file still fits.
const DECIMAL_PRECISION_MIN: u32 = 18;
/// The most digits of a decimal.
const DECIMAL_PRECISION_MAX: u32 = 38;
/// More decimal places than this are a measurement, not an amount.
const DECIMAL_SCALE_MAX: u32 = 6;

/// A type of column, as schema files name it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ValueType {
    /// Text as it is written.
    Text,
    /// Whole numbers of 64 bits.
    Integer,
    /// Numbers with a point or exponent.
    Float,
    /// Numbers with a fixed count of decimal places.
    Decimal {
        /// Digits in all.
        precision: u32,
        /// Digits behind the point.
        scale: u32,
    },
    /// Days.
    Date,
    /// Days with a time, without a zone.
    Timestamp,
    /// True and false, 是 and 否.
    Boolean,
}

impl fmt::Display for ValueType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text => f.write_str("text"),
            Self::Integer => f.write_str("integer"),
            Self::Float => f.write_str("float"),
            Self::Decimal { precision, scale } => write!(f, "decimal({precision},{scale})"),
            Self::Date => f.write_str("date"),
            Self::Timestamp => f.write_str("timestamp"),
            Self::Boolean => f.write_str("boolean"),
        }
    }
}

/// Which types have held every value so far.
#[derive(Clone, Debug)]
pub(super) struct Fits {
    values: u64,
    integer: bool,
    float: bool,
    date: bool,
    timestamp: bool,
    boolean: bool,
    /// Some value would change when written as a number: leading zeros, a plus sign, blanks that matter.
    padded: bool,
    whole_digits: u32,
    scale: u32,
}

impl Default for Fits {
    fn default() -> Self {
        Self {
            values: 0,
            integer: true,
            float: true,
            date: true,
            timestamp: true,
            boolean: true,
            padded: false,
            whole_digits: 0,
            scale: 0,
        }
    }
}

impl Fits {
    /// Takes note of one value.
    pub(super) fn observe(&mut self, text: &str) {
        let value = text.trim_matches(' ');
        if value.is_empty() {
            return;
        }
        self.values += 1;
        self.date = self.date && is_date(value);
        self.timestamp = self.timestamp && is_timestamp(value);
        self.boolean = self.boolean
            && matches!(
                value,
                "true" | "false" | "TRUE" | "FALSE" | "True" | "False" | "是" | "否"
            );
        if !(self.integer || self.float) {
            return;
        }
        match Digits::of(value) {
            Some(digits) => {
                self.integer = self.integer && digits.scale == 0 && value.parse::<i64>().is_ok();
                self.padded |= digits.padded;
                self.whole_digits = self.whole_digits.max(digits.whole);
                self.scale = self.scale.max(digits.scale);
            }
            None => (self.integer, self.float) = (false, false),
        }
    }

    /// Whether some number would lose its leading zeros or sign.
    pub(super) fn is_padded(&self) -> bool {
        self.padded && self.float
    }

    /// Whether every value was a number.
    pub(super) fn is_number(&self) -> bool {
        self.values > 0 && self.float
    }

    /// Whether every value was a day, whatever else it could be.
    pub(super) fn is_date(&self) -> bool {
        self.values > 0 && self.date
    }

    /// The narrowest type that holds them all and gives each back as it was written.
    pub(super) fn narrowest(&self) -> ValueType {
        if self.values == 0 {
            ValueType::Text
        } else if self.boolean {
            ValueType::Boolean
        } else if self.date {
            ValueType::Date
        } else if self.timestamp {
            ValueType::Timestamp
        } else if !self.float || self.padded {
            ValueType::Text
        } else if self.integer {
            ValueType::Integer
        } else {
            self.fractional()
        }
    }

    fn fractional(&self) -> ValueType {
        let precision = (self.whole_digits + self.scale).max(DECIMAL_PRECISION_MIN);
        match (1..=DECIMAL_SCALE_MAX).contains(&self.scale) && precision <= DECIMAL_PRECISION_MAX {
            true => ValueType::Decimal {
                precision,
                scale: self.scale,
            },
            // A whole number beyond 64 bits is a number to nobody: an id.
            false if self.scale == 0 => ValueType::Text,
            false => ValueType::Float,
        }
    }
}

/// A plain number: sign, digits, a point, digits.
struct Digits {
    whole: u32,
    scale: u32,
    padded: bool,
}

impl Digits {
    fn of(text: &str) -> Option<Self> {
        let unsigned = text.strip_prefix('-').unwrap_or(text);
        let (whole, fraction) = unsigned.split_once('.').unwrap_or((unsigned, ""));
        let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
        if whole.is_empty() || !digits(whole) || !digits(fraction) || unsigned.ends_with('.') {
            return None;
        }
        Some(Self {
            whole: u32::try_from(whole.len()).ok()?,
            scale: u32::try_from(fraction.len()).ok()?,
            padded: whole.len() > 1 && whole.starts_with('0'),
        })
    }
}

/// `2025-01-31`, `2025/1/31` or `20250131`.
pub(super) fn is_date(text: &str) -> bool {
    date(text).is_some()
}

/// The year of a day.
pub(super) fn year(text: &str) -> Option<i32> {
    date(text)
}

fn date(text: &str) -> Option<i32> {
    let (year, month, day) = match text.len() {
        8 if text.bytes().all(|byte| byte.is_ascii_digit()) => {
            (text.get(..4)?, text.get(4..6)?, text.get(6..)?)
        }
        10 if text.contains('-') => {
            let (year, rest) = text.split_once('-')?;
            let (month, day) = rest.split_once('-').filter(|(month, _)| month.len() == 2)?;
            (year, month, day)
        }
        8..=10 => {
            let (year, rest) = text.split_once('/')?;
            let (month, day) = rest.split_once('/')?;
            (year, month, day)
        }
        _ => return None,
    };
    let number = |text: &str, most: usize| {
        let shape = (1..=most).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit());
        text.parse::<u32>().ok().filter(|_| shape)
    };
    let year = i32::try_from(number(year, 4).filter(|_| year.len() == 4)?).ok()?;
    let likely = (YEAR_FIRST..=YEAR_LAST).contains(&year);
    (likely && is_day(i64::from(year), number(month, 2)?, number(day, 2)?)).then_some(year)
}

/// Days outside these years are numbers that happen to look like days.
const YEAR_FIRST: i32 = 1850;
const YEAR_LAST: i32 = 2150;

/// A day, a blank or `T`, and `HH:MM` with optional seconds and up to six decimals.
pub(super) fn is_timestamp(text: &str) -> bool {
    text.split_once([' ', 'T'])
        .is_some_and(|(day, clock)| is_date(day) && is_clock(clock))
}

fn is_clock(text: &str) -> bool {
    let mut parts = text.splitn(3, ':');
    let below = |text: &str, widths: std::ops::RangeInclusive<usize>, end: u32| {
        let shape = widths.contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
        shape && text.parse::<u32>().is_ok_and(|value| value < end)
    };
    let (Some(hour), Some(minute)) = (parts.next(), parts.next()) else {
        return false;
    };
    let second = parts.next().is_none_or(|seconds| {
        let (second, fraction) = seconds.split_once('.').unwrap_or((seconds, "0"));
        below(second, 1..=2, 60) && below(fraction, 1..=6, 1_000_000)
    });
    below(hour, 1..=2, 24) && below(minute, 2..=2, 60) && second
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_narrowest_type_that_gives_every_value_back() {
        let check = |values: &[&str], expect: &str| {
            let mut fits = Fits::default();
            values.iter().for_each(|value| fits.observe(value));
            assert_eq!(fits.narrowest().to_string(), expect, "{values:?}");
        };
        check(&[], "text");
        check(&["", " "], "text");
        check(&["1", "-20", ""], "integer");
        check(&["0"], "integer");
        check(&["007", "8"], "text");
        check(&["00.5"], "text");
        check(&["1", "2.50"], "decimal(18,2)");
        check(&["12345678901234567890.5"], "decimal(21,1)");
        check(&["0.12345678"], "float");
        check(&["9223372036854775808"], "text");
        check(&["110105194912310021"], "integer");
        check(&["1e5"], "text");
        check(&["1."], "text");
        check(&["2025-01-31", "2024/2/29"], "date");
        check(&["20250131"], "date");
        check(&["20250132"], "integer");
        check(&["2025-02-30"], "text");
        check(&["2025-01-31 08:05:00", "2025-01-31T8:05"], "timestamp");
        check(&["2025-01-31 08:05:00.1234567"], "text");
        check(&["2025-01-31 24:00"], "text");
        check(&["true", "FALSE", "是"], "boolean");
        check(&["1", "0"], "integer");
        check(&["true", "maybe"], "text");
    }
}
