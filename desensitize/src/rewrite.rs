//! The two loops every technique runs in: over text and over fixed-width values.
//!
//! Columns are always rebuilt, so that nothing is left under nulls or outside a slice.

mod texts;

use std::sync::Arc;

use arrow::{
    array::{Array, ArrayRef, AsArray, PrimitiveArray, PrimitiveBuilder},
    datatypes::{ArrowPrimitiveType, DataType},
};

use crate::{
    Fault,
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
    expected: &'static str,
    each: impl Fn(T::Native) -> Option<T::Native>,
) -> Result<ArrayRef, Fault> {
    let values: &PrimitiveArray<T> = column
        .as_primitive_opt()
        .ok_or_else(|| mismatch(column, broken, &T::DATA_TYPE))?;
    let mut out = PrimitiveBuilder::<T>::with_capacity(values.len())
        .with_data_type(column.data_type().clone());
    for (row, value) in values.iter().enumerate() {
        let value = match value {
            None => None,
            Some(value) => match each(value) {
                None => broken.other(row, expected)?,
                some => some,
            },
        };
        out.append_option(value);
    }
    Ok(Arc::new(out.finish()))
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
