//! Periods of the calendar, and the kernel that takes dates and instants to the first of theirs.

use std::fmt;

use arrow::array::{Array, ArrayRef};

use super::{Column, Kernel, Sentence, whole::Whole};
use crate::{
    Fault, Phrase, Unsuitable,
    broken::Broken,
    calendar::{civil_from_days, days_from_civil},
    phrase::said,
};

/// Microseconds of a day.
const DAY_MICROSECONDS: i64 = 24 * HOUR_MICROSECONDS;
/// Microseconds of an hour.
const HOUR_MICROSECONDS: i64 = 3_600_000_000;
/// Days of a week.
const WEEK_DAYS: i64 = 7;
/// From the Monday before 1970-01-01, a Thursday, to that day.
const EPOCH_FROM_MONDAY: i64 = 3;

/// A period of the proleptic Gregorian calendar, without time zone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Period {
    /// Ten years, from one that ends in 0.
    Decade,
    /// From 1 January.
    Year,
    /// From 1 January, 1 April, 1 July or 1 October.
    Quarter,
    /// From the first day of the month.
    Month,
    /// From Monday (ISO 8601).
    Week,
    /// From midnight; timestamps only.
    Day,
    /// From the full hour; timestamps only.
    Hour,
}

impl fmt::Display for Period {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.id())
    }
}

impl Period {
    /// The word of the policy.
    #[must_use]
    pub const fn id(self) -> &'static str {
        match self {
            Self::Decade => "decade",
            Self::Year => "year",
            Self::Quarter => "quarter",
            Self::Month => "month",
            Self::Week => "week",
            Self::Day => "day",
            Self::Hour => "hour",
        }
    }

    pub(crate) fn learnable(self) -> Sentence {
        let (en, zh) = match self {
            Self::Decade => ("the decade", "泛化：可知所在十年"),
            Self::Year => ("the year", "泛化：可知年份"),
            Self::Quarter => ("the year and quarter", "泛化：可知年份与季度"),
            Self::Month => ("the year and month", "泛化：可知年月"),
            Self::Week => ("the week", "泛化：可知所在周"),
            Self::Day => ("the day", "泛化：可知日期"),
            Self::Hour => ("the day and hour", "泛化：可知日期与小时"),
        };
        Sentence::new(en, zh)
    }

    pub(crate) fn interval(self) -> String {
        format!("v stands for the {self} that begins with it")
    }

    /// Binds the period to a column of dates or timestamps.
    pub(crate) fn compile(self, column: &Column<'_>) -> Result<Box<dyn Kernel>, Unsuitable> {
        match Whole::of(column.field.data_type()) {
            Some(Whole::Day) if matches!(self, Self::Day | Self::Hour) => {
                Err(column.parameter(said!(
                    "to the {self} changes no date; use a longer period, or `keep`",
                    "到 {self} 不会改变日期；请用更长的时段，或用 `keep`"
                )))
            }
            Some(unit @ (Whole::Day | Whole::Instant)) => {
                Ok(Box::new(PeriodKernel { unit, period: self }))
            }
            _ => Err(column.wrong_type(
                Phrase::new("dates and timestamps", "日期与时间戳列"),
                Phrase::new("bucket, or redact", "bucket 或 redact"),
            )),
        }
    }

    /// The first day of the period that a day lies in.
    fn first_day(self, days: i64) -> i64 {
        let year_of = || civil_from_days(days).0;
        match self {
            Self::Decade => days_from_civil(year_of().div_euclid(10) * 10, 1, 1),
            Self::Year => days_from_civil(year_of(), 1, 1),
            Self::Quarter => {
                let (year, month, _) = civil_from_days(days);
                days_from_civil(year, (month - 1) / 3 * 3 + 1, 1)
            }
            Self::Month => {
                let (_, _, day) = civil_from_days(days);
                days - (i64::from(day) - 1)
            }
            Self::Week => days - (days + EPOCH_FROM_MONDAY).rem_euclid(WEEK_DAYS),
            Self::Day | Self::Hour => days,
        }
    }

    /// The first instant of the period; before 1970 too, hence the Euclidean division.
    fn first_instant(self, microseconds: i64) -> Option<i64> {
        match self {
            Self::Hour => microseconds.checked_sub(microseconds.rem_euclid(HOUR_MICROSECONDS)),
            _ => self
                .first_day(microseconds.div_euclid(DAY_MICROSECONDS))
                .checked_mul(DAY_MICROSECONDS),
        }
    }
}

/// Days to the first day, instants to the first instant of their period.
struct PeriodKernel {
    unit: Whole,
    period: Period,
}

impl Kernel for PeriodKernel {
    fn apply(
        &self,
        column: &dyn Array,
        _: Option<&dyn Array>,
        broken: &mut Broken<'_>,
    ) -> Result<ArrayRef, Fault> {
        let expected = Phrase::new(
            "within a period that begins within the type",
            "所在时段的起点不超出本列类型的日期",
        );
        let period = self.period;
        self.unit.map(column, broken, expected, |value| {
            let value = i64::try_from(value).ok()?;
            match self.unit {
                Whole::Day => Some(i128::from(period.first_day(value))),
                _ => period.first_instant(value).map(i128::from),
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn day(year: i64, month: u32, day: u32) -> i64 {
        days_from_civil(year, month, day)
    }

    #[test]
    fn first_days() {
        for (period, days, expect) in [
            (Period::Year, day(2024, 12, 31), day(2024, 1, 1)),
            (Period::Year, day(1969, 12, 31), day(1969, 1, 1)),
            (Period::Year, day(-1, 5, 5), day(-1, 1, 1)),
            (Period::Month, day(2024, 2, 29), day(2024, 2, 1)),
            (Period::Quarter, day(2024, 5, 31), day(2024, 4, 1)),
            (Period::Quarter, day(2024, 12, 31), day(2024, 10, 1)),
            (Period::Decade, day(1999, 12, 31), day(1990, 1, 1)),
            (Period::Decade, day(-1, 1, 1), day(-10, 1, 1)),
            // ISO 8601: 2024-12-30 is the Monday of week 1 of 2025.
            (Period::Week, day(2025, 1, 5), day(2024, 12, 30)),
            (Period::Week, day(2024, 12, 30), day(2024, 12, 30)),
            (Period::Week, day(1970, 1, 1), day(1969, 12, 29)),
        ] {
            assert_eq!(period.first_day(days), expect, "{period} of day {days}");
        }
    }

    #[test]
    fn first_instants() {
        let hour = HOUR_MICROSECONDS;
        for (period, instant, expect) in [
            (Period::Hour, hour + 1, Some(hour)),
            (Period::Hour, -1, Some(-hour)),
            (Period::Day, 25 * hour, Some(24 * hour)),
            (Period::Day, -1, Some(-24 * hour)),
            (Period::Month, 24 * 31 * hour - 1, Some(0)),
            (Period::Hour, i64::MIN, None),
            (Period::Decade, i64::MIN, None),
        ] {
            assert_eq!(
                period.first_instant(instant),
                expect,
                "{period} of {instant}"
            );
        }
    }

    /// Whether a period begins on a day, said in the calendar's words.
    fn begins(period: Period, days: i64) -> bool {
        let (year, month, day) = civil_from_days(days);
        match period {
            Period::Decade => (year.rem_euclid(10), month, day) == (0, 1, 1),
            Period::Year => (month, day) == (1, 1),
            Period::Quarter => [1, 4, 7, 10].contains(&month) && day == 1,
            Period::Month => day == 1,
            // 2001-01-01 was a Monday.
            Period::Week => (days - 11_323) % 7 == 0,
            Period::Day | Period::Hour => true,
        }
    }

    proptest! {
        /// The reference twin walks back one day at a time.
        #[test]
        fn agrees_with_walking_back(days in -800_000i64..800_000) {
            for period in [Period::Decade, Period::Year, Period::Quarter, Period::Month, Period::Week] {
                let expect = (0..3_700).map(|back| days - back).find(|day| begins(period, *day));
                prop_assert_eq!(Some(period.first_day(days)), expect, "{} of day {}", period, days);
            }
        }
    }
}
