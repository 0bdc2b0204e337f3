//! Uniform sampling: an exact number of rows of one table.

use std::ops::Range;

use arrow::array::BooleanArray;

use crate::{PointDomain, SampleError, SamplingKey};

/// Most rows a table may have, so that every count below stays exact.
const ROWS_LIMIT: u64 = 1 << 48;

/// Bits looked at in one pass over the points, hence 65,536 counters.
const LEVEL_BITS: u32 = 16;

/// Points that are collected and sorted to find the last row exactly; above it one more pass narrows.
const COLLECT_MAX: u64 = 65_536;

/// How many rows a uniform sample of `rows` rows has: `rate · rows` rounded, at most `rows_max`.
///
/// # Errors
/// [`SampleError::RateOutOfRange`] unless `0 < rate <= 1`.
pub fn uniform_rows(rows: u64, rate: f64, rows_max: u64) -> Result<u64, SampleError> {
    if rate > 0.0 && rate <= 1.0 {
        Ok(((rows as f64 * rate).round() as u64)
            .min(rows)
            .min(rows_max))
    } else {
        Err(SampleError::RateOutOfRange)
    }
}

/// The rows with the smallest points: exactly as many as asked for, spread evenly over the table.
///
/// Points are made from row numbers alone, so the cut is found before any data is read, in two
/// passes over the numbers and about a megabyte of memory however long the table is. A row number
/// is the position of a row among those that the policy's row filter lets through.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UniformCut {
    table: u16,
    last: Option<(u64, u64)>,
}

impl UniformCut {
    /// The cut that keeps `keep` of the rows `0..rows` of a table (all of them if `keep >= rows`).
    ///
    /// # Errors
    /// [`SampleError::TooManyRows`] above 2^48 rows.
    pub fn find(key: &SamplingKey, table: u16, rows: u64, keep: u64) -> Result<Self, SampleError> {
        if rows > ROWS_LIMIT {
            return Err(SampleError::TooManyRows);
        }
        let last = match keep.min(rows).checked_sub(1) {
            None => None,
            Some(rank) => nth_smallest(key, table, rows, rank),
        };
        Ok(Self { table, last })
    }

    /// Which rows of a batch are kept; `rows` are the batch's row numbers. The mask has no nulls.
    ///
    /// Privacy: the number of kept rows is a function of the table's length and the recipe.
    #[must_use]
    pub fn mask(&self, key: &SamplingKey, rows: Range<u64>) -> BooleanArray {
        let mut keep = Vec::with_capacity(rows.end.saturating_sub(rows.start) as usize);
        key.points(
            PointDomain::Row { table: self.table },
            rows,
            |row, point| {
                keep.push(self.last.is_some_and(|last| (point, row) <= last));
            },
        );
        BooleanArray::from(keep)
    }
}

/// The pair (point, row) with `rank` smaller pairs before it.
///
/// Each level counts the points of the bucket found so far by their next 16 bits and goes down into
/// the bucket that holds the rank, until that bucket is small enough to be sorted.
fn nth_smallest(key: &SamplingKey, table: u16, rows: u64, rank: u64) -> Option<(u64, u64)> {
    let domain = PointDomain::Row { table };
    let (mut prefix, mut bits, mut rank, mut inside) = (0_u64, 0_u32, rank, rows);
    while inside > COLLECT_MAX && bits < u64::BITS {
        let mut counts = vec![0_u64; 1 << LEVEL_BITS];
        key.points(domain, 0..rows, |_, point| {
            if starts_with(point, prefix, bits) {
                let digit = (point << bits) >> (u64::BITS - LEVEL_BITS);
                if let Some(count) = counts.get_mut(digit as usize) {
                    *count += 1;
                }
            }
        });
        for (digit, &count) in (0_u64..).zip(&counts) {
            if rank < count {
                prefix |= digit << (u64::BITS - LEVEL_BITS - bits);
                inside = count;
                break;
            }
            rank -= count;
        }
        bits += LEVEL_BITS;
    }
    let mut boundary = Vec::with_capacity(inside as usize);
    key.points(domain, 0..rows, |row, point| {
        if starts_with(point, prefix, bits) {
            boundary.push((point, row));
        }
    });
    boundary.sort_unstable();
    boundary.get(rank as usize).copied()
}

/// True if the first `bits` bits of a point are those of `prefix`.
fn starts_with(point: u64, prefix: u64, bits: u32) -> bool {
    (point ^ prefix)
        .checked_shr(u64::BITS - bits)
        .is_none_or(|rest| rest == 0)
}

#[cfg(test)]
mod tests {
    //! The cut against sorting every point, exact counts, and evenness.

    use proptest::prelude::*;

    use super::*;

    /// The definition: sort all pairs, keep the first ones.
    fn reference(key: &SamplingKey, table: u16, rows: u64, keep: u64) -> Vec<bool> {
        let domain = PointDomain::Row { table };
        let mut pairs: Vec<_> = (0..rows).map(|row| (key.point(domain, row), row)).collect();
        pairs.sort_unstable();
        let mut mask = vec![false; rows as usize];
        for (_, row) in pairs.into_iter().take(keep as usize) {
            mask[row as usize] = true;
        }
        mask
    }

    fn mask(key: &SamplingKey, table: u16, rows: u64, keep: u64, batch: u64) -> Vec<bool> {
        let cut = UniformCut::find(key, table, rows, keep).unwrap();
        let starts = (0..rows).step_by(batch as usize);
        starts
            .flat_map(|start| {
                let part = cut.mask(key, start..rows.min(start + batch));
                part.values().iter().collect::<Vec<_>>()
            })
            .collect()
    }

    proptest! {
        #[test]
        fn equals_sorting_all_points(
            secret in any::<[u8; 32]>(),
            rows in 0_u64..3000,
            keep in 0_u64..3200,
            table in 0_u16..4,
            batch in 1_u64..700,
        ) {
            let key = SamplingKey::new(&secret);
            let found = mask(&key, table, rows, keep, batch);
            prop_assert_eq!(found.iter().filter(|&&kept| kept).count() as u64, keep.min(rows));
            prop_assert_eq!(found, reference(&key, table, rows, keep));
        }
    }

    /// Long enough for the histogram, which shorter tables never reach.
    #[test]
    fn long_tables_are_narrowed_first() {
        let key = SamplingKey::new(&[9; 32]);
        let rows = COLLECT_MAX * 3 + 17;
        for keep in [1, 2, COLLECT_MAX, rows - 1, rows] {
            assert_eq!(
                mask(&key, 2, rows, keep, 8192),
                reference(&key, 2, rows, keep)
            );
        }
    }

    #[test]
    fn counts_are_rounded_and_capped() {
        let check = |rows, rate, max, expect| assert_eq!(uniform_rows(rows, rate, max), Ok(expect));
        check(1000, 0.1, u64::MAX, 100);
        check(1000, 0.0105, u64::MAX, 11);
        check(1000, 1.0, u64::MAX, 1000);
        check(1000, 1.0, 10, 10);
        check(0, 0.5, 10, 0);
        assert_eq!(
            uniform_rows(1000, 0.0, 10),
            Err(SampleError::RateOutOfRange)
        );
    }

    /// Each tenth of the table gives its share: chi-square with 9 degrees of freedom under 33.7,
    /// which an even draw exceeds once in 10,000 times.
    #[test]
    fn rows_come_from_everywhere() {
        let (rows, keep) = (100_000_u64, 10_000_u64);
        let kept = mask(&SamplingKey::new(&[5; 32]), 0, rows, keep, 4096);
        let expected = keep as f64 / 10.0;
        let squared: f64 = kept
            .chunks(rows as usize / 10)
            .map(|part| part.iter().filter(|&&kept| kept).count() as f64 - expected)
            .map(|error| error * error / expected)
            .sum();
        assert!(squared < 33.7, "chi-square {squared}");
    }

    #[test]
    fn too_many_rows_are_refused() {
        let key = SamplingKey::new(&[5; 32]);
        let found = UniformCut::find(&key, 0, ROWS_LIMIT + 1, 1);
        assert_eq!(found, Err(SampleError::TooManyRows));
    }
}
