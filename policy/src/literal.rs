//! Values that a policy writes down: in row filters and as constants.

use std::fmt;

use jiff::civil::{Date, DateTime};

use crate::decimal::Decimal;
use crate::schema::ColumnType;

/// A value written in a policy, not yet of a column's type.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Literal {
    /// Text.
    Text(String),
    /// A whole or decimal number.
    Number(Decimal),
    /// A whole day.
    Date(Date),
    /// A point in time without a zone, to the microsecond.
    Timestamp(DateTime),
    /// True or false.
    Boolean(bool),
}

impl Literal {
    /// The word for its type, as in the schema file.
    #[must_use]
    pub fn type_name(&self) -> &'static str {
        match self {
            Self::Text(_) => "text",
            Self::Number(_) => "number",
            Self::Date(_) => "date",
            Self::Timestamp(_) => "timestamp",
            Self::Boolean(_) => "boolean",
        }
    }

    /// Whether a column of this type can hold the value exactly.
    ///
    /// Nothing is converted: a number is no text, `1.005` is no `decimal(12,2)`, a date is no timestamp.
    #[must_use]
    pub fn fits(&self, column: ColumnType) -> bool {
        match (self, column) {
            (Self::Text(_), ColumnType::Text)
            | (Self::Number(_), ColumnType::Float)
            | (Self::Date(_), ColumnType::Date)
            | (Self::Timestamp(_), ColumnType::Timestamp)
            | (Self::Boolean(_), ColumnType::Boolean) => true,
            (Self::Number(n), ColumnType::Integer) => n.to_i64().is_some(),
            (Self::Number(n), ColumnType::Decimal { precision, scale }) => {
                n.scale() <= scale
                    && n.whole_digits() <= usize::from(precision.saturating_sub(scale))
            }
            _ => false,
        }
    }
}

impl fmt::Display for Literal {
    /// The value as the row filter's grammar writes it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text) => write!(f, "'{}'", text.replace('\'', "''")),
            Self::Number(number) => write!(f, "{number}"),
            Self::Date(date) => write!(f, "DATE '{date}'"),
            Self::Timestamp(at) => write!(f, "TIMESTAMP '{}'", at.strftime("%Y-%m-%d %H:%M:%S%.f")),
            Self::Boolean(true) => f.write_str("TRUE"),
            Self::Boolean(false) => f.write_str("FALSE"),
        }
    }
}

/// A day as `2026-02-01`, no other spelling.
pub(crate) fn date(text: &str) -> Option<Date> {
    let shape = text.len() == 10 && text.bytes().all(|b| b.is_ascii_digit() || b == b'-');
    text.parse().ok().filter(|_| shape)
}

/// A point in time as `2026-02-01 08:30:00` with up to six decimals of a second.
pub(crate) fn timestamp(text: &str) -> Option<DateTime> {
    let (day, time) = text.split_once(' ')?;
    let (clock, fraction) = time.split_once('.').unwrap_or((time, "0"));
    let shape = clock.len() == 8
        && clock.bytes().all(|b| b.is_ascii_digit() || b == b':')
        && (1..=6).contains(&fraction.len())
        && fraction.bytes().all(|b| b.is_ascii_digit());
    date(day)?;
    // Second 60 would be folded to 59, which is another value than the one written.
    (shape && !clock.ends_with(":60"))
        .then(|| text.parse().ok())
        .flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_fits_where() {
        let number = |text: &str| Literal::Number(text.parse().unwrap());
        let money = ColumnType::Decimal {
            precision: 5,
            scale: 2,
        };
        for (literal, column, expect) in [
            (Literal::Text("1".into()), ColumnType::Text, true),
            (Literal::Text("1".into()), ColumnType::Integer, false),
            (number("1"), ColumnType::Text, false),
            (number("9223372036854775807"), ColumnType::Integer, true),
            (number("9223372036854775808"), ColumnType::Integer, false),
            (number("1.5"), ColumnType::Integer, false),
            (number("999.99"), money, true),
            (number("1000"), money, false),
            (number("0.001"), money, false),
            (Literal::Boolean(true), ColumnType::Boolean, true),
            (
                Literal::Date(date("2026-02-01").unwrap()),
                ColumnType::Timestamp,
                false,
            ),
        ] {
            assert_eq!(literal.fits(column), expect, "{literal} in {column}");
        }
    }

    #[test]
    fn days_and_times_have_one_spelling() {
        for text in [
            "2026-02-29",
            "20260201",
            "2026-2-1",
            "2026-02-01T00:00",
            "+002026-02-01",
            "",
        ] {
            assert_eq!(date(text), None, "{text:?}");
        }
        for (text, expect) in [
            (
                "2026-02-01 08:30:00",
                Some("TIMESTAMP '2026-02-01 08:30:00'"),
            ),
            (
                "2026-02-01 08:30:00.120",
                Some("TIMESTAMP '2026-02-01 08:30:00.12'"),
            ),
            ("2026-02-01 24:00:00", None),
            ("2026-02-01 08:30:60", None),
            ("2026-02-01 08:30", None),
            ("2026-02-01 08:30:00Z", None),
            ("2026-02-01 08:30:00.1234567", None),
        ] {
            let shown = timestamp(text).map(|at| Literal::Timestamp(at).to_string());
            assert_eq!(shown.as_deref(), expect, "{text:?}");
        }
    }
}
