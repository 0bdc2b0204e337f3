//! Ages and birth dates to bands of years.

use arrow::array::{Array, ArrayRef};

use crate::{
    Fault, Phrase, Unsuitable,
    broken::Broken,
    calendar::{civil_from_days, days_from_civil},
    phrase::said,
    technique::{Column, Kernel, Sentence, whole::Whole},
};

/// Years of a band at most.
pub const AGE_BAND_YEARS_MAX: u32 = 50;
/// The highest age; nobody is known to have reached it, so a larger number is no age.
pub const AGE_YEARS_MAX: i64 = 150;
/// Microseconds of a day.
const DAY_MICROSECONDS: i64 = 86_400_000_000;

pub(super) fn learnable(years: u32) -> Sentence {
    Sentence::new(
        format!("the band of {years} years of age or birth"),
        format!("泛化：可知 {years} 年一档的年龄段或出生年段"),
    )
}

pub(super) fn interval(years: u32) -> String {
    format!("an age v stands for [v, v + {years}), a date for the {years} years that begin with it")
}

pub(super) fn compile(years: u32, column: &Column<'_>) -> Result<Box<dyn Kernel>, Unsuitable> {
    if !(2..=AGE_BAND_YEARS_MAX).contains(&years) {
        return Err(column.parameter(said!(
            "needs bands of 2 to {AGE_BAND_YEARS_MAX} years, such as 5",
            "的年段应为 2 至 {AGE_BAND_YEARS_MAX} 年，例如 5"
        )));
    }
    match Whole::of(column.field.data_type()) {
        Some(unit @ (Whole::Integer | Whole::Day | Whole::Instant)) => Ok(Box::new(AgeKernel {
            unit,
            years: i64::from(years),
        })),
        _ => Err(column.wrong_type(
            Phrase::new(
                "ages (Int64), dates and timestamps",
                "年龄（Int64）、日期与时间戳列",
            ),
            Phrase::new("bucket, or redact", "bucket 或 redact"),
        )),
    }
}

/// Ages to the lower bound, birth dates to the first day of their band.
struct AgeKernel {
    unit: Whole,
    years: i64,
}

impl AgeKernel {
    fn age(&self, age: i64) -> Option<i64> {
        (0..=AGE_YEARS_MAX)
            .contains(&age)
            .then(|| age - age % self.years)
    }

    fn day(&self, days: i64) -> i64 {
        let (year, _, _) = civil_from_days(days);
        days_from_civil(year - year.rem_euclid(self.years), 1, 1)
    }
}

impl Kernel for AgeKernel {
    fn apply(
        &self,
        column: &dyn Array,
        _: Option<&dyn Array>,
        broken: &mut Broken<'_>,
    ) -> Result<ArrayRef, Fault> {
        let expected = Phrase::new(
            "an age of at most 150 years, or a date whose band begins within the type",
            "不超过 150 岁的年龄，或所在年段起点不超出本列类型的日期",
        );
        self.unit.map(column, broken, expected, |value| {
            let value = i64::try_from(value).ok()?;
            let lower = match self.unit {
                Whole::Instant => self
                    .day(value.div_euclid(DAY_MICROSECONDS))
                    .checked_mul(DAY_MICROSECONDS),
                Whole::Day => Some(self.day(value)),
                Whole::Integer | Whole::Decimal { .. } => self.age(value),
            };
            lower.map(i128::from)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn bands(years: i64) -> AgeKernel {
        AgeKernel {
            unit: Whole::Integer,
            years,
        }
    }

    #[test]
    fn ages_and_birth_dates() {
        for (age, expect) in [
            (0, Some(0)),
            (4, Some(0)),
            (5, Some(5)),
            (150, Some(150)),
            (151, None),
            (-1, None),
        ] {
            assert_eq!(bands(5).age(age), expect, "{age}");
        }
        let day = days_from_civil;
        assert_eq!(bands(5).day(day(1989, 12, 31)), day(1985, 1, 1));
        assert_eq!(bands(10).day(day(1990, 1, 1)), day(1990, 1, 1));
    }

    proptest! {
        /// The reference twin counts bands up from the year 0.
        #[test]
        fn agrees_with_counting_up(year in 0i64..2_100, month in 1u32..=12, years in 2i64..50) {
            let mut first = 0;
            while first + years <= year { first += years }
            prop_assert_eq!(bands(years).day(days_from_civil(year, month, 28)), days_from_civil(first, 1, 1));
            prop_assert_eq!(bands(years).age(year % 150).unwrap() % years, 0);
        }
    }
}
