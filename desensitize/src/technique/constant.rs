//! `constant`: every value replaced by one value of the policy, in any column.

use std::sync::Arc;

use arrow::{
    array::{Array, ArrayRef, AsArray, BooleanArray},
    compute::kernels::cast_utils::Parser,
    datatypes::{
        DataType, Date32Type, Decimal128Type, Float64Type, Int64Type, TimeUnit,
        TimestampMicrosecondType,
    },
};

use super::{ALL_TYPES, Column, Kernel, Sentence};
use crate::{Fault, Number, Phrase, Unsuitable, broken::Broken, phrase::said, rewrite};

/// Bytes of a constant text: a full batch of them stays within `i32` offsets.
pub const CONSTANT_BYTES_MAX: usize = 1024;

/// The value every non-null cell becomes, as written in the policy; read in the column's own type.
///
/// Dates are `2026-02-01`, instants `2026-02-01T08:00:00`, truth values `true` and `false`.
/// What a reader learns: only which values are null.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Constant {
    /// The value as the policy writes it.
    pub value: String,
}

pub(crate) fn learnable() -> Sentence {
    Sentence::new("only which values are null", "局部抑制：仅能看出哪些值为空")
}

impl Constant {
    pub(crate) fn compile(&self, column: &Column<'_>) -> Result<Box<dyn Kernel>, Unsuitable> {
        let text = self.value.as_str();
        if text.len() > CONSTANT_BYTES_MAX {
            return Err(column.parameter(said!(
                "takes at most {CONSTANT_BYTES_MAX} bytes; shorten the value",
                "的值最多 {CONSTANT_BYTES_MAX} 字节；请缩短"
            )));
        }
        let value = match column.field.data_type() {
            DataType::Utf8 => Some(Value::Text(text.to_owned())),
            DataType::Int64 => text.parse().ok().map(Value::Integer),
            DataType::Float64 => text
                .parse()
                .ok()
                .filter(|value: &f64| value.is_finite())
                .map(Value::Float),
            DataType::Decimal128(precision, scale) => {
                decimal(text, *precision, *scale).map(Value::Decimal)
            }
            DataType::Date32 => Date32Type::parse(text).map(Value::Date),
            DataType::Timestamp(TimeUnit::Microsecond, None) => {
                TimestampMicrosecondType::parse(text).map(Value::Instant)
            }
            DataType::Boolean => text.parse().ok().map(Value::Flag),
            _ => return Err(column.wrong_type(ALL_TYPES, Phrase::new("null", "null"))),
        };
        let value = value.ok_or_else(|| {
            column.parameter(said!(
                "has a value that is not of the column's type {}; write one that is",
                "的值不属于本列类型 {}；请改写",
                column.field.data_type()
            ))
        })?;
        Ok(Box::new(ConstantKernel(value)))
    }
}

/// A decimal constant in units of the column's scale, where it fits the column's precision.
fn decimal(text: &str, precision: u8, scale: i8) -> Option<i128> {
    let unscaled = text.parse::<Number>().ok()?.at_scale(scale)?;
    fits(unscaled, precision).then_some(unscaled)
}

/// Whether a decimal has no more digits than the column's precision.
pub(crate) fn fits(unscaled: i128, precision: u8) -> bool {
    10u128
        .checked_pow(u32::from(precision))
        .is_some_and(|limit| unscaled.unsigned_abs() < limit)
}

/// A constant in the column's own type.
enum Value {
    Text(String),
    Integer(i64),
    Float(f64),
    Decimal(i128),
    Date(i32),
    Instant(i64),
    Flag(bool),
}

/// Writes the constant; nulls stay null.
struct ConstantKernel(Value);

impl Kernel for ConstantKernel {
    fn apply(
        &self,
        column: &dyn Array,
        _: Option<&dyn Array>,
        broken: &mut Broken<'_>,
    ) -> Result<ArrayRef, Fault> {
        let never = Phrase::new("a value", "值");
        match &self.0 {
            Value::Text(text) => rewrite::text(column, broken, |_, out| {
                out.push_str(text);
                Ok(())
            }),
            Value::Integer(value) => {
                rewrite::primitive::<Int64Type>(column, broken, never, |_| Some(*value))
            }
            Value::Float(value) => {
                rewrite::primitive::<Float64Type>(column, broken, never, |_| Some(*value))
            }
            Value::Decimal(value) => {
                rewrite::primitive::<Decimal128Type>(column, broken, never, |_| Some(*value))
            }
            Value::Date(value) => {
                rewrite::primitive::<Date32Type>(column, broken, never, |_| Some(*value))
            }
            Value::Instant(value) => {
                rewrite::primitive::<TimestampMicrosecondType>(column, broken, never, |_| {
                    Some(*value)
                })
            }
            Value::Flag(value) => {
                let flags = column
                    .as_boolean_opt()
                    .ok_or_else(|| rewrite::mismatch(column, broken, &DataType::Boolean))?;
                Ok(Arc::new(
                    flags
                        .iter()
                        .map(|flag| flag.map(|_| *value))
                        .collect::<BooleanArray>(),
                ))
            }
        }
    }
}
