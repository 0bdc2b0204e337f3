//! `noise`: a seeded random number added to each.

use serde_json::{Value, json};

use super::{ABOVE_ZERO, Technique};
use crate::decimal::Decimal;
use crate::fault::FaultKind;
use crate::name::ColumnName;
use crate::read::{Fields, Keys, Reader};
use crate::words::words;

pub(super) const KEYS: Keys = Keys {
    enforced: &["distribution", "scale", "min", "max", "by", "on_broken"],
    later: &[],
};

words! {
    /// The distribution of the noise.
    Distribution {
        /// Laplace; `scale` is its b.
        Laplace = "laplace",
        /// Normal; `scale` is its standard deviation.
        Gaussian = "gaussian",
        /// Uniform; `scale` is the farthest either way.
        Uniform = "uniform",
    }
}

/// Adds noise that is the same each time for the same unit and value, so that asking often averages nothing out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Noise {
    /// Its distribution.
    pub distribution: Distribution,
    /// Its scale, above zero, in the column's own unit.
    pub scale: Decimal,
    /// Bounds of the results, both or none; from the policy, never from the data seen.
    pub bounds: Option<(Decimal, Decimal)>,
    /// The column whose equal values share their noise; the sample's unit when absent.
    pub by: Option<ColumnName>,
}

pub(super) fn read(reader: &mut Reader, fields: &Fields<'_>) -> Option<Technique> {
    let distribution = reader
        .require(
            fields,
            "distribution",
            "write `distribution: laplace`, `gaussian` or `uniform`",
            "请写 `distribution: laplace`、`gaussian` 或 `uniform`",
        )
        .and_then(|node| reader.word(node, "`distribution`", Distribution::WORDS, &[]));
    let scale = reader
        .require(
            fields,
            "scale",
            "write how far values move, for example `scale: 5`",
            "请写噪声尺度，例如 `scale: 5`",
        )
        .and_then(|node| reader.decimal(node, "`scale`", ABOVE_ZERO, Decimal::is_positive));
    let bounds = bounds(reader, fields);
    let by = match fields.get("by") {
        Some(node) => Some(reader.name(node, "`by`")?),
        None => None,
    };
    Some(Technique::Noise(Noise {
        distribution: distribution?,
        scale: scale?,
        bounds: bounds?,
        by,
    }))
}

/// The bounds; the outer nothing means that a fault was reported.
fn bounds(reader: &mut Reader, fields: &Fields<'_>) -> Option<Option<(Decimal, Decimal)>> {
    let any = ("of at most 38 digits", "至多 38 位");
    match (fields.get("min"), fields.get("max")) {
        (None, None) => Some(None),
        (Some(min), Some(max)) => {
            let low = reader.decimal(min, "`min`", any, |_| true);
            let high = reader.decimal(max, "`max`", any, |_| true);
            let (low, high) = (low?, high?);
            if low >= high {
                reader.value_fault(max.place, "`max` lies above `min`", "`max` 应大于 `min`");
                return None;
            }
            Some(Some((low, high)))
        }
        _ => {
            let en = "`min` and `max` stand together; write both or none";
            reader.fault(
                FaultKind::Rule,
                fields.place,
                en,
                "`min` 与 `max` 须同时写或都不写",
            );
            None
        }
    }
}

impl Noise {
    pub(super) fn json(&self) -> Value {
        let (min, max) = self.bounds.unzip();
        json!({
            "distribution": self.distribution.as_str(),
            "scale": self.scale.to_string(),
            "min": min.map(|bound| bound.to_string()),
            "max": max.map(|bound| bound.to_string()),
            "by": self.by.as_ref().map(ColumnName::as_str),
        })
    }
}
