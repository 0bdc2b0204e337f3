//! `round`: numbers to a multiple.

use serde_json::{Value, json};

use super::{ABOVE_ZERO, Technique};
use crate::decimal::Decimal;
use crate::read::{Fields, Keys, Reader};

pub(super) const KEYS: Keys = Keys {
    enforced: &["to", "on_broken"],
    later: &["mode"],
};

/// Rounds to a multiple of a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Round {
    /// The number, above zero.
    pub to: Decimal,
}

pub(super) fn read(reader: &mut Reader, fields: &Fields<'_>) -> Option<Technique> {
    let node = reader.require(
        fields,
        "to",
        "write `round: { to: 10 }`",
        "请写 `round: { to: 10 }`",
    )?;
    let to = reader.decimal(node, "`to`", ABOVE_ZERO, Decimal::is_positive)?;
    Some(Technique::Round(Round { to }))
}

impl Round {
    pub(super) fn json(self) -> Value {
        json!({ "to": self.to.to_string() })
    }
}
