//! `top_bottom`: values beyond a bound become the bound.

use serde_json::{Value, json};

use super::{Technique, literal};
use crate::fault::FaultKind;
use crate::literal::Literal;
use crate::read::{Fields, Keys, Reader};

pub(super) const KEYS: Keys = Keys {
    enforced: &["bottom", "top", "on_broken"],
    later: &[],
};

/// Bounds of the policy, never of the data seen; at least one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TopBottom {
    /// What lies below becomes this number, day or time.
    pub bottom: Option<Literal>,
    /// What lies above becomes this number, day or time.
    pub top: Option<Literal>,
}

pub(super) fn read(reader: &mut Reader, fields: &Fields<'_>) -> Option<Technique> {
    let bottom = bound(reader, fields, "bottom")?;
    let top = bound(reader, fields, "top")?;
    match (&bottom, &top) {
        (None, None) => {
            let en = "`top_bottom` has a `bottom`, a `top` or both, for example `{ bottom: 0, top: 90 }`";
            let zh = "`top_bottom` 应写 `bottom`、`top` 或两者，例如 `{ bottom: 0, top: 90 }`";
            reader.value_fault(fields.place, en, zh);
            None
        }
        (Some(bottom), Some(top)) if !below(bottom, top) => {
            let en = "`bottom` lies below `top`, and both are numbers, days or times";
            let zh = "`bottom` 应小于 `top`，且二者同为数、日期或时间";
            reader.fault(FaultKind::Rule, fields.place, en, zh);
            None
        }
        _ => Some(Technique::TopBottom(TopBottom { bottom, top })),
    }
}

/// A bound; the outer nothing means that a fault was reported.
fn bound(reader: &mut Reader, fields: &Fields<'_>, key: &str) -> Option<Option<Literal>> {
    let Some(node) = fields.get(key) else {
        return Some(None);
    };
    match literal(node) {
        Some(found @ (Literal::Number(_) | Literal::Date(_) | Literal::Timestamp(_))) => {
            Some(Some(found))
        }
        _ => {
            let en = format!("`{key}` is a number, a day or a time, without quotes");
            let zh = format!("`{key}` 应为数、日期或时间，不加引号");
            reader.value_fault(node.place, en, zh);
            None
        }
    }
}

fn below(bottom: &Literal, top: &Literal) -> bool {
    match (bottom, top) {
        (Literal::Number(bottom), Literal::Number(top)) => bottom < top,
        (Literal::Date(bottom), Literal::Date(top)) => bottom < top,
        (Literal::Timestamp(bottom), Literal::Timestamp(top)) => bottom < top,
        _ => false,
    }
}

impl TopBottom {
    pub(super) fn json(&self) -> Value {
        let shown = |bound: &Option<Literal>| bound.as_ref().map(ToString::to_string);
        json!({ "bottom": shown(&self.bottom), "top": shown(&self.top) })
    }
}
