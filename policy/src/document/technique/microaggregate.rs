//! `microaggregate`: each value becomes the mean or median of its k nearest.

use serde_json::{Value, json};

use super::{ROWS_DEFAULT, ROWS_MAX, Technique, count};
use crate::document::recipe::K_MAX;
use crate::fault::FaultKind;
use crate::read::{Fields, Keys, Reader};
use crate::words::words;

pub(super) const KEYS: Keys = Keys {
    enforced: &["k", "method", "rows", "on_broken"],
    later: &[],
};

/// The fewest values of a group: of two, each knows the other's.
const GROUP_MIN: u64 = 3;

words! {
    /// What stands for a group of near values.
    Centre {
        /// Their mean.
        Mean = "mean",
        /// Their median.
        Median = "median",
    }
}

/// Replaces the values of each group of at least `k` near ones by their centre.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Microaggregate {
    /// The fewest values of a group.
    pub k: u32,
    /// What stands for them.
    pub method: Centre,
    /// How many drawn rows are seen together.
    pub rows: u32,
}

pub(super) fn read(reader: &mut Reader, fields: &Fields<'_>) -> Option<Technique> {
    let k = count(reader, fields, "k", GROUP_MIN, K_MAX)?;
    if k.is_none() {
        let en = "write the fewest values of a group, for example `k: 5`";
        reader.missing(fields.place, "k", en, "请写每组最少的值数，例如 `k: 5`");
    }
    let method = match fields.get("method") {
        Some(node) => reader.word(node, "`method`", Centre::WORDS, &[]),
        None => Some(Centre::Mean),
    };
    let rows = count(reader, fields, "rows", 2, ROWS_MAX)?.unwrap_or(ROWS_DEFAULT);
    let (k, method) = (k?, method?);
    if rows < k {
        let en = format!("`rows` is {rows} and holds no group of {k}; write at least `rows: {k}`");
        let zh = format!("`rows` 为 {rows}，不足一组 {k} 个；请至少写 `rows: {k}`");
        reader.fault(FaultKind::Rule, fields.place, en, zh);
        return None;
    }
    Some(Technique::Microaggregate(Microaggregate {
        k,
        method,
        rows,
    }))
}

impl Microaggregate {
    pub(super) fn json(self) -> Value {
        json!({ "k": self.k, "method": self.method.as_str(), "rows": self.rows })
    }
}
