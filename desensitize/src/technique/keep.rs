//! `keep`: the value itself, in a rebuilt column.

use arrow::{
    array::{Array, ArrayRef, AsArray, BooleanArray},
    datatypes::{
        DataType, Date32Type, Decimal128Type, Float64Type, Int64Type, TimeUnit,
        TimestampMicrosecondType,
    },
};
use std::sync::Arc;

use super::{ALL_TYPES, Column, Kernel, Sentence};
use crate::{Fault, Phrase, Unsuitable, broken::Broken, rewrite};

pub(crate) fn learnable() -> Sentence {
    Sentence::new(
        "everything: the value is released as it is",
        "全部：原值照发",
    )
}

pub(crate) fn reversible() -> Sentence {
    Sentence::new("nothing was changed", "未作改变")
}

pub(crate) fn compile(column: &Column<'_>) -> Result<Box<dyn Kernel>, Unsuitable> {
    match column.field.data_type() {
        DataType::Utf8
        | DataType::Boolean
        | DataType::Int64
        | DataType::Float64
        | DataType::Decimal128(..) => {}
        DataType::Date32 | DataType::Timestamp(TimeUnit::Microsecond, None) => {}
        _ => {
            return Err(column.wrong_type(
                ALL_TYPES,
                Phrase::new("a column of one of these types", "上述类型之一的列"),
            ));
        }
    }
    Ok(Box::new(KeepKernel))
}

/// Copies values; the copy holds nothing under nulls and nothing outside the slice.
struct KeepKernel;

impl Kernel for KeepKernel {
    fn apply(
        &self,
        column: &dyn Array,
        _: Option<&dyn Array>,
        broken: &mut Broken<'_>,
    ) -> Result<ArrayRef, Fault> {
        let never = Phrase::new("a value", "值");
        match column.data_type() {
            DataType::Int64 => rewrite::primitive::<Int64Type>(column, broken, never, Some),
            DataType::Float64 => rewrite::primitive::<Float64Type>(column, broken, never, Some),
            DataType::Decimal128(..) => {
                rewrite::primitive::<Decimal128Type>(column, broken, never, Some)
            }
            DataType::Date32 => rewrite::primitive::<Date32Type>(column, broken, never, Some),
            DataType::Timestamp(..) => {
                rewrite::primitive::<TimestampMicrosecondType>(column, broken, never, Some)
            }
            DataType::Boolean => {
                let flags = column
                    .as_boolean_opt()
                    .ok_or_else(|| rewrite::mismatch(column, broken, &DataType::Boolean))?;
                Ok(Arc::new(flags.iter().collect::<BooleanArray>()))
            }
            _ => rewrite::text(column, broken, |value, out| {
                out.push_str(value);
                Ok(())
            }),
        }
    }
}
