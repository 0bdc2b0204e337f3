//! `hash_drop`: every value replaced by one value of its type; that there was one is all that is left.

use crate::Phrase;
use arrow::datatypes::{DataType, TimeUnit};

use super::{ALL_TYPES, Column, Constant, Kernel, Sentence, redact::REDACTED};
use crate::Unsuitable;

pub(crate) fn learnable() -> Sentence {
    Sentence::new("only which values are null", "局部抑制：仅能看出哪些值为空")
}

/// What every value of a column becomes: [`REDACTED`] in text, zero, the first day of 1970, or false.
fn representative(data_type: &DataType) -> Option<&'static str> {
    match data_type {
        DataType::Utf8 => Some(REDACTED),
        DataType::Int64 | DataType::Float64 | DataType::Decimal128(..) => Some("0"),
        DataType::Date32 => Some("1970-01-01"),
        DataType::Timestamp(TimeUnit::Microsecond, None) => Some("1970-01-01T00:00:00"),
        DataType::Boolean => Some("false"),
        _ => None,
    }
}

pub(crate) fn compile(column: &Column<'_>) -> Result<Box<dyn Kernel>, Unsuitable> {
    let value = representative(column.field.data_type())
        .ok_or_else(|| column.wrong_type(ALL_TYPES, Phrase::new("null", "null")))?
        .to_owned();
    Constant { value }.compile(column)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{ColumnRecipe, Technique, Transform};
    use arrow::{
        array::{Array, Date32Array, StringArray},
        datatypes::Field,
    };

    fn check(input: &dyn Array, expect: &dyn Array) {
        let field = Field::new("c", input.data_type().clone(), true);
        let recipe = ColumnRecipe::new("c", Technique::HashDrop);
        let (out, _) = Transform::compile(&recipe, &field, None)
            .unwrap()
            .apply(input, 1)
            .unwrap();
        assert_eq!(out.as_ref(), expect);
    }

    #[test]
    fn presence_is_all_that_is_left() {
        check(
            &StringArray::from(vec![Some("李明"), None, Some("")]),
            &StringArray::from(vec![Some(REDACTED), None, Some(REDACTED)]),
        );
        check(
            &Date32Array::from(vec![Some(9_999), None]),
            &Date32Array::from(vec![Some(0), None]),
        );
    }
}
