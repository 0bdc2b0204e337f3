//! A text column being written: one buffer for the texts of all rows, and where each ends.

use std::sync::Arc;

use arrow::{
    array::{ArrayRef, NullBufferBuilder, StringArray},
    buffer::{Buffer, OffsetBuffer, ScalarBuffer},
};

use crate::Fault;

/// Writes a text column row by row, each text straight to its place.
pub(crate) struct Texts {
    text: String,
    /// Where each row ends in `text`, after the 0 that the first one begins at.
    ends: Vec<i32>,
    nulls: NullBufferBuilder,
}

impl Texts {
    /// Room for so many rows, and for so many bytes of all their texts; both may be exceeded.
    pub(crate) fn with_capacity(rows: usize, bytes: usize) -> Self {
        let mut ends = Vec::with_capacity(rows.saturating_add(1));
        ends.push(0);
        Self {
            text: String::with_capacity(bytes),
            ends,
            nulls: NullBufferBuilder::new(rows),
        }
    }

    /// Appends a row that `write` appends to the text of the rows before it; where it fails there is no row, and what it
    /// has written is gone.
    #[inline]
    pub(crate) fn append_with<E>(
        &mut self,
        write: impl FnOnce(&mut String) -> Result<(), E>,
    ) -> Result<(), E> {
        let from = self.text.len();
        match write(&mut self.text) {
            Ok(()) => {
                debug_assert!(self.text.len() >= from, "a row is only appended");
                self.nulls.append_non_null();
                self.end();
                Ok(())
            }
            Err(why) => {
                self.text.truncate(from);
                Err(why)
            }
        }
    }

    /// Appends a row with this text.
    pub(crate) fn append_value(&mut self, text: &str) {
        self.text.push_str(text);
        self.nulls.append_non_null();
        self.end();
    }

    /// Appends rows whose texts stand one after the other, each of so many bytes; `text` ends with the last of them.
    pub(crate) fn append_values(&mut self, text: &str, bytes_each: usize) {
        let from = self.text.len();
        self.text.push_str(text);
        let rows = text.len().checked_div(bytes_each).unwrap_or(0);
        self.nulls.append_n_non_nulls(rows);
        let end = |row: usize| i32::try_from(from + row * bytes_each).unwrap_or(i32::MAX);
        self.ends.extend((1..=rows).map(end));
    }

    /// Appends a row without a value.
    pub(crate) fn append_null(&mut self) {
        self.nulls.append_null();
        self.end();
    }

    #[inline]
    fn end(&mut self) {
        // Beyond what an offset can say the column is refused at its end.
        self.ends
            .push(i32::try_from(self.text.len()).unwrap_or(i32::MAX));
    }

    /// The column of rows that are all of so many bytes, one after the other, none null.
    ///
    /// # Errors
    /// As [`Texts::finish`].
    pub(crate) fn of_one_width(
        texts: Vec<u8>,
        bytes_each: usize,
        column: &str,
    ) -> Result<ArrayRef, Fault> {
        let column = || column.to_owned();
        let width =
            i32::try_from(bytes_each).map_err(|_| Fault::BatchTooLarge { column: column() })?;
        let bytes =
            i32::try_from(texts.len()).map_err(|_| Fault::BatchTooLarge { column: column() })?;
        let rows = bytes.checked_div(width).unwrap_or(0);
        let ends = (0..rows + 1).map(|row| row * width).collect();
        let (offsets, text) = (OffsetBuffer::new(ends), Buffer::from_vec(texts));
        let texts = StringArray::try_new(offsets, text, None);
        texts
            .map(|texts| Arc::new(texts) as ArrayRef)
            .map_err(|_| Fault::Contract { column: column() })
    }

    /// The column of all rows.
    ///
    /// # Errors
    /// [`Fault::BatchTooLarge`] when its texts need more than the 2 GiB of an Arrow text column, [`Fault::Contract`] when
    /// a kernel changed the text of an earlier row.
    pub(crate) fn finish(mut self, column: &str) -> Result<ArrayRef, Fault> {
        if i32::try_from(self.text.len()).is_err() {
            let column = column.to_owned();
            return Err(Fault::BatchTooLarge { column });
        }
        let contract = || Fault::Contract {
            column: column.to_owned(),
        };
        if !self.ends.is_sorted() {
            return Err(contract());
        }
        let offsets = OffsetBuffer::new(ScalarBuffer::from(self.ends));
        let text = Buffer::from_vec(self.text.into_bytes());
        let texts = StringArray::try_new(offsets, text, self.nulls.finish());
        texts
            .map(|texts| Arc::new(texts) as ArrayRef)
            .map_err(|_| contract())
    }
}

#[cfg(test)]
mod tests {
    use arrow::array::{Array, AsArray};

    use super::*;

    #[test]
    fn rows_of_one_width_are_appended_together() {
        let (mut together, mut each) = (Texts::with_capacity(4, 1), Texts::with_capacity(4, 1));
        for texts in [&mut together, &mut each] {
            texts.append_value("first");
            texts.append_null();
        }
        together.append_values("abcdef", 2);
        for text in ["ab", "cd", "ef"] {
            each.append_value(text);
        }
        together.append_values("", 2);
        let (together, each) = (together.finish("c").unwrap(), each.finish("c").unwrap());
        assert_eq!(together.as_string::<i32>(), each.as_string::<i32>());
    }

    #[test]
    fn rows_all_of_one_width_are_a_column() {
        for rows in [0usize, 1, 5] {
            let column = Texts::of_one_width(b"ab".repeat(rows), 2, "c").unwrap();
            let mut each = Texts::with_capacity(rows, 2);
            (0..rows).for_each(|_| each.append_value("ab"));
            let each = each.finish("c").unwrap();
            assert_eq!(column.as_string::<i32>(), each.as_string::<i32>());
        }
        assert!(Texts::of_one_width("李".as_bytes().to_vec(), 1, "c").is_err());
    }

    #[test]
    fn rows_stand_where_they_were_written() {
        let mut texts = Texts::with_capacity(1, 1);
        texts.append_value("李明");
        texts.append_null();
        let failed = texts.append_with(|out| {
            out.push_str("left over");
            Err("no")
        });
        assert_eq!(failed, Err("no"));
        let written = texts.append_with(|out| {
            out.push('a');
            Ok::<_, ()>(())
        });
        assert_eq!(written, Ok(()));
        texts.append_value("");
        let column = texts.finish("c").unwrap();
        let rows: Vec<_> = column.as_string::<i32>().iter().collect();
        assert_eq!(rows, [Some("李明"), None, Some("a"), Some("")]);
        assert_eq!(column.null_count(), 1);
    }

    #[test]
    fn a_column_without_rows_or_nulls() {
        let empty = Texts::with_capacity(0, 0).finish("c").unwrap();
        assert_eq!((empty.len(), empty.nulls().is_some()), (0, false));
    }
}
