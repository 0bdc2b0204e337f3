//! What may leave as a result.

use super::recipe::class_size;
use crate::fault::Place;
use crate::read::{INTEGER_MAX, Keys, Reader};
use crate::tree::Node;
use crate::words::words;

/// The most rows of a result when `rows_max` is not written.
pub const OUTPUT_ROWS_MAX_DEFAULT: u64 = 10_000;

const OUTPUT: Keys = Keys {
    enforced: &["shape", "k", "rows_max"],
    later: &[
        "significant_digits",
        "review",
        "dominance",
        "quotas",
        "columns",
        "noise",
        "period",
        "bits_max",
        "differencing",
    ],
};
const SHAPES_LATER: [&str; 5] = ["subject", "model", "open", "rows", "decision"];

words! {
    /// The shape of a result.
    Shape {
        /// Aggregates over groups of units.
        Statistics = "statistics",
    }
}

/// The `output` section of a policy, defaults filled in.
#[derive(Debug, Clone)]
pub struct OutputContract {
    /// Where the section stands.
    pub place: Place,
    /// Its shape.
    pub shape: Shape,
    /// The fewest distinct units behind each released group, at least 2.
    pub k: u32,
    /// The most rows.
    pub rows_max: u64,
}

pub(super) fn output(reader: &mut Reader, node: &Node, key: Place) -> Option<OutputContract> {
    let fields = reader.fields(node, key, "`output`", &OUTPUT)?;
    let shape = reader
        .require(
            &fields,
            "shape",
            "write `shape: statistics`",
            "请写 `shape: statistics`",
        )
        .and_then(|node| reader.word(node, "`shape`", Shape::WORDS, &SHAPES_LATER));
    let k = class_size(reader, &fields, "k");
    if k.is_none() {
        reader.missing(
            key,
            "k",
            "write the fewest units behind a released group, for example `k: 10`",
            "请写每组最少的单元数，例如 `k: 10`",
        );
    }
    let rows_max = match fields.get("rows_max") {
        Some(node) => reader.integer(node, "`rows_max`", 1, INTEGER_MAX),
        None => Some(OUTPUT_ROWS_MAX_DEFAULT),
    };
    Some(OutputContract {
        place: key,
        shape: shape?,
        k: k??,
        rows_max: rows_max?,
    })
}
