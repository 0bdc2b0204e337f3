//! `swap`: values change places among the rows that are seen together.

use serde_json::{Value, json};

use super::{ROWS_DEFAULT, ROWS_MAX, Technique, count};
use crate::read::{Fields, Keys, Reader};

pub(super) const KEYS: Keys = Keys {
    enforced: &["rows", "on_broken"],
    later: &[],
};

/// The fewest rows among which a value is hidden.
const ROWS_MIN: u64 = 20;

/// Lets the values of a column change places.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Swap {
    /// How many drawn rows are seen together.
    pub rows: u32,
}

pub(super) fn read(reader: &mut Reader, fields: &Fields<'_>) -> Option<Technique> {
    let rows = count(reader, fields, "rows", ROWS_MIN, ROWS_MAX)?.unwrap_or(ROWS_DEFAULT);
    Some(Technique::Swap(Swap { rows }))
}

impl Swap {
    pub(super) fn json(self) -> Value {
        json!({ "rows": self.rows })
    }
}
