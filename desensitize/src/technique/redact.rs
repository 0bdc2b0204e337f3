//! `redact`: every text replaced by one mark.

use arrow::array::{Array, ArrayRef};

use super::{Column, Kernel, Sentence};
use crate::{Fault, Phrase, Unsuitable, broken::Broken, rewrite};

/// What a redacted text reads: one mark of one width for every value.
pub const REDACTED: &str = "***";

pub(crate) fn learnable() -> Sentence {
    Sentence::new("only which values are null", "屏蔽：仅能看出哪些值为空")
}

pub(crate) fn compile(column: &Column<'_>) -> Result<Box<dyn Kernel>, Unsuitable> {
    column.must_be_text(Phrase::new("constant", "constant"))?;
    Ok(Box::new(RedactKernel))
}

/// Writes the mark; nulls stay null.
struct RedactKernel;

impl Kernel for RedactKernel {
    fn apply(
        &self,
        column: &dyn Array,
        _: Option<&dyn Array>,
        broken: &mut Broken<'_>,
    ) -> Result<ArrayRef, Fault> {
        rewrite::text(column, broken, |_, out| {
            out.push_str(REDACTED);
            Ok(())
        })
    }
}
