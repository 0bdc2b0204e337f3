//! Rows of a table handed on in batches of one size, for techniques that have to see rows together.
//!
//! Which rows meet depends on their order alone, never on the batches in which they were read. The last two batches
//! share what is left, so that none holds a few rows alone; memory holds two batches and one that was read.

use arrow::compute::concat_batches;
use arrow::error::ArrowError;
use arrow::record_batch::RecordBatch;

/// Some rows of a table and where each stands in it.
pub(super) struct Rows {
    pub(super) batch: RecordBatch,
    /// The number of each row in its table, from 1.
    pub(super) places: Vec<u64>,
}

/// Holds rows back until enough are together.
pub(super) struct Gather {
    /// How many rows make a batch; none when each batch may pass as it came.
    rows_at_once: Option<usize>,
    waiting: Vec<RecordBatch>,
    places: Vec<u64>,
}

impl Gather {
    pub(super) fn new(rows_at_once: Option<usize>) -> Self {
        Self {
            rows_at_once: rows_at_once.filter(|rows| *rows > 0),
            waiting: Vec::new(),
            places: Vec::new(),
        }
    }

    pub(super) fn push(&mut self, rows: Rows) {
        if rows.batch.num_rows() > 0 {
            self.waiting.push(rows.batch);
            self.places.extend(rows.places);
        }
    }

    /// The next rows that are together; with `last`, what is left of them too.
    ///
    /// # Errors
    /// When batches of other columns were put in.
    pub(super) fn pop(&mut self, last: bool) -> Result<Option<Rows>, ArrowError> {
        let held = self.places.len();
        let wanted = match self.rows_at_once {
            None => held,
            // Rows are held back until as many again have come, so that what is left at the end is never a few alone.
            Some(rows) if held >= rows.saturating_mul(2) => rows,
            Some(rows) if last && held > rows => held.div_ceil(2),
            Some(_) if last => held,
            Some(_) => 0,
        };
        if wanted == 0 {
            return Ok(None);
        }
        let Some(first) = self.waiting.first() else {
            return Ok(None);
        };
        let whole = match self.waiting.as_slice() {
            [only] => only.clone(),
            many => concat_batches(&first.schema(), many)?,
        };
        self.waiting.clear();
        if wanted < held {
            self.waiting.push(whole.slice(wanted, held - wanted));
        }
        let rest = self.places.split_off(wanted);
        Ok(Some(Rows {
            batch: whole.slice(0, wanted),
            places: std::mem::replace(&mut self.places, rest),
        }))
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow::array::{AsArray, StringArray};
    use proptest::prelude::*;

    use super::*;

    fn rows(range: std::ops::Range<u64>) -> Rows {
        let texts: StringArray = range.clone().map(|row| Some(row.to_string())).collect();
        let batch = RecordBatch::try_from_iter([("row", Arc::new(texts) as _)]).unwrap();
        let places = range.collect();
        Rows { batch, places }
    }

    /// Puts `sizes` rows in, one batch after the other, and lists the sizes that come out.
    fn gathered(rows_at_once: Option<usize>, sizes: &[u64]) -> Vec<usize> {
        let mut gather = Gather::new(rows_at_once);
        let (mut start, mut out, mut next) = (0, Vec::new(), 0);
        let mut take = |gather: &mut Gather, last| {
            while let Some(rows) = gather.pop(last).unwrap() {
                let texts = rows.batch.column(0).as_string::<i32>();
                for (text, place) in texts.iter().zip(&rows.places) {
                    assert_eq!((text.unwrap(), *place), (next.to_string().as_str(), next));
                    next += 1;
                }
                assert_eq!(rows.batch.num_rows(), rows.places.len());
                out.push(rows.places.len());
            }
        };
        for size in sizes {
            gather.push(rows(start..start + size));
            start += size;
            take(&mut gather, false);
        }
        take(&mut gather, true);
        assert_eq!(next, start);
        out
    }

    #[test]
    fn batches_of_one_size_of_which_the_last_two_share_the_rest() {
        assert_eq!(gathered(None, &[3, 0, 2]), [3, 2]);
        assert_eq!(gathered(Some(4), &[3, 0, 2, 9]), [4, 4, 3, 3]);
        assert_eq!(gathered(Some(4), &[4, 4]), [4, 4]);
        assert_eq!(gathered(Some(4), &[2]), [2]);
        assert_eq!(gathered(Some(4), &[]), [0; 0]);
        assert_eq!(gathered(Some(1), &[2, 1]), [1, 1, 1]);
    }

    proptest! {
        #[test]
        fn however_rows_come_they_meet_in_the_same_batches(
            rows_at_once in 1..20_usize,
            sizes in prop::collection::vec(0..30_u64, 0..12),
        ) {
            let total: u64 = sizes.iter().sum();
            prop_assert_eq!(gathered(Some(rows_at_once), &sizes), gathered(Some(rows_at_once), &[total]));
        }
    }
}
