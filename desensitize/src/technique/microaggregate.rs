//! `microaggregate`: rows of near values share the mean or median of their group.

use std::{cmp::Ordering, fmt};

use arrow::{
    array::{Array, ArrayRef, AsArray},
    datatypes::{DataType, Float64Type},
};

use super::{Column, Kernel, Sentence, whole::Whole};
use crate::{BATCH_ROWS_MAX, Fault, Phrase, Unsuitable, broken::Broken, phrase::said, rewrite};

/// Rows of a group at least: of two, each knows the other's value.
pub const MICROAGGREGATE_K_MIN: usize = 3;
/// What a valid value would have been.
const EXPECTED: Phrase = Phrase::new(
    "a finite value with enough others among its rows to make a group",
    "有足够同组取值的有限值",
);

/// Replaces each number, date or timestamp by the mean or median of a group of at least `k` rows with near values.
///
/// Every `rows` rows are sorted and cut into groups of equal size, `k` or a little more (individual ranking, GB/T 37964
/// 微聚集). Groups are of rows: where one person has several rows, use it on a table with one row for each. NaN and
/// infinities are broken input, and so are all values where fewer than `k` rows hold one.
/// What a reader learns: the group's centre, near the value; its exact value where the whole group has the same, and
/// under `median` one member's value. Not reversible.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Microaggregate {
    /// Rows of a group at least, [`MICROAGGREGATE_K_MIN`] or more.
    pub k: usize,
    /// What stands for the group.
    pub method: Centre,
    /// How many consecutive rows are grouped together, `k` to [`BATCH_ROWS_MAX`]; the last rows of a batch may be fewer.
    pub rows: usize,
}

/// What stands for a group of values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Centre {
    /// The arithmetic mean, rounded to the column's smallest unit, halves away from zero.
    Mean,
    /// The middle value, or the mean of the two middle ones.
    Median,
}

impl Centre {
    /// The word of the policy.
    #[must_use]
    pub const fn id(self) -> &'static str {
        match self {
            Self::Mean => "mean",
            Self::Median => "median",
        }
    }

    /// The part of a sorted group whose mean is the centre.
    fn core<T>(self, sorted: &[T]) -> &[T] {
        let half = sorted.len().saturating_sub(1) / 2;
        match self {
            Self::Mean => sorted,
            Self::Median => sorted.get(half..sorted.len() - half).unwrap_or(sorted),
        }
    }
}

impl fmt::Display for Microaggregate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { k, method, rows } = self;
        write!(f, "{k} by {} among {rows} rows", method.id())
    }
}

impl Microaggregate {
    pub(crate) fn learnable(self) -> Sentence {
        let Self { k, method, .. } = self;
        let zh = match method {
            Centre::Mean => "均值",
            Centre::Median => "中位数",
        };
        Sentence::new(
            format!(
                "the {} of at least {k} rows with near values; the exact value where all of them have the same",
                method.id()
            ),
            format!("微聚集：可知至少 {k} 行相近取值的{zh}；组内取值相同时可知原值"),
        )
    }

    pub(crate) fn interval(self) -> String {
        format!(
            "v is the {} of at least {} rows with near values",
            self.method.id(),
            self.k
        )
    }

    pub(crate) fn compile(self, column: &Column<'_>) -> Result<Box<dyn Kernel>, Unsuitable> {
        if self.k < MICROAGGREGATE_K_MIN || self.rows < self.k || self.rows > BATCH_ROWS_MAX {
            return Err(column.parameter(said!(
                "needs a `k` of at least {MICROAGGREGATE_K_MIN} and `rows` from `k` to {BATCH_ROWS_MAX}", "的 `k` 至少为 {MICROAGGREGATE_K_MIN}，`rows` 应在 `k` 与 {BATCH_ROWS_MAX} 之间"
            )));
        }
        match Whole::of(column.field.data_type()) {
            Some(unit) => Ok(Box::new(WholeKernel { unit, of: self })),
            None if *column.field.data_type() == DataType::Float64 => {
                Ok(Box::new(FloatKernel { of: self }))
            }
            None => Err(column.wrong_type(
                Phrase::new("numbers, dates and timestamps", "数值、日期与时间戳列"),
                Phrase::new("swap or generalize", "swap 或 generalize"),
            )),
        }
    }

    /// For each row the centre of its group; none for rows without value and without group.
    fn centres<T: Copy>(
        self,
        values: &[Option<T>],
        order: fn(&T, &T) -> Ordering,
        mean: fn(&[T]) -> T,
    ) -> Vec<Option<T>> {
        let mut centres = vec![None; values.len()];
        for (values, centres) in values.chunks(self.rows).zip(centres.chunks_mut(self.rows)) {
            let present = values.iter().enumerate();
            let mut present: Vec<(usize, T)> = present
                .filter_map(|(row, value)| Some((row, (*value)?)))
                .collect();
            // Rows break ties, so that equal input gives equal output whatever the sort does.
            present.sort_unstable_by(|(a, x), (b, y)| order(x, y).then(a.cmp(b)));
            let sorted: Vec<T> = present.iter().map(|(_, value)| *value).collect();
            let mut first = 0;
            for size in sizes(present.len(), self.k) {
                let group = sorted.get(first..first + size).unwrap_or(&[]);
                let centre = mean(self.method.core(group));
                for (row, _) in present.iter().skip(first).take(size) {
                    if let Some(to) = centres.get_mut(*row) {
                        *to = Some(centre);
                    }
                }
                first += size;
            }
        }
        centres
    }
}

/// The sizes of as many groups of at least `k` as there can be, the first ones larger by one where it does not divide.
fn sizes(rows: usize, k: usize) -> impl Iterator<Item = usize> {
    let groups = rows / k;
    (0..groups).map(move |group| rows / groups + usize::from(group < rows % groups))
}

/// The mean of whole numbers, halves away from zero; exact, and without a sum that could leave the type.
fn whole_mean(values: &[i128]) -> i128 {
    let count = i128::try_from(values.len()).unwrap_or(i128::MAX).max(1);
    let (wholes, rests) = values.iter().fold((0, 0), |(wholes, rests), value| {
        (
            wholes + value.div_euclid(count),
            rests + value.rem_euclid(count),
        )
    });
    let (mean, rest) = (wholes + rests / count, rests % count);
    let up = match (rest * 2).cmp(&count) {
        Ordering::Less => false,
        Ordering::Equal => mean >= 0,
        Ordering::Greater => true,
    };
    mean + i128::from(up)
}

/// The mean of sorted finite floats, within them.
#[expect(
    clippy::cast_precision_loss,
    reason = "a batch has fewer than 2^53 rows"
)]
fn float_mean(values: &[f64]) -> f64 {
    let count = values.len().max(1) as f64;
    // Divided first, so that no sum overflows; what rounding adds beyond the group's ends is cut off.
    let mean: f64 = values.iter().map(|value| value / count).sum();
    match (values.first(), values.last()) {
        (Some(least), Some(most)) => mean.clamp(*least, *most) + 0.0,
        _ => mean,
    }
}

/// Whole numbers, days and instants.
struct WholeKernel {
    unit: Whole,
    of: Microaggregate,
}

impl Kernel for WholeKernel {
    fn apply(
        &self,
        column: &dyn Array,
        _: Option<&dyn Array>,
        broken: &mut Broken<'_>,
    ) -> Result<ArrayRef, Fault> {
        let mut values = vec![None; column.len()];
        self.unit.map_rows(column, broken, EXPECTED, |row, value| {
            *values.get_mut(row)? = Some(value);
            Some(value)
        })?;
        let centres = self.of.centres(&values, i128::cmp, whole_mean);
        self.unit.map_rows(column, broken, EXPECTED, |row, _| {
            centres.get(row).copied().flatten()
        })
    }
}

/// Floats.
struct FloatKernel {
    of: Microaggregate,
}

impl Kernel for FloatKernel {
    fn apply(
        &self,
        column: &dyn Array,
        _: Option<&dyn Array>,
        broken: &mut Broken<'_>,
    ) -> Result<ArrayRef, Fault> {
        let values = column
            .as_primitive_opt::<Float64Type>()
            .ok_or_else(|| rewrite::mismatch(column, broken, &DataType::Float64))?;
        let values: Vec<Option<f64>> = values
            .iter()
            .map(|value| value.filter(|value| value.is_finite()))
            .collect();
        let centres = self.of.centres(&values, f64::total_cmp, float_mean);
        rewrite::rows::<Float64Type>(column, broken, EXPECTED, |row, _| {
            centres.get(row).copied().flatten()
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn by(k: usize, method: Centre, rows: usize) -> Microaggregate {
        Microaggregate { k, method, rows }
    }

    fn check(of: Microaggregate, values: &[i128], expect: &[i128]) {
        let values: Vec<Option<i128>> = values.iter().copied().map(Some).collect();
        let expect: Vec<Option<i128>> = expect.iter().copied().map(Some).collect();
        assert_eq!(of.centres(&values, i128::cmp, whole_mean), expect);
    }

    #[test]
    fn groups_of_near_values() {
        let mean = by(3, Centre::Mean, 100);
        check(mean, &[9, 1, 8, 2, 7, 3], &[8, 2, 8, 2, 8, 2]);
        check(mean, &[1, 2, 3, 10, 20, 30, 40], &[4, 4, 4, 4, 30, 30, 30]);
        check(
            by(3, Centre::Median, 100),
            &[1, 2, 30, 4, 5, 60, 70],
            &[3, 3, 60, 3, 3, 60, 60],
        );
        check(
            by(3, Centre::Mean, 3),
            &[1, 5, 9, 100, 500, 900],
            &[5, 5, 5, 500, 500, 500],
        );
    }

    #[test]
    fn too_few_rows_make_no_group() {
        let values = [Some(1), None, Some(2), None];
        let found = by(3, Centre::Mean, 100).centres(&values, i128::cmp, whole_mean);
        assert_eq!(found, [None; 4]);
    }

    #[test]
    fn means_do_not_overflow_and_round_halves_away_from_zero() {
        let most = 10i128.pow(38) - 1;
        for (values, expect) in [
            (vec![most; 9], most),
            (vec![-most, most], 0),
            (vec![1, 2], 2),
            (vec![-1, -2], -2),
            (vec![-1, 0, 0], 0),
            (vec![1, 1, 0], 1),
            (vec![-1, 0], -1),
        ] {
            assert_eq!(whole_mean(&values), expect, "{values:?}");
        }
        assert_eq!(float_mean(&[f64::MAX; 3]), f64::MAX);
        assert_eq!(float_mean(&[0.1; 7]), 0.1);
    }

    proptest! {
        /// The reference twin is a rounded quotient of the whole sum.
        #[test]
        fn whole_means_are_means(values in prop::collection::vec(-1_000i128..1_000, 1..30)) {
            let sum: i128 = values.iter().sum();
            let count = values.len() as i128;
            let expect = (2 * sum.abs() + count) / (2 * count) * sum.signum();
            prop_assert_eq!(whole_mean(&values), expect);
        }

        /// The reference twin takes the least remaining values away, group by group.
        #[test]
        fn agrees_with_taking_the_least_away(
            values in prop::collection::vec(prop::option::weighted(0.9, -50i128..50), 0..60),
            k in 3usize..9,
        ) {
            let mut left: Vec<(i128, usize)> = values.iter().enumerate().filter_map(|(row, value)| Some(((*value)?, row))).collect();
            let mut expect = vec![None; values.len()];
            let mut groups = left.len() / k;
            while groups > 0 {
                let size = left.len().div_ceil(groups);
                let group: Vec<(i128, usize)> = (0..size).map(|_| {
                    let least = *left.iter().min().unwrap();
                    left.retain(|cell| *cell != least);
                    least
                }).collect();
                let sorted: Vec<i128> = group.iter().map(|(value, _)| *value).collect();
                group.iter().for_each(|(_, row)| expect[*row] = Some(whole_mean(&sorted)));
                groups -= 1;
            }
            prop_assert_eq!(by(k, Centre::Mean, 100).centres(&values, i128::cmp, whole_mean), expect);
        }
    }
}
