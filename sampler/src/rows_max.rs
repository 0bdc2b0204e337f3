//! `rows_max`: one threshold for all tables, lowered so that none is too long.

use arrow::array::UInt64Array;

use crate::{PointDomain, SampleError, SamplingKey, Threshold};

/// Buckets of a [`RowsHistogram`]: the threshold is lowered to a multiple of 1/65,536 of the rate.
const BUCKETS: usize = 65_536;

/// How many rows of one table lie under each possible threshold; half a megabyte, however many rows.
///
/// Fill one per table in a first pass over the unit column alone, then ask [`lowered_threshold`].
#[derive(Debug, Clone)]
pub struct RowsHistogram {
    ceiling: Threshold,
    rows: Vec<u64>,
}

impl RowsHistogram {
    /// An empty histogram of the rows under `ceiling`, the threshold of the recipe's rate.
    #[must_use]
    pub fn new(ceiling: Threshold) -> Self {
        Self {
            ceiling,
            rows: vec![0; BUCKETS],
        }
    }

    /// Counts the rows of a batch whose units lie under the ceiling.
    pub fn observe(&mut self, key: &SamplingKey, units: &UInt64Array) {
        let ceiling = self.ceiling;
        key.points(PointDomain::Unit, units.iter().flatten(), |_, point| {
            if ceiling.keeps(point) {
                let bucket = u128::from(point) * BUCKETS as u128 / ceiling.points();
                if let Some(rows) = self.rows.get_mut(bucket as usize) {
                    *rows += 1;
                }
            }
        });
    }

    /// Rows under the ceiling: what the recipe's rate alone would draw.
    #[must_use]
    pub fn rows(&self) -> u64 {
        self.rows.iter().sum()
    }

    /// How many whole buckets, from the first, hold at most `rows_max` rows together.
    fn buckets_within(&self, rows_max: u64) -> usize {
        let mut total = 0_u64;
        self.rows
            .iter()
            .take_while(|&&rows| {
                total += rows;
                total <= rows_max
            })
            .count()
    }
}

/// The largest threshold under which **every** table has at most `rows_max` rows.
///
/// All histograms must have been made with the same `ceiling`, which is the result when no table is
/// too long. A lowered threshold is a bucket boundary, so a table may end up to one bucket short of
/// `rows_max`.
///
/// `frozen` is the threshold of an earlier sample of the same scenario. A scenario's threshold is
/// found at its first draw and then kept, so that a refreshed table draws the same units again; it
/// may still fall (more rows, smaller `rows_max`) but never rises, whatever the policy says since.
///
/// # Errors
/// [`SampleError::RowsMaxTooSmall`] if not even one bucket fits while a table has rows.
pub fn lowered_threshold(
    ceiling: Threshold,
    tables: &[RowsHistogram],
    rows_max: u64,
    frozen: Option<Threshold>,
) -> Result<Threshold, SampleError> {
    let buckets = tables
        .iter()
        .map(|table| table.buckets_within(rows_max))
        .min();
    let buckets = buckets.unwrap_or(BUCKETS);
    if buckets == 0 {
        return Err(SampleError::RowsMaxTooSmall { rows_max });
    }
    // Rounding up: bucket b holds the points p with p ≥ b·ceiling/BUCKETS, so the first point of the
    // first bucket left out is the smallest integer at or above that fraction.
    let points = (buckets as u128 * ceiling.points()).div_ceil(BUCKETS as u128);
    let lowered = Threshold::from_points(points);
    Ok(frozen.map_or(lowered, |frozen| frozen.min(lowered)))
}

#[cfg(test)]
mod tests {
    //! The threshold against counting every row again.

    use proptest::prelude::*;

    use super::*;
    use crate::{UnitSet, consistent_mask};

    fn histogram(key: &SamplingKey, ceiling: Threshold, units: &UInt64Array) -> RowsHistogram {
        let mut histogram = RowsHistogram::new(ceiling);
        histogram.observe(key, units);
        histogram
    }

    fn drawn(key: &SamplingKey, units: &UInt64Array, threshold: Threshold) -> u64 {
        consistent_mask(key, units, threshold, &UnitSet::default()).true_count() as u64
    }

    proptest! {
        #[test]
        fn no_table_is_too_long_and_the_next_boundary_would_be(
            first in prop::collection::vec(prop::option::of(0_u64..400), 1..400),
            second in prop::collection::vec(prop::option::of(0_u64..400), 1..400),
            secret in any::<[u8; 32]>(),
            rate in 0.05_f64..=1.0,
            rows_max in 1_u64..200,
        ) {
            let key = SamplingKey::new(&secret);
            let ceiling = Threshold::from_rate(rate).unwrap();
            let tables = [UInt64Array::from(first), UInt64Array::from(second)];
            let histograms = tables.clone().map(|units| histogram(&key, ceiling, &units));
            let longest = |threshold| tables.iter().map(|t| drawn(&key, t, threshold)).max().unwrap();
            let lowered = lowered_threshold(ceiling, &histograms, rows_max, None);
            match lowered {
                Ok(lowered) => {
                    prop_assert!(lowered <= ceiling);
                    prop_assert!(longest(lowered) <= rows_max);
                    if lowered < ceiling {
                        let step = ceiling.points().div_ceil(BUCKETS as u128) + 1;
                        let next = Threshold::from_points(lowered.points() + step);
                        prop_assert!(longest(next) > rows_max);
                    }
                }
                Err(error) => {
                    prop_assert_eq!(error, SampleError::RowsMaxTooSmall { rows_max });
                    let one = ceiling.points().div_ceil(BUCKETS as u128);
                    prop_assert!(longest(Threshold::from_points(one)) > rows_max);
                }
            }
        }
    }

    #[test]
    fn a_frozen_threshold_only_falls() {
        let key = SamplingKey::new(&[1; 32]);
        let ceiling = Threshold::from_rate(0.5).unwrap();
        let tables = [histogram(
            &key,
            ceiling,
            &UInt64Array::from_iter_values(0..1000),
        )];
        let free = lowered_threshold(ceiling, &tables, 100, None).unwrap();
        let lower = Threshold::from_points(free.points() / 2);
        let check = |frozen, expect| {
            assert_eq!(
                lowered_threshold(ceiling, &tables, 100, Some(frozen)),
                Ok(expect)
            );
        };
        check(lower, lower);
        check(Threshold::EVERYTHING, free);
    }

    #[test]
    fn short_tables_keep_the_rate() {
        let key = SamplingKey::new(&[1; 32]);
        let ceiling = Threshold::from_rate(0.37).unwrap();
        let tables = [histogram(
            &key,
            ceiling,
            &UInt64Array::from_iter_values(0..1000),
        )];
        assert_eq!(lowered_threshold(ceiling, &tables, 1000, None), Ok(ceiling));
        assert_eq!(
            tables[0].rows(),
            drawn(&key, &UInt64Array::from_iter_values(0..1000), ceiling)
        );
    }

    #[test]
    fn one_long_unit_is_refused() {
        let key = SamplingKey::new(&[1; 32]);
        let units = UInt64Array::from_iter_values(std::iter::repeat_n(7, 50));
        let point = key.point(PointDomain::Unit, 7);
        // A ceiling just above the unit's point puts it into the last bucket: nothing else is drawn.
        let ceiling = Threshold::from_points(u128::from(point) + 1);
        let lowered =
            lowered_threshold(ceiling, &[histogram(&key, ceiling, &units)], 49, None).unwrap();
        assert_eq!(drawn(&key, &units, lowered), 0);
    }
}
