//! The desensitisation techniques of a policy (words of GB/T 37964-2019), one file each.
//!
//! Each file holds a technique's `KEYS`, its parameters with their defaults filled in, `read` from the document and
//! `json` for the digest.

mod broken;
mod bucket;
mod constant;
mod date_shift;
mod fpe;
mod generalize;
mod identifier;
mod mask;
mod microaggregate;
mod noise;
mod round;
mod scrub;
mod swap;
mod token;
mod top_bottom;
mod truncate;

use serde_json::{Value as Json, json};

pub use broken::OnBroken;
pub use bucket::Bucket;
pub use constant::Constant;
pub use date_shift::DateShift;
pub use fpe::{
    BirthDates, Cipher, Fpe, FpeDomain, FpeMode, Keep, PersonPart, ResidentId, SamePerson,
};
pub use generalize::{Generalize, Group};
pub use identifier::Identifier;
pub use mask::{Mask, MaskKind};
pub use microaggregate::{Centre, Microaggregate};
pub use noise::{Distribution, Noise};
pub use round::Round;
pub use scrub::{Scrub, ScrubFormat, ScrubWith};
pub use swap::Swap;
pub use token::{Token, TokenForm};
pub use top_bottom::TopBottom;
pub use truncate::{TimeUnit, Truncate};

use crate::document::ColumnSample;
use crate::fault::Place;
use crate::literal::{Literal, date, timestamp};
use crate::read::{Fields, Keys, Reader};
use crate::tree::{Node, Value};

/// How a column is released in a sample.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Technique {
    /// As it is; a reader learns the value.
    Keep,
    /// Partly covered; a reader learns what stays.
    Mask(Mask),
    /// A fixed mark in place of each value; a reader learns which cells are empty.
    Redact,
    /// Every cell empty; a reader learns nothing.
    Null,
    /// One value for all; a reader learns nothing.
    Constant(Constant),
    /// Cut off behind a place; a reader learns what stands before it.
    Truncate(Truncate),
    /// Rounded to a multiple of a number; a reader learns the interval.
    Round(Round),
    /// The lower bound of its interval; a reader learns the interval.
    Bucket(Bucket),
    /// Brought within bounds; a reader learns every value inside them.
    TopBottom(TopBottom),
    /// Moved in time with the other dates of its unit; a reader learns the intervals between them.
    DateShift(DateShift),
    /// The representative of its group; a reader learns the group.
    Generalize(Generalize),
    /// With noise added; a reader learns the value to within the noise.
    Noise(Noise),
    /// Somebody else's value; a reader learns which values occur and how often.
    Swap(Swap),
    /// The centre of the nearest values; a reader learns the centre.
    Microaggregate(Microaggregate),
    /// One value for all that are there; a reader learns which cells are empty.
    HashDrop,
    /// A pseudonym, the same for equal values within the scenario; a reader learns which cells are equal.
    Token(Token),
    /// Encrypted in its own format; a reader learns which cells are equal and what is kept.
    Fpe(Fpe),
    /// As the encrypted id of the row has it; a reader learns what the id's encryption keeps.
    SamePerson(SamePerson),
    /// Identifiers found in the text are replaced; a reader learns the rest of it.
    Scrub(Scrub),
}

const TECHNIQUES: Keys = Keys {
    enforced: &[
        "keep",
        "mask",
        "redact",
        "null",
        "constant",
        "truncate",
        "round",
        "bucket",
        "top_bottom",
        "date_shift",
        "generalize",
        "noise",
        "swap",
        "microaggregate",
        "hash_drop",
        "token",
        "fpe",
        "scrub",
    ],
    later: &["k_anonymize"],
};
const NOTHING: Keys = Keys {
    enforced: &["on_broken"],
    later: &[],
};

/// The most graphemes or digits that a policy can ask to keep at one end.
const KEPT_MAX: u64 = 64;

/// The most rows that a technique can ask to see together: what one batch of the kernels holds.
const ROWS_MAX: u64 = 65_536;

/// How many rows a technique sees together when it is not written: enough that values find near ones, few enough
/// that memory stays flat.
const ROWS_DEFAULT: u32 = 8_192;

const ABOVE_ZERO: (&str, &str) = ("above zero", "大于零");

impl Technique {
    /// The word in documents and reports.
    #[must_use]
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Keep => "keep",
            Self::Mask(_) => "mask",
            Self::Redact => "redact",
            Self::Null => "null",
            Self::Constant(_) => "constant",
            Self::Truncate(_) => "truncate",
            Self::Round(_) => "round",
            Self::Bucket(_) => "bucket",
            Self::TopBottom(_) => "top_bottom",
            Self::DateShift(_) => "date_shift",
            Self::Generalize(_) => "generalize",
            Self::Noise(_) => "noise",
            Self::Swap(_) => "swap",
            Self::Microaggregate(_) => "microaggregate",
            Self::HashDrop => "hash_drop",
            Self::Token(_) => "token",
            Self::Fpe(_) | Self::SamePerson(_) => "fpe",
            Self::Scrub(_) => "scrub",
        }
    }

    /// Whether a direct identifier may be released under it.
    ///
    /// Not under `scrub`, which leaves what it does not recognise, nor under what shows true values of others.
    #[must_use]
    pub fn hides_identity(&self) -> bool {
        match self {
            Self::Mask(_)
            | Self::Redact
            | Self::Null
            | Self::Constant(_)
            | Self::HashDrop
            | Self::Token(_)
            | Self::Fpe(_)
            | Self::SamePerson(_) => true,
            Self::Keep
            | Self::Truncate(_)
            | Self::Round(_)
            | Self::Bucket(_)
            | Self::TopBottom(_)
            | Self::DateShift(_)
            | Self::Generalize(_)
            | Self::Noise(_)
            | Self::Swap(_)
            | Self::Microaggregate(_)
            | Self::Scrub(_) => false,
        }
    }

    /// Whether a date under it tells nothing of when the original was.
    pub(crate) fn hides_the_day(&self) -> bool {
        matches!(
            self,
            Self::Redact
                | Self::Null
                | Self::Constant(_)
                | Self::HashDrop
                | Self::Token(_)
                | Self::SamePerson(_)
        )
    }

    /// Whether there are values that it cannot work on, for which `on_broken` says what becomes of them.
    #[must_use]
    pub fn can_break(&self) -> bool {
        match self {
            Self::Keep
            | Self::Redact
            | Self::Null
            | Self::Constant(_)
            | Self::Swap(_)
            | Self::HashDrop => false,
            Self::Mask(mask) => !matches!(
                mask.kind,
                MaskKind::Name | MaskKind::Surname | MaskKind::Text
            ),
            Self::Token(token) => !matches!(token.form, Some(TokenForm::Text | TokenForm::Name)),
            Self::Scrub(scrub) => scrub.format == ScrubFormat::Json,
            _ => true,
        }
    }

    /// The parameter that decides what the technique works on.
    fn variant(&self) -> Option<(&'static str, &'static str)> {
        match self {
            Self::Mask(mask) => Some(("kind", mask.kind.as_str())),
            Self::Token(token) => token.form.map(|form| ("as", form.as_str())),
            Self::Scrub(scrub) => Some(("format", scrub.format.as_str())),
            _ => None,
        }
    }

    fn json(&self) -> Json {
        match self {
            Self::Keep | Self::Redact | Self::Null | Self::HashDrop => json!({}),
            Self::Mask(mask) => mask.json(),
            Self::Constant(constant) => constant.json(),
            Self::Truncate(truncate) => truncate.json(),
            Self::Round(round) => round.json(),
            Self::Bucket(bucket) => bucket.json(),
            Self::TopBottom(bounds) => bounds.json(),
            Self::DateShift(shift) => shift.json(),
            Self::Generalize(generalize) => generalize.json(),
            Self::Noise(noise) => noise.json(),
            Self::Swap(swap) => swap.json(),
            Self::Microaggregate(groups) => groups.json(),
            Self::Token(token) => token.json(),
            Self::Fpe(fpe) => fpe.json(),
            Self::SamePerson(same) => same.json(),
            Self::Scrub(scrub) => scrub.json(),
        }
    }
}

impl ColumnSample {
    /// The technique under its word, with what becomes of broken values where there can be some.
    pub(super) fn json(&self) -> Json {
        let mut parameters = self.technique.json();
        if let Some(fields) = parameters
            .as_object_mut()
            .filter(|_| self.technique.can_break())
        {
            fields.insert("on_broken".to_owned(), self.on_broken.as_str().into());
        }
        json!({ self.technique.as_str(): parameters })
    }
}

/// Reads `sample: redact`, `sample: { mask: { kind: name } }` and their like.
pub(super) fn read(reader: &mut Reader, node: &Node, key: Place) -> Option<ColumnSample> {
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
    let what = ("`sample` of a column", "列的 `sample`");
    if !reader.known(word, place, what, &TECHNIQUES) {
        return None;
    }
    // An empty value (`mask:`) is the word alone.
    let body = body.filter(|node| !matches!(&node.value, Value::Plain(text) if text.is_empty()));
    let fields = match body {
        Some(node) => reader.fields(node, place, format!("`{word}`").as_str(), keys(word))?,
        None => Fields::none(place),
    };
    let technique = parameters(reader, word, &fields)?;
    let on_broken = broken::read(reader, &fields, &technique)?;
    Some(ColumnSample {
        technique,
        on_broken,
        place,
    })
}

fn one_technique(reader: &mut Reader, place: Place) -> Option<ColumnSample> {
    let en =
        "`sample` of a column is one technique, for example `redact` or `{ mask: { kind: name } }`";
    let zh = "列的 `sample` 应为一种脱敏方法，例如 `redact` 或 `{ mask: { kind: name } }`";
    reader.value_fault(place, en, zh);
    None
}

fn keys(word: &str) -> &'static Keys {
    match word {
        "mask" => &mask::KEYS,
        "constant" => &constant::KEYS,
        "truncate" => &truncate::KEYS,
        "round" => &round::KEYS,
        "bucket" => &bucket::KEYS,
        "top_bottom" => &top_bottom::KEYS,
        "date_shift" => &date_shift::KEYS,
        "generalize" => &generalize::KEYS,
        "noise" => &noise::KEYS,
        "swap" => &swap::KEYS,
        "microaggregate" => &microaggregate::KEYS,
        "token" => &token::KEYS,
        "fpe" => &fpe::KEYS,
        "scrub" => &scrub::KEYS,
        _ => &NOTHING,
    }
}

fn parameters(reader: &mut Reader, word: &str, fields: &Fields<'_>) -> Option<Technique> {
    match word {
        "keep" => Some(Technique::Keep),
        "mask" => mask::read(reader, fields),
        "redact" => Some(Technique::Redact),
        "null" => Some(Technique::Null),
        "constant" => constant::read(reader, fields),
        "truncate" => truncate::read(reader, fields),
        "round" => round::read(reader, fields),
        "bucket" => bucket::read(reader, fields),
        "top_bottom" => top_bottom::read(reader, fields),
        "date_shift" => date_shift::read(reader, fields),
        "generalize" => generalize::read(reader, fields),
        "noise" => noise::read(reader, fields),
        "swap" => swap::read(reader, fields),
        "microaggregate" => microaggregate::read(reader, fields),
        "hash_drop" => Some(Technique::HashDrop),
        "token" => token::read(reader, fields),
        "fpe" => fpe::read(reader, fields),
        "scrub" => scrub::read(reader, fields),
        _ => None,
    }
}

/// A whole number; the outer nothing means that a fault was reported, the inner that it is not written.
fn count(
    reader: &mut Reader,
    fields: &Fields<'_>,
    key: &str,
    min: u64,
    max: u64,
) -> Option<Option<u32>> {
    let Some(node) = fields.get(key) else {
        return Some(None);
    };
    let number = reader.integer(node, format!("`{key}`").as_str(), min, max)?;
    Some(u32::try_from(number).ok())
}

/// A value as written: quoted it is a text, unquoted what it looks like.
fn literal(node: &Node) -> Option<Literal> {
    match &node.value {
        Value::Text(text) => Some(Literal::Text(text.clone())),
        Value::Plain(text) => unquoted(text),
        _ => None,
    }
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

#[cfg(test)]
mod tests;
