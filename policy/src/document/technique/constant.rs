//! `constant`: one value for all.

use serde_json::{Value as Json, json};

use super::{Technique, literal};
use crate::literal::Literal;
use crate::read::{Fields, Keys, Reader};

pub(super) const KEYS: Keys = Keys {
    enforced: &["value"],
    later: &[],
};

/// One value in place of each.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Constant {
    /// The value, exactly as the column's type can hold it.
    pub value: Literal,
}

pub(super) fn read(reader: &mut Reader, fields: &Fields<'_>) -> Option<Technique> {
    let node = reader.require(
        fields,
        "value",
        "write `constant: { value: … }`",
        "请写 `constant: { value: … }`",
    )?;
    let value = literal(node);
    if value.is_none() {
        let en =
            "`value` is a text, number, day, time, `true` or `false`; for empty cells use `null`";
        let zh = "`value` 应为文本、数、日期、时间、`true` 或 `false`；需要空值请用 `null`";
        reader.value_fault(node.place, en, zh);
    }
    value.map(|value| Technique::Constant(Constant { value }))
}

impl Constant {
    pub(super) fn json(&self) -> Json {
        let value = match &self.value {
            Literal::Text(text) => text.clone(),
            other => other.to_string(),
        };
        json!({ "type": self.value.type_name(), "value": value })
    }
}
