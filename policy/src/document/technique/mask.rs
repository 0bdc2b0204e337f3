//! `mask`: some graphemes stay, the others are covered.

use serde_json::{Value, json};

use super::{Identifier, KEPT_MAX, Technique, count};
use crate::fault::FaultKind;
use crate::read::{Fields, Keys, Reader};

pub(super) const KEYS: Keys = Keys {
    enforced: &["kind", "first", "last", "on_broken"],
    later: &["width", "char"],
};

/// Keeps some graphemes and covers the others with a mask of fixed width.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Mask {
    /// How the value is looked at.
    pub kind: MaskKind,
    /// How many graphemes stay at the start; the kind's own number when absent.
    pub first: Option<u32>,
    /// How many graphemes stay at the end; the kind's own number when absent.
    pub last: Option<u32>,
}

/// How a mask looks at a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MaskKind {
    /// A person's name: parts separated by `·` are masked apart.
    Name,
    /// A person's name of which the surname stays, compound ones whole.
    Surname,
    /// A mobile number.
    Mobile,
    /// Any text.
    Text,
    /// Any other identifier, which knows itself what may stay.
    Identifier(Identifier),
}

impl MaskKind {
    const OWN: [(&'static str, Self); 4] = [
        ("name", Self::Name),
        ("surname", Self::Surname),
        ("mobile", Self::Mobile),
        ("text", Self::Text),
    ];

    /// The word in documents.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Name => "name",
            Self::Surname => "surname",
            Self::Mobile => "mobile",
            Self::Text => "text",
            Self::Identifier(identifier) => identifier.as_str(),
        }
    }

    fn words() -> Vec<(&'static str, Self)> {
        let identifiers = Identifier::WORDS
            .iter()
            .filter(|(_, identifier)| *identifier != Identifier::Mobile)
            .map(|(word, identifier)| (*word, Self::Identifier(*identifier)));
        Self::OWN.into_iter().chain(identifiers).collect()
    }
}

pub(super) fn read(reader: &mut Reader, fields: &Fields<'_>) -> Option<Technique> {
    let kind = reader
        .require(
            fields,
            "kind",
            "write `kind: name`, `text` or an identifier such as `mobile`",
            "请写 `kind: name`、`text` 或标识符，例如 `mobile`",
        )
        .and_then(|node| reader.word(node, "`kind`", &MaskKind::words(), &[]));
    let first = count(reader, fields, "first", 0, KEPT_MAX)?;
    let last = count(reader, fields, "last", 0, KEPT_MAX)?;
    let kind = kind?;
    if let MaskKind::Identifier(identifier) = kind
        && let Some(entry) = fields.entry("first").or_else(|| fields.entry("last"))
    {
        let en = format!(
            "`{}` has no meaning for `kind: {identifier}`, which keeps what is the same for many; remove it",
            entry.key
        );
        let zh = format!(
            "`kind: {identifier}` 自有保留规则，`{}` 无意义，请删去",
            entry.key
        );
        reader.fault(FaultKind::Rule, entry.place, en, zh);
        return None;
    }
    Some(Technique::Mask(Mask { kind, first, last }))
}

impl Mask {
    pub(super) fn json(self) -> Value {
        json!({ "kind": self.kind.as_str(), "first": self.first, "last": self.last })
    }
}
