//! `generalize`: a value to the representative of its group.

use serde_json::{Value, json};

use super::{Technique, count};
use crate::name::HierarchyName;
use crate::read::{Fields, Keys, Reader};
use crate::words::words;

pub(super) const KEYS: Keys = Keys {
    enforced: &["to", "age", "grid", "hierarchy", "level", "on_broken"],
    later: &[],
};

/// The widest band of ages, in years.
const AGE_YEARS_MAX: u64 = 50;

/// The most decimals of a degree that a grid can have: eleven metres.
const DECIMALS_MAX: u64 = 4;

/// The most levels of a hierarchy that a policy can name.
const LEVELS_MAX: u64 = 16;

words! {
    /// The built-in groups.
    Group {
        /// A date or time to the first day of its year.
        Year = "year",
        /// A date or time to the first day of its quarter.
        Quarter = "quarter",
        /// A date or time to the first day of its month.
        Month = "month",
        /// A date or time to the Monday of its week.
        Week = "week",
        /// A time to the first instant of its day.
        Day = "day",
        /// A time to the first instant of its hour.
        Hour = "hour",
        /// A date or time to the first day of its ten years.
        Decade = "decade",
        /// A region code to its province.
        Province = "province",
        /// A region code to its prefecture.
        Prefecture = "prefecture",
        /// A region code to its county.
        County = "county",
        /// A region code to its township.
        Township = "township",
        /// A region code of twelve digits or fewer, as it is.
        Village = "village",
    }
}

/// Replaces a value by the representative of its group, in the column's own type.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Generalize {
    /// A built-in group.
    To(Group),
    /// An age, or a birth date, to the lower bound of a band of so many years.
    Age {
        /// The years of a band.
        years: u32,
    },
    /// Coordinates to a grid of so many decimals of a degree.
    Grid {
        /// The decimals that stay.
        decimals: u32,
    },
    /// A level of a hierarchy of the document's `hierarchies`.
    Hierarchy {
        /// Its name there.
        name: HierarchyName,
        /// The column behind the value, from 1.
        level: u32,
    },
}

pub(super) fn read(reader: &mut Reader, fields: &Fields<'_>) -> Option<Technique> {
    let level = count(reader, fields, "level", 1, LEVELS_MAX)?;
    let age = count(reader, fields, "age", 2, AGE_YEARS_MAX)?;
    let grid = count(reader, fields, "grid", 0, DECIMALS_MAX)?;
    let named = (fields.get("to"), fields.get("hierarchy"), level);
    let generalize = match (named, age, grid) {
        ((Some(to), None, None), None, None) => {
            Generalize::To(reader.word(to, "`to`", Group::WORDS, &[])?)
        }
        ((None, None, None), Some(years), None) => Generalize::Age { years },
        ((None, None, None), None, Some(decimals)) => Generalize::Grid { decimals },
        ((None, Some(name), level), None, None) => Generalize::Hierarchy {
            name: reader.name(name, "`hierarchy`")?,
            level: level.unwrap_or(1),
        },
        _ => {
            let en = "`generalize` has one of `to: year`, `age: 5`, `grid: 2`, or `hierarchy` with an optional `level`; intervals of numbers are `bucket: { size: 10 }`";
            let zh = "`generalize` 应写 `to: year`、`age: 5`、`grid: 2` 或 `hierarchy`（可加 `level`）之一；数值区间请用 `bucket: { size: 10 }`";
            reader.value_fault(fields.place, en, zh);
            return None;
        }
    };
    Some(Technique::Generalize(generalize))
}

impl Generalize {
    pub(super) fn json(&self) -> Value {
        match self {
            Self::To(group) => json!({ "to": group.as_str() }),
            Self::Age { years } => json!({ "age": years }),
            Self::Grid { decimals } => json!({ "grid": decimals }),
            Self::Hierarchy { name, level } => {
                json!({ "hierarchy": name.as_str(), "level": level })
            }
        }
    }
}
