//! The two loops every technique runs in: over text and over fixed-width values.
//!
//! Columns are always rebuilt, so that nothing is left under nulls or outside a slice.

mod texts;

use std::sync::Arc;

use arrow::{
    array::{Array, ArrayRef, AsArray, PrimitiveArray},
    buffer::{BooleanBuffer, NullBuffer},
    datatypes::{ArrowPrimitiveType, DataType},
};

use crate::{
    Fault, Phrase,
    broken::{Broken, Malformed},
};

pub(crate) use texts::Texts;

/// Rewrites each text; `each` appends to the texts of the rows before it, which it leaves alone, or says why it cannot.
///
/// What it has appended when it cannot is dropped.
pub(crate) fn text(
    column: &dyn Array,
    broken: &mut Broken<'_>,
    each: impl FnMut(&str, &mut String) -> Result<(), Malformed>,
) -> Result<ArrayRef, Fault> {
    text_of_bytes(column, broken, text_bytes(column), each)
}

/// The same where the bytes of all texts that are written can be told, so that room for them is taken once.
pub(crate) fn text_of_bytes(
    column: &dyn Array,
    broken: &mut Broken<'_>,
    bytes: usize,
    mut each: impl FnMut(&str, &mut String) -> Result<(), Malformed>,
) -> Result<ArrayRef, Fault> {
    let texts = column
        .as_string_opt::<i32>()
        .ok_or_else(|| mismatch(column, broken, &DataType::Utf8))?;
    let mut out = Texts::with_capacity(texts.len(), bytes);
    for (row, value) in texts.iter().enumerate() {
        let Some(value) = value else {
            out.append_null();
            continue;
        };
        if let Err(why) = out.append_with(|out| each(value, out)) {
            broken.text(row, value, &why, &mut out)?;
        }
    }
    out.finish(broken.column)
}

/// Rewrites each fixed-width value; `each` returns none where the value has no answer in the column's type.
pub(crate) fn primitive<T: ArrowPrimitiveType>(
    column: &dyn Array,
    broken: &mut Broken<'_>,
    expected: Phrase,
    each: impl Fn(T::Native) -> Option<T::Native>,
) -> Result<ArrayRef, Fault> {
    rows::<T>(column, broken, expected, |_, value| each(value))
}

/// Rewrites each fixed-width value together with its row's number in the batch, in the order of the rows.
pub(crate) fn rows<T: ArrowPrimitiveType>(
    column: &dyn Array,
    broken: &mut Broken<'_>,
    expected: Phrase,
    mut each: impl FnMut(usize, T::Native) -> Option<T::Native>,
) -> Result<ArrayRef, Fault> {
    let values: &PrimitiveArray<T> = column
        .as_primitive_opt()
        .ok_or_else(|| mismatch(column, broken, &T::DATA_TYPE))?;
    let mut out = vec![T::default_value(); values.len()];
    let mut lost = vec![];
    let nulls = values.nulls().filter(|nulls| nulls.null_count() > 0);
    for (row, (to, value)) in out.iter_mut().zip(values.values()).enumerate() {
        if nulls.is_some_and(|nulls| nulls.is_null(row)) {
            continue;
        }
        match each(row, *value) {
            Some(value) => *to = value,
            None => {
                broken.other::<T::Native>(row, expected)?;
                lost.push(row);
            }
        }
    }
    let out = PrimitiveArray::<T>::new(out.into(), valid(nulls, &lost, column.len()));
    Ok(Arc::new(out.with_data_type(column.data_type().clone())))
}

/// The column's nulls and the lost rows, rebuilt so that no bit of a row outside the slice comes along.
fn valid(nulls: Option<&NullBuffer>, lost: &[usize], rows: usize) -> Option<NullBuffer> {
    if lost.is_empty() && nulls.is_none() {
        return None;
    }
    let mut lost = lost.iter().copied().peekable();
    let valid = BooleanBuffer::collect_bool(rows, |row| {
        lost.next_if_eq(&row).is_none() && nulls.is_none_or(|nulls| nulls.is_valid(row))
    });
    Some(NullBuffer::new(valid))
}

/// Bytes of text within the column's own slice; 0 for other types.
pub(crate) fn text_bytes(column: &dyn Array) -> usize {
    let Some(texts) = column.as_string_opt::<i32>() else {
        return 0;
    };
    let offsets = texts.value_offsets();
    let (first, last) = (
        offsets.first().copied().unwrap_or(0),
        offsets.last().copied().unwrap_or(0),
    );
    usize::try_from(last - first).unwrap_or(usize::MAX)
}

/// The batch holds another type than the kernel was compiled for.
pub(crate) fn mismatch(column: &dyn Array, broken: &Broken<'_>, compiled: &DataType) -> Fault {
    Fault::ColumnType {
        column: broken.column.to_owned(),
        compiled: compiled.clone(),
        found: column.data_type().clone(),
    }
}
