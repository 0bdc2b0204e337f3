//! From batches of released quasi columns to observations.

use arrow::array::{Array, ArrayRef, BooleanArray, UInt64Array};
use arrow::datatypes::{DataType, Field};

use super::canonical::{Column, supported};
use super::{ClassKey, spread};
use crate::SampleError;

/// That a unit shows a tuple of quasi values in a table; small and of fixed size, to be spilled.
///
/// Privacy: equal tuples of two units are visibly equal, so spilled observations are as sensitive as
/// the population itself and belong into encrypted space.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Observation {
    /// The unit, as numbered by the hidden unit column.
    pub unit: u64,
    /// The table, or [`Observation::PRESENT`] for a table without quasi columns.
    pub table: u16,
    /// The keyed hash of the tuple.
    pub tuple: u128,
    /// True if the row itself was drawn; only [`super::Drawn::ByRow`] looks at it.
    pub drawn: bool,
}

impl Observation {
    /// Bytes of one record.
    pub const BYTES: usize = 27;
    /// The table number that adds a unit to the population without showing anything of it.
    pub const PRESENT: u16 = u16::MAX;
    /// The largest table number.
    pub const TABLE_MAX: u16 = u16::MAX - 1;

    /// The record as bytes: unit, table, tuple (big-endian), drawn as 0 or 1.
    #[must_use]
    pub fn to_bytes(&self) -> [u8; Self::BYTES] {
        let mut bytes = [0; Self::BYTES];
        let fields = self.unit.to_be_bytes().into_iter();
        let fields = fields
            .chain(self.table.to_be_bytes())
            .chain(self.tuple.to_be_bytes());
        for (to, from) in bytes.iter_mut().zip(fields.chain([u8::from(self.drawn)])) {
            *to = from;
        }
        bytes
    }

    /// The record that [`Observation::to_bytes`] wrote.
    #[must_use]
    pub fn from_bytes(bytes: &[u8; Self::BYTES]) -> Self {
        let [u0, u1, u2, u3, u4, u5, u6, u7, t0, t1, tuple @ .., drawn] = *bytes;
        Self {
            unit: u64::from_be_bytes([u0, u1, u2, u3, u4, u5, u6, u7]),
            table: u16::from_be_bytes([t0, t1]),
            tuple: u128::from_be_bytes(tuple),
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

    /// Which of `partitions` spill files the record belongs into; all of a unit go into the same.
    #[must_use]
    pub fn partition(&self, partitions: usize) -> usize {
        // Units are keyed already; mixing costs nothing and also spreads small test numbers.
        spread(mix(self.unit), partitions)
    }
}

/// The finaliser of splitmix64 (Steele, Lea, Flood 2014): every input bit reaches every output bit.
fn mix(mut bits: u64) -> u64 {
    bits = (bits ^ bits >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    bits = (bits ^ bits >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
    bits ^ bits >> 31
}

/// Turns the batches of one table into observations.
#[derive(Debug, Clone)]
pub struct Observer {
    table: u16,
    types: Vec<DataType>,
}

impl Observer {
    /// An observer of table number `table`, whose quasi columns are `quasi`, in this order.
    ///
    /// A table without quasi columns still adds its units to the population.
    ///
    /// # Errors
    /// [`SampleError::UnsupportedType`] names a column that cannot be counted over;
    /// [`SampleError::TableNumber`] for a number above [`Observation::TABLE_MAX`].
    pub fn new(table: u16, quasi: &[Field]) -> Result<Self, SampleError> {
        if table > Observation::TABLE_MAX {
            return Err(SampleError::TableNumber {
                table,
                max: Observation::TABLE_MAX,
            });
        }
        if let Some(field) = quasi.iter().find(|field| !supported(field.data_type())) {
            return Err(SampleError::UnsupportedType {
                column: field.name().clone(),
                data_type: field.data_type().to_string(),
            });
        }
        let types = quasi
            .iter()
            .map(|field| field.data_type().clone())
            .collect();
        Ok(Self { table, types })
    }

    /// Emits what each row of a batch shows, and returns how many rows had no unit.
    ///
    /// `quasi` are the columns given to [`Observer::new`], **generalised as they will be released**:
    /// what the reader of the sample cannot tell apart must be equal here. `drawn` marks the rows of
    /// a uniform sample; without it no row is marked. Rows without a unit emit nothing, since
    /// neither method ever releases them.
    ///
    /// # Errors
    /// [`SampleError::BatchMismatch`] if number, type or length of the columns differ.
    pub fn observe(
        &self,
        key: &ClassKey,
        units: &UInt64Array,
        quasi: &[ArrayRef],
        drawn: Option<&BooleanArray>,
        mut emit: impl FnMut(Observation),
    ) -> Result<u64, SampleError> {
        let columns = self.columns(units.len(), quasi, drawn)?;
        let mut bytes = Vec::new();
        let mut before = None;
        for (row, unit) in units.iter().enumerate() {
            let Some(unit) = unit else { continue };
            let drawn = drawn.is_some_and(|drawn| drawn.is_valid(row) && drawn.value(row));
            let (table, tuple) = self.tuple(key, &columns, row, &mut bytes);
            let seen = Observation {
                unit,
                table,
                tuple,
                drawn,
            };
            // Tables are often sorted by unit: a repeated row need not be spilled twice.
            if before != Some(seen) {
                emit(seen);
            }
            before = Some(seen);
        }
        Ok(units.null_count() as u64)
    }

    /// Table number and hashed tuple of one row.
    fn tuple(
        &self,
        key: &ClassKey,
        columns: &[Column<'_>],
        row: usize,
        bytes: &mut Vec<u8>,
    ) -> (u16, u128) {
        if columns.is_empty() {
            return (Observation::PRESENT, 0);
        }
        bytes.clear();
        for column in columns {
            column.write(row, bytes);
        }
        (self.table, key.tag(bytes))
    }

    fn columns<'a>(
        &self,
        rows: usize,
        quasi: &'a [ArrayRef],
        drawn: Option<&BooleanArray>,
    ) -> Result<Vec<Column<'a>>, SampleError> {
        let mismatch = |what: &str| SampleError::BatchMismatch {
            what: what.to_owned(),
        };
        if quasi.len() != self.types.len() {
            return Err(mismatch("the number of columns"));
        }
        if drawn.is_some_and(|drawn| drawn.len() != rows) {
            return Err(mismatch("the length of the drawn mask"));
        }
        let column = |(array, expected): (&'a ArrayRef, &DataType)| {
            if array.len() != rows {
                return Err(mismatch("the length of a column"));
            }
            if array.data_type() != expected {
                return Err(mismatch("the type of a column"));
            }
            Column::of(array).ok_or_else(|| mismatch("the type of a column"))
        };
        quasi.iter().zip(&self.types).map(column).collect()
    }
}

#[cfg(test)]
mod tests {
    //! Records as bytes, and what an observer refuses.

    use std::sync::Arc;

    use arrow::array::StringArray;
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn records_come_back(unit: u64, table: u16, tuple: u128, drawn: bool) {
            let record = Observation { unit, table, tuple, drawn };
            let twice = [record.to_bytes(), record.to_bytes()].concat();
            let read: Vec<_> = Observation::read_all(&twice).unwrap().collect();
            prop_assert_eq!(read, vec![record, record]);
            prop_assert!(Observation::read_all(&twice[1..]).is_err());
            prop_assert!(record.partition(7) < 7);
        }
    }

    #[test]
    fn small_numbers_are_spread() {
        let mut counts = [0_u32; 8];
        for unit in 0..8000 {
            let record = Observation {
                unit,
                table: 0,
                tuple: 0,
                drawn: false,
            };
            counts[record.partition(8)] += 1;
        }
        assert!(
            counts.iter().all(|count| (850..1150).contains(count)),
            "{counts:?}"
        );
    }

    #[test]
    fn wrong_columns_are_refused() {
        let key = ClassKey::new(&[1; 32]);
        let observer = Observer::new(0, &[Field::new("town", DataType::Utf8, true)]).unwrap();
        let units = UInt64Array::from(vec![1, 2]);
        let check = |quasi: &[ArrayRef]| {
            let found = observer.observe(&key, &units, quasi, None, |_| ());
            assert!(matches!(found, Err(SampleError::BatchMismatch { .. })));
        };
        check(&[]);
        check(&[Arc::new(StringArray::from(vec!["a"]))]);
        check(&[Arc::new(UInt64Array::from(vec![1, 2]))]);
        let odd = Observer::new(0, &[Field::new("blob", DataType::Binary, true)]);
        assert!(odd.unwrap_err().to_string().contains("`blob`"));
        assert!(Observer::new(Observation::PRESENT, &[]).is_err());
    }

    #[test]
    fn rows_without_a_unit_are_counted_only() {
        let key = ClassKey::new(&[1; 32]);
        let observer = Observer::new(0, &[]).unwrap();
        let units = UInt64Array::from(vec![Some(1), None, Some(2), None]);
        let mut seen = Vec::new();
        let without = observer
            .observe(&key, &units, &[], None, |o| seen.push(o.unit))
            .unwrap();
        assert_eq!((without, seen), (2, vec![1, 2]));
    }
}
