//! Consistent sampling: the same units in every table of a scenario.

use arrow::array::{Array, BooleanArray, BooleanBufferBuilder, UInt64Array};

use crate::{PointDomain, SamplingKey, Threshold, UnitSet};

/// Which rows of a batch belong to drawn units that are not suppressed.
///
/// `units` is the hidden `__unit_…` column of the batch; the mask has its length and no nulls. A
/// unit is drawn if its point lies under `threshold`, whatever table it stands in and however many
/// rows it has there, so each unit is drawn with probability `threshold.share()` and independently
/// of the others (Bernoulli by unit). A row without a unit is never kept: nobody could say whose it is.
///
/// Privacy: who sees the sample learns that its units were drawn, not who else is in the population;
/// asking again with the same key draws the same units, so repeated requests average nothing out.
#[must_use]
pub fn consistent_mask(
    key: &SamplingKey,
    units: &UInt64Array,
    threshold: Threshold,
    suppressed: &UnitSet,
) -> BooleanArray {
    let mut keep = BooleanBufferBuilder::new(units.len());
    keep.append_n(units.len(), false);
    let mut rows = valid_rows(units);
    key.points(PointDomain::Unit, units.iter().flatten(), |unit, point| {
        let drawn = threshold.keeps(point) && !suppressed.contains(unit);
        if let Some(row) = rows.next() {
            keep.set_bit(row, drawn);
        }
    });
    BooleanArray::new(keep.finish(), None)
}

/// Takes the rows of suppressed units, and rows without a unit, out of a mask made by row numbers.
///
/// After [`crate::UniformCut::mask`] this is what a table with protected units still needs: a row
/// whose unit is unknown was counted in no class, so it is never released.
///
/// `mask` and `units` have the length of the batch; of two unequal lengths the shorter counts.
#[must_use]
pub fn drop_suppressed(
    mask: &BooleanArray,
    units: &UInt64Array,
    suppressed: &UnitSet,
) -> BooleanArray {
    mask.iter()
        .zip(units.iter())
        .map(|(kept, unit)| {
            Some(kept == Some(true) && unit.is_some_and(|unit| !suppressed.contains(unit)))
        })
        .collect()
}

/// Positions of the rows that have a unit.
fn valid_rows(units: &UInt64Array) -> impl Iterator<Item = usize> + '_ {
    (0..units.len()).filter(|&row| units.is_valid(row))
}

#[cfg(test)]
mod tests {
    //! The mask against a plain loop, and the share it keeps.

    use proptest::prelude::*;

    use super::*;

    /// The definition, one row at a time.
    fn reference(
        key: &SamplingKey,
        units: &UInt64Array,
        threshold: Threshold,
        suppressed: &UnitSet,
    ) -> Vec<bool> {
        let keeps = |unit: u64| {
            threshold.keeps(key.point(PointDomain::Unit, unit)) && !suppressed.contains(unit)
        };
        units.iter().map(|unit| unit.is_some_and(keeps)).collect()
    }

    fn bits(mask: &BooleanArray) -> Vec<bool> {
        assert_eq!(mask.null_count(), 0);
        mask.values().iter().collect()
    }

    proptest! {
        #[test]
        fn equals_the_definition(
            units in prop::collection::vec(prop::option::of(0_u64..500), 0..300),
            secret in any::<[u8; 32]>(),
            rate in 0.01_f64..=1.0,
            out in prop::collection::vec(0_u64..500, 0..20),
            offset in 0_usize..70,
        ) {
            let key = SamplingKey::new(&secret);
            let threshold = Threshold::from_rate(rate).unwrap();
            let suppressed: UnitSet = out.into_iter().collect();
            let all = UInt64Array::from(units);
            // Sliced arrays have an offset into their buffers, which masks must respect.
            let start = offset.min(all.len());
            let units = all.slice(start, all.len() - start);
            let mask = consistent_mask(&key, &units, threshold, &suppressed);
            prop_assert_eq!(bits(&mask), reference(&key, &units, threshold, &suppressed));
        }

        #[test]
        fn draws_a_unit_in_every_table_or_in_none(
            first in prop::collection::vec(0_u64..100, 1..200),
            second in prop::collection::vec(0_u64..100, 1..200),
            secret in any::<[u8; 32]>(),
        ) {
            let key = SamplingKey::new(&secret);
            let threshold = Threshold::from_rate(0.4).unwrap();
            let drawn = |units: &[u64]| -> Vec<(u64, bool)> {
                let array = UInt64Array::from(units.to_vec());
                let mask = consistent_mask(&key, &array, threshold, &UnitSet::default());
                units.iter().copied().zip(bits(&mask)).collect()
            };
            let (first, second) = (drawn(&first), drawn(&second));
            for (unit, kept) in &first {
                prop_assert!(second.iter().all(|(other, also)| other != unit || also == kept));
            }
        }
    }

    /// 200 keys of 2,000 units each: every share within 5 standard deviations, their mean within 5
    /// of its own. For an honest Bernoulli draw a false alarm has a probability under 2·10^-4.
    #[test]
    fn kept_shares_are_binomial() {
        let (keys, units, rate) = (200_u64, 2_000_u64, 0.1);
        let array = UInt64Array::from_iter_values(0..units);
        let threshold = Threshold::from_rate(rate).unwrap();
        let deviation = (units as f64 * rate * (1.0 - rate)).sqrt();
        let mut total = 0.0;
        for number in 0..keys {
            let mut secret = [0; 32];
            secret[..8].copy_from_slice(&number.to_le_bytes());
            let key = SamplingKey::new(&secret);
            let mask = consistent_mask(&key, &array, threshold, &UnitSet::default());
            let kept = mask.true_count() as f64;
            assert!(
                (kept - units as f64 * rate).abs() < 5.0 * deviation,
                "{kept} kept"
            );
            total += kept;
        }
        let mean_error = total / keys as f64 - units as f64 * rate;
        assert!(mean_error.abs() < 5.0 * deviation / (keys as f64).sqrt());
    }

    #[test]
    fn unknown_and_suppressed_units_leave_a_row_mask() {
        let mask = BooleanArray::from(vec![true, true, true, false]);
        let units = UInt64Array::from(vec![Some(1), None, Some(2), Some(1)]);
        let suppressed: UnitSet = [2].into_iter().collect();
        assert_eq!(
            bits(&drop_suppressed(&mask, &units, &suppressed)),
            [true, false, false, false]
        );
    }
}
