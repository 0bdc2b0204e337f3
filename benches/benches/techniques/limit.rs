//! What stands beside a technique.

use std::hint::black_box;
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray as _, StringArray, StringBuilder, UInt32Array};
use arrow::compute::kernels::substring::substring;
use arrow::compute::{
    DatePart, SortOptions, cast, date_part, regexp_is_match_scalar, sort_to_indices, take,
};
use arrow::datatypes::{ArrowPrimitiveType, DataType};
use arrow::error::ArrowError;
use benches::{BenchError, Draw, ROWS, two_compressions};
use desensitize::ff1::{Cipher, Ff1Key, RankCipher};

use crate::KEY;

/// The seed of ranks and orders.
const SEED: u64 = 20_260_207;

/// A way to do the same or less, under its name.
pub(crate) struct Limit {
    pub(crate) name: &'static str,
    pub(crate) work: Box<Work>,
}

/// Does all rows of a column once.
pub(crate) type Work = dyn FnMut(&ArrayRef) -> Result<(), BenchError>;

impl Limit {
    fn new(
        name: &'static str,
        mut work: impl FnMut(&ArrayRef) -> Result<ArrayRef, ArrowError> + 'static,
    ) -> Self {
        let work = move |column: &ArrayRef| {
            let out = work(column).map_err(|refused| BenchError::Kernel(refused.into()))?;
            black_box(out);
            Ok(())
        };
        let work = Box::new(work);
        Self { name, work }
    }

    /// Arrow's loop over fixed-width values with the same arithmetic.
    pub(crate) fn unary<T: ArrowPrimitiveType>(
        each: impl Fn(T::Native) -> T::Native + 'static,
    ) -> Self {
        Self::new("unary", move |column| {
            Ok(Arc::new(column.as_primitive::<T>().unary::<_, T>(&each)))
        })
    }

    /// Arrow's reading of one part of a date.
    pub(crate) fn date_part(part: DatePart) -> Self {
        Self::new("date_part", move |column| date_part(column, part))
    }

    /// Arrow's gathering of rows in an order given beforehand.
    pub(crate) fn take() -> Self {
        let mut draw = Draw::new(SEED);
        let mut order: Vec<u32> = (0..ROWS as u32).collect();
        for last in (1..order.len()).rev() {
            order.swap(last, draw.below(last as u64 + 1) as usize);
        }
        let order = UInt32Array::from(order);
        Self::new("take", move |column| take(column, &order, None))
    }

    /// Arrow's order of the values of every so many rows.
    pub(crate) fn sort(rows: usize) -> Self {
        Self::new("sort", move |column| {
            for first in (0..column.len()).step_by(rows) {
                let run = column.slice(first, rows.min(column.len() - first));
                black_box(sort_to_indices(&run, Some(SortOptions::default()), None)?);
            }
            Ok(column.clone())
        })
    }

    /// Arrow's first bytes of every text.
    pub(crate) fn substring(bytes: u64) -> Self {
        Self::new("substring", move |column| substring(column, 0, Some(bytes)))
    }

    /// Arrow's numbering of the distinct texts.
    pub(crate) fn dictionary() -> Self {
        let to = DataType::Dictionary(Box::new(DataType::Int32), Box::new(DataType::Utf8));
        Self::new("dictionary", move |column| cast(column, &to))
    }

    /// Arrow's search of every text for eleven digits in a row.
    pub(crate) fn regexp() -> Self {
        Self::new("regexp", |column| {
            let found = regexp_is_match_scalar(column.as_string::<i32>(), "[0-9]{11}", None)?;
            Ok(Arc::new(found))
        })
    }

    /// The column of texts written anew, value by value.
    pub(crate) fn rebuild() -> Self {
        Self::new("rebuild", |column| {
            let texts: &StringArray = column.as_string();
            let mut out = StringBuilder::with_capacity(texts.len(), texts.value_data().len());
            texts.iter().for_each(|text| out.append_option(text));
            Ok(Arc::new(out.finish()))
        })
    }

    /// Two compressions of SHA-256 a value, the least of an HMAC.
    pub(crate) fn hmac() -> Self {
        Self::new("hmac", |column| {
            black_box(two_compressions());
            Ok(column.clone())
        })
    }

    /// FF1 of as many ranks of one space.
    pub(crate) fn ff1(size: u64) -> Result<Self, BenchError> {
        let refused = |refused: desensitize::ff1::Outside| BenchError::Kernel(refused.into());
        let key = Ff1Key::new(Cipher::Aes256, &KEY).map_err(refused)?;
        let cipher = RankCipher::new(&key, size).map_err(refused)?;
        let mut draw = Draw::new(SEED);
        let mut ranks: Vec<u64> = (0..ROWS).map(|_| draw.below(size)).collect();
        let work = move |_: &ArrayRef| cipher.encrypt(&[1; 16], &mut ranks).map_err(refused);
        let work = Box::new(work);
        Ok(Self { name: "ff1", work })
    }
}
