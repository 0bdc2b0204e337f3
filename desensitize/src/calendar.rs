//! The proleptic Gregorian calendar in whole days since 1970-01-01, in integers only.
//!
//! Era arithmetic: 400 years are 146,097 days, and a year counted from March has its leap day last.

use std::fmt;

/// Days of one 400-year era.
const ERA_DAYS: i64 = 146_097;
/// Days from 0000-03-01 to 1970-01-01.
const EPOCH_FROM_MARCH_ZERO: i64 = 719_468;

/// Days since 1970-01-01 of a year, month (1–12) and day of the month; the caller has checked month and day.
pub(crate) fn days_from_civil(year: i64, month: u32, day: u32) -> i64 {
    let march_year = if month <= 2 { year - 1 } else { year };
    let era = march_year.div_euclid(400);
    let year_of_era = march_year.rem_euclid(400);
    let month_from_march = (i64::from(month) + 9) % 12;
    let day_of_year = (153 * month_from_march + 2) / 5 + i64::from(day) - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    era * ERA_DAYS + day_of_era - EPOCH_FROM_MARCH_ZERO
}

/// Year, month (1–12) and day of the month of a number of days since 1970-01-01.
pub(crate) fn civil_from_days(days: i64) -> (i64, u32, u32) {
    let shifted = days + EPOCH_FROM_MARCH_ZERO;
    let era = shifted.div_euclid(ERA_DAYS);
    let day_of_era = shifted.rem_euclid(ERA_DAYS);
    let year_of_era =
        (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = (month_from_march + 2) % 12 + 1;
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    (year, small(month), small(day))
}

/// Whether year, month and day name a day of the calendar.
pub(crate) fn is_day(year: i64, month: u32, day: u32) -> bool {
    (1..=12).contains(&month)
        && day >= 1
        && civil_from_days(days_from_civil(year, month, day)) == (year, month, day)
}

/// A day as ISO 8601 writes it, for parameters that a person reads.
pub(crate) struct IsoDay(pub(crate) i64);

impl fmt::Display for IsoDay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (year, month, day) = civil_from_days(self.0);
        write!(f, "{year:04}-{month:02}-{day:02}")
    }
}

/// Microseconds since 1970-01-01T00:00:00 as ISO 8601 writes them.
pub(crate) struct IsoInstant(pub(crate) i64);

impl fmt::Display for IsoInstant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let seconds = self.0.div_euclid(1_000_000);
        let (day, second) = (seconds.div_euclid(86_400), seconds.rem_euclid(86_400));
        let (hour, minute, second) = (second / 3_600, second / 60 % 60, second % 60);
        write!(f, "{}T{hour:02}:{minute:02}:{second:02}", IsoDay(day))?;
        match self.0.rem_euclid(1_000_000) {
            0 => Ok(()),
            microseconds => write!(f, ".{microseconds:06}"),
        }
    }
}

/// A month or day number; the arithmetic above keeps it within 1–31.
fn small(number: i64) -> u32 {
    u32::try_from(number).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn leap(year: i64) -> bool {
        (year % 4 == 0 && year % 100 != 0) || year % 400 == 0
    }

    fn month_days(year: i64, month: u32) -> u32 {
        match month {
            2 => 28 + u32::from(leap(year)),
            4 | 6 | 9 | 11 => 30,
            _ => 31,
        }
    }

    #[test]
    fn agrees_with_counting_one_day_at_a_time() {
        let mut days = days_from_civil(1599, 1, 1);
        assert_eq!(days, -135_505);
        for year in 1599..=2401 {
            for month in 1..=12 {
                for day in 1..=month_days(year, month) {
                    assert_eq!(days_from_civil(year, month, day), days);
                    assert_eq!(civil_from_days(days), (year, month, day));
                    assert!(is_day(year, month, day));
                    days += 1;
                }
                assert!(!is_day(year, month, month_days(year, month) + 1));
            }
        }
    }

    #[test]
    fn knows_published_days() {
        assert_eq!(days_from_civil(1970, 1, 1), 0);
        assert_eq!(days_from_civil(2000, 2, 29), 11_016);
        assert_eq!(days_from_civil(1900, 1, 1), -25_567);
        assert!(
            !is_day(1900, 2, 29)
                && !is_day(2024, 0, 1)
                && !is_day(2024, 13, 1)
                && !is_day(2024, 1, 0)
        );
    }

    #[test]
    fn writes_iso_8601() {
        assert_eq!(IsoDay(11_016).to_string(), "2000-02-29");
        assert_eq!(IsoInstant(-1).to_string(), "1969-12-31T23:59:59.999999");
        assert_eq!(IsoInstant(3_600_000_000).to_string(), "1970-01-01T01:00:00");
    }

    #[test]
    fn the_ends_of_a_32_bit_day_do_not_overflow() {
        for days in [i64::from(i32::MIN), i64::from(i32::MAX)] {
            let (year, month, day) = civil_from_days(days);
            assert_eq!(days_from_civil(year, month, day), days);
        }
    }
}
