//! The whole measurement in memory, for inputs that fit.

use std::convert::Infallible;

use super::{
    ClassKey, ClassRecord, Drawn, Gate, Observation, RiskReport, Side, UnitCount, Verdict,
};

/// Measures a sample from observations held in memory, spread over `partitions` (0 counts as 1).
///
/// The result does not depend on the number of partitions, nor on the order of the observations;
/// callers with larger populations do the same three steps with spill files between them.
///
/// ```
/// use sampler::risk::{measure, ClassKey, Drawn, Gate, Observation, Verdict};
///
/// // Three units show tuple 1, one shows tuple 2; rows of units 1 and 4 were drawn.
/// let seen = [(1, 1, true), (2, 1, false), (3, 1, false), (4, 2, true)];
/// let seen = seen.map(|(unit, tuple, drawn)| Observation { unit, table: 0, tuple, drawn });
/// let gate = Gate::new(Some(3), None, 0.5)?;
/// let key = ClassKey::new(&[7; 32]);
/// let (report, verdict) = measure(seen, &key, Drawn::ByRow, gate, 0, 1);
/// assert_eq!(report.before.k_map, Some(1));
/// assert_eq!(verdict, Verdict::Passed { suppress: [4].into_iter().collect() });
/// # Ok::<(), sampler::SampleError>(())
/// ```
pub fn measure(
    observations: impl IntoIterator<Item = Observation>,
    key: &ClassKey,
    drawn: Drawn,
    gate: Gate,
    rows_without_unit: u64,
    partitions: usize,
) -> (RiskReport, Verdict) {
    let partitions = partitions.max(1);
    let by_unit = spread(observations, partitions, |seen| seen.partition(partitions));
    let (mut population, mut sample) = (Vec::new(), Vec::new());
    let mut units = UnitCount::new(key.clone(), drawn);
    for part in by_unit {
        let emit = |side, record| {
            match side {
                Side::Population => population.push(record),
                Side::Sample => sample.push(record),
            }
            Ok(())
        };
        never_fails(units.partition(part.into_iter().map(Ok), emit));
    }
    let by_class = |record: &ClassRecord| record.partition(partitions);
    let mut counted = units.finish(gate);
    for part in spread(population, partitions, by_class) {
        never_fails(counted.partition(part.into_iter().map(Ok)));
    }
    let mut counted = counted.finish();
    for part in spread(sample, partitions, by_class) {
        never_fails(counted.partition(part.into_iter().map(Ok)));
    }
    counted.finish(rows_without_unit)
}

/// Records in memory cannot fail to be read.
fn never_fails(result: Result<(), Infallible>) {
    let Ok(()) = result;
}

fn spread<T>(
    records: impl IntoIterator<Item = T>,
    partitions: usize,
    of: impl Fn(&T) -> usize,
) -> Vec<Vec<T>> {
    let mut parts: Vec<Vec<T>> = (0..partitions).map(|_| Vec::new()).collect();
    for record in records {
        if let Some(part) = parts.get_mut(of(&record)) {
            part.push(record);
        }
    }
    parts
}

#[cfg(test)]
mod tests {
    //! The streamed counts against the naive twin.

    use proptest::prelude::*;

    use super::*;
    use crate::risk::reference;
    use crate::{SamplingKey, Threshold};

    fn observation() -> impl Strategy<Value = Observation> {
        let table = prop_oneof![Just(0), Just(1), Just(Observation::PRESENT)];
        (0_u64..60, table, 0_u128..3, any::<bool>()).prop_map(|(unit, table, tuple, drawn)| {
            Observation {
                unit,
                table,
                tuple,
                drawn,
            }
        })
    }

    proptest! {
        #[test]
        fn equals_the_naive_twin(
            seen in prop::collection::vec(observation(), 0..300),
            secret in any::<[u8; 32]>(),
            rate in prop::option::of(0.05_f64..=1.0),
            k_map in prop::option::of(1_u64..6),
            k in prop::option::of(1_u64..4),
            suppress_max in 0.0_f64..=1.0,
            partitions in 0_usize..9,
        ) {
            let sampling = SamplingKey::new(&secret);
            let drawn = || match rate {
                Some(rate) => Drawn::ByUnit {
                    key: sampling.clone(),
                    threshold: Threshold::from_rate(rate).unwrap(),
                },
                None => Drawn::ByRow,
            };
            let gate = Gate::new(k_map, k, suppress_max).unwrap();
            let expect = reference::measure(&seen, &drawn(), k_map, k, suppress_max);
            let key = ClassKey::new(&secret);
            let found = measure(seen.clone(), &key, drawn(), gate, 3, partitions);
            reference::compare(&found, &expect)?;
            let mut turned = seen;
            turned.reverse();
            let other = ClassKey::new(&[0x5a; 32]);
            prop_assert_eq!(found, measure(turned, &other, drawn(), gate, 3, 1));
        }
    }
}
