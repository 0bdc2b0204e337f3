//! How a sample is drawn and which gate it must pass.

use super::parse::optional;
use crate::decimal::Decimal;
use crate::fault::{FaultKind, Place};
use crate::name::UnitName;
use crate::read::{Fields, INTEGER_MAX, Keys, Reader};
use crate::tree::Node;
use crate::words::words;

/// The gate when `k_map` is not written: each combination of quasi columns is shared by five units of the population.
pub const K_MAP_DEFAULT: u32 = 5;

/// The smallest class size that means anything: with one, everybody stands alone.
pub const K_MIN: u32 = 2;

/// The largest class size that a policy can ask for.
pub(super) const K_MAX: u64 = 1_000_000;

/// The share of drawn units that may be suppressed before the whole release is refused, when not written: one in ten.
pub const SUPPRESS_MAX_DEFAULT: &str = "0.1";

const SAMPLE: Keys = Keys {
    enforced: &[
        "method",
        "unit",
        "rate",
        "rows_max",
        "k_map",
        "k",
        "membership",
        "suppress_max",
        "one_way",
    ],
    later: &[
        "l",
        "t",
        "strata",
        "allocation",
        "closure",
        "seed",
        "rows",
        "interval",
        "download",
        "recipient_mark",
        "quotas",
        "delta",
    ],
};
const METHODS_LATER: [&str; 6] = [
    "bernoulli",
    "reservoir",
    "systematic",
    "stratified",
    "cluster",
    "pps",
];

words! {
    /// Which rows are drawn.
    Method {
        /// Each row on its own.
        Uniform = "uniform",
        /// All rows of the drawn units, the same units in every table, so that joins still hit.
        Consistent = "consistent",
    }
}

words! {
    /// Whether a reader may know that somebody is in the sample.
    Membership {
        /// Not known; the gate looks at the population.
        Unknown = "unknown",
        /// May be known; the gate looks at the sample's own classes too.
        Known = "known",
    }
}

/// The `sample` section of a policy, defaults filled in.
#[derive(Debug, Clone)]
pub struct SampleRecipe {
    /// Where the section stands.
    pub place: Place,
    /// Which rows are drawn.
    pub method: Method,
    /// The unit that is drawn and counted; required for `consistent`, else each data set's only one.
    pub unit: Option<UnitName>,
    /// Where `unit` is written, else the section's place.
    pub unit_place: Place,
    /// The share of rows or units, above 0 and at most 1.
    pub rate: Decimal,
    /// The most rows per data set.
    pub rows_max: Option<u64>,
    /// The gate on the population: units per combination of quasi columns.
    pub k_map: u32,
    /// The gate on the sample's own classes; set exactly when membership is known.
    pub k: Option<u32>,
    /// Whether membership may be known.
    pub membership: Membership,
    /// The largest share of drawn units that may be suppressed, 0 to 1.
    pub suppress_max: Decimal,
    /// Whether the key of a release is dropped after it, so that nothing in it can be reversed or repeated; not written,
    /// whoever releases decides, and a sample that leaves the system is one-way.
    pub one_way: Option<bool>,
}

/// Each key is read before any is missed, so that the faults of all are reported.
pub(super) fn sample(reader: &mut Reader, node: &Node, key: Place) -> Option<SampleRecipe> {
    let fields = reader.fields(node, key, "`sample`", &SAMPLE)?;
    let (method, unit) = drawn(reader, &fields);
    let rate = rate(reader, &fields);
    let rows_max = fields
        .get("rows_max")
        .map(|node| reader.integer(node, "`rows_max`", 1, INTEGER_MAX));
    let k_map = class_size(reader, &fields, "k_map").unwrap_or(Some(K_MAP_DEFAULT));
    let (membership, k) = membership(reader, &fields);
    let suppress_max = suppress_max(reader, &fields);
    let one_way = fields
        .get("one_way")
        .map(|node| reader.boolean(node, "`one_way`"));
    Some(SampleRecipe {
        place: key,
        method: method?,
        unit: optional(unit)?,
        unit_place: fields.get("unit").map_or(key, |node| node.place),
        rate: rate?,
        rows_max: optional(rows_max)?,
        k_map: k_map?,
        k: optional(k)?,
        membership: membership?,
        suppress_max: suppress_max?,
        one_way: optional(one_way)?,
    })
}

/// What is drawn; of the unit, the outer nothing means that it is not written, the inner that it is faulty.
fn drawn(reader: &mut Reader, fields: &Fields<'_>) -> (Option<Method>, Option<Option<UnitName>>) {
    let (en, zh) = (
        "write `method: uniform` or `method: consistent`",
        "请写 `method: uniform` 或 `method: consistent`",
    );
    let method = reader
        .require(fields, "method", en, zh)
        .and_then(|node| reader.word(node, "`method`", Method::WORDS, &METHODS_LATER));
    let unit = fields.get("unit").map(|node| reader.name(node, "`unit`"));
    if method == Some(Method::Consistent) && unit.is_none() {
        let en = "`consistent` draws units: write for example `unit: person`";
        let zh = "`consistent` 按单元抽取，例如 `unit: person`";
        reader.missing(fields.place, "unit", en, zh);
    }
    (method, unit)
}

fn rate(reader: &mut Reader, fields: &Fields<'_>) -> Option<Decimal> {
    let en = "write the share to draw, for example `rate: 0.01`";
    let node = reader.require(fields, "rate", en, "请写抽样比例，例如 `rate: 0.01`")?;
    let rule = ("above 0 and at most 1", "大于 0 且不超过 1 ");
    reader.decimal(node, "`rate`", rule, |n| {
        n.is_positive() && n <= Decimal::from(1)
    })
}

fn suppress_max(reader: &mut Reader, fields: &Fields<'_>) -> Option<Decimal> {
    let Some(node) = fields.get("suppress_max") else {
        return SUPPRESS_MAX_DEFAULT.parse().ok();
    };
    let allowed = Decimal::from(0)..=Decimal::from(1);
    reader.decimal(node, "`suppress_max`", ("from 0 to 1", "0 至 1 "), |n| {
        allowed.contains(&n)
    })
}

/// A class size; the outer nothing means that it is not written, the inner that it is faulty.
pub(super) fn class_size(
    reader: &mut Reader,
    fields: &Fields<'_>,
    key: &str,
) -> Option<Option<u32>> {
    let node = fields.get(key)?;
    let size = reader.integer(node, format!("`{key}`").as_str(), u64::from(K_MIN), K_MAX);
    Some(size.and_then(|n| u32::try_from(n).ok()))
}

/// `k` gates the sample's own classes, which means something only where membership may be known, and then it must.
fn membership(
    reader: &mut Reader,
    fields: &Fields<'_>,
) -> (Option<Membership>, Option<Option<u32>>) {
    let membership = match fields.get("membership") {
        Some(node) => reader.word(node, "`membership`", Membership::WORDS, &[]),
        None => Some(Membership::Unknown),
    };
    let k = class_size(reader, fields, "k");
    match (membership, k, fields.entry("k")) {
        (Some(Membership::Known), None, _) => {
            let (en, zh) = (
                "with `membership: known` write the sample's own class size, for example `k: 5`",
                "`membership: known` 时须写样本自身的最小等价类，例如 `k: 5`",
            );
            reader.missing(fields.place, "k", en, zh);
        }
        (Some(Membership::Unknown), Some(_), Some(entry)) => {
            let en = "`k` gates the sample's own classes and needs `membership: known`; for the gate on the population write `k_map`";
            let zh = "`k` 约束样本自身的等价类，需同时写 `membership: known`；针对总体请写 `k_map`";
            reader.fault(FaultKind::Rule, entry.place, en, zh);
        }
        _ => {}
    }
    (membership, k)
}
