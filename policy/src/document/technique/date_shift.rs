//! `date_shift`: all dates of one unit moved by the same number of days.

use serde_json::{Value, json};

use super::Technique;
use crate::name::ColumnName;
use crate::read::{Fields, Keys, Reader};

pub(super) const KEYS: Keys = Keys {
    enforced: &["days", "by", "on_broken"],
    later: &[],
};

/// The farthest shift that a policy can ask for, in days: ten years.
const DAYS_MAX: u64 = 3653;

/// Moves dates and keeps the intervals between those of one unit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DateShift {
    /// The farthest that a date moves, in days either way.
    pub days: u32,
    /// The column whose equal values move together; the sample's unit when absent.
    pub by: Option<ColumnName>,
}

pub(super) fn read(reader: &mut Reader, fields: &Fields<'_>) -> Option<Technique> {
    let days = reader
        .require(
            fields,
            "days",
            "write the farthest shift, for example `days: 30`",
            "请写最大偏移天数，例如 `days: 30`",
        )
        .and_then(|node| reader.integer(node, "`days`", 1, DAYS_MAX))
        .and_then(|days| u32::try_from(days).ok());
    let by = match fields.get("by") {
        Some(node) => Some(reader.name(node, "`by`")?),
        None => None,
    };
    Some(Technique::DateShift(DateShift { days: days?, by }))
}

impl DateShift {
    pub(super) fn json(&self) -> Value {
        json!({ "days": self.days, "by": self.by.as_ref().map(ColumnName::as_str) })
    }
}
