//! `date_shift`: all dates of one entity moved by the same number of days.

use std::fmt;

use arrow::array::{Array, ArrayRef};

use super::{Column, Kernel, Sentence, entity::Entities, whole::Whole, words::Words};
use crate::{Fault, Phrase, Unsuitable, broken::Broken, key::Prf, phrase::said};

/// Days of a shift at most: ten years.
pub const DATE_SHIFT_DAYS_MAX: u32 = 3_653;
/// Microseconds of a day.
const DAY_MICROSECONDS: i128 = 86_400_000_000;
/// What the subkey is drawn for.
const PURPOSE: &str = "karez/date-shift/v1";
/// What a valid value would have been.
const EXPECTED: Phrase = Phrase::new(
    "a date of a known entity with room to be shifted within the type",
    "主体已知、且平移后不超出本列类型的日期",
);

/// Moves dates and timestamps by a whole number of days that is the same for all of one entity, usually a person: drawn
/// evenly from `-days..=days` by HMAC-SHA-256 of the entity under the domain's key.
///
/// Intervals between an entity's dates stay, in every column and table of the domain; the time of day stays too. One
/// entity in `2·days + 1` is moved by nothing. Dates without entity, and dates moved out of the type, are broken input.
/// What a reader learns: those intervals, and each date to within `days`. Whoever knows one true date of an entity
/// learns all of them: therefore a policy is refused that also releases a birth date of the entity unshifted, or any
/// other date that strangers know. Reversible by whoever holds the key and the entity.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DateShift {
    /// The raw column that names the entity; [`Technique::companion`](crate::Technique::companion).
    pub entity: String,
    /// The largest shift, 1 to [`DATE_SHIFT_DAYS_MAX`].
    pub days: u32,
    /// The column domain; dates of one domain move together under one scenario key.
    pub domain: String,
}

impl fmt::Display for DateShift {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "within {} days by {}", self.days, self.entity)
    }
}

impl DateShift {
    pub(crate) fn learnable(&self) -> Sentence {
        let days = self.days;
        Sentence::new(
            format!(
                "the days between the dates of one entity, the time of day, and each date to within {days} days; with one true date, all dates of that entity"
            ),
            format!(
                "噪声添加：可知同一主体各日期之间的间隔、时刻，以及误差 {days} 天以内的日期；获知其一真实日期者可推知该主体全部日期"
            ),
        )
    }

    pub(crate) fn compile(&self, column: &Column<'_>) -> Result<Box<dyn Kernel>, Unsuitable> {
        if !(1..=DATE_SHIFT_DAYS_MAX).contains(&self.days) {
            return Err(column.parameter(said!(
                "moves by 1 to {DATE_SHIFT_DAYS_MAX} days; choose `days` among them",
                "可平移 1 至 {DATE_SHIFT_DAYS_MAX} 天；请在此范围内选择 `days`"
            )));
        }
        let unit = Whole::of(column.field.data_type());
        let Some(unit @ (Whole::Day | Whole::Instant)) = unit else {
            return Err(column.wrong_type(
                Phrase::new("dates and timestamps", "日期与时间戳列"),
                Phrase::new("noise or bucket", "noise 或 bucket"),
            ));
        };
        Ok(Box::new(DateShiftKernel {
            unit,
            offsets: Offsets {
                prf: column.key()?.subkey(PURPOSE).prf(),
                days: self.days,
            },
        }))
    }
}

pub(crate) fn reversible() -> Sentence {
    Sentence::new(
        "reversible by whoever holds the key and knows the entity; with the key destroyed, by nobody without a true date",
        "持有密钥且知道主体者可逆；密钥销毁后，不知真实日期者不可逆",
    )
}

/// From an entity to its shift.
struct Offsets {
    prf: Prf,
    days: u32,
}

impl Offsets {
    /// Days in `-days..=days`, evenly; one HMAC but for one entity in 2^200.
    fn of(&self, entity: &[u8]) -> i64 {
        let offset = Words::new(&self.prf, &[entity]).below(u64::from(self.days) * 2 + 1);
        // The offset is below 2^33, so the conversion never saturates.
        i64::try_from(offset).unwrap_or(i64::MAX) - i64::from(self.days)
    }
}

/// Moves each date by its entity's shift.
struct DateShiftKernel {
    unit: Whole,
    offsets: Offsets,
}

impl Kernel for DateShiftKernel {
    fn apply(
        &self,
        column: &dyn Array,
        companion: Option<&dyn Array>,
        broken: &mut Broken<'_>,
    ) -> Result<ArrayRef, Fault> {
        let mut entities = Entities::of(companion, broken)?;
        let step = match self.unit {
            Whole::Instant => DAY_MICROSECONDS,
            _ => 1,
        };
        // Rows of one entity often stand together: one HMAC for each run of them.
        let mut last = 0;
        self.unit.map_rows(column, broken, EXPECTED, |row, value| {
            if entities.go_to(row)? {
                last = i128::from(self.offsets.of(entities.current()));
            }
            value.checked_add(last * step)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ColumnKey;
    use proptest::prelude::*;

    fn offsets(days: u32) -> Offsets {
        Offsets {
            prf: ColumnKey::from([7; 32]).prf(),
            days,
        }
    }

    /// Chi-square of 40,000 entities over 61 shifts; 60 degrees of freedom exceed 99.6 once in a thousand keys.
    #[test]
    fn shifts_are_even() {
        let offsets = offsets(30);
        let mut counts = [0f64; 61];
        for entity in 0u64..40_000 {
            let offset = offsets.of(&entity.to_be_bytes());
            counts[usize::try_from(offset + 30).unwrap()] += 1.0;
        }
        let expect = 40_000.0 / 61.0;
        let chi_square: f64 = counts
            .iter()
            .map(|count| (count - expect).powi(2) / expect)
            .sum();
        assert!(chi_square < 99.6, "{chi_square}");
    }

    proptest! {
        /// The reference twin: the first word as an exact fraction of 2^64, times the number of choices.
        #[test]
        fn agrees_with_long_multiplication(entity in prop::collection::vec(any::<u8>(), 0..40), days in 1u32..4_000) {
            let tag = ColumnKey::from([7; 32]).prf().compute(&[&[0; 8], &entity]);
            let choices = u128::from(days) * 2 + 1;
            let mut carry = 0u128;
            for byte in tag[..8].iter().rev() {
                carry = (carry + u128::from(*byte) * choices) >> 8;
            }
            prop_assert_eq!(offsets(days).of(&entity), carry as i64 - i64::from(days));
        }
    }
}
