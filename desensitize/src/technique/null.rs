//! `null`: every value replaced by null, in any nullable column.

use arrow::array::{Array, ArrayRef, new_null_array};

use super::{Column, Kernel, Sentence};
use crate::{Fault, Unsuitable, broken::Broken};

pub(crate) fn learnable() -> Sentence {
    Sentence::new(
        "nothing but the column's name and type",
        "局部抑制：除列名与类型外一无所知",
    )
}

pub(crate) fn compile(column: &Column<'_>) -> Result<Box<dyn Kernel>, Unsuitable> {
    if column.field.is_nullable() {
        Ok(Box::new(NullKernel))
    } else {
        Err(Unsuitable::NotNullable {
            column: column.name(),
            what: "null",
            instead: "constant",
        })
    }
}

/// Writes nulls without looking at a value.
struct NullKernel;

impl Kernel for NullKernel {
    fn apply(
        &self,
        column: &dyn Array,
        _: Option<&dyn Array>,
        _: &mut Broken<'_>,
    ) -> Result<ArrayRef, Fault> {
        Ok(new_null_array(column.data_type(), column.len()))
    }
}
