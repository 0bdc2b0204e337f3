//! `truncate`: what stands behind a place is cut off.

use serde_json::{Value as Json, json};

use super::{ABOVE_ZERO, KEPT_MAX, Technique, count};
use crate::decimal::Decimal;
use crate::read::{Fields, Keys, Reader};
use crate::tree::Value;
use crate::words::words;

pub(super) const KEYS: Keys = Keys {
    enforced: &["graphemes", "to", "on_broken"],
    later: &[],
};

words! {
    /// A unit of time; the value becomes its first instant.
    TimeUnit {
        /// The first day of ten years.
        Decade = "decade",
        /// The first day of the year.
        Year = "year",
        /// The first day of the quarter.
        Quarter = "quarter",
        /// The first day of the month.
        Month = "month",
        /// The Monday of the week (ISO 8601).
        Week = "week",
        /// The first instant of the day.
        Day = "day",
        /// The first instant of the hour.
        Hour = "hour",
    }
}

/// Cuts off what stands behind a place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Truncate {
    /// A text to its first graphemes.
    Graphemes(u32),
    /// A number to a multiple of this one, toward zero.
    Multiple(Decimal),
    /// A date or time to the first instant of its unit.
    Unit(TimeUnit),
}

pub(super) fn read(reader: &mut Reader, fields: &Fields<'_>) -> Option<Technique> {
    let graphemes = count(reader, fields, "graphemes", 1, KEPT_MAX)?;
    let truncate = match (graphemes, fields.get("to")) {
        (Some(graphemes), None) => Truncate::Graphemes(graphemes),
        (None, Some(node)) => match &node.value {
            Value::Plain(text) if text.parse::<Decimal>().is_err() => {
                Truncate::Unit(reader.word(node, "`to`", TimeUnit::WORDS, &[])?)
            }
            _ => Truncate::Multiple(reader.decimal(
                node,
                "`to`",
                ABOVE_ZERO,
                Decimal::is_positive,
            )?),
        },
        _ => {
            let en = "`truncate` has either `graphemes: 3` for texts, or `to` with a number such as `100` or a unit such as `month`";
            let zh = "`truncate` 应写 `graphemes: 3`（文本），或写 `to`，取数（如 `100`）或时间单位（如 `month`）";
            reader.value_fault(fields.place, en, zh);
            return None;
        }
    };
    Some(Technique::Truncate(truncate))
}

impl Truncate {
    pub(super) fn json(self) -> Json {
        match self {
            Self::Graphemes(count) => json!({ "graphemes": count }),
            Self::Multiple(of) => json!({ "multiple": of.to_string() }),
            Self::Unit(unit) => json!({ "unit": unit.as_str() }),
        }
    }
}
