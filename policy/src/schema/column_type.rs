//! The types of columns.

use std::fmt;
use std::str::FromStr;

/// The most digits of a decimal column; Arrow's `Decimal128` holds no more.
pub const DECIMAL_PRECISION_MAX: u8 = 38;

/// The type of a column; each has one Arrow type, named with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ColumnType {
    /// `text`: Utf8.
    Text,
    /// `integer`: Int64.
    Integer,
    /// `float`: Float64.
    Float,
    /// `decimal(p,s)`: Decimal128(p, s).
    Decimal {
        /// Digits in all, 1 to 38.
        precision: u8,
        /// Digits after the point, at most the precision.
        scale: u8,
    },
    /// `date`: Date32, a whole day.
    Date,
    /// `timestamp`: Timestamp(Microsecond), without a zone.
    Timestamp,
    /// `boolean`: Boolean.
    Boolean,
}

/// A text that is not a column type.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "not a column type: use text, integer, float, decimal(p,s) with 1 ≤ p ≤ 38 and s ≤ p, date, timestamp or boolean"
)]
pub struct ColumnTypeError;

impl FromStr for ColumnType {
    type Err = ColumnTypeError;

    fn from_str(text: &str) -> Result<Self, ColumnTypeError> {
        Ok(match text {
            "text" => Self::Text,
            "integer" => Self::Integer,
            "float" => Self::Float,
            "date" => Self::Date,
            "timestamp" => Self::Timestamp,
            "boolean" => Self::Boolean,
            other => decimal(other).ok_or(ColumnTypeError)?,
        })
    }
}

fn decimal(text: &str) -> Option<ColumnType> {
    let inside = text.strip_prefix("decimal(")?.strip_suffix(')')?;
    let (precision, scale) = inside.split_once(',')?;
    let number = |text: &str| {
        let text = text.trim();
        text.bytes()
            .all(|b| b.is_ascii_digit())
            .then(|| text.parse::<u8>().ok())
            .flatten()
    };
    let (precision, scale) = (number(precision)?, number(scale)?);
    let allowed = (1..=DECIMAL_PRECISION_MAX).contains(&precision) && scale <= precision;
    allowed.then_some(ColumnType::Decimal { precision, scale })
}

impl fmt::Display for ColumnType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Text => "text",
            Self::Integer => "integer",
            Self::Float => "float",
            Self::Decimal { precision, scale } => return write!(f, "decimal({precision},{scale})"),
            Self::Date => "date",
            Self::Timestamp => "timestamp",
            Self::Boolean => "boolean",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types() {
        for text in [
            "text",
            "integer",
            "float",
            "decimal(12,2)",
            "decimal(38,38)",
            "date",
            "timestamp",
            "boolean",
        ] {
            assert_eq!(text.parse::<ColumnType>().unwrap().to_string(), text);
        }
        assert_eq!(
            "decimal(12, 2)".parse::<ColumnType>().unwrap().to_string(),
            "decimal(12,2)"
        );
        for text in [
            "",
            "Text",
            "int",
            "decimal",
            "decimal()",
            "decimal(0,0)",
            "decimal(39,0)",
            "decimal(5,6)",
            "decimal(5)",
            "decimal(5,-1)",
            "decimal(+5,1)",
        ] {
            assert!(text.parse::<ColumnType>().is_err(), "{text:?}");
        }
    }
}
