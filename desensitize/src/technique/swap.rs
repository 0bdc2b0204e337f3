//! `swap`: the values of some rows handed round among them.

use std::{fmt, sync::Arc};

use arrow::{
    array::{Array, ArrayRef, ArrowPrimitiveType, AsArray, BooleanArray, PrimitiveArray},
    datatypes::{
        DataType, Date32Type, Decimal128Type, Float64Type, Int64Type, TimeUnit,
        TimestampMicrosecondType, ToByteSlice,
    },
};

use super::{ALL_TYPES, Column, Kernel, Sentence, words::Words};
use crate::{
    BATCH_ROWS_MAX, Fault, Phrase, Unsuitable,
    broken::{Broken, Malformed},
    key::Prf,
    phrase::said,
    rewrite,
};

/// Rows among which values are swapped at least: fewer, and a reader tries them all.
pub const SWAP_ROWS_MIN: usize = 20;
/// What the subkey is drawn for.
const PURPOSE: &str = "karez/swap/v1";
/// What a valid value would have been.
const EXPECTED: Phrase = Phrase::new(
    "a value with another among its rows to be swapped with",
    "同组行中有其他值可与之置换的值",
);

/// Permutes the values of every `rows` rows among those of them that are not null; nulls stay where they are.
///
/// The permutation is one cycle through all of them, so no row keeps its own cell; it may get an equal value of another
/// row. It follows by HMAC-SHA-256 under the domain's key from the values in their order. A value alone among nulls
/// cannot be swapped and is broken input. Columns are swapped apart from each other, so that associations between
/// columns are lost within the rows.
/// What a reader learns: every value that occurs among the rows and how often, but not in which row. A column that names
/// people still names them: encrypt or drop it instead. Not reversible.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Swap {
    /// How many consecutive rows are swapped together, [`SWAP_ROWS_MIN`] to [`BATCH_ROWS_MAX`]; the last rows of a
    /// batch may be fewer.
    pub rows: usize,
    /// The column domain whose key draws the permutation.
    pub domain: String,
}

impl fmt::Display for Swap {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "among {} rows", self.rows)
    }
}

impl Swap {
    pub(crate) fn learnable(&self) -> Sentence {
        let rows = self.rows;
        Sentence::new(
            format!(
                "every value that occurs among each {rows} rows and how often, not in which row"
            ),
            format!("置换：可知每 {rows} 行内出现的全部取值及其频次，不知属于哪一行"),
        )
    }

    pub(crate) fn compile(&self, column: &Column<'_>) -> Result<Box<dyn Kernel>, Unsuitable> {
        if !(SWAP_ROWS_MIN..=BATCH_ROWS_MAX).contains(&self.rows) {
            return Err(column.parameter(said!(
                "swaps among {SWAP_ROWS_MIN} to {BATCH_ROWS_MAX} rows; choose `rows` among them",
                "可在 {SWAP_ROWS_MIN} 至 {BATCH_ROWS_MAX} 行之间置换；请在此范围内选择 `rows`"
            )));
        }
        match column.field.data_type() {
            DataType::Utf8
            | DataType::Boolean
            | DataType::Int64
            | DataType::Float64
            | DataType::Decimal128(..)
            | DataType::Date32
            | DataType::Timestamp(TimeUnit::Microsecond, None) => {}
            _ => {
                return Err(column.wrong_type(
                    ALL_TYPES,
                    Phrase::new("a column of one of these types", "上述类型之一的列"),
                ));
            }
        }
        Ok(Box::new(SwapKernel {
            rows: self.rows,
            prf: column.key()?.subkey(PURPOSE).prf(),
        }))
    }
}

/// Hands values round within each run of rows.
struct SwapKernel {
    rows: usize,
    prf: Prf,
}

impl SwapKernel {
    /// For each row the row whose value it gets; none for nulls and for values that have no other among their rows.
    fn sources(
        &self,
        column: &dyn Array,
        mut write: impl FnMut(usize, &mut Vec<u8>),
    ) -> Vec<Option<usize>> {
        let mut sources = vec![None; column.len()];
        let mut content = Vec::new();
        for (run, sources) in sources.chunks_mut(self.rows).enumerate() {
            let first = run * self.rows;
            let places: Vec<usize> = (0..sources.len())
                .filter(|place| column.is_valid(first + place))
                .collect();
            content.clear();
            places
                .iter()
                .for_each(|place| write(first + place, &mut content));
            for (place, source) in places.iter().zip(self.cycle(&places, &content)) {
                if let Some(to) = sources.get_mut(*place) {
                    *to = Some(first + source);
                }
            }
        }
        sources
    }

    /// The places in the order of one cycle through all of them (S. Sattolo, 1986); empty for a single place.
    fn cycle(&self, places: &[usize], content: &[u8]) -> Vec<usize> {
        if places.len() < 2 {
            return Vec::new();
        }
        let seed = self.prf.compute(&[content]);
        let seed = [seed.as_slice()];
        let mut words = Words::new(&self.prf, &seed);
        let mut order = places.to_vec();
        for last in (1..order.len()).rev() {
            // A batch has fewer than 2^32 rows, so the conversions never fail.
            let choices = u64::try_from(last).unwrap_or(1);
            order.swap(last, usize::try_from(words.below(choices)).unwrap_or(0));
        }
        order
    }
}

impl Kernel for SwapKernel {
    fn apply(
        &self,
        column: &dyn Array,
        _: Option<&dyn Array>,
        broken: &mut Broken<'_>,
    ) -> Result<ArrayRef, Fault> {
        match column.data_type() {
            DataType::Int64 => self.fixed::<Int64Type>(column, broken),
            DataType::Float64 => self.fixed::<Float64Type>(column, broken),
            DataType::Decimal128(..) => self.fixed::<Decimal128Type>(column, broken),
            DataType::Date32 => self.fixed::<Date32Type>(column, broken),
            DataType::Timestamp(..) => self.fixed::<TimestampMicrosecondType>(column, broken),
            DataType::Boolean => self.flags(column, broken),
            _ => self.texts(column, broken),
        }
    }
}

impl SwapKernel {
    fn fixed<T: ArrowPrimitiveType>(
        &self,
        column: &dyn Array,
        broken: &mut Broken<'_>,
    ) -> Result<ArrayRef, Fault> {
        let values: &PrimitiveArray<T> = column
            .as_primitive_opt()
            .ok_or_else(|| rewrite::mismatch(column, broken, &T::DATA_TYPE))?;
        let sources = self.sources(column, |row, content| {
            content.extend_from_slice(values.value(row).to_byte_slice());
        });
        rewrite::rows::<T>(column, broken, EXPECTED, |row, _| {
            let source = sources.get(row).copied().flatten()?;
            Some(values.value(source))
        })
    }

    fn flags(&self, column: &dyn Array, broken: &mut Broken<'_>) -> Result<ArrayRef, Fault> {
        let values = column
            .as_boolean_opt()
            .ok_or_else(|| rewrite::mismatch(column, broken, &DataType::Boolean))?;
        let sources = self.sources(column, |row, content| {
            content.push(u8::from(values.value(row)));
        });
        let swapped = sources
            .iter()
            .enumerate()
            .map(|(row, source)| match source {
                Some(source) => Ok(Some(values.value(*source))),
                None if values.is_null(row) => Ok(None),
                None => broken.other(row, EXPECTED),
            });
        Ok(Arc::new(swapped.collect::<Result<BooleanArray, Fault>>()?))
    }

    fn texts(&self, column: &dyn Array, broken: &mut Broken<'_>) -> Result<ArrayRef, Fault> {
        let values = column
            .as_string_opt::<i32>()
            .ok_or_else(|| rewrite::mismatch(column, broken, &DataType::Utf8))?;
        let sources = self.sources(column, |row, content| {
            let text = values.value(row);
            // The length in front keeps ["ab", "c"] and ["a", "bc"] apart.
            content.extend((text.len() as u64).to_be_bytes());
            content.extend_from_slice(text.as_bytes());
        });
        let mut out = rewrite::Texts::with_capacity(values.len(), rewrite::text_bytes(column));
        for (row, source) in sources.iter().enumerate() {
            match source {
                Some(source) => out.append_value(values.value(*source)),
                None if values.is_null(row) => out.append_null(),
                None => broken.text(row, values.value(row), &Malformed(EXPECTED), &mut out)?,
            }
        }
        out.finish(broken.column)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ColumnKey;
    use arrow::array::{Int64Array, StringArray};
    use proptest::prelude::*;

    fn kernel(rows: usize) -> SwapKernel {
        SwapKernel {
            rows,
            prf: ColumnKey::from([4; 32]).prf(),
        }
    }

    fn swapped(rows: usize, column: &dyn Array) -> (ArrayRef, u64) {
        let mut broken = Broken::of_test();
        let out = kernel(rows).apply(column, None, &mut broken).unwrap();
        (out, broken.count)
    }

    #[test]
    fn two_values_change_places_and_one_alone_is_broken() {
        let column = Int64Array::from(vec![Some(1), None, Some(2), None, Some(3), None]);
        let (out, broken) = swapped(3, &column);
        let expect = Int64Array::from(vec![Some(2), None, Some(1), None, None, None]);
        assert_eq!((out.as_ref(), broken), (&expect as &dyn Array, 1));
        let flags = BooleanArray::from(vec![Some(true), Some(false), None]);
        let expect = BooleanArray::from(vec![Some(false), Some(true), None]);
        assert_eq!(swapped(3, &flags).0.as_ref(), &expect as &dyn Array);
    }

    /// Each of the five other rows is a row's source about equally often: chi-square with 4 degrees of freedom.
    #[test]
    fn no_other_row_is_favoured() {
        let kernel = kernel(6);
        let places: Vec<usize> = (0..6).collect();
        let mut counts = [0f64; 6];
        for batch in 0u32..6_000 {
            counts[kernel.cycle(&places, &batch.to_be_bytes())[0]] += 1.0;
        }
        let chi_square: f64 = counts[1..]
            .iter()
            .map(|count| (count - 1_200.0).powi(2) / 1_200.0)
            .sum();
        assert!(counts[0] == 0.0 && chi_square < 18.47, "{counts:?}");
    }

    proptest! {
        /// The reference twin follows the cycle: it comes back to the first row after all of them.
        #[test]
        fn one_cycle_through_all(count in 2usize..80, content in any::<[u8; 4]>()) {
            let places: Vec<usize> = (0..count).map(|place| place * 2).collect();
            let order = kernel(160).cycle(&places, &content);
            let (mut at, mut steps) = (0, 0);
            loop {
                at = order[at] / 2;
                steps += 1;
                if at == 0 { break }
            }
            prop_assert_eq!(steps, count);
        }

        /// Within each run the same values, the same nulls, and no row its own cell.
        #[test]
        fn runs_keep_their_values(cells in prop::collection::vec(prop::option::weighted(0.8, any::<u32>()), 0..90)) {
            let cells: Vec<Option<String>> = cells.iter().enumerate().map(|(row, cell)| cell.map(|cell| format!("{cell} {row}"))).collect();
            let column = StringArray::from(cells.clone());
            let (out, _) = swapped(20, &column);
            let out: Vec<Option<String>> = out.as_string::<i32>().iter().map(|text| text.map(str::to_owned)).collect();
            for (before, after) in cells.chunks(20).zip(out.chunks(20)) {
                if before.iter().flatten().count() == 1 {
                    prop_assert!(after.iter().all(Option::is_none));
                    continue;
                }
                let sorted = |cells: &[Option<String>]| { let mut cells = cells.to_vec(); cells.sort(); cells };
                prop_assert_eq!(sorted(before), sorted(after));
                prop_assert!(before.iter().zip(after).all(|(a, b)| a.is_none() == b.is_none() && (a.is_none() || a != b)));
            }
        }
    }
}
