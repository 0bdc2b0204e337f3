//! From `sample: …` of a column to a [`Technique`].

use super::technique::{
    Fpe, FpeDomain, FpeMode, Generalize, Keep, Mask, MaskKind, OnBroken, Technique,
};
use crate::decimal::Decimal;
use crate::fault::{FaultKind, Place};
use crate::literal::{Literal, date, timestamp};
use crate::read::{Fields, Keys, Reader};
use crate::tree::{Node, Value};

const TECHNIQUES: Keys = Keys {
    enforced: &[
        "keep",
        "mask",
        "redact",
        "null",
        "constant",
        "round",
        "generalize",
        "token",
        "fpe",
    ],
    later: &[
        "truncate",
        "bucket",
        "top_bottom",
        "date_shift",
        "noise",
        "swap",
        "microaggregate",
        "hash_drop",
        "k_anonymize",
    ],
};
const NOTHING: Keys = Keys {
    enforced: &[],
    later: &[],
};
const MASK: Keys = Keys {
    enforced: &["kind", "first", "last", "on_broken"],
    later: &["width", "char"],
};
const CONSTANT: Keys = Keys {
    enforced: &["value"],
    later: &[],
};
const ROUND: Keys = Keys {
    enforced: &["to"],
    later: &["mode"],
};
const GENERALIZE: Keys = Keys {
    enforced: &["to", "bucket", "origin"],
    later: &["hierarchy", "level", "grid"],
};
const FPE: Keys = Keys {
    enforced: &[
        "domain",
        "keep",
        "keep_first",
        "keep_last",
        "mode",
        "on_broken",
    ],
    later: &["cipher", "same_person_as", "one_way"],
};
const GENERALIZE_LATER: [&str; 9] = [
    "day",
    "quarter",
    "decade",
    "week",
    "hour",
    "county",
    "prefecture",
    "province",
    "region",
];
const MASK_LATER: [&str; 6] = ["resident-id", "card", "email", "phone", "address", "plate"];
const DOMAIN_LATER: [&str; 7] = [
    "uscc",
    "mobile",
    "card",
    "passport",
    "plate",
    "alphanumeric",
    "text",
];

/// The most graphemes or digits that a policy can ask to keep at one end.
const KEPT_MAX: u64 = 64;

/// Reads `sample: redact`, `sample: { mask: { kind: name } }` and their like.
pub(super) fn technique(
    reader: &mut Reader,
    node: &Node,
    key: Place,
) -> Option<(Technique, Place)> {
    let (word, place, body) = match &node.value {
        Value::Plain(word) | Value::Text(word) if !word.is_empty() && word != "~" => {
            (word.as_str(), node.place, None)
        }
        Value::Map(entries) => match entries.as_slice() {
            [only] => (only.key.as_str(), only.place, Some(&only.value)),
            _ => return one_technique(reader, key),
        },
        _ => return one_technique(reader, key),
    };
    if !reader.known(
        word,
        place,
        ("`sample` of a column", "列的 `sample`"),
        &TECHNIQUES,
    ) {
        return None;
    }
    // An empty value (`mask:`) is the word alone.
    let body = body.filter(|node| !matches!(&node.value, Value::Plain(text) if text.is_empty()));
    Some((read(reader, word, place, body)?, place))
}

fn one_technique(reader: &mut Reader, place: Place) -> Option<(Technique, Place)> {
    let en =
        "`sample` of a column is one technique, for example `redact` or `{ mask: { kind: name } }`";
    let zh = "列的 `sample` 应为一种脱敏方法，例如 `redact` 或 `{ mask: { kind: name } }`";
    reader.value_fault(place, en, zh);
    None
}

fn read(reader: &mut Reader, word: &str, place: Place, body: Option<&Node>) -> Option<Technique> {
    let keys = match word {
        "mask" => &MASK,
        "constant" => &CONSTANT,
        "round" => &ROUND,
        "generalize" => &GENERALIZE,
        "fpe" => &FPE,
        _ => &NOTHING,
    };
    let fields = match body {
        Some(node) => reader.fields(node, place, format!("`{word}`").as_str(), keys)?,
        None => Fields::none(place),
    };
    match word {
        "mask" => mask(reader, &fields),
        "constant" => constant(reader, &fields),
        "round" => round(reader, &fields),
        "generalize" => generalize(reader, &fields),
        "fpe" => fpe(reader, &fields),
        "keep" => Some(Technique::Keep),
        "redact" => Some(Technique::Redact),
        "null" => Some(Technique::Null),
        "token" => Some(Technique::Token),
        _ => None,
    }
}

fn mask(reader: &mut Reader, fields: &Fields<'_>) -> Option<Technique> {
    let kind = reader
        .require(
            fields,
            "kind",
            "write `kind: name`, `mobile` or `text`",
            "请写 `kind: name`、`mobile` 或 `text`",
        )
        .and_then(|node| reader.word(node, "`kind`", MaskKind::WORDS, &MASK_LATER));
    let first = kept(reader, fields, "first")?;
    let last = kept(reader, fields, "last")?;
    let on_broken = on_broken(reader, fields)?;
    let kind = kind?;
    if let Some(entry) = fields
        .entry("on_broken")
        .filter(|_| kind != MaskKind::Mobile)
    {
        let en = format!(
            "`on_broken` has no meaning for `kind: {kind}`, of which no value is broken; remove it"
        );
        let zh = format!("`kind: {kind}` 没有不合格的值，`on_broken` 无意义，请删去");
        reader.fault(FaultKind::Rule, entry.place, en, zh);
        return None;
    }
    Some(Technique::Mask(Mask {
        kind,
        first,
        last,
        on_broken,
    }))
}

/// A number of kept graphemes or digits; the outer nothing means that a fault was reported.
fn kept(reader: &mut Reader, fields: &Fields<'_>, key: &str) -> Option<Option<u32>> {
    let Some(node) = fields.get(key) else {
        return Some(None);
    };
    let number = reader.integer(node, format!("`{key}`").as_str(), 0, KEPT_MAX)?;
    Some(u32::try_from(number).ok())
}

fn on_broken(reader: &mut Reader, fields: &Fields<'_>) -> Option<OnBroken> {
    match fields.get("on_broken") {
        Some(node) => reader.word(node, "`on_broken`", OnBroken::WORDS, &[]),
        None => Some(OnBroken::Error),
    }
}

fn constant(reader: &mut Reader, fields: &Fields<'_>) -> Option<Technique> {
    let node = reader.require(
        fields,
        "value",
        "write `constant: { value: … }`",
        "请写 `constant: { value: … }`",
    )?;
    let literal = match &node.value {
        Value::Text(text) => Some(Literal::Text(text.clone())),
        Value::Plain(text) => unquoted(text),
        _ => None,
    };
    if literal.is_none() {
        let en =
            "`value` is a text, number, day, time, `true` or `false`; for empty cells use `null`";
        let zh = "`value` 应为文本、数、日期、时间、`true` 或 `false`；需要空值请用 `null`";
        reader.value_fault(node.place, en, zh);
    }
    literal.map(Technique::Constant)
}

fn unquoted(text: &str) -> Option<Literal> {
    Some(match text {
        "" | "~" | "null" => return None,
        "true" => Literal::Boolean(true),
        "false" => Literal::Boolean(false),
        text => None
            .or_else(|| text.parse().ok().map(Literal::Number))
            .or_else(|| date(text).map(Literal::Date))
            .or_else(|| timestamp(text).map(Literal::Timestamp))
            .unwrap_or_else(|| Literal::Text(text.to_owned())),
    })
}

const ABOVE_ZERO: (&str, &str) = ("above zero", "大于零");

fn round(reader: &mut Reader, fields: &Fields<'_>) -> Option<Technique> {
    let node = reader.require(
        fields,
        "to",
        "write `round: { to: 10 }`",
        "请写 `round: { to: 10 }`",
    )?;
    reader
        .decimal(node, "`to`", ABOVE_ZERO, Decimal::is_positive)
        .map(Technique::Round)
}

fn generalize(reader: &mut Reader, fields: &Fields<'_>) -> Option<Technique> {
    let origin = match fields.get("origin") {
        Some(node) => reader.decimal(
            node,
            "`origin`",
            ("of at most 38 digits", "至多 38 位"),
            |_| true,
        )?,
        None => Decimal::from(0),
    };
    let what = match (fields.get("to"), fields.get("bucket")) {
        (Some(to), None) if fields.get("origin").is_none() => {
            let words = [("year", Generalize::Year), ("month", Generalize::Month)];
            reader.word(to, "`to`", &words, &GENERALIZE_LATER)?
        }
        (None, Some(size)) => {
            let size = reader.decimal(size, "`bucket`", ABOVE_ZERO, Decimal::is_positive)?;
            Generalize::Bucket { size, origin }
        }
        (None, None) if fields.get("hierarchy").is_some() => return None,
        _ => {
            let en = "`generalize` has either `to: year` or `to: month`, or `bucket` with an optional `origin`";
            let zh = "`generalize` 应写 `to: year` 或 `to: month`，或写 `bucket`（可加 `origin`）";
            reader.value_fault(fields.place, en, zh);
            return None;
        }
    };
    Some(Technique::Generalize(what))
}

#[derive(Clone, Copy)]
enum Domain {
    ResidentId,
    Digits,
}

fn fpe(reader: &mut Reader, fields: &Fields<'_>) -> Option<Technique> {
    let words = [
        ("resident-id", Domain::ResidentId),
        ("digits", Domain::Digits),
    ];
    let domain = reader
        .require(
            fields,
            "domain",
            "write `domain: resident-id` or `domain: digits`",
            "请写 `domain: resident-id` 或 `domain: digits`",
        )
        .and_then(|node| reader.word(node, "`domain`", &words, &DOMAIN_LATER));
    let mode = match fields.get("mode") {
        Some(node) => reader.word(node, "`mode`", FpeMode::WORDS, &[]),
        None => Some(FpeMode::Marked),
    };
    let on_broken = on_broken(reader, fields);
    let domain = match domain? {
        Domain::ResidentId => resident_id(reader, fields),
        Domain::Digits => digits(reader, fields),
    };
    Some(Technique::Fpe(Fpe {
        domain: domain?,
        mode: mode?,
        on_broken: on_broken?,
    }))
}

fn resident_id(reader: &mut Reader, fields: &Fields<'_>) -> Option<FpeDomain> {
    for key in ["keep_first", "keep_last"] {
        if let Some(entry) = fields.entry(key) {
            let en = format!(
                "`{key}` belongs to `domain: digits`; for a resident id write `keep: [prefecture, sex]`"
            );
            let zh =
                format!("`{key}` 只用于 `domain: digits`；身份证请写 `keep: [prefecture, sex]`");
            reader.fault(FaultKind::Rule, entry.place, en, zh);
        }
    }
    let Some(node) = fields.get("keep") else {
        return Some(FpeDomain::ResidentId {
            keep: Default::default(),
        });
    };
    let keep = reader.words(node, "`keep`", Keep::WORDS)?;
    for group in [
        &[Keep::Province, Keep::Prefecture, Keep::County][..],
        &[Keep::BirthYear, Keep::BirthBand],
    ] {
        let named: Vec<&str> = group
            .iter()
            .filter(|part| keep.contains(part))
            .map(|part| part.as_str())
            .collect();
        if named.len() > 1 {
            let en = format!(
                "`keep` names {}, of which one contains the other; keep the one that is needed",
                named.join(" and ")
            );
            let zh = format!(
                "`keep` 同时列出 {}，彼此包含，请只保留需要的一个",
                named.join("、")
            );
            reader.fault(FaultKind::Rule, node.place, en, zh);
            return None;
        }
    }
    Some(FpeDomain::ResidentId { keep })
}

fn digits(reader: &mut Reader, fields: &Fields<'_>) -> Option<FpeDomain> {
    if let Some(entry) = fields.entry("keep") {
        let en = "`keep` belongs to `domain: resident-id`; for digits write `keep_first: 3` or `keep_last: 4`";
        let zh =
            "`keep` 只用于 `domain: resident-id`；数字串请写 `keep_first: 3` 或 `keep_last: 4`";
        reader.fault(FaultKind::Rule, entry.place, en, zh);
    }
    let keep_first = kept(reader, fields, "keep_first")?.unwrap_or(0);
    let keep_last = kept(reader, fields, "keep_last")?.unwrap_or(0);
    Some(FpeDomain::Digits {
        keep_first,
        keep_last,
    })
}
