//! First count: from what a unit shows in each table to the one class it belongs to.

use std::fmt;

use super::classes::PopulationCount;
use super::{ClassKey, Gate, Observation, spread};
use crate::{PointDomain, SampleError, SamplingKey, Threshold};

/// Observations collected before equal ones are merged for the first time.
const COMPACT_FIRST: usize = 65_536;

/// How to tell which units the sample holds.
pub enum Drawn {
    /// Consistent sampling: a unit under the threshold, with all its rows.
    ByUnit {
        /// The key of the draw.
        key: SamplingKey,
        /// The final threshold.
        threshold: Threshold,
    },
    /// Uniform sampling: a unit with at least one row marked as drawn, showing only those rows.
    ByRow,
}

impl fmt::Debug for Drawn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::ByUnit { threshold, .. } => write!(f, "ByUnit({threshold})"),
            Self::ByRow => f.write_str("ByRow"),
        }
    }
}

/// Which count a [`ClassRecord`] is for; the two are spilled apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// All units, by all that they show: read by [`PopulationCount`].
    Population,
    /// Drawn units, by what the sample shows of them: read by [`super::SampleCount`].
    Sample,
}

/// The class of one unit; each unit has one record on the population's side, and one on the
/// sample's side if it was drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct ClassRecord {
    /// The keyed hash of everything the unit shows.
    pub class: u128,
    /// The unit.
    pub unit: u64,
    /// True if the unit is in the sample.
    pub drawn: bool,
}

impl ClassRecord {
    /// Bytes of one record.
    pub const BYTES: usize = 25;

    /// The record as bytes: class, unit (big-endian), drawn as 0 or 1.
    #[must_use]
    pub fn to_bytes(&self) -> [u8; Self::BYTES] {
        let mut bytes = [0; Self::BYTES];
        let fields = self
            .class
            .to_be_bytes()
            .into_iter()
            .chain(self.unit.to_be_bytes());
        for (to, from) in bytes.iter_mut().zip(fields.chain([u8::from(self.drawn)])) {
            *to = from;
        }
        bytes
    }

    /// The record that [`ClassRecord::to_bytes`] wrote.
    #[must_use]
    pub fn from_bytes(bytes: &[u8; Self::BYTES]) -> Self {
        let [u0, u1, u2, u3, u4, u5, u6, u7, class @ .., drawn] = rotated(*bytes);
        Self {
            class: u128::from_be_bytes(class),
            unit: u64::from_be_bytes([u0, u1, u2, u3, u4, u5, u6, u7]),
            drawn: drawn != 0,
        }
    }

    /// All records of a buffer, in order.
    ///
    /// # Errors
    /// [`SampleError::RecordLength`] if the buffer does not end with a whole record.
    pub fn read_all(bytes: &[u8]) -> Result<impl Iterator<Item = Self> + '_, SampleError> {
        let (records, rest) = bytes.as_chunks();
        if rest.is_empty() {
            Ok(records.iter().map(Self::from_bytes))
        } else {
            Err(SampleError::RecordLength { bytes: bytes.len() })
        }
    }

    /// Which of `partitions` spill files the record belongs into; a whole class goes into the same.
    #[must_use]
    pub fn partition(&self, partitions: usize) -> usize {
        spread((self.class >> 64) as u64, partitions)
    }
}

/// Groups the observations of units into classes, one unit partition at a time.
#[derive(Debug)]
pub struct UnitCount {
    key: ClassKey,
    drawn: Drawn,
    drawn_units: u64,
}

impl UnitCount {
    /// A count under the key that the observations were hashed with.
    #[must_use]
    pub fn new(key: ClassKey, drawn: Drawn) -> Self {
        Self {
            key,
            drawn,
            drawn_units: 0,
        }
    }

    /// Takes all observations of one partition and emits the class of each of its units.
    ///
    /// Memory: the distinct observations of the partition, twice over at most.
    ///
    /// # Errors
    /// The first error of the observations or of `emit`; the count is then of no use.
    pub fn partition<E>(
        &mut self,
        observations: impl IntoIterator<Item = Result<Observation, E>>,
        mut emit: impl FnMut(Side, ClassRecord) -> Result<(), E>,
    ) -> Result<(), E> {
        let seen = distinct(observations)?;
        for shown in seen.chunk_by(|one, next| one.unit == next.unit) {
            let Some(unit) = shown.first().map(|first| first.unit) else {
                continue;
            };
            let by_unit = self.drawn_by_unit(unit);
            let drawn = by_unit.unwrap_or_else(|| shown.iter().any(|seen| seen.drawn));
            let class = self.class(shown.iter());
            emit(Side::Population, ClassRecord { class, unit, drawn })?;
            if drawn {
                self.drawn_units += 1;
                let class = match by_unit {
                    Some(_) => class,
                    None => self.class(shown.iter().filter(|seen| seen.drawn)),
                };
                emit(Side::Sample, ClassRecord { class, unit, drawn })?;
            }
        }
        Ok(())
    }

    /// Ends the first count, once every partition was taken.
    #[must_use]
    pub fn finish(self, gate: Gate) -> PopulationCount {
        PopulationCount::new(gate, self.drawn_units)
    }

    /// Whether the unit is drawn, if units are what is drawn.
    fn drawn_by_unit(&self, unit: u64) -> Option<bool> {
        match &self.drawn {
            Drawn::ByUnit { key, threshold } => {
                Some(threshold.keeps(key.point(PointDomain::Unit, unit)))
            }
            Drawn::ByRow => None,
        }
    }

    /// The hash of the set of (table, tuple), which is sorted already.
    fn class<'a>(&self, shown: impl Iterator<Item = &'a Observation>) -> u128 {
        let mut bytes = Vec::new();
        let mut before = None;
        for seen in shown {
            let part = (seen.table, seen.tuple);
            if seen.table == Observation::PRESENT || before == Some(part) {
                continue;
            }
            bytes.extend_from_slice(&seen.table.to_be_bytes());
            bytes.extend_from_slice(&seen.tuple.to_be_bytes());
            before = Some(part);
        }
        self.key.tag(&bytes)
    }
}

/// Observations sorted and without repetition, merged on the way so that a unit with millions of
/// equal rows needs no more room than one with a single row.
fn distinct<E>(
    observations: impl IntoIterator<Item = Result<Observation, E>>,
) -> Result<Vec<Observation>, E> {
    let mut seen = Vec::new();
    let mut compact_at = COMPACT_FIRST;
    for observation in observations {
        seen.push(observation?);
        if seen.len() >= compact_at {
            merge(&mut seen);
            compact_at = COMPACT_FIRST.max(seen.len() * 2);
        }
    }
    merge(&mut seen);
    Ok(seen)
}

fn merge(seen: &mut Vec<Observation>) {
    seen.sort_unstable();
    seen.dedup();
}

/// The unit's bytes first, so that one pattern takes the record apart.
fn rotated(mut bytes: [u8; ClassRecord::BYTES]) -> [u8; ClassRecord::BYTES] {
    if let Some((class_and_unit, _)) = bytes.split_at_mut_checked(ClassRecord::BYTES - 1) {
        class_and_unit.rotate_left(16);
    }
    bytes
}

#[cfg(test)]
mod tests {
    //! Records as bytes, and sets of tuples as classes.

    use std::convert::Infallible;

    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn records_come_back(class: u128, unit: u64, drawn: bool) {
            let record = ClassRecord { class, unit, drawn };
            let twice = [record.to_bytes(), record.to_bytes()].concat();
            let read: Vec<_> = ClassRecord::read_all(&twice).unwrap().collect();
            prop_assert_eq!(read, vec![record, record]);
            prop_assert!(ClassRecord::read_all(&twice[1..]).is_err());
            prop_assert!(record.partition(5) < 5);
        }
    }

    fn classes(drawn: Drawn, observations: &[(u64, u16, u128, bool)]) -> Vec<(Side, ClassRecord)> {
        let observations = observations.iter().map(|&(unit, table, tuple, drawn)| {
            Ok::<_, Infallible>(Observation {
                unit,
                table,
                tuple,
                drawn,
            })
        });
        let mut records = Vec::new();
        UnitCount::new(ClassKey::new(&[2; 32]), drawn)
            .partition(observations, |side, record| {
                records.push((side, record));
                Ok(())
            })
            .unwrap();
        records
    }

    #[test]
    fn repetition_order_and_presence_do_not_matter() {
        let found = classes(
            Drawn::ByRow,
            &[
                (1, 0, 5, false),
                (1, 1, 9, false),
                (2, 1, 9, false),
                (2, 0, 5, false),
                (2, 0, 5, false),
                (2, Observation::PRESENT, 0, false),
                (3, 0, 9, false),
                (3, 1, 5, false),
            ],
        );
        let class: Vec<u128> = found.iter().map(|(_, record)| record.class).collect();
        assert_eq!(class.len(), 3);
        assert_eq!(class[0], class[1]);
        assert_ne!(class[0], class[2]);
    }

    #[test]
    fn a_uniform_sample_shows_only_its_rows() {
        let found = classes(
            Drawn::ByRow,
            &[(1, 0, 5, true), (1, 0, 6, false), (2, 0, 5, true)],
        );
        let class = |side, unit| {
            found
                .iter()
                .find(|(s, r)| *s == side && r.unit == unit)
                .map(|(_, r)| r.class)
        };
        assert_ne!(class(Side::Population, 1), class(Side::Population, 2));
        assert_eq!(class(Side::Sample, 1), class(Side::Sample, 2));
        assert!(class(Side::Sample, 1).is_some());
    }
}
