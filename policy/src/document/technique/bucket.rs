//! `bucket`: numbers to the lower bound of their interval.

use serde_json::{Value as Json, json};

use super::{ABOVE_ZERO, Technique};
use crate::decimal::Decimal;
use crate::read::{Fields, Keys, Reader};
use crate::tree::{Node, Value};

pub(super) const KEYS: Keys = Keys {
    enforced: &["size", "origin", "edges", "on_broken"],
    later: &[],
};

/// The most edges that a policy can write.
const EDGES_MAX: usize = 256;

/// Any number that a policy can write.
const ANY: (&str, &str) = ("of at most 38 digits", "至多 38 位");

/// The intervals whose lower bounds stand for their numbers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Bucket {
    /// All of one size.
    Size {
        /// The size, above zero.
        size: Decimal,
        /// Where one of them begins; zero unless written.
        origin: Decimal,
    },
    /// From each of these ascending numbers to the next, and from the last on.
    Edges(Vec<Decimal>),
}

pub(super) fn read(reader: &mut Reader, fields: &Fields<'_>) -> Option<Technique> {
    let bucket = match (fields.get("size"), fields.get("edges")) {
        (Some(size), None) => {
            let size = reader.decimal(size, "`size`", ABOVE_ZERO, Decimal::is_positive);
            let origin = match fields.get("origin") {
                Some(node) => reader.decimal(node, "`origin`", ANY, |_| true),
                None => Some(Decimal::from(0)),
            };
            Bucket::Size {
                size: size?,
                origin: origin?,
            }
        }
        (None, Some(node)) if fields.get("origin").is_none() => Bucket::Edges(edges(reader, node)?),
        _ => {
            let en = "`bucket` has either `size` with an optional `origin`, or `edges` such as `[0, 18, 60]`";
            let zh = "`bucket` 应写 `size`（可加 `origin`），或写 `edges`，例如 `[0, 18, 60]`";
            reader.value_fault(fields.place, en, zh);
            return None;
        }
    };
    Some(Technique::Bucket(bucket))
}

fn edges(reader: &mut Reader, node: &Node) -> Option<Vec<Decimal>> {
    let items = match &node.value {
        Value::List(items) if (2..=EDGES_MAX).contains(&items.len()) => items,
        _ => {
            let en =
                format!("`edges` is a list of 2 to {EDGES_MAX} numbers, for example [0, 18, 60]");
            let zh = format!("`edges` 应为 2 至 {EDGES_MAX} 个数的列表，例如 [0, 18, 60]");
            reader.value_fault(node.place, en, zh);
            return None;
        }
    };
    let mut edges: Vec<Decimal> = Vec::with_capacity(items.len());
    for item in items {
        let edge = reader.decimal(item, "`edges`", ANY, |_| true)?;
        if edges.last().is_some_and(|last| *last >= edge) {
            let (en, zh) = (
                "`edges` ascend; this one is not above the one before it",
                "`edges` 应递增；此数不大于前一个",
            );
            reader.value_fault(item.place, en, zh);
            return None;
        }
        edges.push(edge);
    }
    Some(edges)
}

impl Bucket {
    pub(super) fn json(&self) -> Json {
        match self {
            Self::Size { size, origin } => {
                json!({ "size": size.to_string(), "origin": origin.to_string() })
            }
            Self::Edges(edges) => {
                let edges: Vec<String> = edges.iter().map(ToString::to_string).collect();
                json!({ "edges": edges })
            }
        }
    }
}
